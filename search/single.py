"""A query's conditions one by one, and which of them a document meets, worked out in Python: of many queries at once.

What `Matcher` answers with an index in memory for many documents, this answers for one without any: the conditions of
ten thousand queries are mostly the same few, and each is looked up once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from search.checks import check_query
from search.conditions import conditions, without
from search.contract import SearchQuery, SupplierDocument
from search.fields import FieldTable
from search.nodes import AllOf, AnyOf, AnyTerm, Node, Not, Range, Term
from search.values import Value, document_values

_PLAIN = ("sectors", "industries", "processes", "tiers", "sizes", "statuses", "regions")
_DATES = ("valid_through", "expires_before", "certified_from", "certified_to")


def singles(query: SearchQuery) -> Iterator[SearchQuery]:
    """The query's conditions, each as a query of its own: whoever meets all of them, and only those, meets the query.

    Text, ids and what is nice to have are none. Alternatives (two sectors, criteria of which some are enough) are one;
    each criterion under ALL is one, and dates belong to the levels that they speak of.
    """
    for name in _PLAIN:
        if values := getattr(query, name):
            given: dict[str, Any] = {name: values}
            yield SearchQuery(**given)
    yield from _levels(query)
    yield from _criteria(query)
    yield from _standings(query)
    if query.assessed_since:
        yield SearchQuery(assessed_since=query.assessed_since)
    yield from (SearchQuery(has=(flag,)) for flag in query.has)
    yield from (SearchQuery(lacks=(flag,)) for flag in query.lacks)


def _levels(query: SearchQuery) -> Iterator[SearchQuery]:
    dates: dict[str, Any] = {name: day for name in _DATES if (day := getattr(query, name))}
    if query.levels:
        yield SearchQuery(levels=query.levels, **dates)
    for choice in query.levels_min:
        yield SearchQuery(levels_min=(choice,), **dates)
    if dates and not query.levels and not query.levels_min:
        yield SearchQuery(**dates)


def _criteria(query: SearchQuery) -> Iterator[SearchQuery]:
    if query.criteria_mode == "all" or query.criteria_mode == len(query.criteria):
        yield from (SearchQuery(criteria=(code,)) for code in query.criteria)
    elif query.criteria:
        yield SearchQuery(criteria=query.criteria, criteria_mode=query.criteria_mode)
    yield from (SearchQuery(criteria_not=(code,)) for code in query.criteria_not)


def _standings(query: SearchQuery) -> Iterator[SearchQuery]:
    if query.grades:
        yield SearchQuery(edition=query.edition, grades=query.grades)
    if query.top is not None:
        yield SearchQuery(edition=query.edition, top=query.top)
    elif query.edition is not None and not query.grades:
        yield SearchQuery(edition=query.edition)


def node_of(single: SearchQuery, table: FieldTable) -> Node:
    """A condition as the engines ask it. Raises QueryError for what cannot be asked (any more)."""
    check_query(single, table)
    nodes = without(conditions(single, table))
    return nodes[0] if len(nodes) == 1 else AllOf(nodes)


@dataclass(frozen=True, slots=True)
class Held:
    """What a document holds, to be asked for nodes."""

    tokens: Mapping[str, frozenset[str]]
    numbers: Mapping[str, int]

    @classmethod
    def of(cls, document: SupplierDocument, table: FieldTable) -> Held:
        """The document's. Raises ValueError for one that cannot be indexed."""
        values = document_values(document, table)
        numbers = {field: value for field, value in values.items() if isinstance(value, int)}
        return cls({field: _tokens(value) for field, value in values.items()}, numbers)

    def meets(self, node: Node) -> bool:
        """Whether an index that held just this document would find it by the node."""
        match node:
            case Term(field, value):
                return value in self.tokens.get(field, ())
            case AnyTerm(field, values):
                return not self.tokens.get(field, frozenset()).isdisjoint(values)
            case Range(field, low, high):
                number = self.numbers.get(field)
                return number is not None and (low is None or number >= low) and (high is None or number <= high)
            case AllOf(parts):
                return all(map(self.meets, parts))
            case AnyOf(parts, at_least):
                return sum(map(self.meets, parts)) >= at_least
            case Not(part):
                return not self.meets(part)
            case _:
                raise TypeError(f"no condition: {node!r}")


def _tokens(value: Value) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset((value,))
    return frozenset(value) if isinstance(value, list) else frozenset()
