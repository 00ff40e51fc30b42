"""Growing delays for what can be guessed, by account and by address, in the database: every web process counts alike.

An attempt is counted as failed before it is tried, and taken back if it succeeds: a thousand at once gain nothing.
Failures are forgotten one by one, so that the typing errors of a company behind one address do not add up for weeks.
Names nobody has are counted like others, so that a lock-out does not tell which exist.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.models import Lockout

FORGOTTEN = timedelta(days=1)
"""After so long without an attempt a row goes; the last of MOST_COUNTED failures was forgotten before."""

MOST_COUNTED = 15

FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Counter:
    """Something counted: `free` attempts may fail before delays begin; one failure is forgotten in each `forgets`."""

    key: str
    free: int
    forgets: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of asking: `until` when nothing may be tried before then; else it is counted.

    `locked`: until when the first counter is locked by this one, if it fails; `first`: it was not before. `locks`: what
    it locked, by key.
    """

    until: datetime | None = None
    locked: datetime | None = None
    first: bool = False
    locks: Mapping[str, datetime] = field(default_factory=dict)


def account(sign_in: str) -> Counter:
    """Sign-in to an account."""
    return Counter(f"account:{_short(sign_in)}", free=5)


def address(remote: str) -> Counter:
    """Sign-in from an address; behind one there may be a whole company."""
    return Counter(f"address:{remote[:64]}", free=30, forgets=timedelta(minutes=2))


def codes_of(sign_in: str) -> Counter:
    """Codes sent to a phone."""
    return Counter(f"codes:{_short(sign_in)}", free=5)


def messages_to(sign_in: str) -> Counter:
    """Messages that anyone can cause to be sent to a name."""
    return Counter(f"to:{_short(sign_in)}", free=4)


def messages_from(remote: str) -> Counter:
    """Messages caused from an address."""
    return Counter(f"from:{remote[:64]}", free=30, forgets=timedelta(minutes=2))


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:40]


def delay(failures: int, free: int) -> timedelta:
    """How long nothing is tried after so many failures: 30 s, doubling, up to an hour."""
    if failures < free:
        return timedelta()
    doublings = min(failures - free, 20)
    return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


def attempt(session: Session, counters: Sequence[Counter], at: datetime) -> Attempt:
    """Count an attempt on all counters, unless one of them is locked: then nothing is counted."""
    session.execute(delete(Lockout).where(Lockout.last_at < at - FORGOTTEN))
    rows = _rows(session, counters, at)
    locked = [row.until for row in rows if row.until is not None and row.until > at]
    if locked:
        return Attempt(until=max(locked))
    by_key = {counter.key: counter for counter in counters}
    locks = {row.key: until for row in rows if (until := _count(row, by_key[row.key], at)) is not None}
    session.flush()
    mine = next(row for row in rows if row.key == counters[0].key)
    return Attempt(locked=mine.until, first=mine.failures == counters[0].free, locks=locks)


def _count(row: Lockout, counter: Counter, at: datetime) -> datetime | None:
    """Forget what is old, count one more; until when it is locked by that."""
    forgotten = max(0, int((at - row.last_at) / counter.forgets))
    if forgotten >= row.failures:
        row.failures, row.last_at = 0, at
    else:
        row.failures, row.last_at = row.failures - forgotten, row.last_at + forgotten * counter.forgets
    row.failures = min(row.failures + 1, MOST_COUNTED + counter.free)
    wait = delay(row.failures, counter.free)
    row.until = at + wait if wait else None
    return row.until


def take_back(session: Session, counters: Sequence[Counter], attempt: Attempt, at: datetime) -> None:
    """Uncount the attempt: it did not fail. Earlier failures stay counted, and what others locked meanwhile locked."""
    for row in _rows(session, counters, at):
        row.failures = max(0, row.failures - 1)
        if row.until == attempt.locks.get(row.key):
            row.until = None


def forget(session: Session, counter: Counter) -> None:
    """Uncount all: its owner was here."""
    session.execute(delete(Lockout).where(Lockout.key == counter.key))


def _rows(session: Session, counters: Sequence[Counter], at: datetime) -> list[Lockout]:
    """The rows, locked, made where they are missing. In the order of their keys, so that no two wait for each other."""
    keys = sorted(counter.key for counter in counters)
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = [{"key": key, "failures": 0, "last_at": at} for key in keys]
    session.execute(insert(Lockout).values(values).on_conflict_do_nothing())
    found = select(Lockout).where(Lockout.key.in_(keys)).order_by(Lockout.key).with_for_update()
    return list(session.scalars(found.execution_options(populate_existing=True)))
