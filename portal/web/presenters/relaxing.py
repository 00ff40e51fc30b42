"""What each filter costs: how many more firms would appear without it, all from one engine request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.web.addresses import Addresses, level_text
from portal.web.grammar import DATES
from portal.web.presenters.chips import LISTS
from portal.web.presenters.naming import Naming
from portal.web.screens import Relaxation
from search.contract import SearchEngine, SearchQuery

FEW = 5
"""Fewer hits than these, and relaxations are offered."""

MAX_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Loosened:
    """The query without one condition, what that is called, and its address; `must`: the criterion left out."""

    parameter: str
    value: str
    query: SearchQuery
    url: str
    must: str = ""


def relaxations(
    query: SearchQuery, total: int, addresses: Addresses, naming: Naming, engine: SearchEngine
) -> tuple[Relaxation, ...]:
    """Those that bring more, the most helpful first; at most MAX_SHOWN. Raises EngineUnavailable."""
    bare = replace(query, facets=(), page=1)
    loosened = list(loosen(bare, addresses, naming))
    if not loosened:
        return ()
    found = _totals(bare, loosened, engine)
    helpful = [(more - total, one) for more, one in zip(found, loosened, strict=True) if more > total]
    helpful.sort(key=lambda pair: -pair[0])
    return tuple(
        Relaxation(label=naming.parameters[one.parameter], value=one.value, more=more, url=one.url)
        for more, one in helpful[:MAX_SHOWN]
    )


def _totals(query: SearchQuery, loosened: Sequence[Loosened], engine: SearchEngine) -> list[int]:
    """The total of each, from one request; the engine knows the shortest way to those that leave a must out."""
    if not any(one.must for one in loosened):
        return engine.counts([one.query for one in loosened])
    without, rest = engine.without_each(query, [one.query for one in loosened if not one.must])
    others = iter(rest)
    return [without[one.must] if one.must else next(others) for one in loosened]


def loosen(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Loosened]:
    """The query without each condition that stands alone: an OR list as a whole, of ANDed values each."""
    if query.text:
        yield Loosened("q", f"“{query.text}”", replace(query, text=""), addresses.of(q=None))
    yield from _lists(query, addresses, naming)
    yield from _levels(query, addresses, naming)
    yield from _criteria(query, addresses, naming)
    yield from _single(query, addresses, naming)


def _lists(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Loosened]:
    for name, field in LISTS.items():
        values: tuple[str, ...] = getattr(query, field)
        if not values:
            continue
        # has and lacks are ANDed: each value is a condition of its own.
        parts = [(value,) for value in values] if name in ("has", "lacks") else [values]
        for part in parts:
            rest = tuple(value for value in values if value not in part)
            shown = naming.separator.join(naming.code(name, value) for value in part)
            changes: dict[str, Any] = {field: rest}
            yield Loosened(name, shown, replace(query, **changes), addresses.of(**{name: ",".join(rest)}))


def _levels(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Loosened]:
    if query.levels:
        shown = naming.separator.join(map(naming.level, query.levels))
        yield Loosened("level", shown, replace(query, levels=()), addresses.of(level=None))
    for choice in query.levels_min:
        rest = tuple(other for other in query.levels_min if other != choice)
        url = addresses.of(level_min=",".join(map(level_text, rest)))
        yield Loosened("level_min", naming.least(choice), replace(query, levels_min=rest), url)


def _criteria(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Loosened]:
    yield from _musts(query, addresses, naming)
    for code in query.criteria_not:
        rest = tuple(other for other in query.criteria_not if other != code)
        url = addresses.of(criteria_not=",".join(rest))
        yield Loosened("criteria_not", naming.criterion(code), replace(query, criteria_not=rest), url)


def _musts(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Loosened]:
    """Under ALL without each must; under a number fewer; under ANY without all of them."""
    if not query.criteria:
        return
    mode = query.criteria_mode
    if mode == "all":
        for code in query.criteria:
            rest = tuple(other for other in query.criteria if other != code)
            url = addresses.criteria(query, must=rest)
            yield Loosened("criteria", naming.criterion(code), replace(query, criteria=rest), url, must=code)
    elif mode in ("any", 1):
        none = replace(query, criteria=(), criteria_mode="all")
        yield Loosened("criteria_mode", naming.mode(query), none, addresses.criteria(query, must=()))
    else:
        # Near misses without their upper bound; of at least so many, one fewer.
        least = mode[0] if isinstance(mode, tuple) else int(mode) - 1
        fewer = replace(query, criteria_mode=least)
        yield Loosened("criteria_mode", naming.mode(query), fewer, addresses.of(criteria_mode=str(least)))


def _single(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Loosened]:
    if query.edition:
        url = addresses.of(edition=None)
        yield Loosened("edition", naming.code("edition", query.edition), replace(query, edition=None), url)
    if query.top is not None:
        yield Loosened("top", naming.best(query.top), replace(query, top=None), addresses.of(top=None))
    for name in DATES:
        if day := getattr(query, name):
            changes: dict[str, Any] = {name: None}
            yield Loosened(name, day.isoformat(), replace(query, **changes), addresses.of(**changes))
