"""The tile map: every unit of report at its place, with its number under the page's filters."""

from __future__ import annotations

from portal.coverage.axes import Axis, Dimension, Slot, chosen
from portal.coverage.counting import count_axis
from portal.ministry.coverage_asked import Asked, Measure
from portal.ministry.coverage_table import LOOKUP, changes, percent_of, shade
from portal.register.catalogue import Unit
from portal.services import services
from portal.web.addresses import Addresses
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.tree import Struct
from search.contract import SearchQuery

BY_UNIT = Axis(Dimension.UNIT)


class TileView(Struct, frozen=True, kw_only=True):
    """A unit of report on the map. `count` None: the filters leave it out."""

    code: str
    name: str
    short: str
    column: int
    row: int
    count: int | None
    text: str
    url: str
    shade: int


def counted_by_unit(query: SearchQuery, at: Context) -> tuple[int, dict[str, int]]:
    """The total, and the numbers by unit; kept while nothing changes. Raises EngineUnavailable."""
    shared = services()
    question = ("units", at.data_version, at.today, query)
    return shared.kept.answer(question, lambda: count_axis(shared.engine(), [query], BY_UNIT, at.catalogue)[0])


def unit_url(unit: Unit, query: SearchQuery, lang: str | None, at: Context) -> str:
    """The search for the unit's firms under the query."""
    slot = Slot(unit.code, unit.regions)
    wanted = chosen(BY_UNIT, slot, query, at.catalogue)
    addresses = Addresses(Search(query=query, lang=lang), LOOKUP)
    return addresses.of(**changes(BY_UNIT, slot, wanted)) if wanted else ""


def tiles(asked: Asked, at: Context) -> tuple[TileView, ...]:
    """The map, of firms or of per cent of a target. Raises EngineUnavailable."""
    _, numbers = counted_by_unit(asked.query, at)
    units = at.catalogue.units
    most = max((number for code, number in numbers.items() if code in units), default=0)
    return tuple(
        TileView(
            code=unit.code,
            name=unit.name(at.lang),
            short=unit.short(at.lang),
            column=unit.column,
            row=unit.row,
            count=numbers.get(unit.code),
            text=_said(unit, numbers.get(unit.code), asked),
            url=unit_url(unit, asked.query, asked.search.lang, at) if unit.code in numbers else "",
            shade=shade(numbers.get(unit.code, 0), most),
        )
        for unit in units.values()
    )


def _said(unit: Unit, number: int | None, asked: Asked) -> str:
    if number is None:
        return "—"
    if asked.measure is Measure.PERCENT and asked.target:
        return percent_of(number, asked.target.units.get(unit.code, asked.target.goal))
    return f"{number:,}"
