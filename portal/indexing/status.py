"""How the index and its outbox are, in one look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from portal.indexing import leases, outbox
from portal.indexing.facts import data_version, swept_on
from portal.indexing.sessions import Sessions
from portal.models import DeadLetter, Supplier, now
from search.contract import Health, SearchEngine, SearchError

SHOWN_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """A firm that could not be brought into the index."""

    supplier: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """`health` None: the engine did not answer, for the `trouble` given. `letters`: the newest of `dead`."""

    health: Health | None
    trouble: str
    suppliers: int
    waiting: int
    oldest_seconds: float
    dead: int
    letters: tuple[Letter, ...]
    data_version: int
    swept_on: date | None
    worker: str
    building: str


def status(sessions: Sessions, engine: SearchEngine) -> Status:
    """The state now. Raises the database's errors only."""
    health, trouble = None, ""
    try:
        health = engine.health()
    except SearchError as error:
        trouble = str(error)
    with sessions() as session:
        waiting, oldest = outbox.depth(session)
        drain, build = leases.held(session, leases.DRAIN), leases.held(session, leases.BUILD)
        letters = session.execute(
            select(Supplier.scheme, Supplier.number, DeadLetter.version, DeadLetter.reason)
            .join(Supplier, Supplier.id == DeadLetter.supplier_id)
            .order_by(DeadLetter.id.desc())
            .limit(SHOWN_LETTERS)
        ).all()
        return Status(
            health=health,
            trouble=trouble,
            suppliers=session.scalar(select(func.count(Supplier.id)).where(Supplier.withdrawn_at.is_(None))) or 0,
            waiting=waiting,
            oldest_seconds=0.0 if oldest is None else max(0.0, (now() - oldest).total_seconds()),
            dead=session.scalar(select(func.count(DeadLetter.id))) or 0,
            letters=tuple(Letter(f"{row[0]}/{row[1]}", row[2], row[3]) for row in letters),
            data_version=data_version(session),
            swept_on=swept_on(session),
            worker="" if drain is None else drain.holder,
            building="" if build is None else build.holder,
        )
