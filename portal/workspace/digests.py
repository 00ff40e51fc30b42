"""What an alert tells of firms, and how it is kept: those that entered, left, or changed, each with what changed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from portal.models import AlertDigest
from portal.workspace.changes import Change

MOST = 100
"""Firms of each kind that a digest has room for; all are counted."""


class Kind(StrEnum):
    """What became of a firm."""

    ENTERED = "entered"
    LEFT = "left"
    CHANGED = "changed"


class Why(StrEnum):
    """Why a firm entered or left where no change of its own says so."""

    NEW = "new"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    LISTED = "listed"
    UNLISTED = "unlisted"


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A firm of a digest."""

    kind: Kind
    key: str
    name_zh: str = ""
    name_en: str = ""
    why: Why | None = None
    changes: tuple[Change, ...] = ()


@dataclass(slots=True)
class Found:
    """What one look has found so far: how many of each kind, and the first MOST of each."""

    counts: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    told: list[Told] = field(default_factory=list)

    def add(self, told: Told) -> None:
        """One more firm."""
        self.counts[told.kind] += 1
        if self.counts[told.kind] <= MOST:
            self.told.append(told)

    def __bool__(self) -> bool:
        return any(self.counts.values())


def stored(told: Sequence[Told]) -> list[Any]:
    """For a JSON column."""
    kept: list[Any] = msgspec.to_builtins(told)
    return kept


def loaded(content: list[Any]) -> list[Told]:
    """From a JSON column."""
    return msgspec.convert(content, list[Told])


def counts_of(digest: AlertDigest) -> dict[Kind, int]:
    """How many firms of each kind."""
    return {Kind.ENTERED: digest.entered, Kind.LEFT: digest.left, Kind.CHANGED: digest.changed}


def delivery_uid(alert_uid: str, from_seq: int, to_seq: int) -> str:
    """The id of the delivery of a window: whoever writes it again after a crash writes the same."""
    return str(uuid.uuid5(uuid.UUID(alert_uid), f"{from_seq}-{to_seq}"))
