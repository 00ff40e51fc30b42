"""Plans without an engine: which searches a query takes, and what its selections become."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from search import Facet, FacetRequest, HeldCertificate, LevelChoice, QueryError, SearchQuery, Sort
from search.contract import Bucket
from search.fields import FieldTable
from search.nodes import AllOf, AnyOf, AnyTerm, MatchAll, Node, Not, Range, Term
from search.plan import Answer, ByKey, ByPlace, ByText, ByWeight, Tally, facet_of, page_of, plan_count, plan_search
from search.values import OPEN_END, document_values, sort_key, tie_break
from tests.search.strategies import VOCABULARY, make_document

TABLE = FieldTable(VOCABULARY)
DAY = date(2026, 3, 1)


def filters(query: SearchQuery) -> tuple[Node, ...]:
    return plan_count(query, TABLE).filters


def test_facets_without_a_selection_are_counted_by_the_main_search() -> None:
    requests = (FacetRequest("sector"), FacetRequest("industry", depth=2))
    plan = plan_search(SearchQuery(tiers=("a",), facets=requests), TABLE)
    assert [part.tallies for part in plan.parts] == [(Tally("sector"), Tally("industry_2"))]


def test_facets_of_all_firms_are_a_search_whose_answer_can_be_kept() -> None:
    plan = plan_search(SearchQuery(facets=(FacetRequest("sector"), FacetRequest("tier"))), TABLE)
    assert [(part.filters, part.limit, part.tallies) for part in plan.parts] == [
        ((), 20, ()),
        ((), 0, (Tally("sector"), Tally("tier"))),
    ]


def test_each_filtered_facet_takes_one_search_without_its_own_filter() -> None:
    requests = (FacetRequest("sector"), FacetRequest("tier"), FacetRequest("size"))
    plan = plan_search(SearchQuery(sectors=("a",), tiers=("b",), facets=requests), TABLE)
    sector, tier = AnyTerm("sector", ("a",)), AnyTerm("tier", ("b",))
    assert [(part.filters, part.tallies, part.limit) for part in plan.parts] == [
        ((sector, tier), (Tally("size"),), 20),
        ((tier,), (Tally("sector"),), 0),
        ((sector,), (Tally("tier"),), 0),
    ]


def test_facets_of_one_selection_share_a_search() -> None:
    requests = (FacetRequest("industry"), FacetRequest("industry", depth=2), FacetRequest("industry", size=3))
    plan = plan_search(SearchQuery(industries=("34",), facets=requests), TABLE)
    assert [part.tallies for part in plan.parts] == [(), (Tally("industry_1"), Tally("industry_2"))]


@pytest.mark.parametrize(("mode", "searches"), [("all", 1), ("any", 2), (1, 2), (2, 2)])
def test_the_criteria_facet_costs_nothing_under_all(mode: str | int, searches: int) -> None:
    query = SearchQuery(criteria=("X", "Y"), criteria_mode=mode, facets=(FacetRequest("criteria"),))  # type: ignore[arg-type]  # a str of the Literal
    assert len(plan_search(query, TABLE).parts) == searches


def test_values_asked_for_are_counted_with_those_kept() -> None:
    request = FacetRequest("grade", values=("A", "B"), keep=("C", "A"))
    query = SearchQuery(edition="e", grades=("D",), facets=(request,))
    assert plan_search(query, TABLE).parts[1].tallies == (Tally("grade", ("e|A", "e|B", "e|C", "e|D")),)


def test_levels_under_dates_are_counted_one_by_one() -> None:
    query = SearchQuery(valid_through=DAY, facets=(FacetRequest("level", values=("CCC",)),))
    plan = plan_search(query, TABLE)
    until = Range("until_4", DAY.toordinal())
    assert [part.filters for part in plan.parts[1:]] == [(AllOf((Term("level", "CCC"), until)),)]
    facet = facet_of(plan.facets[0], [Answer(9), Answer(3)])
    assert facet.buckets == (Bucket("CCC", 3),)


SELECTIONS: tuple[tuple[SearchQuery, tuple[Node, ...]], ...] = (
    (SearchQuery(), ()),
    (SearchQuery(criteria=("X", "Y", "X")), (Term("criteria", "X"), Term("criteria", "Y"))),
    (SearchQuery(criteria=("X", "Y"), criteria_mode="any"), (AnyTerm("criteria", ("X", "Y")),)),
    (SearchQuery(criteria=("X", "Y"), criteria_mode=1), (AnyOf((Term("criteria", "X"), Term("criteria", "Y"))),)),
    (SearchQuery(criteria=("X",), criteria_mode=1), (Term("criteria", "X"),)),
    (SearchQuery(criteria_not=("X",)), (Not(AnyTerm("criteria", ("X",))),)),
    (SearchQuery(lacks=("risk",), has=("web",)), (Term("flag", "web"), Not(AnyTerm("flag", ("risk",))))),
    (
        SearchQuery(criteria=("X", "Y"), criteria_mode=(1, 1)),
        (
            AnyOf((Term("criteria", "X"), Term("criteria", "Y"))),
            Not(AllOf((Term("criteria", "X"), Term("criteria", "Y")))),
        ),
    ),
    (SearchQuery(ids_not=("a",)), (Not(AnyTerm("id", ("a",))),)),
    (SearchQuery(ids=("a",)), (MatchAll(), AnyTerm("id", ("a",)))),
    (SearchQuery(levels=(LevelChoice("quality", "检验级"),)), (AnyTerm("level", ("quality:检验级",)),)),
    (
        SearchQuery(levels_min=(LevelChoice("quality", "检验级"),), expires_before=DAY),
        (AllOf((Term("level_min", "quality:检验级"), Range("until_2_2", None, DAY.toordinal() - 1))),),
    ),
    (SearchQuery(certified_from=DAY), (Range("since", DAY.toordinal(), None),)),
    (SearchQuery(edition="e"), (Term("edition", "e"),)),
    (SearchQuery(edition="e", top=2), (AnyTerm("top", ("e|p1", "e|p2")),)),
    (SearchQuery(grades=("A",)), (AnyTerm("grade", ("now|A",)),)),
)


@pytest.mark.parametrize(("query", "nodes"), SELECTIONS)
def test_what_a_selection_becomes(query: SearchQuery, nodes: tuple[Node, ...]) -> None:
    assert filters(query) == nodes


def test_no_level_that_there_is_makes_an_empty_facet() -> None:
    plan = plan_search(SearchQuery(valid_through=DAY, facets=(FacetRequest("level", values=("no such",)),)), TABLE)
    assert facet_of(plan.facets[0], [Answer(9)]).buckets == ()


def test_few_misses_of_many_criteria_are_tested_in_groups_first() -> None:
    """Rule 30 of the notes: of 9 criteria with 2 misses allowed, one of 3 groups of 3 is met whole."""
    codes = tuple(f"X{number}" for number in range(9))
    groups, counted = filters(SearchQuery(criteria=codes, criteria_mode=7))
    assert isinstance(groups, AnyOf)
    assert isinstance(counted, AnyOf)
    assert counted.at_least == 7
    assert [part for group in groups.parts if isinstance(group, AllOf) for part in group.parts] == [
        Term("criteria", codes[at]) for start in range(3) for at in range(start, 9, 3)
    ]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        (SearchQuery(), ByKey("sort_newest")),
        (SearchQuery(text="轴承"), ByText()),
        (SearchQuery(text="- ,"), ByKey("sort_newest")),
        (SearchQuery(sort=Sort.NAME), ByKey("sort_name")),
        (SearchQuery(sort=Sort.CRITERIA, text="轴承"), ByKey("sort_criteria")),
        (SearchQuery(sort=Sort.RANK), ByKey("sort_rank")),
        (SearchQuery(sort=Sort.RANK, edition="e"), ByPlace("e")),
        (SearchQuery(sort=Sort.FIT), ByKey("tie")),
        (SearchQuery(sort=Sort.FIT, nice=(("X", 3),)), ByWeight(((Term("criteria", "X"), 3),))),
        (SearchQuery(sort=Sort.LEVEL), ByKey("sort_level_2")),
        (SearchQuery(sort=Sort.LEVEL, levels=(LevelChoice("CCC"), LevelChoice("green"))), ByKey("sort_level_3")),
    ],
)
def test_what_a_sort_becomes(query: SearchQuery, order: object) -> None:
    assert plan_search(query, TABLE).parts[0].order == order


def answered(request: FacetRequest, counts: dict[str, int], **query: tuple[str, ...]) -> Facet:
    plan = plan_search(SearchQuery(facets=(request,), **query), TABLE)  # type: ignore[arg-type]  # tuples of one kind
    answers = [Answer(0, tallies=(counts,)) for _ in plan.parts]
    return facet_of(plan.facets[0], answers)


def test_a_facet_is_cut_to_its_largest_values_with_ties_by_value() -> None:
    facet = answered(FacetRequest("tier", size=2), {"c": 1, "b": 1, "a": 1, "d": 5, "none": 0})
    assert facet == Facet("tier", (Bucket("d", 5), Bucket("a", 1)), truncated=True)


def test_a_kept_value_stays_beyond_the_size_and_at_zero() -> None:
    facet = answered(FacetRequest("tier", size=1, keep=("b", "zero")), {"a": 3, "b": 1}, tiers=("c",))
    assert facet == Facet("tier", (Bucket("a", 3), Bucket("b", 1), Bucket("c", 0), Bucket("zero", 0)))


def test_grades_are_those_of_the_edition() -> None:
    counts = {"now|A": 2, "e|A": 5, "e|B|C": 1, "ee|A": 9}
    assert answered(FacetRequest("grade"), counts).buckets == (Bucket("A", 2),)
    plan = plan_search(SearchQuery(edition="e", facets=(FacetRequest("grade"),)), TABLE)
    facet = facet_of(plan.facets[0], [Answer(0, tallies=(counts,))] * 2)
    assert facet.buckets == (Bucket("A", 5), Bucket("B|C", 1))


@pytest.mark.parametrize(("total", "per_page", "pages"), [(0, 20, 0), (1, 20, 1), (41, 20, 3), (50_000, 30, 333)])
def test_pages_count_what_paging_reaches(total: int, per_page: int, pages: int) -> None:
    plan = plan_search(SearchQuery(per_page=per_page), TABLE)
    assert page_of(plan, [Answer(total)], 0.0).pages == pages
    plan_search(SearchQuery(per_page=per_page, page=max(pages, 1)), TABLE)


def test_the_last_page_is_the_last() -> None:
    plan_search(SearchQuery(page=333, per_page=30), TABLE)
    with pytest.raises(QueryError):
        plan_search(SearchQuery(page=334, per_page=30), TABLE)


# ---- values


def test_documents_have_values_of_fields_in_the_table_only() -> None:
    names = {field.name for field in TABLE.fields}
    assert len(names) == len(TABLE.fields)
    seen: set[str] = set()
    for seed in range(80):
        values = document_values(make_document(Random(seed), 1), TABLE)
        assert values.keys() <= names
        seen |= values.keys()
    assert names - seen <= {"industry_4", "region_3", "region_4"}


def test_dates_belong_to_the_level_that_they_are_of() -> None:
    """Rule 10 of the notes: a lower level lasts as long as any certificate at or above it."""
    low = HeldCertificate("quality", "经验级", DAY, None)
    high = HeldCertificate("quality", "保证级", DAY.replace(day=5), DAY.replace(day=9))
    bare = HeldCertificate("quality", None, DAY.replace(year=2020), DAY)
    values = document_values(replace(make_document(Random(1), 1), certificates=(high, low, bare)), TABLE)
    end, start = high.until.toordinal() if high.until else 0, high.since.toordinal()
    assert [values[f"until_2{suffix}"] for suffix in ("", "_1", "_2", "_3")] == [OPEN_END, OPEN_END, end, end]
    assert [values[f"since_2{suffix}"] for suffix in ("", "_1", "_2", "_3")] == [
        bare.since.toordinal(),
        low.since.toordinal(),
        start,
        start,
    ]
    assert values["level"] == ["quality", "quality:保证级"]
    assert values["level_min"] == ["quality", "quality:经验级", "quality:检验级", "quality:保证级"]


def test_orders_end_in_a_hash_that_fits() -> None:
    ids = [f"CN-USCC/{number}" for number in range(2_000)]
    assert len({tie_break(key) for key in ids}) == len(ids)
    assert sorted(ids, key=tie_break) != sorted(ids)
    assert all(0 <= sort_key(1 << 22, tie_break(key)) < 1 << 63 for key in ids)
    assert all(0 <= sort_key((1 << 36) - 1, tie_break(key), 27) < 1 << 63 for key in ids)


def test_the_fingerprint_tells_fields_levels_and_catalogue_apart() -> None:
    same = FieldTable(VOCABULARY)
    assert TABLE.fingerprint() == same.fingerprint()
    others = (
        TABLE.fingerprint("tantivy"),
        FieldTable(type(VOCABULARY)(schemes=VOCABULARY.schemes, fingerprint="other")).fingerprint(),
        FieldTable(type(VOCABULARY)(schemes={**VOCABULARY.schemes, "new": ()}, fingerprint="tests")).fingerprint(),
        FieldTable(
            type(VOCABULARY)(schemes={**VOCABULARY.schemes, "green": ("two", "one")}, fingerprint="tests")
        ).fingerprint(),
    )
    assert len({TABLE.fingerprint(), *others}) == 5
