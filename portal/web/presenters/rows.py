"""The rows behind a page of cards: a handful of IN queries whatever the number of firms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Date, Text, and_, bindparam, cast, or_, select
from sqlalchemy.orm import Session

from portal.models import Assessment, Certificate, Provenance, Ranking, Recognition, Supplier
from portal.register.sample.generator import PROVENANCE


class CertificateRow(NamedTuple):
    """What a card needs of a certificate."""

    scheme: str
    level: str | None
    basis: str
    state: str
    issued_on: date
    expires_on: date | None
    scope: str


class RankRow(NamedTuple):
    """A firm's place in an edition, by the edition's id."""

    edition_id: int
    position: int
    score: int | None
    grade: str


@dataclass(slots=True)
class Firm:
    """A supplier with what a card shows of it. `results`: criterion → result; None: not asked for, or not assessed."""

    row: Supplier
    fictional: bool = False
    certificates: list[CertificateRow] = field(default_factory=list)
    tiers: list[tuple[str, date]] = field(default_factory=list)
    ranks: list[RankRow] = field(default_factory=list)
    results: dict[str, str] | None = None


class _Result(msgspec.Struct):
    result: str


_RESULTS = msgspec.json.Decoder(dict[str, _Result])
"""Reads the 300 results of a firm without making objects of values and evidence."""


def is_fictional(issuing_body: str | None) -> bool:
    """Whether facts of that body are the sample's inventions."""
    return issuing_body == PROVENANCE.issuing_body


def by_keys(keys: Sequence[str]) -> ColumnElement[bool]:
    """The condition for suppliers of these keys; one IN a scheme, so that every database uses the index."""
    numbers: dict[str, list[str]] = {}
    for key in keys:
        scheme, _slash, number = key.partition("/")
        numbers.setdefault(scheme, []).append(number)
    conditions = [and_(Supplier.scheme == scheme, Supplier.number.in_(found)) for scheme, found in numbers.items()]
    return or_(*conditions) if conditions else Supplier.id.in_(())


def read_firms(
    session: Session, keys: Sequence[str], today: date, *, criteria: bool, editions: Iterable[int]
) -> dict[str, Firm]:
    """The firms of these keys that are not withdrawn, with valid certificates, tiers in force, places in `editions`."""
    if not keys:
        return {}
    asked = [key.partition("/") for key in keys]
    given = {"schemes": sorted({scheme for scheme, _, _ in asked}), "numbers": [number for _, _, number in asked]}
    firms = {row.id: Firm(row, fictional=is_fictional(body)) for row, body in session.execute(_FIRMS, given)}
    if firms:
        ids = list(firms)
        _add_facts(session, firms, {"ids": ids, "today": today})
        if ranked := list(editions):
            for supplier_id, *values in session.execute(_RANKS, {"ids": ids, "editions": ranked}):
                firms[supplier_id].ranks.append(RankRow._make(values))
        if criteria:
            for supplier_id, results in session.execute(_CRITERIA, {"ids": ids}):
                firms[supplier_id].results = {code: one.result for code, one in _RESULTS.decode(results).items()}
    return {firm.row.key: firm for firm in firms.values()}


def _add_facts(session: Session, firms: dict[int, Firm], given: dict[str, Any]) -> None:
    for supplier_id, *values in session.execute(_CERTIFICATES, given):
        firms[supplier_id].certificates.append(CertificateRow._make(values))
    for supplier_id, tier, expires_on in session.execute(_TIERS, given):
        firms[supplier_id].tiers.append((tier, expires_on))


# Made once: putting a statement together costs as much as running it.
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_TODAY: BindParameter[date] = bindparam("today", type_=Date)

# With several schemes a firm may come along that has another one's number; whoever asks looks firms up by key.
_FIRMS = (
    select(Supplier, Provenance.issuing_body)
    .outerjoin(Supplier.provenance)
    .where(
        Supplier.scheme.in_(bindparam("schemes", expanding=True)),
        Supplier.number.in_(bindparam("numbers", expanding=True)),
        Supplier.withdrawn_at.is_(None),
    )
)
_CERTIFICATES = select(
    Certificate.supplier_id,
    Certificate.scheme,
    Certificate.level,
    Certificate.basis,
    Certificate.state,
    Certificate.issued_on,
    Certificate.expires_on,
    Certificate.scope,
).where(
    Certificate.supplier_id.in_(_IDS),
    Certificate.state == "valid",
    Certificate.issued_on <= _TODAY,
    or_(Certificate.expires_on.is_(None), Certificate.expires_on >= _TODAY),
)
_TIERS = select(Recognition.supplier_id, Recognition.tier, Recognition.expires_on).where(
    Recognition.supplier_id.in_(_IDS), Recognition.recognised_on <= _TODAY, Recognition.expires_on >= _TODAY
)
_RANKS = select(Ranking.supplier_id, Ranking.edition_id, Ranking.position, Ranking.score, Ranking.grade).where(
    Ranking.supplier_id.in_(_IDS), Ranking.edition_id.in_(bindparam("editions", expanding=True))
)
# As text: PostgreSQL's driver would otherwise make Python objects of all of it.
_CRITERIA = select(Assessment.supplier_id, cast(Assessment.results, Text)).where(
    Assessment.supplier_id.in_(_IDS), Assessment.current.is_(True)
)
