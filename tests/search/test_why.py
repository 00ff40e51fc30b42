"""Why a firm appears or not, against both engines on random firms and queries: never a reason that is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.company.why import appears, explain, without
from search import HeldCertificate, LevelChoice, SearchQuery, SupplierDocument
from tests.search.conftest import Loaded
from tests.search.strategies import TODAY, VOCABULARY, queries

LOOKED_AT = 6
"""Firms a query for which it is tried what letting go of the conditions does."""


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(query=queries())
def test_a_firm_appears_if_it_meets_every_condition(loaded: Loaded, query: SearchQuery) -> None:
    documents = sorted(loaded.oracle.found(SearchQuery()), key=lambda document: document.id)
    hits = set(loaded.engine.scan(query))
    answers = explain(query, documents, VOCABULARY)
    for document, why in zip(documents, answers, strict=True):
        assert why.appears == (document.id in hits) == (not why.failed), (document, why.failed)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(query=queries(), seed=st.integers(0, 1000))
def test_without_just_the_conditions_named_it_appears(loaded: Loaded, query: SearchQuery, seed: int) -> None:
    documents = sorted(loaded.oracle.found(SearchQuery()), key=lambda document: document.id)
    documents = [documents[(seed + step * 7) % len(documents)] for step in range(LOOKED_AT)]
    for document, why in zip(documents, explain(query, documents, VOCABULARY), strict=True):
        failed = [one.condition for one in why.failed]
        fewer = replace(without(query, failed), ids=(document.id,))
        assert list(loaded.engine.scan(fewer)) == [document.id], (document, failed)
        for one in failed:  # each of them keeps it out by itself
            rest = without(query, [other for other in failed if other is not one])
            assert not list(loaded.engine.scan(replace(rest, ids=(document.id,)))), (document, one)


FIRM = SupplierDocument(
    id="CN-USCC/1",
    version=1,
    names=("苏州齿轮股份有限公司",),
    products=("齿轮箱",),
    sector="steel",
    certificates=(
        HeldCertificate("quality", "检验级", TODAY - timedelta(9), TODAY + timedelta(3)),
        HeldCertificate("CCC", None, TODAY - timedelta(2), TODAY + timedelta(99)),
    ),
    criteria_met=("X01",),
)


def test_dates_are_met_by_one_certificate_or_not_at_all() -> None:
    asked = SearchQuery(
        levels=(LevelChoice("quality", "检验级"), LevelChoice("CCC")),
        valid_through=TODAY + timedelta(30),
        certified_to=TODAY - timedelta(5),
    )
    [why] = explain(asked, [FIRM], VOCABULARY)
    assert not why.appears
    [failed] = why.failed
    assert (failed.condition.name, failed.failing) == ("levels", ())
    assert without(asked, [failed.condition]) == SearchQuery()


def test_each_unmet_word_criterion_and_date_is_named() -> None:
    asked = SearchQuery(
        text="齿轮 轴承 阀门",
        sectors=("steel", "other"),
        levels_min=(LevelChoice("quality", "检验级"), LevelChoice("green", "two")),
        criteria=("X01", "X02"),
        valid_through=TODAY + timedelta(3),
        certified_from=date(2030, 1, 1),
        has=("website",),
    )
    [why] = explain(asked, [FIRM], VOCABULARY)
    found = [(dict(one.condition.asks), one.met, one.failing) for one in why.conditions]
    dates = {"valid_through": asked.valid_through, "certified_from": asked.certified_from}
    quality, green = asked.levels_min
    assert found == [
        ({"text": asked.text}, False, ("轴承", "阀门")),
        ({"sectors": ("steel", "other")}, True, ()),
        ({"levels_min": (quality,), **dates}, False, ("certified_from",)),
        ({"levels_min": (green,), **dates}, False, ("levels_min", "valid_through", "certified_from")),
        ({"criteria": ("X01",)}, True, ()),
        ({"criteria": ("X02",)}, False, ()),
        ({"has": ("website",)}, False, ()),
    ]
    assert without(asked, [one.condition for one in why.failed]) == SearchQuery(
        sectors=("steel", "other"), criteria=("X01",)
    )


def test_dates_without_a_level_are_conditions_of_their_own() -> None:
    asked = SearchQuery(valid_through=TODAY + timedelta(50), certified_from=TODAY)
    [why] = explain(asked, [FIRM], VOCABULARY)
    assert [(one.condition.name, one.met) for one in why.conditions] == [
        ("valid_through", True),
        ("certified_from", False),
    ]


def test_several_searches_at_once() -> None:
    asked = [SearchQuery(), SearchQuery(sectors=("other",)), SearchQuery(levels=(LevelChoice("gone"),))]
    assert appears(asked, [FIRM], VOCABULARY) == [True, False, False]


def test_an_edition_stands_with_the_grade_in_it() -> None:
    asked = SearchQuery(edition="steel 2025", grades=("A",), sectors=("steel",))
    [why] = explain(asked, [FIRM], VOCABULARY)
    assert [one.condition.name for one in why.failed] == ["grades"]
    assert without(asked, [one.condition for one in why.failed]) == SearchQuery(sectors=("steel",))
