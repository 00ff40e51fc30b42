"""Tables of coverage kept for each day: taken by the worker, compared with by the pages, thinned out with time.

A day takes one row a pair of dimensions, one of the targets and two of criteria, however many firms there are: at
1,000,000 firms about MOST_ROWS rows, the largest (cities by certification) some 100 KB. Days of the last KEPT_DAYS are
kept, of the time before the last day of each month.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.coverage.axes import FIELDS, NONE, Axis, Dimension
from portal.coverage.counting import Table, count_table
from portal.coverage.criteria import CriteriaCounts, count_criteria, rates
from portal.coverage.stated import targets_of
from portal.coverage.targets import progress
from portal.indexing.facts import data_version
from portal.indexing.sessions import Sessions, snapshot, writing
from portal.models import Snapshot
from portal.register.catalogue import Catalogue
from search.contract import SearchEngine, SearchQuery

KEPT_DAYS = 92
MOST_ROWS = 50
TARGETS = "targets"
CRITERIA = "criteria"


@dataclass(frozen=True, slots=True)
class Past:
    """The numbers of a table on a day: of cells, rows, columns, and of all."""

    day: date
    cells: Mapping[tuple[str, str], int]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    total: int

    def number(self, row: str | None, column: str | None) -> int:
        """A cell's number, a total's where the other is None."""
        if row is None and column is None:
            return self.total
        if row is None or column is None:
            return (self.columns if row is None else self.rows).get(row or column or NONE, 0)
        return self.cells.get((row, column), 0)


def pairs() -> Iterator[tuple[Dimension, Dimension]]:
    """The pairs that are kept: of different fields, as a place in another place says nothing new."""
    return ((one, other) for one, other in combinations(Dimension, 2) if FIELDS[one] != FIELDS[other])


def name_of(rows: Dimension, columns: Dimension) -> str:
    """What the table of two dimensions is kept as."""
    return f"{rows}:{columns}"


def take(sessions: Sessions, engine: SearchEngine, catalogue: Catalogue, today: date) -> int:
    """Count everything and keep it as the snapshot of the day; how many rows. One that is there is replaced.

    Counted before anything is written, and written in one transaction: a worker that dies leaves nothing half done.
    """
    with snapshot(sessions) as session:
        version = data_version(session)
        criteria = count_criteria(session, catalogue)
        wanted = targets_of(session, catalogue).by_code
    rows: dict[str, dict[str, Any]] = {}
    for one, other in pairs():
        rows[name_of(one, other)] = _kept(count_table(engine, SearchQuery(), Axis(one), Axis(other), catalogue))
    rows[TARGETS] = {
        one.target.code: {"done": one.done, "units": {unit.code: unit.done for unit in one.units if unit.done}}
        for one in progress(engine, catalogue, today, wanted)
    }
    rows[CRITERIA] = _of_criteria(criteria)
    with writing(sessions) as session:
        session.execute(delete(Snapshot).where(Snapshot.day == today))
        session.add_all(
            Snapshot(day=today, name=name, numbers=numbers, data_version=version) for name, numbers in rows.items()
        )
        thin(session, today)
    return len(rows)


def _kept(table: Table) -> dict[str, Any]:
    cells = {
        row.value: {column.value: number for column, number in zip(table.columns, numbers, strict=True) if number}
        for row, numbers in zip(table.rows, table.cells, strict=True)
    }
    return {
        "total": table.total,
        "rows": {slot.value: number for slot, number in zip(table.rows, table.row_totals, strict=True) if number},
        "columns": {
            slot.value: number for slot, number in zip(table.columns, table.column_totals, strict=True) if number
        },
        "cells": {row: numbers for row, numbers in cells.items() if numbers},
    }


def _of_criteria(counts: CriteriaCounts) -> dict[str, Any]:
    def both(of: Mapping[str, Counter[str]]) -> dict[str, Any]:
        return {place: rates(marks) for place, marks in of.items()}

    return {
        "firms": counts.firms,
        "sectors": both(counts.sectors),
        "provinces": both(counts.provinces),
        "gained": dict(counts.gained),
        "lost": dict(counts.lost),
    }


def thin(session: Session, today: date) -> None:
    """Of the time before the last KEPT_DAYS keep the last day of each month."""
    days = session.scalars(select(Snapshot.day).where(Snapshot.day < today - timedelta(KEPT_DAYS)).distinct())
    last: dict[tuple[int, int], date] = {}
    old = sorted(days)
    for day in old:
        last[day.year, day.month] = day
    gone = [day for day in old if day != last[day.year, day.month]]
    if gone:
        session.execute(delete(Snapshot).where(Snapshot.day.in_(gone)))


def taken(session: Session, day: date) -> bool:
    """Whether there is a snapshot of the day."""
    return session.scalar(select(Snapshot.id).where(Snapshot.day == day).limit(1)) is not None


def days(session: Session) -> Sequence[date]:
    """All days there is one of, oldest first."""
    return list(session.scalars(select(Snapshot.day).where(Snapshot.name == TARGETS).order_by(Snapshot.day)))


def on_or_before(session: Session, day: date, rows: Dimension, columns: Dimension) -> Past | None:
    """The table as it was on the day, or on the last day before of which there is one."""
    for name, turned in ((name_of(rows, columns), False), (name_of(columns, rows), True)):
        found = session.scalars(
            select(Snapshot).where(Snapshot.name == name, Snapshot.day <= day).order_by(Snapshot.day.desc()).limit(1)
        ).first()
        if found is not None:
            return _past(found, turned=turned)
    return None


def as_kept(table: Table, day: date) -> Past:
    """The table as it would be read again, had it been taken on the day."""
    return _past(Snapshot(day=day, numbers=_kept(table)), turned=False)


def _past(found: Snapshot, *, turned: bool) -> Past:
    numbers = found.numbers
    cells = {
        (column, row) if turned else (row, column): number
        for row, line in numbers["cells"].items()
        for column, number in line.items()
    }
    rows, columns = ("columns", "rows") if turned else ("rows", "columns")
    return Past(found.day, cells, numbers[rows], numbers[columns], numbers["total"])


_ONE_EACH = frozenset({"sectors", "sizes"})
"""Fields of which a firm has one value: numbers of several are sums."""


def narrowable(query: SearchQuery, rows: Axis, columns: Axis, catalogue: Catalogue) -> bool:
    """Whether a kept table of two dimensions tells the numbers under the filters too, to the firm.

    It does for filters on its own two dimensions: for one value of each that is one of its rows or columns; for several
    where a firm has one of them. Whatever else is asked would take a table of three dimensions.
    """
    others: dict[str, Any] = {rows.field: (), columns.field: ()}
    return replace(query, **others) == SearchQuery() and all(_tells(axis, query, catalogue) for axis in (rows, columns))


def _tells(axis: Axis, query: SearchQuery, catalogue: Catalogue) -> bool:
    asked = getattr(query, axis.field)
    if not asked or axis.field in _ONE_EACH:
        return True
    paths: Mapping[Dimension, Mapping[str, tuple[str, ...]]] = {
        Dimension.PROVINCE: catalogue.region_paths,
        Dimension.CITY: catalogue.region_paths,
        Dimension.INDUSTRY: catalogue.industry_paths,
    }
    if len(asked) > 1 or (axis.dimension is not Dimension.TIER and axis.dimension not in paths):
        return False
    depth = 2 if axis.dimension is Dimension.CITY else 1
    return axis.dimension is Dimension.TIER or len(paths[axis.dimension].get(asked[0], ())) == depth


def narrowed(past: Past, query: SearchQuery, rows: Axis, columns: Axis) -> Past:
    """The kept table under filters that are `narrowable`."""
    own, other = getattr(query, rows.field), getattr(query, columns.field)
    cells = {
        (row, column): number
        for (row, column), number in past.cells.items()
        if (not own or row in own) and (not other or column in other)
    }
    row_totals = {row: number for row, number in past.rows.items() if not own or row in own}
    column_totals = {column: number for column, number in past.columns.items() if not other or column in other}
    total = sum(row_totals.values()) if own else sum(column_totals.values()) if other else past.total
    if other:
        row_totals = {row: _summed(cells, 0, row) for row in row_totals}
    if own:
        column_totals = {column: _summed(cells, 1, column) for column in column_totals}
    return Past(past.day, cells, row_totals, column_totals, sum(cells.values()) if own and other else total)


def _summed(cells: Mapping[tuple[str, str], int], side: int, value: str) -> int:
    return sum(number for place, number in cells.items() if place[side] == value)


def by_month(session: Session, name: str, months: int) -> list[Snapshot]:
    """The last snapshot of each of the last so many months that have one, oldest first."""
    newest: dict[tuple[int, int], date] = {}
    for day in session.scalars(select(Snapshot.day).where(Snapshot.name == name).order_by(Snapshot.day)):
        newest[day.year, day.month] = day
    wanted = sorted(newest.values())[-months:]
    return list(
        session.scalars(select(Snapshot).where(Snapshot.name == name, Snapshot.day.in_(wanted)).order_by(Snapshot.day))
    )


def newest(session: Session, name: str) -> Snapshot | None:
    """The newest of a name."""
    return session.scalars(select(Snapshot).where(Snapshot.name == name).order_by(Snapshot.day.desc()).limit(1)).first()
