"""How much of what buyers look for a firm's entry says: one number, and the one thing to do next.

Parts are in the order of what buyers filter by most; each weighs more than the one after it. What lists state
officially counts as said. English is optional, so it does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.profiles.content import Content, says_anything
from portal.profiles.visible import Stated

FILTERS = ("q", "process", "region", "has_website", "has_achievement", "contact", "q_more", "q_rest")
"""The search's parameters that a profile answers, those used most first: the grammar's order, text before all."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "q": ("products", "description"),
    "process": ("processes",),
    "region": ("sites",),
    "has_website": ("website",),
    "has_achievement": ("achievements",),
    "contact": ("telephone", "contacts"),
    "q_more": ("equipment", "certificates"),
    "q_rest": ("references", "markets"),
}
"""The groups that answer a filter."""

_OFFICIAL: Mapping[str, Callable[[Stated], object]] = {
    "products": lambda says: says.products_zh or says.products_en,
    "description": lambda says: says.description_zh or says.description_en,
    "processes": lambda says: says.processes,
    "sites": lambda says: says.sites,
    "website": lambda says: says.website,
    "telephone": lambda says: says.phone,
}


@dataclass(frozen=True, slots=True)
class Completeness:
    """Per cent of the weight that is said; `missing`: groups, the one that helps most first."""

    percent: int
    missing: tuple[str, ...]


def order() -> tuple[str, ...]:
    """Filters as buyers use them, most used first. To be asked of the search log, once it has enough to say."""
    return FILTERS


def completeness(says: Stated, said: Content) -> Completeness:
    """Of what is stated of a firm, with its own words in it, and of those words."""
    groups = [name for asked in order() for name in PARTS[asked]]
    weights = {name: len(groups) - place for place, name in enumerate(groups)}
    held = {name for name in groups if _says(name, says, said)}
    done = sum(weights[name] for name in held)
    return Completeness(100 * done // sum(weights.values()), tuple(name for name in groups if name not in held))


def _says(name: str, says: Stated, said: Content) -> bool:
    official = _OFFICIAL.get(name)
    return says_anything(said, name) or bool(official and official(says))
