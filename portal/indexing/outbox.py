"""The outbox: firms due for the index. Rows are read, and just those that were read are deleted (notes, rule 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from portal.indexing import leases
from portal.indexing.making import Failure
from portal.models import DeadLetter, OutboxRow, now
from portal.register.loading import chunks


@dataclass(frozen=True, slots=True)
class Due:
    """Rows that were read: their ids, and the distinct firms they speak of."""

    rows: tuple[int, ...]
    firms: tuple[int, ...]


def read(session: Session, limit: int) -> Due:
    """The oldest rows that the live index has not got."""
    return _due(session.execute(_rows().where(OutboxRow.live.is_(False)).limit(limit)).all())


def read_for_build(session: Session, build: str, limit: int) -> Due:
    """Rows that the live index has, and the build, which began to read before they came, has not."""
    wanted = _rows().where(OutboxRow.live.is_(True), OutboxRow.covered_by != build)
    return _due(session.execute(wanted.limit(limit)).all())


def read_uncovered(session: Session, build: str) -> Due:
    """All rows that the build may not have, whether or not the live index has."""
    return _due(session.execute(_rows().where(OutboxRow.covered_by != build)).all())


def settle(session: Session, due: Due) -> None:
    """The live index has these rows' changes: delete them, or keep them for a build that is under way.

    Looked up in the deleting transaction: a build that begins later reads the register after these changes.
    """
    lease = leases.held(session, leases.BUILD)
    for some in chunks(due.rows):
        mine = OutboxRow.id.in_(some)
        if lease is None:
            session.execute(delete(OutboxRow).where(mine))
            continue
        if lease.detail:
            session.execute(delete(OutboxRow).where(mine, OutboxRow.covered_by == lease.detail))
        session.execute(update(OutboxRow).where(mine).values(live=True))


def remove(session: Session, rows: Iterable[int]) -> None:
    """Delete rows that were read."""
    for some in chunks(rows):
        session.execute(delete(OutboxRow).where(OutboxRow.id.in_(some)))


def cover(session: Session, build: str) -> None:
    """Mark the rows there are: the build is going to read the register, and so what they speak of, from here on."""
    session.execute(update(OutboxRow).values(covered_by=build), execution_options={"synchronize_session": False})


def remove_covered(session: Session, build: str) -> None:
    """The build is live: what it covers is done."""
    session.execute(delete(OutboxRow).where(OutboxRow.covered_by == build))


def remove_left(session: Session) -> int:
    """Delete rows kept for a build that is no more; how many. The live index has them."""
    if leases.held(session, leases.BUILD) is not None:
        return 0
    return len(session.scalars(delete(OutboxRow).where(OutboxRow.live.is_(True)).returning(OutboxRow.id)).all())


def any_left(session: Session) -> bool:
    """Whether there are rows kept for a build."""
    return bool(session.scalar(select(exists().where(OutboxRow.live.is_(True)))))


def note_failures(session: Session, done: Sequence[int], failures: Sequence[Failure]) -> None:
    """Dead letters for these failures; older ones of the firms that were done are settled."""
    for some in chunks(done):
        session.execute(delete(DeadLetter).where(DeadLetter.supplier_id.in_(some)))
    _add_failures(session, failures)


def note_all_failures(session: Session, failures: Sequence[Failure]) -> None:
    """A whole index was built: these failures are all there are."""
    session.execute(delete(DeadLetter))
    _add_failures(session, failures)


def _add_failures(session: Session, failures: Sequence[Failure]) -> None:
    if failures:
        at = now()
        rows = [
            {"supplier_id": failure.supplier_id, "version": failure.version, "reason": failure.reason, "at": at}
            for failure in failures
        ]
        session.execute(insert(DeadLetter), rows)


def depth(session: Session) -> tuple[int, datetime | None]:
    """How many rows wait for the live index, and since when the oldest."""
    wanted = select(func.count(OutboxRow.id), func.min(OutboxRow.at)).where(OutboxRow.live.is_(False))
    count, oldest = session.execute(wanted).one()
    return count, oldest


def _rows() -> Select[int, int]:
    return select(OutboxRow.id, OutboxRow.supplier_id).order_by(OutboxRow.id)


def _due(rows: Sequence[Row[int, int]]) -> Due:
    return Due(tuple(row[0] for row in rows), tuple(dict.fromkeys(row[1] for row in rows)))
