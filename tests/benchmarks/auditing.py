"""The operation log with a million entries: sealed, verified, and read page by page; on SQLite, and on PostgreSQL."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, insert
from sqlalchemy.orm import sessionmaker

from portal.indexing.sessions import Sessions, snapshot, writing
from portal.models import AuditEntry, Base, now, table_of
from portal.models.database import engine_options
from portal.register.audit import Actor
from portal.register.auditing.reading import Filter, Place, entries
from portal.register.auditing.sealing import Sealer
from portal.register.auditing.verifying import verify
from tests.benchmarks.timing import Figure, figure, timed
from tests.servers.postgres import fresh_database, running_postgres

ENTRIES = 1_000_000
FIRMS = 100_000
BATCH = 10_000
KEY = "a key for measuring"
LIMIT = 60.0
PAGE = 51


def audit_figures() -> Iterator[Figure]:
    """Both databases."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _figures("SQLite", f"sqlite:///{Path(folder) / 'portal.db'}")
    with running_postgres() as server, fresh_database(server, "audit") as url:
        yield from _figures("PostgreSQL", url)


def _figures(name: str, url: str) -> Iterator[Figure]:
    engine = create_engine(url, **engine_options(url))
    sessions = sessionmaker(engine)
    _fill(engine, sessions)
    start = time.perf_counter()
    sealed = Sealer(sessions, KEY, threading.Event()).seal_all()
    seconds = time.perf_counter() - start
    yield Figure(f"{name}: sealing of {sealed:,} entries", f"{seconds:.1f} s, {sealed / seconds:,.0f} a second")
    start = time.perf_counter()
    with snapshot(sessions) as session:
        report = verify(session, KEY)
    seconds = time.perf_counter() - start
    assert report.sound
    value = f"{seconds:.1f} s"
    yield Figure(f"{name}: verify of {report.entries:,} entries", value, f"≤ {LIMIT:g} s", seconds <= LIMIT)
    yield from _reading(name, sessions)
    engine.dispose()


def _fill(engine: Engine, sessions: Sessions) -> None:
    Base.metadata.create_all(engine)
    chance = random.Random(1)
    start = now() - timedelta(days=300)
    for first in range(0, ENTRIES, BATCH):
        rows = [_row(chance, start + timedelta(seconds=20 * number)) for number in range(first, first + BATCH)]
        with writing(sessions) as session:
            session.execute(insert(table_of(AuditEntry)), rows)


def _row(chance: random.Random, at: Any) -> dict[str, Any]:
    rare = chance.random() < 0.001
    actor = Actor(f"user/{chance.randrange(200)}" if rare else "import", f"list.xlsx:{chance.randrange(200_000)}")
    facts = {"scope": [None, "轴承的设计和生产"], "level": [None, "assurance"], "issuer": ["示范机构", "示范认证中心"]}
    changes = {"region": ["330206", "330203"], "certificates": {f"quality_capability/Q-{chance.random()}": facts}}
    action = "certificate.state" if rare else "supplier.changed"
    return actor.entry(at, action, f"CN-USCC/91310000{chance.randrange(FIRMS):010d}", changes)


def _reading(name: str, sessions: Sessions) -> Iterator[Figure]:
    """Pages of the log, from the top and from deep inside."""
    chance = random.Random(2)
    middle = now() - timedelta(days=150)
    wanted: dict[str, Callable[[], tuple[Filter, Place | None]]] = {
        "newest": lambda: (Filter(), None),
        "from a place in the middle": lambda: (Filter(), Place(middle - timedelta(seconds=chance.randrange(10**6)), 1)),
        "of a firm": lambda: (Filter(subjects=(f"CN-USCC/91310000{chance.randrange(FIRMS):010d}",)), None),
        "of a person": lambda: (Filter(actors=(f"user/{chance.randrange(200)}",)), None),
        "of a rare action, a month": lambda: (
            Filter(actions=("certificate.state",), first=middle.date(), last=middle.date() + timedelta(days=30)),
            None,
        ),
    }
    for label, make in wanted.items():
        asked = [make() for _ in range(105)]

        times, counts = timed(partial(_read, sessions, *one) for one in asked)
        yield figure(f"{name}: page of the log, {label}", times, counts, p95=50)


def _read(sessions: Sessions, wanted: Filter, after: Place | None) -> int:
    with sessions() as session:
        return len(entries(session, wanted, PAGE, after))
