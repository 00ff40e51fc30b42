"""Query nodes as tantivy queries. Pure but for tantivy's own objects.

Rules held here (notes/tantivy.md, notes/search.md): a boolean query always has a positive part (15), a phrase of one
term is a term (17), every branch that tantivy would answer by a panic is taken away before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tantivy import FieldType, Occur, Query, Schema

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
)


class Compiler:
    """Turns nodes into queries on one schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def query(self, node: Node) -> Query:
        """The query of a node, scoring as the node says."""
        match node:
            case MatchAll() | MatchNone():
                return self._term("alive", "1") if isinstance(node, MatchAll) else Query.empty_query()
            case Term(field, value):
                return self._term(field, value)
            case AnyTerm(field, values):
                return self._any_term(field, values)
            case Phrase(field, tokens):
                return self._phrase(field, tokens)
            case Beginning() | Range():
                return self._span(node)
            case _:
                return self._compound(node)

    def conditions(self, filters: Sequence[Node]) -> Query:
        """All of the filters, without a score."""
        return Query.const_score_query(self.query(AllOf(tuple(filters))), 0.0)

    def _compound(self, node: Node) -> Query:
        match node:
            case AllOf(parts):
                return self._all_of(parts)
            case AnyOf(parts, at_least):
                return self._any_of(parts, at_least)
            case Best(parts):
                return (
                    Query.disjunction_max_query([self.query(part) for part in parts]) if parts else Query.empty_query()
                )
            case Not():
                return self._all_of((node,))
            case Rewarded(part, rewards):
                return with_bonus(self.query(part), [self.query(reward) for reward in rewards])
            case Boost() | Constant():
                return self._weighed(node)
        raise TypeError(f"not a query node: {node!r}")

    def _weighed(self, node: Boost | Constant) -> Query:
        query = self.query(node.part)
        if isinstance(node, Boost):
            return Query.boost_query(query, node.factor)
        return Query.const_score_query(query, node.score)

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self.schema, field, value)

    def _any_term(self, field: str, values: tuple[str, ...]) -> Query:
        if not values:
            return Query.empty_query()
        if len(values) == 1:
            return self._term(field, values[0])
        return Query.term_set_query(self.schema, field, values)

    def _phrase(self, field: str, tokens: tuple[str, ...]) -> Query:
        if not tokens:
            return Query.empty_query()
        if len(tokens) == 1:
            return self._term(field, tokens[0])
        return Query.phrase_query(self.schema, field, list(tokens))

    def _span(self, node: Beginning | Range) -> Query:
        if isinstance(node, Beginning):
            return Query.regex_query(self.schema, node.field, f"{re.escape(node.value)}.*")
        if node.low is None and node.high is None:
            return Query.range_query(self.schema, node.field, FieldType.Integer, -(1 << 62), 1 << 62)
        return Query.range_query(self.schema, node.field, FieldType.Integer, node.low, node.high)

    def _all_of(self, parts: Sequence[Node]) -> Query:
        positive = [(Occur.Must, self.query(part)) for part in parts if not isinstance(part, Not)]
        negative = [(Occur.MustNot, self.query(part.part)) for part in parts if isinstance(part, Not)]
        if len(positive) == 1 and not negative:
            return positive[0][1]
        return Query.boolean_query([*(positive or [(Occur.Must, self.query(MatchAll()))]), *negative])

    def _any_of(self, parts: Sequence[Node], at_least: int) -> Query:
        if not parts or at_least > len(parts):
            return Query.empty_query()
        if len(parts) == 1:
            return self.query(parts[0])
        return Query.boolean_query([(Occur.Should, self.query(part)) for part in parts], max(at_least, 1))


def with_bonus(must: Query, bonuses: Sequence[Query]) -> Query:
    """What `must` matches, the scores of bonuses added."""
    return Query.boolean_query([(Occur.Must, must), *((Occur.Should, bonus) for bonus in bonuses)])
