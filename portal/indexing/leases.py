"""Leases: named rights that one process holds at a time, kept in the database; a dead holder's run out.

A process that stood still for longer than its lease may believe that it holds it. Changes it applies do no harm, as
they go by version; before it says that they are done it must `require` the lease, in the same transaction.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from datetime import timedelta
from types import TracebackType

from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, writing
from portal.models import Lease, now

DRAIN = "drain"
"""Whoever drains the outbox: the elected worker, or a rebuild while it swaps."""

BUILD = "build"
"""Whoever builds an index; its detail is the build's name."""

HANDOVER = "handover"
"""A rebuild that wants the drain: the worker lets it go while this is held."""

SECONDS = 15.0


class LeaseLost(Exception):
    """Another process took the lease over."""


def new_holder() -> str:
    """A name for this process (or part of it) as a holder, by which an operator finds it."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"


def acquire(sessions: Sessions, name: str, holder: str, seconds: float = SECONDS) -> bool:
    """Take a lease; False when another holds it."""
    with writing(sessions) as session:
        at = now()
        free = or_(Lease.holder == holder, Lease.expires_at < at)
        values = {"holder": holder, "expires_at": at + timedelta(seconds=seconds)}
        detail = case((Lease.holder == holder, Lease.detail), else_="")
        taken = update(Lease).where(Lease.name == name, free).values(**values, detail=detail).returning(Lease.name)
        if session.scalars(taken, execution_options={"synchronize_session": False}).first() is not None:
            return True
        if session.get(Lease, name) is not None:
            return False
        try:
            with session.begin_nested():
                session.add(Lease(name=name, **values))
        except IntegrityError:  # another process was first
            return False
        return True


def prolong(sessions: Sessions, name: str, holder: str, seconds: float = SECONDS) -> bool:
    """Prolong a lease; False when another took it over, even if it is free again by now."""
    with writing(sessions) as session:
        mine = update(Lease).where(Lease.name == name, Lease.holder == holder).returning(Lease.name)
        values = mine.values(expires_at=now() + timedelta(seconds=seconds))
        return session.scalars(values, execution_options={"synchronize_session": False}).first() is not None


def require(session: Session, name: str, holder: str) -> None:
    """Make sure, to the end of the transaction, that no other took the lease over. Raises LeaseLost."""
    mine = select(Lease.name).where(Lease.name == name, Lease.holder == holder).with_for_update()
    if session.scalar(mine) is None:
        raise LeaseLost(f"the lease {name} was taken over")


def release(sessions: Sessions, name: str, holder: str) -> None:
    """Give a lease back; nothing if it is not held."""
    with writing(sessions) as session:
        session.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))


def describe(session: Session, name: str, holder: str, detail: str) -> None:
    """Note what the lease is held for. Raises LeaseLost."""
    require(session, name, holder)
    session.execute(update(Lease).where(Lease.name == name).values(detail=detail))


def held(session: Session, name: str) -> Lease | None:
    """The lease, if someone holds it now."""
    return session.scalar(select(Lease).where(Lease.name == name, Lease.expires_at >= now()))


def ran_out(session: Session, name: str) -> bool:
    """Whether a holder of the lease died without giving it back."""
    return session.scalar(select(Lease.name).where(Lease.name == name, Lease.expires_at < now())) is not None


class Keeper:
    """Holds a lease that was acquired, prolonging it from a thread of its own, and gives it back at the end.

    `lost` is set when another process took it, which happens only after this one stood still for longer than the lease.
    """

    def __init__(self, sessions: Sessions, name: str, holder: str, seconds: float = SECONDS) -> None:
        self._sessions = sessions
        self._name = name
        self._holder = holder
        self._seconds = seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{name}", daemon=True)
        self.lost = threading.Event()

    def __enter__(self) -> Keeper:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if not self.lost.is_set():
            try:
                release(self._sessions, self._name, self._holder)
            except DBAPIError:  # the database is gone: the lease runs out by itself
                if error is None:
                    raise

    def _keep(self) -> None:
        while not self._done.wait(self._seconds / 3):
            try:
                if not prolong(self._sessions, self._name, self._holder, self._seconds):
                    self.lost.set()
                    return
            except DBAPIError:  # a long write transaction, or the database is away: tried again
                continue
