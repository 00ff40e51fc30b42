"""Why does a firm (not) appear in a search? Its conditions one by one, each met by the firm or not.

The same plan, fields and analysis as the engines' answer (search.matching), so no second semantics can differ from
theirs. A firm appears if and only if it meets every condition, and without just those that it fails it would appear.
For that, dates stand with the level that they speak of (two of them may be met by different certificates, and neither
helps then), and an edition with the grade or the share in it (without it they would speak of another).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portal.workspace.funnel import Fields, funnel
from search.contract import SearchQuery, SupplierDocument, Vocabulary
from search.matching import Collection, Matcher
from search.text import parse_text

DATES = ("valid_through", "expires_before", "certified_from", "certified_to")
LEVELS = ("levels", "levels_min")
PLACES = ("grades", "top")
_EACH = frozenset({"levels_min", "criteria", "criteria_not", "has", "lacks"})
_EMPTY = SearchQuery()

Documents = Sequence[SupplierDocument] | Collection
"""Of firms: those who ask more than once about the same make a Collection of them."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What is asked, with what it cannot be read without.

    `parts`: what it consists of, as queries by name, to say which of them fails: words of a text, dates of a level.
    """

    asks: Fields
    with_it: Fields = field(default_factory=dict)
    parts: tuple[tuple[str, SearchQuery], ...] = ()

    @property
    def alone(self) -> SearchQuery:
        """The condition by itself."""
        return SearchQuery(**{**self.with_it, **self.asks})

    @property
    def name(self) -> str:
        """The first field of SearchQuery that it fills."""
        return next(iter(self.asks))


@dataclass(frozen=True, slots=True)
class Judged:
    """A condition and whether the firm meets it; `failing`: names of its parts that the firm does not meet."""

    condition: Condition
    met: bool
    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """A firm before a search."""

    appears: bool
    conditions: tuple[Judged, ...]

    @property
    def failed(self) -> tuple[Judged, ...]:
        """What keeps it out."""
        return tuple(one for one in self.conditions if not one.met)


def conditions(query: SearchQuery, vocabulary: Vocabulary) -> tuple[Condition, ...]:
    """Everything that the query asks for, in the order of the grammar; nothing that only orders its hits."""
    start, *steps = funnel(query)
    found = [Condition(start.asks)] if start.asks else []
    for step in steps:
        name = next(iter(step.asks))
        if name == "text":
            found.append(Condition(step.asks, parts=tuple(_words(query.text, vocabulary))))
        elif name in LEVELS:
            found.append(_level(step.asks, query))
        elif not _stands_with_another(name, query):
            found.append(Condition(step.asks, step.with_it))
    return tuple(found)


def _stands_with_another(name: str, query: SearchQuery) -> bool:
    """Dates speak of a level, and an edition of the grade or the share in it, where there is one."""
    if name == "edition":
        return bool(query.grades) or query.top is not None
    return name in DATES and bool(query.levels or query.levels_min)


def _words(text: str, vocabulary: Vocabulary) -> Iterator[tuple[str, SearchQuery]]:
    for word in parse_text(text, vocabulary).words:
        yield word, SearchQuery(text=word)


def _level(asks: Fields, query: SearchQuery) -> Condition:
    dates = {name: day for name in DATES if (day := getattr(query, name))}
    parts = ((name, SearchQuery(**{**asks, name: day})) for name, day in dates.items())
    (name,) = asks
    return Condition({**asks, **dates}, parts=((name, SearchQuery(**asks)), *parts) if dates else ())


def explain(query: SearchQuery, documents: Documents, vocabulary: Vocabulary) -> list[Why]:
    """The answer for each document. Raises QueryError (by the plan) never: what cannot be asked is not met."""
    asked = conditions(query, vocabulary)
    questions = [query, *(one.alone for one in asked), *(part for one in asked for _name, part in one.parts)]
    matches = [found or frozenset() for found in Matcher(vocabulary, questions).places(documents)]
    whole, alone, parts = matches[0], matches[1 : 1 + len(asked)], matches[1 + len(asked) :]
    answers = []
    for place in range(len(documents)):
        left = iter(parts)
        judged = []
        for condition, met in zip(asked, alone, strict=True):
            failing = tuple(name for name, _part in condition.parts if place not in next(left))
            judged.append(Judged(condition, place in met, failing))
        answers.append(Why(place in whole, tuple(judged)))
    return answers


def appears(queries: Sequence[SearchQuery], document: Documents, vocabulary: Vocabulary) -> list[bool]:
    """Whether the firm appears in each search."""
    return [bool(found) for found in Matcher(vocabulary, queries).places(document)]


def without(query: SearchQuery, let_go: Iterable[Condition]) -> SearchQuery:
    """The query without these conditions of it."""
    for condition in let_go:
        query = replace(query, **_let_go(query, condition.asks))
    return query


def _let_go(query: SearchQuery, asks: Fields) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, value in asks.items():
        if name in _EACH and "criteria_mode" not in asks:
            changed[name] = tuple(other for other in getattr(query, name) if other not in value)
        elif name not in DATES or len(asks) == 1:
            changed[name] = getattr(_EMPTY, name)
    if any(name in LEVELS for name in asks) and not any(changed.get(name, getattr(query, name)) for name in LEVELS):
        changed |= dict.fromkeys(DATES)  # they spoke of a level, and must not speak of all certificates now
    if any(name in PLACES for name in asks) and not any(changed.get(name, getattr(query, name)) for name in PLACES):
        changed["edition"] = None  # it spoke of that place
    return changed
