"""Counting a table: every number is the total of a search, worked out from few of them (notes: rule 27)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from portal.coverage.axes import Axis, Dimension, Facet, Found, Slot, chosen, facets, slots
from portal.register.catalogue import Catalogue
from search.contract import FacetRequest, SearchEngine, SearchQuery, Tallied

MOST_VALUES = 1_000

Place = tuple[str | None, str | None]
"""Row and column; None: the total of the other."""


@dataclass(frozen=True, slots=True)
class Table:
    """Firms by two axes. `cells[row][column]`; None where the two cannot be chosen together.

    The totals are those of the searches with one of the two chosen, and with none: a firm may be in several industries,
    so they are not sums.
    """

    rows: tuple[Slot, ...]
    columns: tuple[Slot, ...]
    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    total: int


def count_table(engine: SearchEngine, query: SearchQuery, rows: Axis, columns: Axis, catalogue: Catalogue) -> Table:
    """The table of a query without facets. Raises EngineUnavailable."""
    asked = sorted({facet for axis in (rows, columns) for facet in facets(axis, query)})
    [base] = engine.tally([query], _requests(asked))
    found = found_in(base)
    own = slots(rows, query, catalogue, found), slots(columns, query, catalogue, found)
    return _Counting(engine, query, catalogue, (rows, columns), own).table(base.total, found)


def count_axis(
    engine: SearchEngine, queries: Sequence[SearchQuery], axis: Axis, catalogue: Catalogue
) -> list[tuple[int, dict[str, int]]]:
    """The total of each query and its numbers by the axis' values."""
    asked = sorted({facet for query in queries for facet in facets(axis, query)})
    numbers: list[tuple[int, dict[str, int]]] = []
    apart: list[tuple[dict[str, int], str, SearchQuery]] = []
    for query, tallied in zip(queries, engine.tally(queries, _requests(asked)), strict=True):
        found = found_in(tallied)
        own: dict[str, int] = {}
        for slot in slots(axis, query, catalogue, found):
            if slot.bucket is not None:
                own[slot.value] = _known(slot, found)
            elif (wanted := chosen(axis, slot, query, catalogue)) is not None:
                own[slot.value] = 0
                apart.append((own, slot.value, wanted))
        numbers.append((tallied.total, own))
    for (own, value, _), number in zip(apart, engine.counts([wanted for *_, wanted in apart]), strict=True):
        own[value] = number
    return numbers


def found_in(tallied: Tallied) -> Found:
    """The numbers of a tally by facet and value."""
    return {
        (facet.name, facet.depth): {bucket.value: bucket.count for bucket in facet.buckets} for facet in tallied.facets
    }


def _requests(asked: Sequence[Facet]) -> list[FacetRequest]:
    return [FacetRequest(name, size=MOST_VALUES, depth=depth) for name, depth in asked]


def _known(slot: Slot, found: Found) -> int:
    """The slot's number in a tally."""
    assert slot.bucket is not None  # noqa: S101
    facet, value = slot.bucket
    return found[facet].get(value, 0)


@dataclass(slots=True)
class _Counting:
    """One table: the smaller axis as searches of their own, the larger counted within each of them."""

    engine: SearchEngine
    query: SearchQuery
    catalogue: Catalogue
    axes: tuple[Axis, Axis]
    slots: tuple[tuple[Slot, ...], tuple[Slot, ...]]
    numbers: dict[Place, int | None] = field(default_factory=dict)

    def table(self, total: int, found: Found) -> Table:
        """Count it; `total` and `found`: of the query itself, as counted before."""
        for side in (0, 1):
            for slot in self.slots[side]:
                if slot.bucket is not None:
                    self.numbers[_place(side, slot.value, None)] = _known(slot, found)
        split = min((0, 1), key=self._searches)
        if self._within(1 - split):
            self._count_within(split)
        self._count_apart()
        rows, columns = self.slots
        return Table(
            rows=rows,
            columns=columns,
            cells=tuple(tuple(self.numbers[row.value, column.value] for column in columns) for row in rows),
            row_totals=tuple(self.numbers[slot.value, None] or 0 for slot in rows),
            column_totals=tuple(self.numbers[None, slot.value] or 0 for slot in columns),
            total=total,
        )

    def _searches(self, split: int) -> int:
        """How many searches it takes where the values of this side are searches."""
        other = self.slots[1 - split]
        apart = sum(slot.bucket is None for slot in other) if self._within(1 - split) else len(other)
        return len(self.slots[split]) * (1 + apart)

    def _within(self, side: int) -> bool:
        """Whether this side's numbers can be told within a search that has chosen a value of the other side.

        Not where both fill one field, nor where a choice changes what a group of criteria means.
        """
        own, other = self.axes[side], self.axes[1 - side]
        group_by_sector = other.dimension is Dimension.GROUP and own.dimension is Dimension.SECTOR
        return own.field != other.field and not group_by_sector and bool(facets(own, self.query))

    def _count_within(self, split: int) -> None:
        asked = facets(self.axes[1 - split], self.query)
        wanted = [(slot.value, self._chosen(split, slot)) for slot in self.slots[split]]
        possible = [(value, query) for value, query in wanted if query is not None]
        tallied = self.engine.tally([query for _, query in possible], _requests(asked))
        for (value, _), one in zip(possible, tallied, strict=True):
            self.numbers[_place(split, value, None)] = one.total
            found = found_in(one)
            for other in self.slots[1 - split]:
                if other.bucket is not None:
                    self.numbers[_place(split, value, other.value)] = _known(other, found)

    def _count_apart(self) -> None:
        """What is not known yet, each by a search of its own; nothing of what is impossible.

        A city within its province is the city: what is the same question is asked once.
        """
        places = list(self._all())
        known = {query: self.numbers[place] for place, query in places if query and place in self.numbers}
        unknown = [(place, query) for place, query in places if place not in self.numbers]
        wanted = list(dict.fromkeys(query for _, query in unknown if query and query not in known))
        known |= dict(zip(wanted, self.engine.counts(wanted), strict=True))
        self.numbers |= {place: known[query] if query else None for place, query in unknown}

    def _all(self) -> Iterator[tuple[Place, SearchQuery | None]]:
        """The places that may be unknown, with their queries; those that are known only where others may be the same.

        Groups of criteria are chosen last: which of their criteria count depends on the sector.
        """
        first = 1 if self.axes[0].dimension is Dimension.GROUP else 0
        alike = self.axes[0].field == self.axes[1].field
        for side in (0, 1):
            for slot in self.slots[side]:
                place = _place(side, slot.value, None)
                if alike or place not in self.numbers:
                    yield place, self._chosen(side, slot)
        for one in self.slots[first]:
            others = [(o, _place(first, one.value, o.value)) for o in self.slots[1 - first]]
            missing = [(other, place) for other, place in others if place not in self.numbers]
            query = self._chosen(first, one) if missing else None
            for other, place in missing:
                yield place, query and chosen(self.axes[1 - first], other, query, self.catalogue)

    def _chosen(self, side: int, slot: Slot) -> SearchQuery | None:
        return chosen(self.axes[side], slot, self.query, self.catalogue)


def _place(side: int, own: str | None, other: str | None) -> Place:
    """Where a value of a side and one of the other meet; None: its total."""
    return (own, other) if side == 0 else (other, own)
