"""Firms read for the index: everything a document is made of, for many firms with a handful of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.models import (
    Achievement,
    Assessment,
    Certificate,
    Edition,
    EditionState,
    Profile,
    Ranking,
    Recognition,
    Supplier,
)
from portal.profiles.visible import OWN, Own, own_of
from portal.register.loading import chunks

Rows = list[Row[*tuple[Any, ...]]]
Columns = tuple[InstrumentedAttribute[Any], ...]


@dataclass(slots=True)
class FirmRows:
    """A firm's row and those that belong to it, as far as the index is concerned; `own`: what it says of itself."""

    supplier: Any
    certificates: Rows = field(default_factory=list)
    recognitions: Rows = field(default_factory=list)
    assessments: Rows = field(default_factory=list)
    achievements: Rows = field(default_factory=list)
    rankings: Rows = field(default_factory=list)
    merged: Rows = field(default_factory=list)
    own: Own | None = None


_SUPPLIER = (
    Supplier.id,
    Supplier.index_version,
    Supplier.withdrawn_at,
    Supplier.scheme,
    Supplier.number,
    Supplier.name_zh,
    Supplier.name_en,
    Supplier.former_names,
    Supplier.sector,
    Supplier.size,
    Supplier.status,
    Supplier.region,
    Supplier.website,
    Supplier.description_zh,
    Supplier.description_en,
    Supplier.industries,
    Supplier.processes,
    Supplier.products_zh,
    Supplier.products_en,
    Supplier.sites,
    Supplier.risks,
    Supplier.self_declared,
    Supplier.profile_hidden_at,
    Supplier.listed_at,
)
_CERTIFICATE = (
    Certificate.supplier_id,
    Certificate.scheme,
    Certificate.key,
    Certificate.level,
    Certificate.number,
    Certificate.scope,
    Certificate.basis,
    Certificate.issued_on,
    Certificate.expires_on,
    Certificate.state,
    Certificate.state_on,
)
_RECOGNITION = (Recognition.supplier_id, Recognition.tier, Recognition.recognised_on, Recognition.expires_on)
_ASSESSMENT = (Assessment.supplier_id, Assessment.assessed_on, Assessment.marks)
_ACHIEVEMENT = (
    Achievement.supplier_id,
    Achievement.kind,
    Achievement.title_zh,
    Achievement.title_en,
    Achievement.self_declared,
)
_MERGED = (Supplier.merged_into_id, Supplier.number)
_RANKING = (
    Ranking.supplier_id,
    Ranking.position,
    Ranking.grade,
    Edition.code,
    Edition.peers,
    Edition.sector,
    Edition.current,
)


def read_firms(session: Session, supplier_ids: Iterable[int]) -> list[FirmRows]:
    """Those firms that exist, by id. Their versions are read first and their facts after.

    So facts may be newer than the version they go by, never older; the newer version's own outbox row follows.
    """
    firms: list[FirmRows] = []
    for some in chunks(supplier_ids):
        firms += _read(session, some)
    return firms


_PARTS: tuple[tuple[str, Columns, tuple[ColumnElement[bool], ...]], ...] = (
    ("certificates", _CERTIFICATE, ()),
    ("recognitions", _RECOGNITION, ()),
    ("assessments", _ASSESSMENT, (Assessment.current.is_(True),)),
    ("achievements", _ACHIEVEMENT, ()),
    ("rankings", _RANKING, (Edition.id == Ranking.edition_id, Edition.state == EditionState.PUBLISHED)),
    ("merged", _MERGED, ()),
)
"""What belongs to a firm: the columns, of which the first says to which."""


def _read(session: Session, ids: Sequence[int]) -> list[FirmRows]:
    wanted = select(*_SUPPLIER, *OWN).outerjoin(Profile, Profile.supplier_id == Supplier.id)
    rows = session.execute(wanted.where(Supplier.id.in_(ids)).order_by(Supplier.id))
    firms = {row.id: FirmRows(row, own=own_of(*row[-len(OWN) :])) for row in rows}
    if not firms:
        return []
    for name, columns, also in _PARTS:
        of_firm, *others = columns
        for row in session.execute(select(of_firm, *others).where(of_firm.in_(firms), *also)):
            getattr(firms[row[0]], name).append(row)
    return list(firms.values())
