"""The part of the worker that takes a snapshot each day, once the sweep after midnight is in the index."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import structlog
from sqlalchemy.exc import DBAPIError

from portal.coverage.snapshots import take, taken
from portal.indexing import leases, outbox
from portal.indexing.facts import swept_on
from portal.indexing.leases import Keeper, LeaseLost
from portal.indexing.sessions import Sessions
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from search.contract import SearchEngine, SearchError

log = structlog.stdlib.get_logger("portal.coverage")

LEASE = "snapshot"
POLL = 30.0
"""Seconds between looks at the day."""


class Taker:
    """Takes the snapshot of each day, until `stop`. Of several workers one does."""

    def __init__(
        self,
        sessions: Sessions,
        open_engine: Callable[[], SearchEngine],
        catalogue: Catalogue,
        stop: threading.Event,
        today: Callable[[], date] = today_china,
    ) -> None:
        self._sessions = sessions
        self._open_engine = open_engine
        self._catalogue = catalogue
        self._stop = stop
        self._today = today
        self.holder = leases.new_holder()

    def start(self) -> threading.Thread:
        """The running thread."""
        thread = threading.Thread(target=self.run, name="snapshots", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Look again and again. A fault is told, and the next look tries anew."""
        while not self._stop.is_set():
            try:
                self.step()
            except (DBAPIError, SearchError, LeaseLost) as error:
                log.warning("the snapshot waits", kind=type(error).__name__)
            except Exception:  # the worker's other parts go on
                log.exception("the snapshot failed")
            self._stop.wait(POLL)

    def step(self) -> bool:
        """Take the day's snapshot if it is due; whether it was."""
        today = self._today()
        if not self._due(today) or not leases.acquire(self._sessions, LEASE, self.holder):
            return False
        with Keeper(self._sessions, LEASE, self.holder):
            if not self._due(today):
                return False
            engine = self._open_engine()
            try:
                rows = take(self._sessions, engine, self._catalogue, today)
            finally:
                engine.close()
        log.info("snapshot taken", day=today.isoformat(), rows=rows)
        return True

    def _due(self, today: date) -> bool:
        """There is none of the day yet, the day's sweep is done, and nothing of it waits for the index any more."""
        with self._sessions() as session:
            return not taken(session, today) and swept_on(session) == today and not outbox.depth(session)[0]
