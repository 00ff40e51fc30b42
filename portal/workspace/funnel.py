"""A search as a funnel: its conditions one after the other, each with what it leaves. Pure.

It begins with all certified suppliers where the search asks for a certificate, else with all suppliers. Conditions
follow in the order of the grammar, dates after the levels and grades after the edition that they speak of: so each
only takes firms away, and the last one leaves what the search finds. What orders the hits (nice-to-haves) takes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from search.contract import SearchQuery

Fields = Mapping[str, Any]
"""Fields of a SearchQuery with their values."""

START = "certificate"
"""The flag that a funnel begins with."""

_LEVELS = ("levels", "levels_min")
_ORDER: tuple[tuple[str, tuple[str, ...]], ...] = (
    *((name, ()) for name in ("text", "sectors", "industries", "processes", "tiers", "sizes", "statuses")),
    *((name, ()) for name in ("levels", "levels_min", "criteria", "criteria_not", "regions", "edition")),
    *((name, ("edition",)) for name in ("grades", "top")),
    *((name, _LEVELS) for name in ("valid_through", "expires_before", "certified_from", "certified_to")),
    *((name, ()) for name in ("assessed_since", "has", "lacks", "ids", "ids_not")),
)
"""The fields in their order, each with those that it cannot be read without."""

_EACH = frozenset({"levels_min", "criteria", "criteria_not", "has", "lacks"})
"""Fields of which each value is a condition of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """A condition: `asks` it, `with_it` those it cannot be read without; `query`: everything up to here."""

    asks: Fields
    query: SearchQuery
    with_it: Fields = field(default_factory=dict)

    @property
    def alone(self) -> SearchQuery:
        """What the condition asks by itself."""
        return SearchQuery(**{**self.with_it, **self.asks})


def funnel(query: SearchQuery) -> list[Step]:
    """The steps of a query; the first one is where it begins."""
    start: Fields = {"has": (START,)} if START in query.has else {}
    steps = [Step(start, SearchQuery(**start))]
    for asks, needed in _conditions(query):
        with_it = {name: value for name in needed if (value := getattr(query, name))}
        before = steps[-1].query
        steps.append(Step(asks, replace(before, **_joined(before, asks)), with_it))
    return steps


def _joined(before: SearchQuery, asks: Fields) -> dict[str, Any]:
    """A query's fields with a condition more; of those of which each value is one, the value is added."""
    more = "criteria_mode" not in asks
    return {name: (*getattr(before, name), *value) if more and name in _EACH else value for name, value in asks.items()}


def _conditions(query: SearchQuery) -> Iterator[tuple[Fields, tuple[str, ...]]]:
    for name, needed in _ORDER:
        value = getattr(query, name)
        if name == "criteria" and query.criteria_mode != "all":
            if value:
                yield {"criteria": value, "criteria_mode": query.criteria_mode}, needed
        elif name in _EACH:
            yield from (({name: (one,)}, needed) for one in value if (name, one) != ("has", START))
        elif value or (name == "ids" and value is not None):
            yield {name: value}, needed
