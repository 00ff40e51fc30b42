"""The active filters as chips: what each says, and the address without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from flask_babel import gettext as _

from portal.web.addresses import Addresses, level_text, mode_text, nice_text
from portal.web.grammar import DATES, TABLE
from portal.web.parameters import Search
from portal.web.presenters.labels import mine_labels
from portal.web.presenters.naming import Naming
from portal.web.screens import Chip
from search.contract import MAX_HITS, LevelChoice, SearchQuery

T = TypeVar("T")
Texts = tuple[Callable[[T], str], Callable[[T], str]]

MAX_CHIPS = 24
"""Of one parameter."""

SUMMED = 5
"""Parts of a summary."""

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


def chips(search: Search, addresses: Addresses, naming: Naming, *, folded: bool) -> tuple[Chip, ...]:
    """One a value, in the order of the grammar.

    `folded`: of very many values of a parameter the last chip stands for the rest, and lets go of all of them. Each
    address holds all other values: the chips of a thousand regions made a page of 7 MB.
    """
    maker = _Maker(search.query, addresses, naming, MAX_CHIPS if folded else MAX_HITS)
    made = [*maker.lists(), *maker.levels(), *maker.criteria(), *maker.single()]
    if search.mine and search.mine_heard:
        made.append(maker.chip("mine", search.mine, mine_labels()[search.mine], addresses.of(mine=None)))
    return tuple(sorted(made, key=lambda chip: _ORDER[chip.parameter]))


def summary(search: Search, naming: Naming) -> str:
    """A search in a line: the conditions it stands on, else its words and the first few of its filters."""
    if search.stored:
        return search.stored.name
    found = chips(search, Addresses(search, ""), naming, folded=True)
    parts = [f"“{search.query.text}”"] if search.query.text else []
    parts += [chip.value for chip in found if (chip.parameter, chip.code) != ("has", "certificate")]
    rest = len(parts) - SUMMED
    comma: str = _(", ")
    return comma.join(parts[:SUMMED] + ([_("%(count)s more", count=rest)] if rest > 0 else []))


@dataclass(frozen=True, slots=True)
class _Maker:
    """Chips of a query; at most `most` a parameter."""

    query: SearchQuery
    addresses: Addresses
    naming: Naming
    most: int

    def chip(self, parameter: str, code: str, value: str, url: str) -> Chip:
        """The chip of one value."""
        return Chip(parameter=parameter, code=code, label=self.naming.parameters[parameter], value=value, url=url)

    def listed(
        self, parameter: str, values: Sequence[T], texts: Texts[T], link: Callable[[Sequence[T]], str]
    ) -> Iterator[Chip]:
        """A chip a value, whose `texts` are as addresses and as readers have it; the last one may stand for more."""
        shown = values if len(values) <= self.most else values[: self.most - 1]
        code, say = texts
        for value in shown:
            yield self.chip(parameter, code(value), say(value), link([other for other in values if other != value]))
        if rest := len(values) - len(shown):
            label, more = self.naming.parameters[parameter], _("%(count)s more", count=rest)
            yield Chip(parameter=parameter, code="", label=label, value=more, url=link(shown), count=rest)

    def lists(self) -> Iterator[Chip]:
        """Of plain codes."""
        for name, field in LISTS.items():
            values: tuple[str, ...] = getattr(self.query, field)
            if values:
                yield from self.listed(
                    name, values, (str, partial(self.naming.code, name)), self.addresses.changing(name)
                )

    def levels(self) -> Iterator[Chip]:
        """Of schemes and levels."""
        for name, choices, say in (
            ("level", self.query.levels, self.naming.level),
            ("level_min", self.query.levels_min, self.naming.least),
        ):
            yield from self.listed(name, choices, (level_text, say), partial(self._without_levels, name))

    def _without_levels(self, name: str, kept: Sequence[LevelChoice]) -> str:
        return self.addresses.changing(name)(map(level_text, kept))

    def criteria(self) -> Iterator[Chip]:
        """Of criteria asked, excluded and nice to have."""
        query, naming = self.query, self.naming
        texts = (str, naming.criterion)
        yield from self.listed(
            "criteria", query.criteria, texts, lambda kept: self.addresses.criteria(query, must=kept)
        )
        if len(query.criteria) > 1 and query.criteria_mode != "all":
            mode = mode_text(query, len(query.criteria)) or ""
            yield self.chip("criteria_mode", mode, naming.mode(query), self.addresses.of(criteria_mode=None))
        yield from self.listed("criteria_not", query.criteria_not, texts, self.addresses.changing("criteria_not"))
        nice = self.addresses.changing("nice")
        yield from self.listed(
            "nice",
            query.nice,
            (
                lambda asked: nice_text(*asked),
                lambda asked: naming.criterion(asked[0]) + (f" ×{asked[1]}" if asked[1] != 1 else ""),
            ),
            lambda kept: nice(nice_text(*other) for other in kept),
        )

    def single(self) -> Iterator[Chip]:
        """Of what has one value."""
        query, of = self.query, self.addresses.of
        if query.edition:
            yield self.chip("edition", query.edition, self.naming.code("edition", query.edition), of(edition=None))
        if query.top is not None:
            yield self.chip("top", str(query.top), self.naming.best(query.top), of(top=None))
        for name in DATES:
            if day := getattr(query, name):
                yield self.chip(name, day.isoformat(), day.isoformat(), of(**{name: None}))
