"""A list of own suppliers as its page and its export show it: counted and filtered by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, select

from portal.buyers.own_fit import FITS, UNFIT, View
from portal.buyers.own_labels import how_labels
from portal.models import OwnList, OwnRow, RowState, Supplier
from portal.register.clock import CHINA
from portal.web.presenters.cards import Asked, cards, place_of, supplier_url
from portal.web.presenters.context import Context
from portal.web.presenters.paging import page_links
from portal.web.screens import PageLink
from portal.web.tree import Coded, Name, ResultItem, Struct
from portal.workspace.own_lists import soon

PER_PAGE = 50


class CandidateView(Struct, frozen=True, kw_only=True):
    """A firm that a row may be."""

    id: int
    number: str
    name: Name
    url: str
    place: tuple[Coded, ...]
    how: str
    confidence: int


class OwnRowView(Struct, frozen=True, kw_only=True):
    """A row: what was handed in, and the firm it is; `card` None where it is none, or was withdrawn.

    `fits`: whether the firm meets the chosen conditions; None where none are chosen, or that could not be asked.
    """

    id: int
    line: int
    given: tuple[str, ...]
    state: str
    how: str
    confidence: int
    name: Name | None
    url: str
    card: ResultItem | None
    risk: bool
    downgraded: bool
    soon: bool
    fits: bool | None
    candidates: tuple[CandidateView, ...]


class OwnPage(Struct, frozen=True, kw_only=True):
    """A page of a list; `counts` by what can be looked at, `total` the rows of data, `found` those of the register."""

    rows: tuple[OwnRowView, ...]
    counts: dict[str, int]
    found: int
    matching: int
    pages: tuple[PageLink, ...]


def conditions(view: View, at: Context) -> dict[str, ColumnElement[bool]]:
    """What each view of the list lets through."""
    matched = OwnRow.state == RowState.MATCHED
    wanted: dict[str, ColumnElement[bool]] = {
        "": OwnRow.id.is_not(None),
        "certified": and_(matched, OwnRow.certified.is_(True)),
        "uncertified": and_(matched, OwnRow.certified.is_(False)),
        "soon": and_(matched, OwnRow.expires_on <= soon(at.today)),
        "downgraded": and_(matched, OwnRow.downgraded.is_(True)),
        "risk": and_(matched, OwnRow.risk.is_(True)),
        "unsure": OwnRow.state == RowState.UNSURE,
        "missing": OwnRow.state == RowState.NONE,
    }
    if view.chosen is not None and view.chosen.meeting is not None:
        meets = OwnRow.supplier_id.in_(view.chosen.meeting)
        wanted |= {FITS: and_(matched, meets), UNFIT: and_(matched, ~meets)}
    return wanted


def of_list(own: OwnList) -> ColumnElement[bool]:
    """The rows of data of a list."""
    return and_(OwnRow.own_list_id == own.id, OwnRow.line >= own.first)


def own_page(own: OwnList, view: View, page: int, at: Context) -> OwnPage:
    """The page; one past the end shows the last."""
    wanted = conditions(view, at)
    sums = [func.count().filter(condition) for condition in (*wanted.values(), OwnRow.state == RowState.MATCHED)]
    *counted, found = at.session.execute(select(*sums).where(of_list(own))).one()
    counts = dict(zip(wanted, counted, strict=True))
    last = max(1, -(-counts[view.show] // PER_PAGE))
    page = min(page, last)
    rows = at.session.scalars(
        select(OwnRow)
        .where(of_list(own), wanted[view.show])
        .order_by(OwnRow.line)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return OwnPage(
        rows=_views(own, rows, view, at),
        counts=counts,
        found=found,
        matching=counts[view.show],
        pages=page_links(page, last, lambda number: address(own, view, page=str(number))),
    )


def address(own: OwnList, view: View, **more: str) -> str:
    """The list's address, looked at like that."""
    return f"/own-suppliers/{own.id}?{urlencode(view.args() | more)}".rstrip("?")


def _views(own: OwnList, rows: Sequence[OwnRow], view: View, at: Context) -> tuple[OwnRowView, ...]:
    wanted = {row.supplier_id for row in rows if row.supplier_id}
    wanted |= {candidate[0] for row in rows if row.state == RowState.UNSURE for candidate in row.candidates}
    firms = {firm.id: firm for firm in at.session.scalars(select(Supplier).where(Supplier.id.in_(wanted)))}
    shown = [firms[row.supplier_id].key for row in rows if row.supplier_id in firms]
    held = {card.id: card for card in cards(shown, at, Asked(view.query))}
    found = _Found(firms, held, view.chosen.meeting if view.chosen else None)
    return tuple(_view(own, row, found, at) for row in rows)


@dataclass(frozen=True, slots=True)
class _Found:
    """The register's firms by id, their cards by key, and the ids of those that meet the chosen conditions."""

    firms: Mapping[int, Supplier]
    held: Mapping[str, ResultItem]
    meeting: frozenset[int] | None


def _view(own: OwnList, row: OwnRow, found: _Found, at: Context) -> OwnRowView:
    firms = found.firms
    firm = firms.get(row.supplier_id or 0)
    columns = [column for column in (own.name_column, own.number_column) if column is not None]
    hows = how_labels()
    return OwnRowView(
        id=row.id,
        line=row.line,
        given=tuple(row.cells[column] for column in columns if column < len(row.cells) and row.cells[column]),
        state=row.state,
        how=hows.get(row.how, ""),
        confidence=row.confidence,
        name=Name(zh=firm.name_zh, en=firm.name_en) if firm else None,
        url=supplier_url(firm.key) if firm else "",
        card=found.held.get(firm.key) if firm else None,
        risk=row.risk,
        downgraded=row.downgraded,
        soon=row.expires_on is not None and row.expires_on <= soon(at.today),
        fits=None if found.meeting is None or firm is None else firm.id in found.meeting,
        candidates=tuple(
            CandidateView(
                id=identifier,
                number=firms[identifier].number,
                name=Name(zh=firms[identifier].name_zh, en=firms[identifier].name_en),
                url=supplier_url(firms[identifier].key),
                place=place_of(firms[identifier], at),
                how=hows.get(how, ""),
                confidence=confidence,
            )
            for identifier, how, confidence in (row.candidates if row.state == RowState.UNSURE else ())
            if identifier in firms
        ),
    )


def export_headings(own: OwnList, view: View, at: Context) -> list[tuple[str, str]]:
    """(code, heading) of each column of `export_rows`: those handed in, then what was found."""
    headings = at.session.scalar(select(OwnRow.cells).where(OwnRow.own_list_id == own.id, OwnRow.line == own.first - 1))
    first: Any = select(OwnRow.cells).where(of_list(own)).order_by(OwnRow.line).limit(1)
    width = len(at.session.scalar(first) or ())
    given = [*(headings or ())][:width]
    given += [""] * (width - len(given))
    meets = [("meets", _("Meets the conditions"))] if view.chosen and view.chosen.meeting is not None else []
    return [
        *((f"given_{n}", text or _("Column %(number)s", number=n)) for n, text in enumerate(given, start=1)),
        *(("found", _("Found")), ("how", _("How")), ("confidence", _("Confidence, per cent"))),
        *(("downgraded", _("Downgraded")), ("checked_on", _("As of"))),
        *meets,
    ]


def export_rows(own: OwnList, view: View, at: Context) -> list[tuple[str | None, tuple[str | int | None, ...]]]:
    """Every row that the filter lets through: the firm's key, if it is one, and cells."""
    hows, words = how_labels(), _words()
    wanted = (
        select(OwnRow, Supplier.scheme, Supplier.number)
        .outerjoin(Supplier, Supplier.id == OwnRow.supplier_id)
        .where(of_list(own), conditions(view, at)[view.show])
        .order_by(OwnRow.line)
    )
    day = own.checked_at.astimezone(CHINA).date().isoformat() if own.checked_at else None
    meeting = view.chosen.meeting if view.chosen else None
    return [
        (
            f"{scheme}/{number}" if number else None,
            (
                *row.cells,
                words[row.state],
                hows.get(row.how, ""),
                row.confidence if row.supplier_id else None,
                words["yes"] if row.downgraded else None,
                day,
                *(() if meeting is None else (words["yes"] if row.supplier_id in meeting else words["no"],)),
            ),
        )
        for row, scheme, number in at.session.execute(wanted)
    ]


def _words() -> dict[str, str]:
    return {
        RowState.MATCHED: _("found"),
        RowState.UNSURE: _("to be chosen"),
        RowState.NONE: _("not found"),
        "yes": _("yes"),
        "no": _("no"),
    }
