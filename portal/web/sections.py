"""The parts of a workspace in their groups, as its menu, its first page and the head of its pages show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import request, url_for

from portal.web.permissions import Permission
from portal.web.users import current_user


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a workspace: where it is, what it is called, what it is for, and who may go there."""

    endpoint: str
    title: Callable[[], str]
    text: Callable[[], str]
    permission: Permission


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that belong together; `key` names the group in addresses."""

    key: str
    title: Callable[[], str]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A section as pages show it; `current` is the `aria-current` of its link on this page: page, true or nothing."""

    endpoint: str
    url: str
    title: str
    text: str
    current: str


@dataclass(frozen=True, slots=True)
class Entries:
    """A group as pages show it."""

    key: str
    title: str
    entries: tuple[Entry, ...]

    @property
    def current(self) -> bool:
        """Whether this page is of the group."""
        return any(entry.current for entry in self.entries)


def shown(groups: Iterable[Group]) -> tuple[Entries, ...]:
    """What the signed-in user may go to, in the order of the table; a group with nothing for them is left out."""
    user = current_user()
    held = user.permissions if user is not None else frozenset()
    found = (
        Entries(group.key, group.title(), tuple(_entry(one) for one in group.sections if one.permission in held))
        for group in groups
    )
    return tuple(group for group in found if group.entries)


def _entry(section: Section) -> Entry:
    url = url_for(section.endpoint)
    current = "page" if request.path == url else "true" if request.path.startswith(f"{url}/") else ""
    return Entry(section.endpoint, url, section.title(), section.text(), current)
