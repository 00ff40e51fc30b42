"""The active filters as chips: what each says, and the address without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from flask_babel import gettext as _

from portal.web.addresses import Addresses, level_text, mode_text, nice_text
from portal.web.grammar import DATES, TABLE
from portal.web.parameters import Search
from portal.web.presenters.labels import mine_labels
from portal.web.presenters.naming import Naming
from portal.web.screens import Chip
from search.contract import SearchQuery

T = TypeVar("T")
Texts = tuple[Callable[[T], str], Callable[[T], str]]

MAX_CHIPS = 24
"""Of one parameter."""

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
    """One a value, in the order of the grammar; of very many values of a parameter the last one stands for the rest."""
    query = search.query
    made = [*_lists(query, addresses, naming), *_levels(query, addresses, naming)]
    made += [*_criteria(query, addresses, naming), *_single(query, addresses, naming)]
    if search.mine and search.mine_heard:
        made.append(_chip(naming, "mine", search.mine, mine_labels()[search.mine], addresses.of(mine=None)))
    return tuple(sorted(made, key=lambda chip: _ORDER[chip.parameter]))


def _chip(naming: Naming, parameter: str, code: str, value: str, url: str) -> Chip:
    return Chip(parameter=parameter, code=code, label=naming.parameters[parameter], value=value, url=url)


def _listed(
    naming: Naming, parameter: str, values: Sequence[T], texts: Texts[T], link: Callable[[Sequence[T]], str]
) -> Iterator[Chip]:
    """A chip a value, whose `texts` are as addresses and as readers have it; of very many the first ones, and one that
    lets go of all the others.

    Each address holds all other values: the chips of a thousand regions made a page of 7 MB.
    """
    shown = values if len(values) <= MAX_CHIPS else values[: MAX_CHIPS - 1]
    code, say = texts
    for value in shown:
        yield _chip(naming, parameter, code(value), say(value), link([other for other in values if other != value]))
    if rest := len(values) - len(shown):
        more = _("%(count)s more", count=rest)
        label = naming.parameters[parameter]
        yield Chip(parameter=parameter, code="", label=label, value=more, url=link(shown), count=rest)


def _lists(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    for name, field in LISTS.items():
        values: tuple[str, ...] = getattr(query, field)
        if values:
            yield from _listed(naming, name, values, (str, partial(naming.code, name)), addresses.changing(name))


def _levels(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    link = addresses.changing("level")
    yield from _listed(
        naming, "level", query.levels, (level_text, naming.level), lambda kept: link(map(level_text, kept))
    )
    at_least = addresses.changing("level_min")
    yield from _listed(
        naming, "level_min", query.levels_min, (level_text, naming.least), lambda kept: at_least(map(level_text, kept))
    )


def _criteria(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    yield from _listed(
        naming, "criteria", query.criteria, (str, naming.criterion), lambda kept: addresses.criteria(query, must=kept)
    )
    if len(query.criteria) > 1 and query.criteria_mode != "all":
        mode = mode_text(query, len(query.criteria)) or ""
        yield _chip(naming, "criteria_mode", mode, naming.mode(query), addresses.of(criteria_mode=None))
    link = addresses.changing("criteria_not")
    yield from _listed(naming, "criteria_not", query.criteria_not, (str, naming.criterion), link)
    nice = addresses.changing("nice")
    yield from _listed(
        naming,
        "nice",
        query.nice,
        (
            lambda asked: nice_text(*asked),
            lambda asked: naming.criterion(asked[0]) + (f" ×{asked[1]}" if asked[1] != 1 else ""),
        ),
        lambda kept: nice(nice_text(*other) for other in kept),
    )


def _single(query: SearchQuery, addresses: Addresses, naming: Naming) -> Iterator[Chip]:
    if query.edition:
        name = naming.code("edition", query.edition)
        yield _chip(naming, "edition", query.edition, name, addresses.of(edition=None))
    if query.top is not None:
        yield _chip(naming, "top", str(query.top), naming.best(query.top), addresses.of(top=None))
    for name in DATES:
        if day := getattr(query, name):
            yield _chip(naming, name, day.isoformat(), day.isoformat(), addresses.of(**{name: None}))
