"""The parts of a workspace, as its menu and its first page show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import url_for

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
class Entry:
    """A section as pages show it."""

    endpoint: str
    url: str
    title: str
    text: str


def shown(sections: Iterable[Section]) -> tuple[Entry, ...]:
    """Those that the signed-in user may go to, in the order of the table."""
    user = current_user()
    held = user.permissions if user is not None else frozenset()
    return tuple(
        Entry(one.endpoint, url_for(one.endpoint), one.title(), one.text())
        for one in sections
        if one.permission in held
    )
