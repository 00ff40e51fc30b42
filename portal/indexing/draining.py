"""One step of the drain: rows read, documents made, applied by version, rows deleted."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import date

from portal.indexing import images, leases, outbox
from portal.indexing.facts import raise_data_version
from portal.indexing.leases import Keeper
from portal.indexing.making import apply_made, make
from portal.indexing.sessions import Sessions, writing
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from search.contract import SearchEngine

BATCH = 1000
"""Rows at most in a step."""


def drain_step(sessions: Sessions, engine: SearchEngine, catalogue: Catalogue, *, on: date, holder: str) -> int:
    """Bring the oldest waiting changes into the live index, findable on return; how many rows there were.

    Killed at any point, it loses nothing: rows go last, and what was applied already is stale the next time.
    `holder` holds the drain. Raises SearchError (the engine cannot be used; the rows wait), LeaseLost (likewise) and
    the database's errors.
    """
    with sessions() as session:
        due = outbox.read(session, BATCH)
        if not due.rows:
            return 0
        made = make(session, catalogue, due.firms, on, engine.prepare)
    failures = apply_made(engine.apply, made)
    with writing(sessions) as session:
        leases.require(session, leases.DRAIN, holder)
        outbox.settle(session, due)
        outbox.note_failures(session, due.firms, failures)
        seq = raise_data_version(session, len(due.firms) - len(failures))
        images.keep(session, catalogue, made.taken(), seq)
    return len(due.rows)


def drain_all(
    sessions: Sessions,
    open_engine: Callable[[], SearchEngine],
    catalogue: Catalogue,
    *,
    seconds: float,
    progress: Callable[[int], None],
) -> bool:
    """Have the outbox emptied: by this process, or by the one that holds the drain. False when time ran out before.

    `progress` hears how many rows wait. Raises SearchError and the database's errors.
    """
    holder, end = leases.new_holder(), time.monotonic() + seconds
    while time.monotonic() < end:
        with sessions() as session:
            waiting, _ = outbox.depth(session)
        progress(waiting)
        if not waiting:
            return True
        if leases.acquire(sessions, leases.DRAIN, holder):
            with Keeper(sessions, leases.DRAIN, holder), closing(open_engine()) as engine:
                while drain_step(sessions, engine, catalogue, on=today_china(), holder=holder):
                    pass
        else:
            time.sleep(0.1)
    return False
