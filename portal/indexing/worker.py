"""The worker: the one process that writes the index. Any number may run; the one that holds the drain's lease works.

It waits for rows of the outbox (POLL), brings them into the index, and at the first start, and after each midnight in
China, sweeps. Without a usable index (none yet, or one of other fields, analysis or catalogue) it builds one first.
When the engine or the database is down it keeps waiting, ever longer up to LONGEST_WAIT; rows wait with it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date

import structlog
from sqlalchemy.exc import DBAPIError

from portal.indexing import images, leases, outbox
from portal.indexing.draining import BATCH, drain_step
from portal.indexing.leases import Keeper
from portal.indexing.preparing import Origin
from portal.indexing.rebuild import Rebuild, RebuildError
from portal.indexing.sessions import Sessions, writing
from portal.indexing.sweeping import sweep
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from search.contract import IndexMissing, SearchEngine, SearchError

log = structlog.stdlib.get_logger("portal.worker")

POLL = 0.15
"""Seconds between looks at an empty outbox."""

FIRST_WAIT, LONGEST_WAIT = 0.2, 10.0
"""Seconds to wait after a failure, doubling."""

HOUSEKEEPING = 5.0
"""Seconds between looks for what killed rebuilds left behind."""


class Stopping(Exception):
    """The worker was asked to stop in the midst of a rebuild."""


class Worker:
    """`run` until `stop` is set. `origin`: see Rebuild; `today` is for tests."""

    def __init__(
        self,
        sessions: Sessions,
        open_engine: Callable[[], SearchEngine],
        catalogue: Catalogue,
        *,
        origin: Origin | None = None,
        stop: threading.Event | None = None,
        today: Callable[[], date] = today_china,
    ) -> None:
        self._sessions = sessions
        self._open_engine = open_engine
        self._catalogue = catalogue
        self._origin = origin
        self._today = today
        self.stop = stop or threading.Event()
        self.holder = leases.new_holder()
        self._engine: SearchEngine | None = None
        self._keeper: Keeper | None = None
        self._ready = False
        self._swept: date | None = None
        self._kept_house = 0.0

    def run(self) -> None:
        """Work until asked to stop; a batch that is under way is finished."""
        log.info("worker started", holder=self.holder)
        wait = FIRST_WAIT
        try:
            while not self.stop.is_set():
                try:
                    busy = self.step()
                except Stopping:
                    break
                except leases.LeaseLost:
                    self._resign()
                except (SearchError, DBAPIError, RebuildError) as error:
                    log.warning("worker waits", kind=type(error).__name__, error=str(error)[:300], seconds=wait)
                    self.stop.wait(wait)
                    wait = min(2 * wait, LONGEST_WAIT)
                else:
                    wait = FIRST_WAIT
                    self.stop.wait(0 if busy else POLL)
        finally:
            self.close()
            log.info("worker stopped", holder=self.holder)

    def step(self) -> bool:
        """Do what is due now; whether more is. Raises SearchError, RebuildError and the database's errors."""
        if not self._elected():
            return False
        engine = self._opened()
        if not self._ready:
            self._prepare(engine)
        today = self._today()
        if self._swept != today:
            swept = sweep(self._sessions, today)
            log.info("swept", day=today.isoformat(), firms=swept)
            self._swept = today
        if time.monotonic() - self._kept_house > HOUSEKEEPING:
            self._keep_house(engine)
        try:
            return drain_step(self._sessions, engine, self._catalogue, on=today, holder=self.holder) == BATCH
        except IndexMissing:
            self._ready = False
            raise

    def close(self) -> None:
        """Give the lease back and let go of the engine."""
        try:
            self._resign()
        except DBAPIError:
            log.warning("the drain's lease could not be given back; it runs out by itself")

    def _elected(self) -> bool:
        """Whether this worker holds the drain, after taking it if it is free."""
        with self._sessions() as session:
            handover = leases.held(session, leases.HANDOVER)
            drain = leases.held(session, leases.DRAIN)
        if self._keeper is not None:
            if handover is None and not self._keeper.lost.is_set():
                return True
            self._resign()
        if handover is not None or (drain is not None and drain.holder != self.holder):
            return False
        if not leases.acquire(self._sessions, leases.DRAIN, self.holder):
            return False
        self._keeper = Keeper(self._sessions, leases.DRAIN, self.holder)
        self._keeper.__enter__()
        self._ready, self._swept, self._kept_house = False, None, 0.0
        return True

    def _resign(self) -> None:
        keeper, self._keeper = self._keeper, None
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()  # before the lease: the next one needs the lock on the index
        if keeper is not None:
            keeper.__exit__(None, None, None)

    def _opened(self) -> SearchEngine:
        if self._engine is None:
            self._engine = self._open_engine()
        return self._engine

    def _prepare(self, engine: SearchEngine) -> None:
        """See to it that there is an index of this catalogue and analysis, and an image of each firm in it."""
        with self._sessions() as session:
            imaged = images.complete(session, self._catalogue)
        try:
            usable = engine.health().current and imaged
        except IndexMissing:
            usable = False
        if not usable:
            log.info("building an index")
            Rebuild(
                self._sessions,
                engine,
                self._catalogue,
                holder=self.holder,
                drain_held=True,
                origin=self._origin,
                progress=self._progress,
                on=self._today(),
            ).run()
        self._ready = True

    def _progress(self, _done: int) -> None:
        if self.stop.is_set():
            raise Stopping

    def _keep_house(self, engine: SearchEngine) -> None:
        """Remove what killed rebuilds left: their indexes, their leases, and the rows that were kept for them."""
        first = self._kept_house == 0.0
        self._kept_house = time.monotonic()
        with self._sessions() as session:
            killed = leases.ran_out(session, leases.BUILD)
            rows = outbox.any_left(session)
        if (killed or first) and leases.acquire(self._sessions, leases.BUILD, self.holder):
            with Keeper(self._sessions, leases.BUILD, self.holder):
                engine.discard_builds()
        if rows:
            with writing(self._sessions) as session:
                outbox.remove_left(session)
