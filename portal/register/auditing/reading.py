"""The log read: filtered, newest first, page by page from a place in it, so that a million entries stay quick."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.models import AuditEntry
from portal.register.clock import CHINA

IN_LIST = 500

_PLACE = re.compile(r"([0-9]{1,17})-([0-9]{1,12})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: the entry that was shown last. As text it stands in addresses."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def of(cls, text: str) -> Place | None:
        """The place that a text names, or None."""
        found = _PLACE.fullmatch(text)
        if found is None:
            return None
        try:
            return cls(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries: of these actors, actions, subjects (None: of all), on these days, China time, both included."""

    actors: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    subjects: tuple[str, ...] | None = None
    first: date | None = None
    last: date | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """For the database."""
        named = (
            (AuditEntry.actor, self.actors),
            (AuditEntry.action, self.actions),
            (AuditEntry.subject, self.subjects),
        )
        for column, values in named:
            if values is not None:
                yield column == values[0] if len(values) == 1 else column.in_(values[:IN_LIST])
        if self.first is not None:
            yield AuditEntry.at >= datetime.combine(self.first, time(), CHINA)
        if self.last is not None:
            yield AuditEntry.at < datetime.combine(self.last, time(), CHINA) + timedelta(days=1)


def entries(session: Session, wanted: Filter, limit: int, after: Place | None = None) -> list[AuditEntry]:
    """So many entries, newest first, those behind `after`."""
    return list(session.scalars(_newest(wanted, after).limit(limit)))


def all_entries(session: Session, wanted: Filter, batch: int) -> Iterator[list[AuditEntry]]:
    """All of them, newest first, in lists of at most `batch`; no transaction stays open from one to the next."""
    after = None
    while some := entries(session, wanted, batch, after):
        after = Place(some[-1].at, some[-1].id)
        session.expunge_all()
        session.rollback()
        yield some


def newest_id(session: Session, subject: str) -> int:
    """The newest entry of a firm or object: the version a form is read at; 0 before the first."""
    return session.scalar(select(func.max(AuditEntry.id)).where(AuditEntry.subject == subject)) or 0


def later(session: Session, subject: str, seen: int, limit: int = 20) -> list[AuditEntry]:
    """What was done to a firm or object after the entry `seen`, newest first."""
    of_subject = _newest(Filter(subjects=(subject,)), None).where(AuditEntry.id > seen)
    return list(session.scalars(of_subject.limit(limit)))


def _newest(wanted: Filter, after: Place | None) -> Select[Any]:
    found = select(AuditEntry).where(*wanted.conditions())
    if after is not None:
        older = and_(AuditEntry.at == after.at, AuditEntry.id < after.id)
        # the first condition is implied, and what an index can go to
        found = found.where(AuditEntry.at <= after.at, or_(AuditEntry.at < after.at, older))
    return found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
