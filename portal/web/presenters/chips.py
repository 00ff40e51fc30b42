"""The active filters as chips: what each says, and the address without it."""

from __future__ import annotations

from collections.abc import Iterator

from portal.web.addresses import Addresses, level_text, mode_text, nice_text
from portal.web.grammar import DATES, TABLE
from portal.web.presenters.naming import Naming
from portal.web.screens import Chip
from search.contract import SearchQuery

LISTS = {
    "sector": "sectors",
    "industry": "industries",
    "process": "processes",
    "tier": "tiers",
    "size": "sizes",
    "status": "statuses",
    "region": "regions",
    "grade": "grades",
    "has": "has",
    "lacks": "lacks",
}
"""Parameters whose values are plain codes, and the query's field of each."""

_ORDER = {parameter.name: place for place, parameter in enumerate(TABLE)}


def chips(query: SearchQuery, addresses: Addresses, naming: Naming) -> tuple[Chip, ...]:
    """One a value, in the order of the grammar."""
    made = [*_lists(query, addresses, naming), *_levels(query, addresses, naming)]
    made += [*_criteria(query, addresses, naming), *_single(query, addresses, naming)]
    return tuple(sorted(made, key=lambda chip: _ORDER[chip.parameter]))


def _chip(naming: Naming, parameter: str, code: str, value: str, url: str) -> Chip:
    return Chip(parameter=parameter, code=code, label=naming.parameters[parameter], value=value, url=url)


def _lists(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    for name, field in LISTS.items():
        values: tuple[str, ...] = getattr(query, field)
        if values:
            link = addresses.changing(name)
            for value in values:
                yield _chip(naming, name, value, naming.code(name, value), link(v for v in values if v != value))


def _levels(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    link = addresses.changing("level")
    for choice in query.levels:
        others = (level_text(other) for other in query.levels if other != choice)
        yield _chip(naming, "level", level_text(choice), naming.level(choice), link(others))
    link = addresses.changing("level_min")
    for choice in query.levels_min:
        others = (level_text(other) for other in query.levels_min if other != choice)
        yield _chip(naming, "level_min", level_text(choice), naming.least(choice), link(others))


def _criteria(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    for code in query.criteria:
        url = addresses.criteria(query, must=(other for other in query.criteria if other != code))
        yield _chip(naming, "criteria", code, naming.criterion(code), url)
    if len(query.criteria) > 1 and query.criteria_mode != "all":
        mode = mode_text(query, len(query.criteria)) or ""
        yield _chip(naming, "criteria_mode", mode, naming.mode(query), addresses.of(criteria_mode=None))
    link = addresses.changing("criteria_not")
    for code in query.criteria_not:
        others = (other for other in query.criteria_not if other != code)
        yield _chip(naming, "criteria_not", code, naming.criterion(code), link(others))
    link = addresses.changing("nice")
    for code, weight in query.nice:
        others = (nice_text(*other) for other in query.nice if other[0] != code)
        value = naming.criterion(code) if weight == 1 else f"{naming.criterion(code)} ×{weight}"
        yield _chip(naming, "nice", nice_text(code, weight), value, link(others))


def _single(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    if query.edition:
        name = naming.code("edition", query.edition)
        yield _chip(naming, "edition", query.edition, name, addresses.of(edition=None))
    if query.top is not None:
        yield _chip(naming, "top", str(query.top), naming.best(query.top), addresses.of(top=None))
    for name in DATES:
        if day := getattr(query, name):
            yield _chip(naming, name, day.isoformat(), day.isoformat(), addresses.of(**{name: None}))
