"""A group of a profile as lines of text, a line an item: for differences, which compare words and not layouts."""

from __future__ import annotations

from typing import Any, Protocol

from portal.profiles.content import GROUPS, Column, Content, Group, Kind, items_of, says_anything
from portal.profiles.places import place_names
from portal.profiles.words import choice_words, column_words
from portal.register.catalogue import Catalogue


class Speaking(Protocol):
    """Translates, and knows into what."""

    @property
    def language(self) -> str:
        """Its code, zh or en."""

    def __call__(self, text: str) -> str:
        """The text in that language."""


def part_lines(content: Content, name: str, catalogue: Catalogue, _: Speaking) -> list[str]:
    """What the content says in a group; the first line tells where it is for signed-in buyers only."""
    if not says_anything(content, name):
        return []
    group, words = GROUPS[name], column_words(_)
    lines = [_("For signed-in buyers only")] if name in content.buyers_only else []
    for item in items_of(content, group):
        found = _pieces(item, group, catalogue, _)
        if group.many and name != "achievements":
            lines.append(" · ".join(text for _name, text in found))
        else:
            lines += [f"{words[f'{group.name}-{column}']}: {text}" for column, text in found]
    return lines


def _pieces(item: Any, group: Group, catalogue: Catalogue, _: Speaking) -> list[tuple[str, str]]:
    shown = ((column.name, _shown(getattr(item, column.name), column, catalogue, _)) for column in group.columns)
    return [(name, text) for name, text in shown if text]


def _shown(value: Any, column: Column, catalogue: Catalogue, _: Speaking) -> str:
    if value in {"", None}:
        return ""
    if column.kind is Kind.PLACE:
        return place_names(catalogue).label(value, _.language)
    if column.kind is Kind.PROCESS:
        return catalogue.processes[value].name(_.language) if value in catalogue.processes else str(value)
    if column.kind in {Kind.SOURCING, Kind.ACHIEVEMENT}:
        return choice_words(_).get(value, value)
    if column.kind is Kind.NUMBER:
        unit = {"lead_days": _("%(number)s days"), "number": _("× %(number)s")}.get(column.name, "%(number)s")
        return unit % {"number": value}
    return str(value)
