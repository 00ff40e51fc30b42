"""The table of coverage as it is shown: labels, numbers in words, shades, and the search each number stands for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from portal.coverage.axes import NONE, Axis, Dimension, Slot, chosen
from portal.coverage.counting import Table, count_table
from portal.coverage.snapshots import Past
from portal.ministry.coverage_asked import Asked, Measure
from portal.ministry.coverage_words import slot_label
from portal.register.catalogue import Target
from portal.services import services
from portal.web.addresses import Addresses, level_text
from portal.web.grammar import BY_NAME
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.tree import Struct
from search.contract import SearchQuery

LOOKUP = "/suppliers"
MAX_ROWS, MAX_COLUMNS = 100, 40
"""Of a page; a file has all."""

SHADES = 5

_PARAMETERS = {parameter.field: name for name, parameter in BY_NAME.items() if parameter.field}


class CellView(Struct, frozen=True):
    """A number: `text` as the page says it, `url` the search it stands for, `shade` 0 to SHADES; `count` None: none."""

    count: int | None
    text: str
    url: str
    shade: int = 0
    trend: str = ""


class LineView(Struct, frozen=True):
    """A row: its heading, the search for it, its cells, and its total."""

    label: str
    url: str
    cells: tuple[CellView, ...]
    total: CellView


class TableView(Struct, frozen=True):
    """The table. `hidden_rows`, `hidden_columns`: how many more a file has; `columns`: headings with their searches."""

    columns: tuple[tuple[str, str], ...]
    lines: tuple[LineView, ...]
    totals: tuple[CellView, ...]
    total: CellView
    hidden_rows: int = 0
    hidden_columns: int = 0


Says = Callable[[int | None, Slot | None, Slot | None], tuple[str, str]]
"""From a number and its row and column (None: a total) to what is said of it, and "up" or "down"."""


def counted(asked: Asked, at: Context) -> Table:
    """The table's numbers; kept while nothing changes. Raises EngineUnavailable."""
    question = ("table", at.data_version, at.today, asked.query, asked.rows, asked.columns)
    shared = services()
    return shared.kept.answer(
        question, lambda: count_table(shared.engine(), asked.query, asked.rows, asked.columns, at.catalogue)
    )


def table_view(asked: Asked, table: Table, says: Says, at: Context, *, whole: bool = False) -> TableView:
    """The table as it is shown; `whole`: with every row and column."""
    made = _Maker(asked, table, says, at)
    rows = range(len(table.rows)) if whole else largest(table.row_totals, MAX_ROWS)
    columns = range(len(table.columns)) if whole else largest(table.column_totals, MAX_COLUMNS)
    return TableView(
        columns=tuple(made.heading(1, table.columns[column]) for column in columns),
        lines=tuple(made.line(row, columns) for row in rows),
        totals=tuple(made.total(1, table.columns[column], table.column_totals[column]) for column in columns),
        total=made.whole(),
        hidden_rows=len(table.rows) - len(rows),
        hidden_columns=len(table.columns) - len(columns),
    )


def largest(totals: Sequence[int], most: int) -> Sequence[int]:
    """The places of the so many largest, in their order."""
    if len(totals) <= most:
        return range(len(totals))
    return sorted(sorted(range(len(totals)), key=lambda place: -totals[place])[:most])


def shade(number: int, most: int) -> int:
    """0 for none, else 1 to SHADES; by the root, as a few places have most of the firms."""
    return min(SHADES, math.ceil(SHADES * math.sqrt(number / most))) if number > 0 and most > 0 else 0


def counts() -> Says:
    """Numbers of firms."""
    return lambda number, _row, _column: ("—" if number is None else f"{number:,}", "")


def per_cent(target: Target, asked: Asked) -> Says:
    """Per cent of the target's goal; of the goal of its own where a unit has one."""

    def says(number: int | None, row: Slot | None, column: Slot | None) -> tuple[str, str]:
        goal = target.goal
        for axis, slot in ((asked.rows, row), (asked.columns, column)):
            if slot is not None and axis.dimension in (Dimension.UNIT, Dimension.PROVINCE):
                goal = target.units.get(slot.value, goal)
        return ("—" if number is None else percent_of(number, goal), "")

    return says


def since(past: Past) -> Says:
    """What has changed since a day."""

    def says(number: int | None, row: Slot | None, column: Slot | None) -> tuple[str, str]:
        if number is None:
            return "—", ""
        before = past.number(row.value if row else None, column.value if column else None)
        change = number - before
        return (f"+{change:,}" if change > 0 else f"−{-change:,}" if change else "0"), (
            "up" if change > 0 else "down" if change else ""
        )

    return says


def percent_of(number: int, goal: int) -> str:
    """In words: 12.5%, small ones as 0.05%."""
    share = 100 * number / goal
    return f"{share:,.2f}%" if 0 < share < 1 else f"{share:,.1f}%"


class _Maker:
    """Makes the cells of one table; what a column changes in an address is worked out once, if all rows agree on it."""

    def __init__(self, asked: Asked, table: Table, says: Says, at: Context) -> None:
        self.asked, self.table, self.says, self.at = asked, table, says, at
        self.axes = (asked.rows, asked.columns)
        self.search = Search(query=asked.query, lang=asked.search.lang)
        self.addresses = Addresses(self.search, LOOKUP)
        # Firms without any value are often most of all: they would leave the others pale.
        numbers = (
            number or 0
            for row, line in zip(table.rows, table.cells, strict=True)
            for column, number in zip(table.columns, line, strict=True)
            if NONE not in {row.value, column.value}
        )
        self.most = 0 if asked.measure is Measure.CHANGE else max(numbers, default=0)
        self.alone = {slot.value: self._changes(1, slot, asked.query) for slot in table.columns}
        groups_by_sector = {axis.dimension for axis in self.axes} == {Dimension.GROUP, Dimension.SECTOR}
        self.apart = asked.rows.field != asked.columns.field and not groups_by_sector

    def url(self, changed: Mapping[str, str] | None) -> str:
        """The search with these parameters changed; none for what is impossible."""
        return "" if changed is None else self.addresses.of(**changed)

    def _changes(self, side: int, slot: Slot, query: SearchQuery) -> dict[str, str] | None:
        wanted = chosen(self.axes[side], slot, query, self.at.catalogue)
        return None if wanted is None else changes(self.axes[side], slot, wanted)

    def heading(self, side: int, slot: Slot) -> tuple[str, str]:
        """What a row or column is called, and its search."""
        return slot_label(self.axes[side], slot, self.at), self.url(self._changes(side, slot, self.asked.query))

    def total(self, side: int, slot: Slot, number: int) -> CellView:
        """A row's or column's total."""
        text, trend = self.says(number, slot, None) if side == 0 else self.says(number, None, slot)
        return CellView(number, text, self.heading(side, slot)[1], 0, trend)

    def whole(self) -> CellView:
        """The total of all."""
        text, trend = self.says(self.table.total, None, None)
        return CellView(self.table.total, text, self.url({}), 0, trend)

    def line(self, row: int, columns: Sequence[int]) -> LineView:
        """A row."""
        slot, numbers = self.table.rows[row], self.table.cells[row]
        own = chosen(self.asked.rows, slot, self.asked.query, self.at.catalogue)
        addresses = Addresses(replace(self.search, query=own or self.asked.query), LOOKUP)
        made = []
        for place in columns:
            column, number = self.table.columns[place], numbers[place]
            text, trend = self.says(number, slot, column)
            url = "" if number is None or own is None else self._url(slot, column, own, addresses)
            made.append(CellView(number, text, url, shade(number or 0, self.most), trend))
        label, url = self.heading(0, slot)
        return LineView(label, url, tuple(made), self.total(0, slot, self.table.row_totals[row]))

    def _url(self, row: Slot, column: Slot, own: SearchQuery, addresses: Addresses) -> str:
        if self.apart and NONE not in {row.value, column.value}:
            return addresses.of(**(self.alone[column.value] or {}))
        if self.asked.rows.dimension is not Dimension.GROUP:
            return addresses.of(**(self._changes(1, column, own) or {}))
        # A group of criteria is chosen last, as it was counted (portal.coverage.counting).
        first = chosen(self.asked.columns, column, self.asked.query, self.at.catalogue) or self.asked.query
        return self.url((self.alone[column.value] or {}) | (self._changes(0, row, first) or {}))


def changes(axis: Axis, slot: Slot, query: SearchQuery) -> dict[str, str]:
    """The parameters that say the choice of a value: `query` has made it."""
    if slot.value == NONE:
        return {"lacks": ",".join(query.lacks)}
    if axis.dimension is Dimension.GROUP:
        return {"criteria": ",".join(query.criteria), "criteria_mode": str(query.criteria_mode)}
    if axis.field == "levels":
        return {"level": ",".join(map(level_text, query.levels))}
    return {_PARAMETERS[axis.field]: ",".join(getattr(query, axis.field))}
