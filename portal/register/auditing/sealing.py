"""Sealing: the worker gives every committed entry its number in the chain and its hash.

Whoever holds the lease `audit` seals. Entries are read and hashed without a lock; only the update, and the new head
with it, is a transaction that writes, so that an import on SQLite waits for milliseconds. In PostgreSQL an entry may
become visible after later ones: it gets its number when it is seen, and is none the worse for it.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.indexing import leases
from portal.indexing.leases import Keeper, LeaseLost
from portal.indexing.sessions import Sessions, writing
from portal.models import AuditEntry, table_of
from portal.register.auditing.chain import (
    CHECKPOINT,
    HASHED,
    HEAD,
    START,
    Link,
    entry,
    hash_after,
    read_end,
    signature_holds,
    signed,
    write_end,
)

log = structlog.stdlib.get_logger("portal.audit")

LEASE = "audit"
POLL = 1.0
"""Seconds between looks for entries."""

WAIT = 60.0
"""Seconds between looks while the chain has no head to go on from."""

BATCH = 500

_UNSEALED = select(*HASHED).where(entry.seal.is_(None)).order_by(entry.id)
_SEAL = (
    update(table_of(AuditEntry))
    .where(entry.id == bindparam("_id"), entry.seal.is_(None))
    .values(seal=bindparam("_seal"), hash=bindparam("_hash"))
)


class NoHead(Exception):
    """There are sealed entries and no link to go on from: someone removed the head. `flask audit sign` mends that."""


class Sealer:
    """Seals until `stop` is set, in a thread of the worker's process. `key` signs the head."""

    def __init__(self, sessions: Sessions, key: str, stop: threading.Event) -> None:
        self._sessions = sessions
        self._key = key
        self._stop = stop
        self.holder = leases.new_holder()

    def start(self) -> threading.Thread:
        """The running thread; it ends after the batch that is under way."""
        thread = threading.Thread(target=self.run, name="audit", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Seal what comes, again and again."""
        while not self._stop.is_set():
            wait = POLL
            try:
                self.seal_all()
            except (DBAPIError, LeaseLost) as error:
                log.warning("sealing waits", kind=type(error).__name__)
            except NoHead:
                log.exception("the operation log has lost its head: see flask audit verify")
                wait = WAIT
            self._stop.wait(wait)

    def seal_all(self) -> int:
        """Seal whatever is there, unless another process is at it; how many. Raises NoHead."""
        with self._sessions() as session:
            if session.execute(_UNSEALED.limit(1)).first() is None:
                return 0
        if not leases.acquire(self._sessions, LEASE, self.holder):
            return 0
        count = 0
        with Keeper(self._sessions, LEASE, self.holder):
            while not self._stop.is_set() and (sealed := self._seal_batch()):
                count += sealed
        return count

    def _seal_batch(self) -> int:
        with self._sessions() as session:
            before = head(session)
            rows = session.execute(_UNSEALED.limit(BATCH)).all()
        if not rows:
            return 0
        seal, digest = before.seal, before.hash
        sealed: list[dict[str, Any]] = []
        for row in rows:
            seal, digest = seal + 1, hash_after(digest, tuple(row))
            sealed.append({"_id": row.id, "_seal": seal, "_hash": digest})
        with writing(self._sessions) as session:
            leases.require(session, LEASE, self.holder)
            if read_end(session, HEAD, lock=True) != before:
                raise LeaseLost("the head moved")
            session.connection().execute(_SEAL, sealed)
            write_end(session, HEAD, self._next(before, seal, digest))
        return len(sealed)

    def _next(self, before: Link, seal: int, digest: str) -> Link:
        """The new head. It is not signed when the one before was not by this key: nobody's forgery is signed unseen."""
        if signature_holds(HEAD, before, self._key):
            return signed(HEAD, seal, digest, self._key)
        log.error("the head of the operation log is not signed by this portal's SECRET_KEY: see flask audit verify")
        return Link(seal, digest)


def head(session: Session) -> Link:
    """The last link. Raises NoHead."""
    found = read_end(session, HEAD)
    if found == START and last_sealed(session) != START:
        raise NoHead
    return found


def last_sealed(session: Session) -> Link:
    """The sealed entry of the highest number; where all are pruned, the place up to which; START for none at all."""
    newest = select(entry.seal, entry.hash).where(entry.seal.is_not(None)).order_by(entry.seal.desc()).limit(1)
    row = session.execute(newest).one_or_none()
    return read_end(session, CHECKPOINT) if row is None else Link(row.seal, row.hash or "")


def sign_anew(session: Session, key: str) -> Link:
    """Sign the last link with this key, whatever the head was. For an operator who knows why."""
    last = last_sealed(session)
    made = signed(HEAD, last.seal, last.hash, key)
    write_end(session, HEAD, made)
    pruned = read_end(session, CHECKPOINT)
    if pruned != START:
        write_end(session, CHECKPOINT, signed(CHECKPOINT, pruned.seal, pruned.hash, key))
    return made


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many entries have no seal yet, and when the oldest of them was written."""
    count, oldest = session.execute(select(func.count(), func.min(entry.at)).where(entry.seal.is_(None))).one()
    return count, oldest
