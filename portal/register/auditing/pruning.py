"""Pruning: the oldest entries go, and the link up to which they went stays, signed, so that the rest can be checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, snapshot, writing
from portal.models import AuditEntry, now, table_of
from portal.register.audit import Actor
from portal.register.auditing.chain import CHECKPOINT, Link, entry, read_end, signed, write_end
from portal.register.auditing.sealing import head
from portal.register.auditing.verifying import Report, verify
from portal.register.clock import CHINA, today_china

KEPT = timedelta(days=183)
"""The law asks for six months at least."""

BATCH = 5000


class TooYoung(ValueError):
    """Entries younger than six months are kept."""


class Unsound(Exception):
    """The chain does not hold: what is wrong with it is evidence, and nothing is removed. `report` says what it is."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{report.faults} faults")
        self.report = report


@dataclass(frozen=True, slots=True)
class Pruned:
    """So many entries went, up to that link; nothing, where no entry was so old."""

    entries: int
    upto: Link


def prune(
    sessions: Sessions, key: str, before: date, actor: Actor, progress: Callable[[int, int], None] | None = None
) -> Pruned:
    """Remove the entries before that day (China time) that stand in front of all others. Raises TooYoung, Unsound.

    The log says so itself, in an entry of the first transaction. Killed half-way, it goes on at the next call.
    """
    if before > today_china() - KEPT:
        raise TooYoung(f"entries are kept for {KEPT.days} days, so until {today_china() - KEPT}")
    with snapshot(sessions) as session:
        report = verify(session, key, progress=progress)
        if not report.sound:
            raise Unsound(report)
        last = _last_before(session, before)
        count = session.scalar(select(func.count()).where(entry.seal <= last)) or 0
    if not count:
        return Pruned(0, report.start)
    changes = {"before": before.isoformat(), "entries": count, "seal": last}
    first = actor.entry(now(), "audit.pruned", "audit", changes)
    done = 0
    upto = report.start
    while done < count:
        with writing(sessions) as session:
            if not done:
                session.execute(insert(table_of(AuditEntry)), [first])
            upto, removed = _remove_some(session, key, last)
        if not removed:
            break
        done += removed
    return Pruned(done, upto)


def _last_before(session: Session, before: date) -> int:
    """The number of the last entry in front of all that are to stay."""
    at = datetime.combine(before, time(), CHINA)
    stays = session.scalar(select(func.min(entry.seal)).where(entry.seal.is_not(None), entry.at >= at))
    return head(session).seal if stays is None else stays - 1


def _remove_some(session: Session, key: str, last: int) -> tuple[Link, int]:
    some = select(entry.seal, entry.hash).where(entry.seal <= last).order_by(entry.seal).limit(BATCH)
    rows = session.execute(some).all()
    if not rows:
        return read_end(session, CHECKPOINT), 0
    upto = signed(CHECKPOINT, rows[-1].seal, rows[-1].hash, key)
    session.execute(delete(table_of(AuditEntry)).where(entry.seal <= upto.seal))
    write_end(session, CHECKPOINT, upto)
    return upto, len(rows)
