"""The rebuild: a new index beside the live one, from the register; swapped in when it holds all, or removed.

How nothing is lost while edits go on (notes/search.md, rule 4):

1. The build lease is taken. From here on the worker keeps every outbox row that it has brought into the live index.
2. The rows there are now are marked as covered: the register is read after them. Then all firms are read, in batches.
3. Rows that came since and that the live index has are brought into the build, and deleted, as both have them.
4. The drain is taken over from the worker. In one snapshot of the database what is left is brought in, and firms are
   counted; the build must hold as many. It becomes the live index; the rows go; the worker goes on.

Killed or failed before the swap, the live index and its rows are as they were; what was built is removed, at the latest
when the worker finds that the lease has run out. Killed after it, the rows left are stale and go with the next drain.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.indexing import images, leases, outbox
from portal.indexing.draining import BATCH
from portal.indexing.facts import raise_data_version, set_swept_on, swept_on
from portal.indexing.leases import Keeper
from portal.indexing.making import Failure, Made, apply_made, make
from portal.indexing.preparing import Origin, Preparers
from portal.indexing.sessions import Sessions, snapshot, writing
from portal.models import Supplier
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.loading import chunks
from search.contract import Build, SearchEngine, SearchError

log = structlog.stdlib.get_logger("portal.indexing")

MANY = 10_000
"""From so many firms on, starting processes (two seconds) pays off."""

HANDOVER_SECONDS = 90.0
"""How long the drain is waited for: a worker in the midst of a batch, or a dead one's lease."""


class RebuildError(Exception):
    """The index was not rebuilt; the live one is as it was."""


class RebuildRunning(RebuildError):
    """Another process is building an index."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of a rebuild."""

    name: str
    documents: int
    failures: int
    seconds: float


def _silent(_done: int) -> None:
    """No progress shown."""


@dataclass
class Rebuild:
    """One rebuild. `drain_held`: the caller holds the drain, as the worker does.

    `origin`, if given, lets other processes make a large register ready. `progress` hears how many firms are in, and
    may raise to give up. `patience`: seconds to wait for another build to end; a killed one's lease runs out within
    leases.SECONDS.
    """

    sessions: Sessions
    engine: SearchEngine
    catalogue: Catalogue
    holder: str = field(default_factory=leases.new_holder)
    drain_held: bool = False
    origin: Origin | None = None
    progress: Callable[[int], None] = _silent
    patience: float = 0.0
    on: date = field(default_factory=today_china)
    _failures: dict[int, Failure] = field(default_factory=dict)

    def run(self) -> Rebuilt:
        """Rebuild and swap. Raises RebuildError, SearchError and the database's errors; then nothing has changed."""
        started = time.monotonic()
        self._acquire()
        with Keeper(self.sessions, leases.BUILD, self.holder) as keeper:
            self.engine.discard_builds()
            build = self.engine.begin_build()
            try:
                documents = self._fill_and_swap(build, keeper)
            except BaseException:
                with suppress(SearchError):
                    build.discard()
                raise
        seconds = time.monotonic() - started
        log.info("index rebuilt", index=build.name, documents=documents, seconds=round(seconds, 1))
        return Rebuilt(build.name, documents, len(self._failures), seconds)

    def _acquire(self) -> None:
        end = time.monotonic() + self.patience
        while not leases.acquire(self.sessions, leases.BUILD, self.holder):
            if time.monotonic() >= end:
                raise RebuildRunning("another process is rebuilding the index")
            time.sleep(0.2)

    def _fill_and_swap(self, build: Build, keeper: Keeper) -> int:
        with writing(self.sessions) as session:
            leases.describe(session, leases.BUILD, self.holder, build.name)
            outbox.cover(session, build.name)
            images.begin(session, self.catalogue)
            if swept_on(session) is None:  # documents are as of this day; the next midnight is the first to sweep
                set_swept_on(session, self.on)
        self._read_register(build)
        self._catch_up(build)
        with self._drain() as drain:
            due, expected = self._last_rows(build)
            self._compare(build, expected)
            if keeper.lost.is_set() or (drain is not None and drain.lost.is_set()):
                raise RebuildError("this process stood still for too long; another may be building")
            build.swap()
            self._settle(build, due)
        return expected

    def _read_register(self, build: Build) -> None:
        """Every firm; batches are made ready while those before are applied."""
        done = 0
        with self._preparing() as (submit, ahead):
            batches = self._batches()
            waiting = deque((ids, submit(ids)) for ids in islice(batches, ahead))
            while waiting:
                ids, made = waiting.popleft()
                self._apply(build, ids, made.result())
                waiting.extend((ids, submit(ids)) for ids in islice(batches, 1))
                done += len(ids)
                self.progress(done)

    @contextmanager
    def _preparing(self) -> Iterator[tuple[Callable[[Sequence[int]], Future[Made]], int]]:
        """What makes batches ready, and how many to have under way: a thread, or processes where they pay off."""
        with self.sessions() as session:
            many = (session.scalar(select(func.count(Supplier.id))) or 0) >= MANY
        if self.origin is None or not many:
            with ThreadPoolExecutor(max_workers=1) as thread:
                yield lambda ids: thread.submit(self._read_batch, ids), 2
            return
        with closing(Preparers(self.origin, self.catalogue)) as preparers:
            try:
                yield lambda ids: preparers.submit(ids, self.on), 2 * preparers.processes
            except BrokenProcessPool as error:
                raise RebuildError("a process that reads the register was ended from outside") from error

    def _batches(self) -> Iterator[Sequence[int]]:
        """The ids of firms, BATCH at a time, the newest first.

        Without a text the newest come first in a result too. An engine that meets them first can leave out the others:
        at 1,000,000 the page of all firms takes Elasticsearch a tenth of what it takes when each firm is the best yet.
        """
        alive = select(Supplier.id).where(Supplier.withdrawn_at.is_(None)).order_by(Supplier.id.desc()).limit(BATCH)
        wanted = alive
        while True:
            with self.sessions() as session:
                ids = session.scalars(wanted).all()
            if not ids:
                return
            yield ids
            wanted = alive.where(Supplier.id < ids[-1])

    def _read_batch(self, ids: Sequence[int]) -> Made:
        """The firms with these ids, in a short transaction of its own."""
        with self.sessions() as session:
            return make(session, self.catalogue, ids, self.on, self.engine.prepare)

    def _catch_up(self, build: Build) -> None:
        while True:
            with self.sessions() as session:
                due = outbox.read_for_build(session, build.name, BATCH)
                if not due.rows:
                    return
                self._bring_in(build, session, due.firms)
            with writing(self.sessions) as session:
                outbox.remove(session, due.rows)
            self.progress(0)

    def _last_rows(self, build: Build) -> tuple[outbox.Due, int]:
        """Bring in what is left; the rows, and how many firms the register has, as of one moment."""
        with snapshot(self.sessions) as session:
            due = outbox.read_uncovered(session, build.name)
            for ids in chunks(due.firms):
                self._bring_in(build, session, ids)
            alive = select(func.count(Supplier.id)).where(Supplier.withdrawn_at.is_(None))
            expected = session.scalar(alive) or 0
            failed = alive.where(Supplier.id.in_(self._failures))
            return due, expected - (session.scalar(failed) or 0 if self._failures else 0)

    def _bring_in(self, build: Build, session: Session, ids: Sequence[int]) -> None:
        self._apply(build, ids, make(session, self.catalogue, ids, self.on, self.engine.prepare))

    def _apply(self, build: Build, ids: Sequence[int], made: Made) -> None:
        for identity in ids:
            self._failures.pop(identity, None)
        for failure in apply_made(build.apply, made):
            self._failures[failure.supplier_id] = failure
        with writing(self.sessions) as session:
            images.keep(session, self.catalogue, made.taken())

    def _compare(self, build: Build, expected: int) -> None:
        found = build.count()
        if found != expected:
            raise RebuildError(f"the new index holds {found} firms, the register {expected}")

    def _settle(self, build: Build, due: outbox.Due) -> None:
        with writing(self.sessions) as session:
            outbox.remove(session, due.rows)
            outbox.remove_covered(session, build.name)
            outbox.note_all_failures(session, list(self._failures.values()))
            images.finish(session, self.catalogue)
            raise_data_version(session, 1)

    @contextmanager
    def _drain(self) -> Iterator[Keeper | None]:
        """Hold the drain: take it over from the worker, who waits as long as the handover is asked for."""
        if self.drain_held:
            yield None
            return
        if not leases.acquire(self.sessions, leases.HANDOVER, self.holder):
            raise RebuildRunning("another process asks for the drain")
        with Keeper(self.sessions, leases.HANDOVER, self.holder):
            end = time.monotonic() + HANDOVER_SECONDS
            while not leases.acquire(self.sessions, leases.DRAIN, self.holder):
                if time.monotonic() > end:
                    raise RebuildError("the worker does not let go of the outbox")
                time.sleep(0.05)
            with Keeper(self.sessions, leases.DRAIN, self.holder) as drain:
                yield drain
