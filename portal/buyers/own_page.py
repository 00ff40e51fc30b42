"""A list of own suppliers as its page and its export show it: counted and filtered by the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, select

from portal.buyers.own_labels import how_labels
from portal.models import OwnList, OwnRow, RowState, Supplier
from portal.web.presenters.cards import NOTHING_ASKED, Asked, cards, place_of, supplier_url
from portal.web.presenters.context import Context
from portal.web.presenters.paging import page_links
from portal.web.screens import PageLink
from portal.web.tree import Coded, Name, ResultItem, Struct
from portal.workspace.facts import loaded
from portal.workspace.own_lists import soon
from portal.workspace.sheets import Cell

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
    """A row: what was handed in, and the firm it is; `card` None where it is none, or was withdrawn."""

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
    candidates: tuple[CandidateView, ...]


class OwnPage(Struct, frozen=True, kw_only=True):
    """A page of a list; `counts` by what can be looked at, `total` the rows of data, `found` those of the register."""

    rows: tuple[OwnRowView, ...]
    counts: dict[str, int]
    found: int
    matching: int
    pages: tuple[PageLink, ...]


def conditions(at: Context) -> dict[str, ColumnElement[bool]]:
    """What each of `show_labels` lets through."""
    matched = OwnRow.state == RowState.MATCHED
    return {
        "": OwnRow.id.is_not(None),
        "certified": and_(matched, OwnRow.certified.is_(True)),
        "uncertified": and_(matched, OwnRow.certified.is_(False)),
        "soon": and_(matched, OwnRow.expires_on <= soon(at.today)),
        "downgraded": and_(matched, OwnRow.downgraded.is_(True)),
        "risk": and_(matched, OwnRow.risk.is_(True)),
        "unsure": OwnRow.state == RowState.UNSURE,
        "missing": OwnRow.state == RowState.NONE,
    }


def of_list(own: OwnList) -> ColumnElement[bool]:
    """The rows of data of a list."""
    return and_(OwnRow.own_list_id == own.id, OwnRow.line >= own.first)


def own_page(own: OwnList, show: str, page: int, at: Context) -> OwnPage:
    """The page; one past the end shows the last."""
    wanted = conditions(at)
    sums = [func.count().filter(condition) for condition in (*wanted.values(), OwnRow.state == RowState.MATCHED)]
    *counted, found = at.session.execute(select(*sums).where(of_list(own))).one()
    counts = dict(zip(wanted, counted, strict=True))
    last = max(1, -(-counts[show] // PER_PAGE))
    page = min(page, last)
    rows = at.session.scalars(
        select(OwnRow)
        .where(of_list(own), wanted[show])
        .order_by(OwnRow.line)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    path = f"/own-suppliers/{own.id}?" + (f"show={show}&" if show else "")
    return OwnPage(
        rows=_views(own, rows, at),
        counts=counts,
        found=found,
        matching=counts[show],
        pages=page_links(page, last, lambda number: f"{path}page={number}"),
    )


def _views(own: OwnList, rows: Sequence[OwnRow], at: Context) -> tuple[OwnRowView, ...]:
    wanted = {row.supplier_id for row in rows if row.supplier_id}
    wanted |= {candidate[0] for row in rows if row.state == RowState.UNSURE for candidate in row.candidates}
    firms = {firm.id: firm for firm in at.session.scalars(select(Supplier).where(Supplier.id.in_(wanted)))}
    shown = [firms[row.supplier_id].key for row in rows if row.supplier_id in firms]
    held = {card.id: card for card in cards(shown, at, Asked(NOTHING_ASKED))}
    return tuple(_view(own, row, firms, held, at) for row in rows)


def _view(
    own: OwnList, row: OwnRow, firms: Mapping[int, Supplier], held: Mapping[str, ResultItem], at: Context
) -> OwnRowView:
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
        card=held.get(firm.key) if firm else None,
        risk=row.risk,
        downgraded=row.downgraded,
        soon=row.expires_on is not None and row.expires_on <= soon(at.today),
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


def export_rows(own: OwnList, show: str, at: Context) -> Iterator[list[Cell]]:
    """Headings, then every row that the filter lets through: as handed in, then what was found."""
    headings = at.session.scalar(select(OwnRow.cells).where(OwnRow.own_list_id == own.id, OwnRow.line == own.first - 1))
    first: Any = select(OwnRow.cells).where(of_list(own)).order_by(OwnRow.line).limit(1)
    width = len(at.session.scalar(first) or ())
    given = [*(headings or ())][:width] + [
        _("Column %(number)s", number=n) for n in range(len(headings or ()) + 1, width + 1)
    ]
    yield [
        *given,
        *(_("Found"), _("How"), _("Confidence, per cent"), _("Supplier"), _("Registration number"), _("Levels")),
        *(_("First to expire"), _("Risk"), _("Downgraded"), _("As of")),
    ]
    hows, words = how_labels(), _words()
    wanted = (
        select(OwnRow, Supplier.name_zh, Supplier.name_en, Supplier.number)
        .outerjoin(Supplier, Supplier.id == OwnRow.supplier_id)
        .where(of_list(own), conditions(at)[show])
        .order_by(OwnRow.line)
        .execution_options(yield_per=1000)
    )
    for row, zh, en, number in at.session.execute(wanted):
        levels = loaded(row.facts).levels if row.facts else {}
        yield [
            *row.cells,
            words[row.state],
            hows.get(row.how, ""),
            row.confidence if row.supplier_id else None,
            ((en or zh) if at.lang == "en" else (zh or en)) if row.supplier_id else None,
            number,
            "; ".join(_level(scheme, level, at) for scheme, level in levels.items()),
            row.expires_on,
            words["yes"] if row.risk else None,
            words["yes"] if row.downgraded else None,
            own.checked_at.date() if own.checked_at else None,
        ]


def _words() -> dict[str, str]:
    return {
        RowState.MATCHED: _("found"),
        RowState.UNSURE: _("to be chosen"),
        RowState.NONE: _("not found"),
        "yes": _("yes"),
    }


def _level(scheme: str, level: str, at: Context) -> str:
    known = at.catalogue.schemes.get(scheme)
    short = ((known.short_en if at.lang == "en" else known.short_zh) or known.name(at.lang)) if known else scheme
    named = {one.code: one.name(at.lang) for one in known.levels} if known else {}
    return f"{short} {named.get(level, level)}".strip()
