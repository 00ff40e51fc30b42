"""The part of the worker that adds up what processes have noted, and forgets what has been kept long enough.

A file is added in one transaction that also keeps its name, and is removed afterwards: a worker that dies in between
finds both, and adds nothing twice. While the database does not answer, files wait.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog
from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.indexing import leases
from portal.indexing.leases import Keeper, LeaseLost
from portal.indexing.sessions import Sessions, writing
from portal.models import Appearance, AskedQuery, CountedFile, SearchCount, Supplier, table_of
from portal.register.clock import today_china
from portal.register.loading import by_keys, chunks
from portal.usage import notes
from portal.usage.notes import How, Searched
from portal.usage.pseudonyms import Pseudonyms
from portal.usage.spool import Spool, read

log = structlog.stdlib.get_logger("portal.usage")

LEASE = "usage"
POLL = 5.0
"""Seconds between looks for notes."""

APPEARANCE_WEEKS = 105
"""Appearances are kept for: two years, and the week to compare the first with."""


@dataclass(slots=True)
class _Sums:
    """What a file says: searches by (day, hash, organisation), appearances by (week, key) and kind."""

    queries: dict[str, Searched] = field(default_factory=dict)
    searches: Counter[tuple[date, str, str]] = field(default_factory=Counter)
    appearances: dict[tuple[date, str], Counter[How]] = field(default_factory=dict)
    broken: int = 0


class Adder:
    """Adds up notes, until `stop`. Of several workers one does."""

    def __init__(
        self,
        sessions: Sessions,
        folder: Path,
        kept_days: int,
        stop: threading.Event,
        today: Callable[[], date] = today_china,
    ) -> None:
        self._sessions = sessions
        self._spool = Spool(folder)
        self._pseudonyms = Pseudonyms(folder)
        self._kept_days = kept_days
        self._stop = stop
        self._today = today
        self._forgot: date | None = None
        self.holder = leases.new_holder()

    def start(self) -> threading.Thread:
        """The running thread."""
        thread = threading.Thread(target=self.run, name="usage", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Look again and again. A fault is told, and the next look tries anew."""
        while not self._stop.is_set():
            try:
                self.step()
            except (DBAPIError, LeaseLost, OSError) as error:
                log.warning("counting waits", kind=type(error).__name__)
            except Exception:  # the worker's other parts go on
                log.exception("counting failed")
            self._stop.wait(POLL)

    def step(self) -> int:
        """Add up what waits, and once a day forget what is old; how many files were added."""
        today = self._today()
        if (not self._spool.waiting() and self._forgot == today) or not leases.acquire(
            self._sessions, LEASE, self.holder
        ):
            return 0
        with Keeper(self._sessions, LEASE, self.holder):
            files = self._spool.take()
            for file in files:
                self._add(file)
            if self._forgot != today:
                self._forget(today)
                self._forgot = today
        return len(files)

    def _add(self, file: Path) -> None:
        sums = _summed(read(file))
        if sums.broken:
            log.warning("notes that say nothing", lines=sums.broken)
        with writing(self._sessions) as session:
            leases.require(session, LEASE, self.holder)
            if session.get(CountedFile, file.name) is None:
                session.add(CountedFile(name=file.name))
                session.flush()
                _add_searches(session, sums)
                _add_appearances(session, sums)
        file.unlink(missing_ok=True)
        with writing(self._sessions) as session:
            session.execute(delete(CountedFile).where(CountedFile.name == file.name))

    def _forget(self, today: date) -> None:
        """Remove searches and appearances that are old, conditions that nobody asks any more, and old keys."""
        self._pseudonyms.forget(today)
        self._spool.sweep()
        with writing(self._sessions) as session:
            session.execute(delete(SearchCount).where(SearchCount.day < today - timedelta(days=self._kept_days)))
            used = exists().where(SearchCount.query_id == AskedQuery.id)
            session.execute(delete(AskedQuery).where(~used), execution_options={"synchronize_session": False})
            oldest = notes.monday(today) - timedelta(weeks=APPEARANCE_WEEKS)
            session.execute(delete(Appearance).where(Appearance.week < oldest))
            left = [path.name for path in self._spool.folder.glob("*.taken")]
            session.execute(delete(CountedFile).where(CountedFile.name.not_in(left)))


def _summed(lines: Iterable[bytes]) -> _Sums:
    sums = _Sums()
    for note in notes.read(lines):
        if note is None:
            sums.broken += 1
        elif isinstance(note, Searched):
            key = _hash(note)
            sums.queries[key] = note
            sums.searches[note.day, key, note.organisation] += 1
        else:
            for firm in note.keys:
                sums.appearances.setdefault((note.week, firm), Counter())[note.how] += 1
    return sums


def _hash(note: Searched) -> str:
    canonical = msgspec.json.encode((note.query, note.whole), order="deterministic")
    return hashlib.blake2b(canonical, digest_size=16).hexdigest()


def _add_searches(session: Session, sums: _Sums) -> None:
    ids: dict[str, int] = {}
    for some in chunks(sums.queries.items()):
        new = [{"hash": key, "query": note.query, "whole": note.whole} for key, note in some]
        session.execute(_insert(session, AskedQuery).on_conflict_do_nothing(), new)
        found = select(AskedQuery.hash, AskedQuery.id).where(AskedQuery.hash.in_([key for key, _note in some]))
        ids |= {row.hash: row.id for row in session.execute(found)}
    rows = [
        {"day": day, "query_id": ids[key], "organisation": organisation, "searches": number}
        for (day, key, organisation), number in sorted(sums.searches.items())
    ]
    _add_up(session, SearchCount, rows, ("day", "query_id", "organisation"), ("searches",))


def _add_appearances(session: Session, sums: _Sums) -> None:
    """Of firms that are in the register; a key may have been merged away or never been one."""
    ids: dict[str, int] = {}
    for some in chunks(dict.fromkeys(key for _week, key in sums.appearances)):
        for row in session.execute(select(Supplier.id, Supplier.scheme, Supplier.number).where(by_keys(some))):
            ids[f"{row.scheme}/{row.number}"] = row.id
    rows = [
        {"supplier_id": ids[key], "week": week} | {how.value: counted[how] for how in How}
        for (week, key), counted in sorted(sums.appearances.items())
        if key in ids
    ]
    _add_up(session, Appearance, rows, ("supplier_id", "week"), tuple(how.value for how in How))


def _add_up(
    session: Session,
    model: type[SearchCount | Appearance],
    rows: Iterable[Mapping[str, Any]],
    keys: tuple[str, ...],
    counts: tuple[str, ...],
) -> None:
    """Add the counts of rows to those there are under the same keys."""
    insert, columns = _insert(session, model), table_of(model).c
    sums = {name: columns[name] + insert.excluded[name] for name in counts}
    adding = insert.on_conflict_do_update(index_elements=keys, set_=sums)
    for some in chunks(rows):
        session.execute(adding, some)


def _insert(session: Session, model: type[Any]) -> Any:
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table_of(model))
