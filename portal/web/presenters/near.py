"""Near misses: firms that are one or two musts short of a search, and which musts those are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.web.addresses import Addresses
from portal.web.presenters.cards import Asked, cards
from portal.web.presenters.context import Context
from portal.web.presenters.relaxing import FEW
from portal.web.screens import NearMisses
from search.contract import SearchEngine, SearchQuery

MAX_SHORT = 2
SHOWN = 5


def near_query(query: SearchQuery) -> SearchQuery | None:
    """Firms that are one or two musts short of it; None where fewer than two are asked."""
    mode = query.criteria_mode
    if isinstance(mode, tuple) or mode == "any":
        return None
    least = len(query.criteria) if mode == "all" else mode
    if least < 2:
        return None
    return replace(query, criteria_mode=(max(least - MAX_SHORT, 1), least - 1), facets=(), page=1)


def near_url(query: SearchQuery, addresses: Addresses) -> str:
    """The address of the near misses."""
    near = near_query(query)
    assert near is not None, "asked only where there is one"  # noqa: S101
    assert isinstance(near.criteria_mode, tuple)  # noqa: S101
    least, most = near.criteria_mode
    return addresses.of(criteria_mode=f"{least}-{most}")


def near_misses(
    query: SearchQuery, total: int, addresses: Addresses, at: Context, engine: SearchEngine
) -> NearMisses | None:
    """How many there are; with few hits, the first of them. Raises EngineUnavailable."""
    near = near_query(query)
    if near is None:
        return None
    url = near_url(query, addresses)
    if total >= FEW:
        return NearMisses(total=engine.counts([near])[0], url=url, items=(), musts=query.criteria)
    found = engine.search(replace(near, per_page=SHOWN))
    asked = Asked(near, {hit.id: hit.fit for hit in found.hits})
    items = cards([hit.id for hit in found.hits], at, asked)
    return NearMisses(total=found.total, url=url, items=items, musts=query.criteria)


@dataclass(frozen=True, slots=True)
class MustsCounted:
    """Firms found; near misses (None: fewer than two musts are asked); firms found without each must, under ALL."""

    total: int
    near: int | None
    without: Mapping[str, int]


def count_musts(query: SearchQuery, engine: SearchEngine) -> MustsCounted:
    """All of it from one request. Raises EngineUnavailable."""
    near = near_query(query)
    asked = [query, *([near] if near else [])]
    if query.criteria and query.criteria_mode == "all":
        without, (total, *missed) = engine.without_each(query, asked)
    else:
        without, (total, *missed) = {}, engine.counts(asked)
    return MustsCounted(total, missed[0] if missed else None, without)
