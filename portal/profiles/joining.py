"""Two editors' work on one draft joined, so that no edit is lost.

A form carries a print of each group as it was when the form was made. A group that only one of the two changed since is
taken from that one; where both did, and not in the same way, somebody has to choose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from portal.profiles.content import GROUPS, Content, take_parts

_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Joined:
    """`content`: both editors' changes, mine where they contradict each other; `conflicts`: the groups that do."""

    content: Content
    conflicts: tuple[str, ...]


def prints_of(content: Content) -> str:
    """The prints of all groups, for a hidden field."""
    return " ".join(_print(content, name) for name in GROUPS)


def join(base: str, mine: Content, theirs: Content) -> Joined:
    """`mine` was written on what `base` is the prints of, which has become `theirs`.

    Of prints that make no sense every group counts as changed by both.
    """
    prints = dict(zip(GROUPS, base.split(" "), strict=False))
    my_parts = tuple(name for name in GROUPS if _changed(prints, mine, name))
    conflicts = tuple(
        name for name in my_parts if _changed(prints, theirs, name) and _print(mine, name) != _print(theirs, name)
    )
    return Joined(take_parts(theirs, mine, my_parts), conflicts)


def left_to_them(base: str, mine: Content, names: Iterable[str]) -> str:
    """`base` as if these groups of mine had never been changed: somebody chose theirs."""
    prints = dict(zip(GROUPS, base.split(" "), strict=False)) | {name: _print(mine, name) for name in names}
    return " ".join(prints.get(name, "-") for name in GROUPS)


def _changed(prints: Mapping[str, str], content: Content, name: str) -> bool:
    return prints.get(name) != _print(content, name)


def _print(content: Content, name: str) -> str:
    said = msgspec.json.encode((getattr(content, name), name in content.buyers_only))
    return hashlib.sha256(said).hexdigest()[:_LENGTH]
