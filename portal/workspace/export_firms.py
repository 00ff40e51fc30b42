"""Firms as exports have them: what is public of each, with where it comes from; a handful of statements a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from portal.models import (
    Assessment,
    Certificate,
    Edition,
    EditionState,
    Profile,
    Provenance,
    Ranking,
    Recognition,
    Supplier,
)
from portal.profiles.visible import OWN, Stated, own_of, stated
from portal.register.loading import by_keys
from portal.register.showing import as_shown

AnyRow = Row[*tuple[Any, ...]]


@dataclass(slots=True)
class Firm:
    """A supplier: certificates valid on the day, tiers in force, its place in an edition, marks of its assessment.

    `says`: what is stated of it, officially and publicly by itself. `sources`: the documents that the firm and its
    valid certificates come from, each once.
    """

    row: Any
    says: Stated
    certificates: list[Any] = field(default_factory=list)
    tiers: list[Any] = field(default_factory=list)
    rank: Any = None
    marks: str = ""
    sources: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Editions:
    """The editions whose places are shown: those of these ids; `own`: only where they are of the firm's own sector."""

    by_id: Mapping[int, Any]
    own: bool


def editions(session: Session, code: str | None) -> Editions:
    """The edition of that code, else every sector's current one."""
    chosen = Edition.code == code if code else Edition.current.is_(True)
    wanted = select(*_EDITION).where(chosen, Edition.state == EditionState.PUBLISHED)
    return Editions({row.id: row for row in session.execute(wanted)}, own=not code)


def read(
    session: Session, keys: Sequence[str], today: date, shown: Editions, *, withdrawn: bool = False
) -> dict[str, Firm]:
    """The firms of these keys; `withdrawn`: those that were taken out of the register too."""
    wanted = select(*_SUPPLIER, *OWN).outerjoin(Profile, Profile.supplier_id == Supplier.id).where(by_keys(keys))
    if not withdrawn:
        wanted = wanted.where(Supplier.withdrawn_at.is_(None))
    firms: dict[int, Firm] = {}
    for found in session.execute(wanted):
        row = as_shown(found)
        firms[row.id] = Firm(row, stated(row, own_of(*found[-len(OWN) :])))
    ids = list(firms)
    for row in session.execute(_certificates(ids, today)):
        firms[row.supplier_id].certificates.append(row)
    for row in session.execute(_tiers(ids, today)):
        firms[row.supplier_id].tiers.append(row)
    marks = select(Assessment.supplier_id, Assessment.marks)
    for row in session.execute(marks.where(Assessment.supplier_id.in_(ids), Assessment.current.is_(True))):
        firms[row.supplier_id].marks = row.marks
    _add_ranks(session, firms, shown)
    _add_sources(session, firms.values())
    return {f"{firm.row.scheme}/{firm.row.number}": firm for firm in firms.values()}


def _add_ranks(session: Session, firms: Mapping[int, Firm], shown: Editions) -> None:
    columns = (Ranking.supplier_id, Ranking.edition_id, Ranking.position, Ranking.score, Ranking.grade)
    wanted = select(*columns).where(Ranking.supplier_id.in_(list(firms)), Ranking.edition_id.in_(list(shown.by_id)))
    for row in session.execute(wanted):
        firm = firms[row.supplier_id]
        if not shown.own or shown.by_id[row.edition_id].sector == firm.row.sector:
            firm.rank = row


def _add_sources(session: Session, firms: Iterable[Firm]) -> None:
    asked: defaultdict[int, list[Firm]] = defaultdict(list)
    for firm in firms:
        for identifier in dict.fromkeys((firm.row.provenance_id, *(one.provenance_id for one in firm.certificates))):
            if identifier:
                asked[identifier].append(firm)
    for row in session.execute(select(*_PROVENANCE).where(Provenance.id.in_(list(asked))).order_by(Provenance.id)):
        for firm in asked[row.id]:
            firm.sources.append(row)


def _certificates(ids: Sequence[int], today: date) -> Select[*tuple[Any, ...]]:
    return select(*_CERTIFICATE).where(
        Certificate.supplier_id.in_(ids),
        Certificate.state == "valid",
        Certificate.issued_on <= today,
        or_(Certificate.expires_on.is_(None), Certificate.expires_on >= today),
    )


def _tiers(ids: Sequence[int], today: date) -> Select[*tuple[Any, ...]]:
    return select(Recognition.supplier_id, Recognition.tier, Recognition.expires_on).where(
        Recognition.supplier_id.in_(ids), Recognition.recognised_on <= today, Recognition.expires_on >= today
    )


_SUPPLIER = (
    *(Supplier.id, Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en, Supplier.sector),
    *(Supplier.size, Supplier.status, Supplier.established_on, Supplier.region, Supplier.address, Supplier.website),
    *(Supplier.industries, Supplier.processes, Supplier.products_zh, Supplier.products_en, Supplier.sites),
    *(Supplier.risks, Supplier.self_declared, Supplier.provenance_id, Supplier.withdrawn_at),
    Supplier.profile_hidden_at,
)
_CERTIFICATE = (
    *(Certificate.supplier_id, Certificate.scheme, Certificate.level, Certificate.number, Certificate.basis),
    *(Certificate.state, Certificate.issued_on, Certificate.expires_on, Certificate.provenance_id),
)
_EDITION = (
    *(Edition.id, Edition.code, Edition.sector, Edition.period, Edition.title_zh, Edition.title_en),
    *(Edition.official, Edition.peers),
)
_PROVENANCE = (
    *(Provenance.id, Provenance.issuing_body, Provenance.document_number, Provenance.batch, Provenance.issued_on),
    Provenance.link,
)
