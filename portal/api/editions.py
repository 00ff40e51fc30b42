"""GET /api/v1/editions and /editions/<code>: published rankings, read from the database (the engine may be down)."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.models import Ranking, Supplier
from portal.web.presenters.context import Context
from portal.web.presenters.editions import edition_view
from portal.web.screens import EditionView
from portal.web.tree import Name, Struct


class Editions(Struct, frozen=True):
    """All published rankings, the newest first. `note` says that those not `official` are no official rankings."""

    items: tuple[EditionView, ...]
    note: str


class Place(Struct, frozen=True):
    """A supplier's place; equal scores share a position. `score` in points of 100."""

    position: int
    grade: str
    score: float | None
    id: str
    name: Name
    url: str


class EditionPage(Struct, frozen=True):
    """A ranking with a page of its places, best first. Withdrawn suppliers are left out; positions stay."""

    edition: EditionView
    note: str
    total: int
    page: int
    pages: int
    per_page: int
    items: tuple[Place, ...]


def all_editions(at: Context) -> Editions:
    """Every edition."""
    return Editions(items=tuple(edition_view(code, at) for code in at.editions), note=_not_official())


def edition_page(code: str, page: int, per_page: int, at: Context) -> EditionPage:
    """One edition with a page of places. Raises KeyError when there is no such edition."""
    listed = (
        select(Ranking, Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en)
        .join(Supplier, Supplier.id == Ranking.supplier_id)
        .where(Ranking.edition_id == at.editions[code].id, Supplier.withdrawn_at.is_(None))
    )
    total = at.session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    rows = at.session.execute(
        listed.order_by(Ranking.position, Supplier.number).offset((page - 1) * per_page).limit(per_page)
    )
    return EditionPage(
        edition=edition_view(code, at),
        note="" if at.editions[code].official else _not_official(),
        total=total,
        page=page,
        pages=-(-total // per_page),
        per_page=per_page,
        items=tuple(_place(ranking, scheme, number, Name(zh=zh, en=en)) for ranking, scheme, number, zh, en in rows),
    )


def _not_official() -> str:
    note: str = _("Rankings computed by the portal are not official rankings.")
    return note


def _place(ranking: Ranking, scheme: str, number: str, name: Name) -> Place:
    return Place(
        position=ranking.position,
        grade=ranking.grade,
        score=None if ranking.score is None else ranking.score / 1000,
        id=f"{scheme}/{number}",
        name=name,
        url=url_for("lookup.sheet", scheme=scheme, number=number),
    )
