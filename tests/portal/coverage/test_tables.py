"""A number of coverage is the total of the search it links to, on both engines and whatever is asked."""

from __future__ import annotations

from datetime import date
from random import Random
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.coverage.axes import NONE, Axis, Dimension, Meet, Slot, chosen, group_codes
from portal.coverage.counting import Table, count_axis, count_table
from portal.coverage.targets import expected, progress, query_of
from portal.ministry.coverage_asked import Asked, asked
from portal.ministry.coverage_places import BY_UNIT
from portal.ministry.coverage_table import CellView, TableView, counts, table_view
from portal.register.catalogue import Catalogue
from portal.services import services
from portal.web.parameters import ParameterError, parse
from portal.web.presenters.context import Context, context
from search import SearchEngine, SearchQuery
from tests.portal.coverage.strategies import axes, filters, pairs

LOOKED_AT = 60
"""Cells of a table that are checked: all of a table of cities would take a minute."""

quick = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def at() -> Context:
    return context()


def linked(cell: CellView, here: Context) -> SearchQuery:
    """The search that the cell's address asks for, as the lookup reads it."""
    assert cell.url.startswith("/suppliers")
    pairs_of = MultiDict(parse_qsl(cell.url.partition("?")[2]))
    return parse(pairs_of, here.catalogue, here.editions).query


def cells(view: TableView) -> list[CellView]:
    inner = [cell for line in view.lines for cell in (*line.cells, line.total)]
    return [*inner, *view.totals, view.total]


def shown(given_: dict[str, str], rows: Axis, columns: Axis, engine: SearchEngine, here: Context) -> TableView:
    args = {**given_, "rows": rows.dimension, "columns": columns.dimension, "depth": str(rows.depth), "meet": rows.meet}
    page: Asked = asked(MultiDict(args), here)
    table: Table = count_table(engine, page.query, page.rows, page.columns, here.catalogue)
    return table_view(page, table, counts(), here, whole=True)


@quick
@given(given_=filters(), pair=pairs(), seed=st.integers(0, 1000))
def test_each_number_is_the_total_of_its_search(
    counted: SearchEngine, portal_app: Flask, given_: dict[str, str], pair: tuple[Axis, Axis], seed: int
) -> None:
    with portal_app.test_request_context("/"):
        here = at()
        if Dimension.GROUP in {axis.dimension for axis in pair} and "criteria" in given_:
            with pytest.raises(ParameterError):
                shown(given_, *pair, counted, here)
            return
        view = shown(given_, *pair, counted, here)
        found = [cell for cell in cells(view) if cell.count is not None]
        looked_at = Random(seed).sample(found, min(LOOKED_AT, len(found)))
        totals = counted.counts([linked(cell, here) for cell in looked_at])
        assert [cell.count for cell in looked_at] == totals


@quick
@given(given_=filters(), axis=axes())
def test_numbers_by_one_axis(counted: SearchEngine, portal_app: Flask, given_: dict[str, str], axis: Axis) -> None:
    with portal_app.test_request_context("/"):
        here = at()
        query = parse(MultiDict(given_), here.catalogue, here.editions).query
        if axis.dimension is Dimension.GROUP and query.criteria:
            return
        [(total, numbers)] = count_axis(counted, [query], axis, here.catalogue)
        assert counted.counts([query]) == [total]
        table = count_table(counted, query, axis, _other(axis), here.catalogue)
        assert numbers == dict(zip([slot.value for slot in table.rows], table.row_totals, strict=True))


def _other(axis: Axis) -> Axis:
    return Axis(Dimension.SECTOR if axis.dimension is not Dimension.SECTOR else Dimension.SIZE)


def test_what_cannot_be_chosen_together_is_no_cell(counted: SearchEngine, catalogue: Catalogue) -> None:
    table = count_table(counted, SearchQuery(), Axis(Dimension.PROVINCE), Axis(Dimension.CITY), catalogue)
    rows = [slot.value for slot in table.rows]
    for place, slot in enumerate(table.columns):
        if slot.value != NONE:
            own = rows.index(catalogue.region_path(slot.value)[0])
            inside = {row: line[place] for row, line in zip(rows, table.cells, strict=True) if row != NONE}
            assert inside.pop(rows[own]) == table.column_totals[place]
            assert set(inside.values()) == {None}


def test_provinces_sectors_and_units_are_there_at_zero(counted: SearchEngine, catalogue: Catalogue) -> None:
    query = SearchQuery(text="没有这样的企业")
    table = count_table(counted, query, Axis(Dimension.PROVINCE), Axis(Dimension.SECTOR), catalogue)
    assert [slot.value for slot in table.columns] == list(catalogue.sectors)
    assert len(table.rows) == 34 + 1
    assert table.total == sum(table.row_totals) == 0
    [(_, units)] = count_axis(counted, [query], BY_UNIT, catalogue)
    assert set(units) == {*catalogue.units, NONE}


def test_a_group_counts_the_criteria_that_the_sectors_can_be_asked_for(catalogue: Catalogue) -> None:
    everyone, machinery = group_codes("product", (), catalogue), group_codes("product", ("machinery",), catalogue)
    assert set(machinery) < set(everyone)
    axis, slot = Axis(Dimension.GROUP, meet=Meet.HALF), Slot("product", ("product",))
    found = chosen(axis, slot, SearchQuery(sectors=("machinery",)), catalogue)
    assert found is not None
    assert (found.criteria, found.criteria_mode) == (machinery, -(-len(machinery) // 2))


def test_targets_are_counted_as_their_searches(counted: SearchEngine, catalogue: Catalogue) -> None:
    today = date(2026, 6, 30)
    for one in progress(counted, catalogue, today):
        assert counted.counts([one.query]) == [one.done]
        assert one.query == query_of(one.target, today)
        assert one.query.certified_from == one.target.base
        assert one.closed == (one.query.certified_to is not None) == (one.target.due < today)
        assert one.gap == max(0, one.target.goal - one.done)
        assert len(one.worst) == (5 if one.gap > 1000 else len(one.worst))
        assert one.gap or not one.worst
        assert list(one.worst) == sorted(one.worst, key=lambda unit: (-unit.missing, unit.code))
        codes = {unit.code for unit in one.units}
        assert codes == set(catalogue.units)


def test_the_pace_is_even(catalogue: Catalogue) -> None:
    target = catalogue.targets["excellence249_inspection"]
    middle = target.base + (target.due - target.base) / 2
    paces = [expected(target, day) for day in (date(2020, 1, 1), target.base, middle, target.due, date(2099, 1, 1))]
    assert paces == [0, 0, 5000, 10_000, 10_000]


def test_a_target_s_search_is_an_address_of_the_lookup(portal_app: Flask) -> None:
    with portal_app.test_request_context("/"):
        here = at()
        for target in services().catalogue.targets.values():
            pairs_of = {name: ",".join(codes) for name, codes in target.search}
            days = {"certified_from": target.base.isoformat()}
            read = parse(MultiDict({**pairs_of, **days}), here.catalogue, here.editions)
            assert read.query == query_of(target, target.base)
