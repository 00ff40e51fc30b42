"""A sourcing record's funnel on both engines: each condition takes firms away, and the last leaves what is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings

from portal.workspace.funnel import funnel
from search import LevelChoice, SearchQuery, Sort
from tests.search.conftest import Loaded
from tests.search.strategies import queries


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(query=queries())
def test_hits_after_a_condition_are_those_before_the_next(loaded: Loaded, query: SearchQuery) -> None:
    steps = funnel(query)
    totals = loaded.engine.counts([step.query for step in steps])
    assert totals == [loaded.oracle.total(step.query) for step in steps]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] == loaded.engine.search(query).total


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(query=queries())
def test_who_is_found_meets_every_condition_alone(loaded: Loaded, query: SearchQuery) -> None:
    found = {document.id for document in loaded.oracle.found(query)}
    met = [{document.id for document in loaded.oracle.found(step.alone)} for step in funnel(query)]
    assert set.intersection(*met) == found


def test_the_conditions_in_their_order() -> None:
    query = SearchQuery(
        text="轴承",
        sectors=("machinery", "electronics"),
        levels_min=(LevelChoice("quality", "保证级"), LevelChoice("green", "one")),
        criteria=("X01", "X02"),
        nice=(("X03", 2),),
        edition="steel-2024",
        top=10,
        valid_through=date(2027, 1, 1),
        has=("certificate", "website"),
        lacks=("risk",),
        sort=Sort.FIT,
    )
    start, *steps = funnel(query)
    assert start.query == SearchQuery(has=("certificate",))
    assert [dict(step.asks) for step in steps] == [
        {"text": "轴承"},
        {"sectors": ("machinery", "electronics")},
        {"levels_min": (LevelChoice("quality", "保证级"),)},
        {"levels_min": (LevelChoice("green", "one"),)},
        {"criteria": ("X01",)},
        {"criteria": ("X02",)},
        {"edition": "steel-2024"},
        {"top": 10},
        {"valid_through": date(2027, 1, 1)},
        {"has": ("website",)},
        {"lacks": ("risk",)},
    ]
    assert replace(steps[-1].query, nice=query.nice, sort=Sort.FIT) == query
    assert steps[7].alone == SearchQuery(edition="steel-2024", top=10)
    assert steps[8].alone == SearchQuery(levels_min=query.levels_min, valid_through=date(2027, 1, 1))


def test_so_many_of_several_criteria_are_one_condition() -> None:
    steps = funnel(SearchQuery(criteria=("X01", "X02", "X03"), criteria_mode=2, ids=()))
    assert [dict(step.asks) for step in steps] == [
        {},
        {"criteria": ("X01", "X02", "X03"), "criteria_mode": 2},
        {"ids": ()},
    ]
