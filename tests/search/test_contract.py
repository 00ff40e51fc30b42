"""One suite for every engine: what it answers is what the oracle works out (contract.py holds the sentences)."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import MAX_HITS, FacetRequest, Hit, LevelChoice, QueryError, SearchQuery, Sort
from search.text import parse_text
from tests.search.conftest import CORPUS, Loaded
from tests.search.strategies import ALL_VALUES, CRITERIA, NAMES, TODAY, VOCABULARY, make_document, queries

thorough = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def _by_relevance(query: SearchQuery) -> bool:
    return query.sort is Sort.RELEVANCE and parse_text(query.text, VOCABULARY).node is not None


@thorough
@given(query=queries())
def test_total_hits_order_and_facets(loaded: Loaded, query: SearchQuery) -> None:
    expected = loaded.oracle.found(query)
    page = loaded.engine.search(query)
    assert page.total == len(expected)
    assert page.pages == -(-len(expected) // query.per_page)
    start = (query.page - 1) * query.per_page
    window = expected[start : start + query.per_page]
    if _by_relevance(query):
        assert len(page.hits) == len(window)
        assert {hit.id for hit in page.hits} <= {document.id for document in expected}
    else:
        assert page.hits == tuple(Hit(document.id, loaded.oracle.fit(query, document)) for document in window)
    for facet, request in zip(page.facets, query.facets, strict=True):
        assert facet == loaded.oracle.facet(query, request)


@settings(thorough, max_examples=50)
@given(query=queries())
def test_relevance_pages_hold_every_hit_once(loaded: Loaded, query: SearchQuery) -> None:
    query = replace(query, sort=Sort.RELEVANCE, per_page=23, facets=())
    expected = {document.id: loaded.oracle.fit(query, document) for document in loaded.oracle.found(query)}
    pages = [loaded.engine.search(replace(query, page=page)) for page in range(1, -(-len(expected) // 23) + 2)]
    hits = [(hit.id, hit.fit) for page in pages for hit in page.hits]
    assert len(hits) == len(expected)
    assert dict(hits) == expected


@settings(max_examples=40)
@given(asked=st.lists(queries(), max_size=4))
def test_counts_and_scan(loaded: Loaded, asked: list[SearchQuery]) -> None:
    assert loaded.engine.counts(asked) == [loaded.oracle.total(query) for query in asked]
    for query in asked[:1]:
        scanned = list(loaded.engine.scan(query))
        assert sorted(scanned) == sorted(document.id for document in loaded.oracle.found(query))


DIMENSIONS = (
    FacetRequest("sector"),
    FacetRequest("industry", depth=2),
    FacetRequest("region", depth=1, size=1),
    FacetRequest("level"),
    FacetRequest("grade"),
    FacetRequest("criteria", values=CRITERIA[:5], keep=("X11", "X99")),
    FacetRequest("flag", size=2),
    FacetRequest("edition"),
)


@settings(max_examples=40)
@given(query=queries(), pair=st.lists(st.sampled_from(DIMENSIONS), min_size=2, max_size=2, unique=True))
def test_crosstab(loaded: Loaded, query: SearchQuery, pair: list[FacetRequest]) -> None:
    rows, columns = pair
    assert loaded.engine.count_by(query, rows, columns) == loaded.oracle.crosstab(query, rows, columns)


@settings(max_examples=40)
@given(asked=st.lists(queries(), max_size=3), counted=st.lists(st.sampled_from(DIMENSIONS), max_size=3, unique=True))
def test_tallies(loaded: Loaded, asked: list[SearchQuery], counted: list[FacetRequest]) -> None:
    if any(request.name == "level" for request in counted):
        asked = [
            replace(q, valid_through=None, expires_before=None, certified_from=None, certified_to=None) for q in asked
        ]
    assert loaded.engine.tally(asked, counted) == [loaded.oracle.tally(query, counted) for query in asked]


def test_under_dates_levels_are_not_tallied(loaded: Loaded) -> None:
    with pytest.raises(QueryError):
        loaded.engine.tally([SearchQuery(certified_from=TODAY)], [FacetRequest("level")])


@settings(max_examples=60)
@given(name=st.sampled_from((*NAMES, "dongguan", "suzhoucl", "cs", "没有")), length=st.integers(0, 9))
def test_suggestions_are_names_that_begin_so(loaded: Loaded, name: str, length: int) -> None:
    for size in (3, 8):
        assert loaded.engine.suggest(name[:length], size) == loaded.oracle.suggestions(name[:length], size)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), number=st.integers(0, CORPUS))
def test_similar_firms(loaded: Loaded, seed: int, number: int) -> None:
    document = make_document(Random(seed), number)
    assert loaded.engine.similar(document, 5) == loaded.oracle.similar(document, 5)


@pytest.mark.parametrize("sort", Sort)
def test_pages_of_an_order_join_up(loaded: Loaded, sort: Sort) -> None:
    query = SearchQuery(sort=sort, per_page=13, nice=(("X01", 2), ("X02", 1)), edition="steel 2025")
    expected = [document.id for document in loaded.oracle.found(query)]
    pages = [loaded.engine.search(replace(query, page=page)).hits for page in range(1, 13)]
    assert [hit.id for hits in pages for hit in hits] == expected


def test_a_page_past_the_end_is_empty_and_still_counts(loaded: Loaded) -> None:
    page = loaded.engine.search(SearchQuery(page=100, per_page=100, facets=(FacetRequest("sector"),)))
    assert (page.hits, page.total, page.page) == ((), loaded.oracle.total(SearchQuery()), 100)
    assert page.facets[0] == loaded.oracle.facet(SearchQuery(), FacetRequest("sector"))


def test_ids_are_a_filter_and_none_of_them_finds_nothing(loaded: Loaded) -> None:
    some = tuple(list(loaded.oracle.documents)[:3])
    assert loaded.engine.search(SearchQuery(ids=(*some, "no such"))).total == 3
    assert loaded.engine.search(SearchQuery(ids=())).total == 0
    everyone = loaded.engine.search(SearchQuery()).total
    assert loaded.engine.search(SearchQuery(ids_not=(*some, "no such"))).total == everyone - 3


@settings(max_examples=40)
@given(
    query=queries(),
    codes=st.lists(st.sampled_from(CRITERIA), min_size=2, max_size=7, unique=True),
    other=queries(),
)
def test_the_total_without_each_criterion(
    loaded: Loaded, query: SearchQuery, codes: list[str], other: SearchQuery
) -> None:
    """Left out one by one, and by the shorter way."""
    query = replace(query, criteria=tuple(codes), criteria_mode="all", criteria_not=(), facets=(), page=1)
    expected = {
        code: loaded.oracle.total(replace(query, criteria=tuple(other for other in codes if other != code)))
        for code in codes
    }
    for many in (0, 60):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loaded.engine, "MANY_CRITERIA", many)
            assert loaded.engine.without_each(query, [other]) == (expected, [loaded.oracle.total(other)])


def test_one_criterion_can_be_left_out_of_all_only(loaded: Loaded) -> None:
    with pytest.raises(QueryError) as raised:
        loaded.engine.without_each(SearchQuery(criteria=("X01", "X02"), criteria_mode="any"))
    assert raised.value.field == "criteria_mode"


def test_no_queries_no_counts(loaded: Loaded) -> None:
    assert loaded.engine.counts([]) == []


WRONG = {
    "page": SearchQuery(page=0),
    "page beyond what is reached": SearchQuery(page=MAX_HITS // 20 + 1),
    "per_page": SearchQuery(per_page=101),
    "criteria_mode": SearchQuery(criteria=("X01", "X01"), criteria_mode=2),
    "criteria_mode of none": SearchQuery(criteria_mode=1),
    "criteria_mode of all at most": SearchQuery(criteria=("X01", "X02"), criteria_mode=(1, 2)),
    "criteria_mode the wrong way round": SearchQuery(criteria=("X01", "X02", "X03"), criteria_mode=(2, 1)),
    "ids_not": SearchQuery(ids_not=("x",) * (MAX_HITS + 1)),
    "criteria_not": SearchQuery(criteria=("X01",), criteria_not=("X01",)),
    "lacks": SearchQuery(has=("risk",), lacks=("risk",)),
    "levels": SearchQuery(levels=(LevelChoice("no such"),)),
    "levels_min": SearchQuery(levels_min=(LevelChoice("quality", "one"),)),
    "top": SearchQuery(top=0),
    "edition": SearchQuery(edition="a|b"),
    "nice": SearchQuery(nice=(("X01", 0),)),
    "nice twice": SearchQuery(nice=(("X01", 1), ("X01", 2))),
    "expires_before": SearchQuery(valid_through=TODAY, expires_before=TODAY),
    "certified_to": SearchQuery(certified_from=TODAY, certified_to=TODAY.replace(year=2025)),
    "facets": SearchQuery(facets=(FacetRequest("sector", depth=2),)),
    "ids": SearchQuery(ids=("x",) * (MAX_HITS + 1)),
    "text": SearchQuery(text="half a pair \ud800"),
    "sectors": SearchQuery(sectors=("\udfff",)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_contradiction_names_its_field(loaded: Loaded, name: str) -> None:
    with pytest.raises(QueryError) as raised:
        loaded.engine.search(WRONG[name])
    assert raised.value.field == name.split(maxsplit=1)[0]


def test_a_crosstab_needs_two_facets(loaded: Loaded) -> None:
    with pytest.raises(QueryError) as raised:
        loaded.engine.count_by(SearchQuery(), FacetRequest("sector"), FacetRequest("sector"))
    assert raised.value.field == "columns"


HEAVY = {
    "10,000 characters": SearchQuery(text="轴承 " * 3_333),
    "a word of 10,000 characters": SearchQuery(text="轴" * 10_000),
    "300 criteria": SearchQuery(criteria=tuple(f"Y{number}" for number in range(300))),
    "at least 290 of 300 criteria": SearchQuery(
        criteria=tuple(f"Y{number}" for number in range(300)), criteria_mode=290
    ),
    "1,000 industries": SearchQuery(industries=tuple(f"{number}" for number in range(1_000))),
    "10,000 ids": SearchQuery(ids=tuple(f"{number}" for number in range(10_000))),
    "odd characters": SearchQuery(text='"\x00\\" ((( * ? : ~ AND OR NOT /.*/ -'),
    "odd values": SearchQuery(sectors=("", "\x00", "a b", "*", "," * 5_000), regions=("𠀀",)),
}


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_queries_are_answered(loaded: Loaded, name: str) -> None:
    facets = tuple(FacetRequest(facet, values=values) for facet, values in ALL_VALUES.items())
    page = loaded.engine.search(replace(HEAVY[name], facets=facets))
    assert page.total == loaded.oracle.total(HEAVY[name])
    assert [facet.name for facet in page.facets] == list(ALL_VALUES)
