"""Work in the background: a page puts a job into the database, the worker does one at a time and says how far it is.

A job is done by whoever holds the lease of its lane; lanes keep what takes seconds from waiting for what takes minutes.
A worker that dies half-way lets the lease run out; the next one finds the job running and begins it again. So a handler
writes in steps, each with its progress in one transaction, and leaves out what an earlier attempt has done
(`Run.job_id` marks it). After MOST_ATTEMPTS deaths a job is given up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.indexing import leases
from portal.indexing.leases import Keeper, LeaseLost
from portal.indexing.sessions import Sessions, writing
from portal.models import Job, JobState, now
from portal.register.catalogue import Catalogue

log = structlog.stdlib.get_logger("portal.jobs")

LEASE = "jobs"
POLL = 0.5
"""Seconds between looks for a job."""

MOST_ATTEMPTS = 3

CHORES = 600.0
"""Seconds between one housekeeping and the next."""


class Owner(Protocol):
    """A user, for whom a job is done."""

    @property
    def id(self) -> int:
        """Of the user."""

    @property
    def organisation_id(self) -> int:
        """Of the user's organisation."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The jobs that one runner does: of the kinds `only` (None: of all) but those `but`; one at a time by a lease."""

    lease: str = LEASE
    only: frozenset[str] | None = None
    but: frozenset[str] = frozenset()


class Stopped(Exception):
    """The worker was asked to stop: the job waits for the next one."""


@dataclass(frozen=True, slots=True)
class Run:
    """A job as its handler sees it."""

    job_id: int
    payload: Mapping[str, Any]
    sessions: Sessions
    catalogue: Catalogue
    holder: str
    stop: threading.Event
    lease: str = LEASE

    def require(self, session: Session) -> None:
        """Make sure, to the end of the transaction, that the job is still this worker's. Raises LeaseLost."""
        leases.require(session, self.lease, self.holder)

    @contextmanager
    def step(self, done: int, total: int) -> Iterator[Session]:
        """A transaction that writes, and with it how far the job is. Raises Stopped, and LeaseLost to undo it."""
        if self.stop.is_set():
            raise Stopped
        with writing(self.sessions) as session:
            self.require(session)
            yield session
            session.execute(update(Job).where(Job.id == self.job_id).values(done=done, total=total))

    def at(self, done: int, total: int) -> None:
        """Only say how far it is."""
        with self.step(done, total):
            pass


Handler = Callable[[Run], None]


def enqueue(session: Session, owner: Owner, kind: str, payload: dict[str, Any], total: int = 0) -> int:
    """Have a job done; its id. In the transaction of what it works on."""
    made = Job(kind=kind, organisation_id=owner.organisation_id, user_id=owner.id, payload=payload, total=total)
    session.add(made)
    session.flush()
    return made.id


class Runner:
    """Does jobs until `stop` is set, in a thread of the worker's process; now and then the `chores`."""

    def __init__(
        self,
        sessions: Sessions,
        catalogue: Catalogue,
        handlers: Mapping[str, Handler],
        stop: threading.Event,
        chores: Callable[[], None] | None = None,
        *,
        lane: Lane | None = None,
    ) -> None:
        self._sessions = sessions
        self._catalogue = catalogue
        self._handlers = handlers
        self._stop = stop
        self._chores = chores
        self._lane = lane or Lane()
        self._kept_house = float("-inf")
        self.holder = leases.new_holder()

    def start(self) -> threading.Thread:
        """The running thread; it ends at the next step of a job after `stop`."""
        thread = threading.Thread(target=self.run, name=self._lane.lease, daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Do what waits, again and again."""
        while not self._stop.is_set():
            try:
                self.keep_house()
                busy = self.run_one()
            except (DBAPIError, LeaseLost) as error:
                log.warning("jobs wait", kind=type(error).__name__)
                busy = False
            self._stop.wait(0 if busy else POLL)

    def keep_house(self) -> None:
        """Do the chores if it is time; several workers may do them at once. A fault in them keeps no job waiting."""
        if self._chores is None or time.monotonic() < self._kept_house + CHORES:
            return
        self._kept_house = time.monotonic()
        try:
            self._chores()
        except OSError:
            log.exception("housekeeping failed")

    def run_one(self) -> bool:
        """Do the oldest job, if there is one and no other process is at one; whether there was."""
        with self._sessions() as session:
            if session.scalar(self._open().limit(1)) is None:
                return False
        lease = self._lane.lease
        if not leases.acquire(self._sessions, lease, self.holder):
            return False
        with Keeper(self._sessions, lease, self.holder):
            job = self._begin()
            if job is not None:  # else it was given up
                self._do(job)
        return True

    def _begin(self) -> Run | None:
        with writing(self._sessions) as session:
            leases.require(session, self._lane.lease, self.holder)
            job = session.scalars(self._open().with_only_columns(Job).limit(1)).first()
            if job is None:
                return None
            if job.attempts >= MOST_ATTEMPTS or job.kind not in self._handlers:
                job.state, job.finished_at = JobState.FAILED, now()
                log.error("job given up", id=job.id, kind=job.kind, attempts=job.attempts)
                return None
            job.state, job.attempts = JobState.RUNNING, job.attempts + 1
            given = (self._sessions, self._catalogue, self.holder, self._stop, self._lane.lease)
            return Run(job.id, dict(job.payload), *given)

    def _do(self, run: Run) -> None:
        with self._sessions() as session:
            kind = session.scalars(select(Job.kind).where(Job.id == run.job_id)).one()
        try:
            self._handlers[kind](run)
        except Stopped:
            self._end(run, JobState.WAITING)
            return
        except (DBAPIError, LeaseLost):
            raise
        except Exception:  # whatever is wrong with one job, the others go on
            log.exception("job failed", id=run.job_id, kind=kind)
            self._end(run, JobState.FAILED)
            return
        self._end(run, JobState.DONE)

    def _end(self, run: Run, state: JobState) -> None:
        with writing(self._sessions) as session:
            run.require(session)
            job = session.get_one(Job, run.job_id)
            job.state = state
            if state is JobState.WAITING:
                job.attempts -= 1  # it did not die
            else:
                job.finished_at = now()

    def _open(self) -> Any:
        lane = self._lane
        wanted = select(Job.id).where(Job.state.in_((JobState.WAITING, JobState.RUNNING)), Job.kind.not_in(lane.but))
        return (wanted if lane.only is None else wanted.where(Job.kind.in_(lane.only))).order_by(Job.id)
