"""Parts as Elasticsearch bodies, without a server."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given

from search import SearchQuery, Sort
from search.elastic_index import encoded, mapping
from search.elastic_query import ALIVE, compiled, part_body, part_query
from search.fields import FieldTable
from search.nodes import (
    AllOf,
    AnyOf,
    AnyTerm,
    Best,
    Boost,
    Constant,
    MatchAll,
    MatchNone,
    Node,
    Not,
    Phrase,
    Range,
    Rewarded,
    Term,
)
from search.plan import ByPlace, ByText, ByWeight, Part, Tally, plan_search
from search.values import document_values
from tests.search.strategies import VOCABULARY, make_document, queries

TABLE = FieldTable(VOCABULARY)
A, B = Term("tier", "a"), Term("tier", "b")
TERM_A = {"term": {"tier": {"value": "a"}}}
TERM_B = {"term": {"tier": {"value": "b"}}}
NOTHING: dict[str, Any] = {"match_none": {}}

CLAUSES: tuple[tuple[Node, dict[str, Any]], ...] = (
    (MatchAll(), ALIVE),
    (MatchNone(), NOTHING),
    (A, TERM_A),
    (AnyTerm("tier", ()), NOTHING),
    (AnyTerm("tier", ("a",)), TERM_A),
    (AnyTerm("tier", ("a", "b")), {"terms": {"tier": ["a", "b"]}}),
    (AnyTerm("id", ("a", "b")), {"ids": {"values": ["a", "b"]}}),
    (Term("id", "a"), {"ids": {"values": ["a"]}}),
    (Phrase("chars", ("轴", "承")), {"match_phrase": {"chars": {"query": "轴 承"}}}),
    (Phrase("chars", ("轴",)), {"term": {"chars": {"value": "轴"}}}),
    (Phrase("chars", ()), NOTHING),
    (Range("until", 1, None), {"range": {"until": {"gte": 1}}}),
    (Range("until", 0, 0), {"range": {"until": {"gte": 0, "lte": 0}}}),
    (AllOf((A, Not(B))), {"bool": {"must": [TERM_A], "must_not": [TERM_B]}}),
    (AllOf(()), {"bool": {"filter": [ALIVE]}}),
    (Not(A), {"bool": {"filter": [ALIVE], "must_not": [TERM_A]}}),
    (AnyOf((A, B), 2), {"bool": {"should": [TERM_A, TERM_B], "minimum_should_match": 2}}),
    (AnyOf((A,)), TERM_A),
    (AnyOf((A, B), 3), NOTHING),
    (AnyOf(()), NOTHING),
    (Best((A, B)), {"dis_max": {"queries": [TERM_A, TERM_B]}}),
    (Best(()), NOTHING),
    (Boost(A, 2.5), {"term": {"tier": {"value": "a", "boost": 2.5}}}),
    (Boost(Phrase("chars", ("轴", "承")), 2.0), {"match_phrase": {"chars": {"query": "轴 承", "boost": 2.0}}}),
    (Boost(Not(A), 2.5), {"bool": {"must": [{"bool": {"filter": [ALIVE], "must_not": [TERM_A]}}], "boost": 2.5}}),
    (Rewarded(A, (B,)), {"bool": {"must": [TERM_A], "should": [TERM_B]}}),
    (Constant(A, 3.0), {"constant_score": {"filter": TERM_A, "boost": 3.0}}),
)


@pytest.mark.parametrize(("node", "clause"), CLAUSES)
def test_clauses(node: Node, clause: dict[str, Any]) -> None:
    assert compiled(node) == clause


def test_filters_do_not_score_and_are_never_negative_alone() -> None:
    assert part_query(Part((Not(A),))) == {"bool": {"filter": [ALIVE], "must_not": [TERM_A]}}
    assert part_query(Part(())) == {"bool": {"filter": [ALIVE]}}
    assert part_query(Part((A,), text=B)) == {"bool": {"filter": [TERM_A, TERM_B]}}


def test_what_only_scores_is_left_out_where_nothing_is_scored() -> None:
    text = Rewarded(Best((Boost(A, 4.0), Constant(B, 2.0))), (Phrase("chars", ("轴", "承")),))
    clause = {"bool": {"should": [TERM_A, TERM_B], "minimum_should_match": 1}}
    assert part_query(Part((), text=text)) == {"bool": {"filter": [clause]}}


def test_only_the_text_scores_or_only_the_weights() -> None:
    by_text = Part((A,), text=B, order=ByText(), limit=10)
    assert part_query(by_text) == {"bool": {"must": [TERM_B], "filter": [TERM_A]}}
    by_weight = Part((A,), text=B, order=ByWeight(((B, 2),)), limit=10)
    weight = {"constant_score": {"filter": TERM_B, "boost": 2.0}}
    assert part_query(by_weight) == {"bool": {"filter": [TERM_A, TERM_B], "should": [weight]}}


def test_orders_end_in_the_hash() -> None:
    def sort(order: Any) -> Any:
        return part_body(Part((), order=order, limit=1))["sort"]

    tie = {"tie": {"order": "asc"}}
    for one in Sort:
        query = SearchQuery(sort=one, text="轴承", nice=(("X", 1),), edition="a.b")
        assert part_body(plan_search(query, TABLE).parts[0])["sort"][-1] == tie
    assert sort(ByPlace("a.b"))[0] == {"place.a.b": {"order": "asc", "missing": "_last", "unmapped_type": "keyword"}}
    assert sort(ByText()) == [{"_score": {"order": "desc"}}, tie]


def test_a_zero_hit_search_asks_for_numbers_only() -> None:
    body = part_body(Part((A,), tallies=(Tally("tier"), Tally("grade", ("e|A",)))))
    assert body["size"] == 0
    assert "sort" not in body
    assert body["aggs"] == {
        "0": {"terms": {"field": "tier", "size": 10_000}},
        "1": {"terms": {"field": "grade", "include": ["e|A"], "size": 1}},
    }


@given(query=queries())
def test_no_body_has_a_time_out_and_all_count_exactly(query: SearchQuery) -> None:
    """Rule 5 of the notes: with a body time-out half a total comes back as exact."""
    for part in plan_search(query, TABLE).parts:
        body = part_body(part)
        assert body["track_total_hits"] is True
        assert body["_source"] is False
        assert not {"timeout", "terminate_after"} & body.keys()
        assert json.loads(json.dumps(body)) == body


def test_the_mapping_has_every_field_that_a_document_or_a_query_names() -> None:
    properties = mapping(TABLE, "f")["properties"]
    for seed in range(40):
        row = json.loads(encoded(document_values(make_document(Random(seed), 1), TABLE), "X/1"))
        assert row.keys() <= properties.keys()
    assert mapping(TABLE, "f")["dynamic"] == "strict"
    assert {name for name, one in properties.items() if one["type"] == "keyword" and one.get("doc_values", True)} >= {
        field.name for field in TABLE.fields if field.facet
    }
