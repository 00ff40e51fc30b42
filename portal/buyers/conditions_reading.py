"""Sourcing conditions in words: what they ask, and what changed from one version to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.models import ConditionsVersion
from portal.register.catalogue import Criterion
from portal.web.addresses import Addresses
from portal.web.grammar import BY_NAME
from portal.web.kept import Reading, read_address
from portal.web.parameters import Search, default_sort
from portal.web.presenters.chips import chips
from portal.web.presenters.context import Context
from portal.web.presenters.labels import sort_labels
from portal.web.presenters.naming import Naming
from portal.web.screens import Chip

CRITERIA = ("criteria", "criteria_mode", "criteria_not", "nice")


@dataclass(frozen=True, slots=True)
class AskedCriterion:
    """A criterion that is asked, in the page's language; `weight` of a nice-to-have."""

    code: str
    label: str
    group: str
    test: str
    reference: str
    verified: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Described:
    """What conditions ask. `mode`: how many of the musts, "" when all; `filters`: everything that is no criterion.

    `stale`: what they ask too and the catalogue does not know any more, as parameter and value in words.
    """

    musts: tuple[AskedCriterion, ...]
    mode: str
    nices: tuple[AskedCriterion, ...]
    excluded: tuple[AskedCriterion, ...]
    filters: tuple[Chip, ...]
    order: str
    stale: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A difference: `kind` is added, removed or changed; `before` and `after` in words, "" where there is none."""

    kind: str
    label: str
    before: str
    after: str


def described(reading: Reading, at: Context) -> Described:
    """What is asked, in words."""
    search, naming = reading.search, Naming(at)
    query = search.query
    nices = [asked_criterion(code, at, weight) for code, weight in query.nice]
    nices.sort(key=lambda one: (-one.weight, one.code))
    return Described(
        musts=tuple(asked_criterion(code, at) for code in query.criteria),
        mode=naming.mode(query) if len(query.criteria) > 1 and query.criteria_mode != "all" else "",
        nices=tuple(nices),
        excluded=tuple(asked_criterion(code, at) for code in query.criteria_not),
        filters=filters(search, naming),
        order=sort_labels()[query.sort] if query.sort != default_sort(query.nice) else "",
        stale=tuple((naming.parameters.get(name, name), value) for name, value in reading.stale),
    )


def filters(search: Search, naming: Naming) -> tuple[Chip, ...]:
    """What is asked beside criteria, a chip a value."""
    made = chips(search, Addresses(search, "/suppliers"), naming, folded=False)
    found = [chip for chip in made if chip.parameter not in CRITERIA]
    if search.query.text:
        text = search.query.text
        found.insert(0, Chip(parameter="q", code=text, label=naming.parameters["q"], value=f"“{text}”", url=""))
    return tuple(found)


def asked_criterion(code: str, at: Context, weight: int = 0) -> AskedCriterion:
    """A criterion of the catalogue."""
    known: Criterion = at.catalogue.criteria[code]
    return AskedCriterion(
        code=code,
        label=known.name(at.lang),
        group=at.catalogue.groups[known.group].name(at.lang),
        test=known.met(at.lang),
        reference=known.reference,
        verified=known.verified,
        weight=weight,
    )


def changes(before: ConditionsVersion, after: ConditionsVersion, at: Context) -> tuple[Change, ...]:
    """What `after` says otherwise than `before`, in the order of the grammar, name and note first."""
    return tuple(_named(before, after)) + tuple(_differences(_facts(before, at), _facts(after, at)))


def _named(before: ConditionsVersion, after: ConditionsVersion) -> Iterator[Change]:
    if before.name != after.name:
        yield Change("changed", _("Name"), before.name, after.name)
    if before.note != after.note:
        yield Change("changed", _("Note"), before.note, after.note)


Facts = dict[tuple[str, str], tuple[str, str]]
"""(what is spoken of, which) → (label, what is said of it)."""


def _differences(before: Facts, after: Facts) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        label = (new or old or ("", ""))[0]
        kind = "added" if old is None else "removed" if new is None else "changed"
        yield Change(kind, label, old[1] if old else "", new[1] if new else "")


def _facts(version: ConditionsVersion, at: Context) -> Facts:
    """What a version asks, each thing with what would be compared. Parameters with one value are spoken of as such."""
    reading, naming = read_address(version.address, at), Naming(at)
    query = reading.search.query
    facts: Facts = {}
    for chip in filters(reading.search, naming):
        facts[chip.parameter, chip.code if BY_NAME[chip.parameter].repeat else ""] = (chip.label, chip.value)
    for role, codes in ((_("must"), query.criteria), (_("excluded"), query.criteria_not)):
        for code in codes:
            facts["criterion", code] = (naming.criterion(code), role)
    for code, weight in query.nice:
        both = facts.get(("criterion", code))
        nice = _("nice to have ×%(weight)s", weight=weight)
        facts["criterion", code] = (naming.criterion(code), f"{both[1]}, {nice}" if both else nice)
    if len(query.criteria) > 1 and query.criteria_mode != "all":
        facts["criteria_mode", ""] = (naming.parameters["criteria_mode"], naming.mode(query))
    if query.sort != default_sort(query.nice):
        facts["sort", ""] = (_("Order"), sort_labels()[query.sort])
    for name, value in reading.stale:
        facts[name, value] = (naming.parameters.get(name, name), value)
    return facts
