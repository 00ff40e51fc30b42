"""The chain checked from its start, or from where it was pruned to, up to its head."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import now
from portal.register.auditing.chain import CHECKPOINT, HASHED, HEAD, START, Link, entry, hash_after, read_end
from portal.register.auditing.chain import signature_holds as holds
from portal.register.auditing.sealing import waiting

BATCH = 5000

LATE = timedelta(minutes=10)
"""An entry that has no seal after so long is told of: no worker seals, or someone took its seal away."""

BACKDATED = timedelta(hours=1)
"""Entries are written within seconds of what they tell; one that is so much older than one before it was put in."""

SHOWN = 20


class Kind(StrEnum):
    """What can be wrong."""

    ALTERED = "altered"
    """An entry does not match its hash: it, or the hash of the one before, was changed."""
    REMOVED = "removed"
    """Numbers are missing, from `seal` to `last`."""
    INSERTED = "inserted"
    """An entry has a number that was given out by nobody: among the pruned ones, or beyond the head."""
    BACKDATED = "backdated"
    """An entry is dated long before entries that were sealed before it."""
    UNSEALED = "unsealed"
    """Entries wait for their seal for too long; `last` says how many, `entry_id` which is the oldest."""
    HEAD = "head"
    """The last entry is not the one that the head tells of, or there is no head."""
    SIGNATURE = "signature"
    """The head is not signed by this portal's key: the chain was made anew by another, or SECRET_KEY was changed."""
    CHECKPOINT = "checkpoint"
    """The place up to which the log was pruned is not signed by this portal's key: someone may have removed more."""
    ANCHOR = "anchor"
    """The chain does not go through the link that was kept elsewhere: it was made anew."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, at the number `seal` (0: at no number), in the entry with that id (0: in none)."""

    kind: Kind
    seal: int = 0
    entry_id: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: of so many `entries` from `start` (exclusive) to `end`; the first problems of `faults`."""

    start: Link
    end: Link
    entries: int
    waiting: int
    oldest: datetime | None
    problems: tuple[Problem, ...]
    faults: int

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


@dataclass(slots=True)
class _Walk:
    """Along the entries: the link reached, what was found, and the newest instant so far."""

    at: Link
    anchor: Link | None
    newest: datetime | None = None
    entries: int = 0
    faults: int = 0
    met_anchor: bool = False
    problems: list[Problem] = field(default_factory=list)

    def found(self, kind: Kind, seal: int = 0, entry_id: int = 0, last: int = 0) -> None:
        self.faults += 1
        if len(self.problems) < SHOWN:
            self.problems.append(Problem(kind, seal, entry_id, last))

    def step(self, seal: int, digest: str, hashed: tuple[Any, ...]) -> None:
        """The next sealed entry, as HASHED."""
        self.entries += 1
        identity, at = hashed[0], hashed[1]
        if seal > self.at.seal + 1:
            self.found(Kind.REMOVED, self.at.seal + 1, last=seal - 1)
        elif hash_after(self.at.hash, hashed) != digest:
            self.found(Kind.ALTERED, seal, identity)
        if self.newest is not None and at < self.newest - BACKDATED:
            self.found(Kind.BACKDATED, seal, identity)
        self.newest = at if self.newest is None else max(self.newest, at)
        self.at = Link(seal, digest)
        self.meet_anchor()

    def meet_anchor(self) -> None:
        if self.anchor is not None and self.anchor.seal == self.at.seal:
            self.met_anchor = self.anchor.hash == self.at.hash


def verify(
    session: Session, key: str, *, anchor: Link | None = None, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Check all of it, in a reading transaction that sees one state. `progress(done, total)` after each batch."""
    start, end = read_end(session, CHECKPOINT), read_end(session, HEAD)
    total = session.scalar(select(func.count()).where(entry.seal.is_not(None))) or 0
    walk = _Walk(start, anchor)
    walk.meet_anchor()
    if not holds(CHECKPOINT, start, key):
        walk.found(Kind.CHECKPOINT, start.seal)
    for some in _batches(session, start.seal):
        for row in some:
            seal, digest, *hashed = row
            walk.step(seal, digest or "", tuple(hashed))
        if progress is not None:
            progress(walk.entries, max(total, walk.entries))
    _check_ends(session, walk, start, end, key)
    count, oldest = waiting(session)
    if oldest is not None and oldest < now() - LATE:
        first = session.scalar(select(func.min(entry.id)).where(entry.seal.is_(None))) or 0
        walk.found(Kind.UNSEALED, entry_id=first, last=count)
    return Report(start, walk.at, walk.entries, count, oldest, tuple(walk.problems), walk.faults)


def _batches(session: Session, seal: int) -> Iterator[list[Any]]:
    wanted = select(entry.seal, entry.hash, *HASHED).order_by(entry.seal).limit(BATCH)
    while rows := list(session.connection().execute(wanted.where(entry.seal > seal)).all()):
        yield rows
        seal = rows[-1].seal


def _check_ends(session: Session, walk: _Walk, start: Link, end: Link, key: str) -> None:
    for row in session.execute(select(entry.seal, entry.id).where(entry.seal <= start.seal).limit(SHOWN)):
        walk.found(Kind.INSERTED, row.seal or 0, row.id)
    reached = walk.at
    if end == START and reached != START:
        walk.found(Kind.HEAD, reached.seal)
    elif reached.seal < end.seal:
        walk.found(Kind.REMOVED, reached.seal + 1, last=end.seal)
    elif reached.seal > end.seal:
        walk.found(Kind.INSERTED, end.seal + 1, last=reached.seal)
    elif reached.hash != end.hash:
        walk.found(Kind.HEAD, reached.seal)
    if not holds(HEAD, end, key):
        walk.found(Kind.SIGNATURE, end.seal)
    if walk.anchor is not None and not walk.met_anchor and walk.anchor.seal >= start.seal:
        walk.found(Kind.ANCHOR, walk.anchor.seal)
