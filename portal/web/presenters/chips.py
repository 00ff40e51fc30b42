"""The active filters as chips: what each says, and the address without it."""

from __future__ import annotations

from collections.abc import Iterator

from portal.web.addresses import Addresses, level_text, nice_text
from portal.web.grammar import DATES, TABLE
from portal.web.parameters import Search
from portal.web.presenters.labels import mine_labels
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


def chips(search: Search, addresses: Addresses, naming: Naming) -> tuple[Chip, ...]:
    """One a value, in the order of the grammar."""
    query = search.query
    made = [*_lists(query, addresses, naming), *_levels(query, addresses, naming)]
    made += [*_criteria(query, addresses, naming), *_single(query, addresses, naming)]
    if search.mine and search.mine_heard:
        made.append(_chip(naming, "mine", mine_labels()[search.mine], addresses.of(mine=None)))
    return tuple(sorted(made, key=lambda chip: _ORDER[chip.parameter]))


def _chip(naming: Naming, parameter: str, value: str, url: str) -> Chip:
    return Chip(parameter=parameter, label=naming.parameters[parameter], value=value, url=url)


def _lists(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    for name, field in LISTS.items():
        values: tuple[str, ...] = getattr(query, field)
        if values:
            link = addresses.changing(name)
            for value in values:
                yield _chip(naming, name, naming.code(name, value), link(other for other in values if other != value))


def _levels(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    link = addresses.changing("level")
    for choice in query.levels:
        others = (level_text(other) for other in query.levels if other != choice)
        yield _chip(naming, "level", naming.level(choice), link(others))
    link = addresses.changing("level_min")
    for choice in query.levels_min:
        others = (level_text(other) for other in query.levels_min if other != choice)
        yield _chip(naming, "level_min", naming.least(choice), link(others))


def _criteria(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    for code in query.criteria:
        url = addresses.criteria(query, must=(other for other in query.criteria if other != code))
        yield _chip(naming, "criteria", naming.criterion(code), url)
    if len(query.criteria) > 1 and query.criteria_mode != "all":
        yield _chip(naming, "criteria_mode", naming.mode(query), addresses.of(criteria_mode=None))
    link = addresses.changing("criteria_not")
    for code in query.criteria_not:
        yield _chip(
            naming, "criteria_not", naming.criterion(code), link(other for other in query.criteria_not if other != code)
        )
    link = addresses.changing("nice")
    for code, weight in query.nice:
        others = (nice_text(*other) for other in query.nice if other[0] != code)
        value = naming.criterion(code) if weight == 1 else f"{naming.criterion(code)} ×{weight}"
        yield _chip(naming, "nice", value, link(others))


def _single(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    if query.edition:
        yield _chip(naming, "edition", naming.code("edition", query.edition), addresses.of(edition=None))
    if query.top is not None:
        yield _chip(naming, "top", naming.best(query.top), addresses.of(top=None))
    for name in DATES:
        if day := getattr(query, name):
            yield _chip(naming, name, day.isoformat(), addresses.of(**{name: None}))
