"""Parts as Elasticsearch request bodies, and its answers as Answers. Pure: no connection, tested without a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from search.contract import EngineUnavailable, Hit
from search.nodes import (
    AllOf,
    AnyOf,
    AnyTerm,
    Beginning,
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
    matching,
)
from search.plan import Answer, ByKey, ByPlace, ByText, ByWeight, Order, Part, Tally

JSON = dict[str, Any]

ALL_VALUES = 10_000
"""More than any facet field has values; below its cardinality counts over shards are approximate, and refused here."""

ALIVE: JSON = {"exists": {"field": "tie"}}
"""Every firm that is not withdrawn has it; three times cheaper than a token that all share (notes: rule 28)."""

NOTHING: JSON = {"match_none": {}}


def compiled(node: Node) -> JSON:
    """The query clause of a node, scoring as the node says."""
    match node:
        case MatchAll() | MatchNone():
            return ALIVE if isinstance(node, MatchAll) else NOTHING
        case Term(field, value):
            return _terms(field, (value,))
        case AnyTerm(field, values):
            return _terms(field, values)
        case Phrase(field, tokens):
            return _phrase(field, tokens)
        case Beginning() | Range():
            return _span(node)
        case _:
            return _compound(node)


def _compound(node: Node) -> JSON:
    match node:
        case AllOf(parts):
            return _bool(must=parts)
        case AnyOf(parts, at_least):
            return _any_of([compiled(part) for part in parts], at_least)
        case Best(parts):
            return {"dis_max": {"queries": [compiled(part) for part in parts]}} if parts else NOTHING
        case Not():
            return _bool(must=(node,))
        case Rewarded(part, rewards):
            return _bool(must=(part,), should=[compiled(reward) for reward in rewards])
        case Boost() | Constant():
            return _weighed(node)
    raise TypeError(f"not a query node: {node!r}")


def _weighed(node: Boost | Constant) -> JSON:
    clause = compiled(node.part)
    if isinstance(node, Constant):
        return _constant(clause, node.score)
    [(kind, body)] = clause.items()
    if kind in ("term", "match_phrase"):
        return {kind: {field: {**value, "boost": node.factor} for field, value in body.items()}}
    return {"bool": {"must": [clause], "boost": node.factor}}


def _terms(field: str, values: Sequence[str]) -> JSON:
    if not values:
        return NOTHING
    if field == "id":
        return {"ids": {"values": list(values)}}
    return {"term": {field: {"value": values[0]}}} if len(values) == 1 else {"terms": {field: list(values)}}


def _span(node: Beginning | Range) -> JSON:
    if isinstance(node, Beginning):
        return {"prefix": {node.field: {"value": node.value}}}
    bounds = {"gte": node.low, "lte": node.high}
    return {"range": {node.field: {name: bound for name, bound in bounds.items() if bound is not None}}}


def _phrase(field: str, tokens: Sequence[str]) -> JSON:
    """Tokens hold no space, so joined by one they are cut as they were."""
    if len(tokens) < 2:
        return _terms(field, tokens)
    return {"match_phrase": {field: {"query": " ".join(tokens)}}}


def _constant(clause: JSON, score: float) -> JSON:
    return {"constant_score": {"filter": clause, "boost": score}}


def _any_of(clauses: Sequence[JSON], at_least: int) -> JSON:
    if not clauses or at_least > len(clauses):
        return NOTHING
    return (
        clauses[0]
        if len(clauses) == 1
        else {"bool": {"should": list(clauses), "minimum_should_match": max(at_least, 1)}}
    )


def _bool(*, must: Iterable[Node] = (), filters: Iterable[Node] = (), should: Sequence[JSON] = ()) -> JSON:
    """All of `must` (scored) and `filters` (not); always with a positive clause (notes: rule 15)."""
    must, filters = list(must), list(filters)
    unwanted = [compiled(node.part) for node in (*must, *filters) if isinstance(node, Not)]
    scored = [compiled(node) for node in must if not isinstance(node, Not)]
    wanted = [compiled(node) for node in filters if not isinstance(node, Not)]
    if not scored and not wanted:
        wanted = [ALIVE]
    clauses = {"must": scored, "filter": wanted, "must_not": unwanted, "should": list(should)}
    return {"bool": {name: clause for name, clause in clauses.items() if clause}}


def part_query(part: Part) -> JSON:
    """The query of a part: filters in filter context; only the text, or the weights, score."""
    text = () if part.text is None else (part.text,)
    if isinstance(part.order, ByText) and part.limit:
        return _bool(must=text, filters=part.filters)
    weights = part.order.weights if isinstance(part.order, ByWeight) and part.limit else ()
    should = [_constant(compiled(node), float(weight)) for node, weight in weights]
    return _bool(filters=(*part.filters, *map(matching, text)), should=should)


def part_body(part: Part) -> JSON:
    """The search body of a part, without time-out: one would pass half a total off as exact (notes: rule 5)."""
    body: JSON = {"size": part.limit, "track_total_hits": True, "query": part_query(part), "_source": False}
    if part.limit:
        body |= {"from": part.offset, "sort": _sort(part.order)}
        if part.fit and not isinstance(part.order, ByWeight):
            body["docvalue_fields"] = ["criteria"]
        if part.labels:
            body["_source"] = ["label"]
    aggregations: JSON = {str(number): {"terms": _tally(tally)} for number, tally in enumerate(part.tallies)}
    return body | ({"aggs": aggregations} if aggregations else {})


def _tally(tally: Tally) -> JSON:
    if tally.only:
        return {"field": tally.field, "include": list(tally.only), "size": len(tally.only)}
    return {"field": tally.field, "size": ALL_VALUES}


def _sort(order: Order) -> list[JSON]:
    tie: JSON = {"tie": {"order": "asc"}}
    match order:
        case ByKey(field):
            return [{field: {"order": "asc"}}, *([tie] if field != "tie" else [])]
        case ByPlace(edition):
            return [{f"place.{edition}": {"order": "asc", "missing": "_last", "unmapped_type": "keyword"}}, tie]
        case _:
            return [{"_score": {"order": "desc"}}, tie]


def part_answer(part: Part, item: Mapping[str, Any]) -> Answer:
    """The answer in one item of a multi-search. Raises EngineUnavailable for anything less than the whole answer."""
    check_whole(item)
    found = item["hits"]["hits"]
    aggregations = item.get("aggregations", {})
    labels = tuple(label for hit in found for label in hit.get("_source", {}).get("label", ())) if part.labels else ()
    return Answer(
        total=int(item["hits"]["total"]["value"]),
        hits=tuple(Hit(str(hit["_id"]), _fit(part, hit)) for hit in found),
        tallies=tuple(_exact_counts(aggregations[str(number)]) for number in range(len(part.tallies))),
        labels=labels,
    )


def check_whole(item: Mapping[str, Any], *, exact: bool = True) -> None:
    """Raises EngineUnavailable for an error, a failed shard, a time-out or an inexact total (notes: rule 5).

    `exact` False: no total was asked for.
    """
    if "error" in item or item.get("status", 200) != 200:
        raise EngineUnavailable(f"Elasticsearch refused a search: {item.get('error', item.get('status'))}")
    if item.get("timed_out") or item.get("terminated_early") or item["_shards"]["failed"]:
        raise EngineUnavailable("Elasticsearch answered from a part of the index only")
    if exact and item["hits"]["total"]["relation"] != "eq":
        raise EngineUnavailable("Elasticsearch did not count exactly")


def _fit(part: Part, hit: Mapping[str, Any]) -> int:
    if not part.fit:
        return 0
    if isinstance(part.order, ByWeight):
        return int(hit["_score"])
    met = set(hit.get("fields", {}).get("criteria", ()))
    return sum(weight for code, weight in part.fit if code in met)


def _exact_counts(found: Mapping[str, Any]) -> dict[str, int]:
    """The counts by value. Raises EngineUnavailable for counts that are not exact (notes: rule 5)."""
    if found.get("doc_count_error_upper_bound") or found.get("sum_other_doc_count"):
        raise EngineUnavailable("a facet has more values than can be counted")
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in found["buckets"]}
