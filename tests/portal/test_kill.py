"""`kill -9` of real processes in the midst of their work: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import sessionmaker

from portal.indexing import leases
from portal.indexing.rebuild import Rebuild
from portal.indexing.sessions import Sessions
from portal.indexing.vocabulary import vocabulary
from portal.indexing.worker import Worker
from portal.models import OutboxRow, Supplier, now
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from search import SearchEngine, SearchQuery, open_engine
from tests.factories import key_only, record, supplier_key
from tests.portal.alerting import DAY, Desk
from tests.portal.indexing import everything, found, let_run_out, until, waiting, write
from tests.servers.account import ROOT

FIRMS = 1500
FLASK = (sys.executable, "-W", "error", "-m", "flask", "--app", "wsgi")

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def sessions(sqlite_database: Engine) -> Sessions:
    return sessionmaker(sqlite_database)


@pytest.fixture
def start(tmp_path: Path, sqlite_database: Engine) -> Iterator[Start]:
    """`start("worker")`: a flask command as a process on the test's database and index."""
    started: list[subprocess.Popen[bytes]] = []
    environ = os.environ | {"DATA_DIR": str(tmp_path), "LOG_LEVEL": "WARNING"}

    def run(*words: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([*FLASK, *words], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
def worker(sessions: Sessions, catalogue: Catalogue, tmp_path: Path) -> Iterator[Worker]:
    """A worker of this process, which comes after the killed one or works beside it."""
    made = Worker(sessions, lambda: open_engine(f"tantivy://{tmp_path / 'index'}", vocabulary(catalogue)), catalogue)
    yield made
    made.close()


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it was killed"


def fill(sessions: Sessions, catalogue: Catalogue) -> None:
    write(sessions, catalogue, *(record(number) for number in range(1, FIRMS + 1)))


def edit(sessions: Sessions, catalogue: Catalogue) -> None:
    for number in (1, FIRMS // 2, FIRMS):
        write(sessions, catalogue, SupplierRecord(supplier=key_only(number, name_zh="后来改名的厂")))


def everything_is_there(sessions: Sessions, engine: SearchEngine) -> None:
    """Each firm once, as it is in the register, and no rows left."""
    with sessions() as session:
        keys = sorted(
            f"{scheme}/{number}" for scheme, number in session.execute(select(Supplier.scheme, Supplier.number))
        )
    assert everything(engine) == keys
    assert engine.health().documents == len(keys)
    assert found(engine, "后来改名的厂") == {supplier_key(number) for number in (1, FIRMS // 2, FIRMS)}
    assert waiting(sessions) == 0


def test_a_worker_killed_in_the_midst_of_a_drain(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start, worker: Worker
) -> None:
    Rebuild(sessions, engine, catalogue).run()
    fill(sessions, catalogue)
    edit(sessions, catalogue)
    rows = waiting(sessions)
    killed = start("worker")
    until(lambda: waiting(sessions) < rows)
    kill(killed)
    assert 0 < waiting(sessions) < rows
    let_run_out(sessions, [leases.DRAIN])
    until(lambda: not worker.step() and waiting(sessions) == 0)
    everything_is_there(sessions, engine)


def test_alerts_miss_nothing_of_a_drain_that_was_killed(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start, worker: Worker
) -> None:
    desk = Desk(sessions, engine, catalogue)
    fill(sessions, catalogue)
    desk.build()
    engine.close()
    alert = desk.watch(SearchQuery(statuses=("suspended",)), at=now())  # due tomorrow: the killed one does not look
    changed = [SupplierRecord(supplier=key_only(number, status="suspended")) for number in range(1, FIRMS + 1)]
    write(sessions, catalogue, *changed)
    killed = start("worker")
    until(lambda: waiting(sessions) < FIRMS)
    kill(killed)
    assert 0 < waiting(sessions) < FIRMS
    let_run_out(sessions, [leases.DRAIN])
    assert desk.look(now() + DAY) == 1, "what has come in so far"
    until(lambda: not worker.step() and waiting(sessions) == 0)
    desk.look(now() + 3 * DAY)
    assert [digest.entered > 0 for digest in desk.digests(alert)] == [True, True]
    assert sum(digest.entered for digest in desk.digests(alert)) == FIRMS, "each once"


def test_a_rebuild_killed_beside_a_working_worker(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start, worker: Worker, tmp_path: Path
) -> None:
    fill(sessions, catalogue)
    worker.step()
    live = engine.health().index
    killed = start("index", "rebuild")
    until(lambda: building(sessions))
    killed.send_signal(signal.SIGSTOP)  # or it might be done before the edits are
    edit(sessions, catalogue)
    worker.step()
    assert kept(sessions) == {True}, "in the live index, and kept for the build"
    kill(killed)
    assert engine.health().index == live
    let_run_out(sessions, [leases.BUILD])
    worker.close()
    worker.step()
    assert [path.name for path in (tmp_path / "index").glob("build-*")] == [live]
    everything_is_there(sessions, engine)


def building(sessions: Sessions) -> bool:
    """Whether a rebuild has begun to read the register."""
    with sessions() as session:
        lease = leases.held(session, leases.BUILD)
        return lease is not None and lease.detail != ""


def kept(sessions: Sessions) -> set[bool]:
    """Whether the rows there are are in the live index."""
    with sessions() as session:
        return set(session.scalars(select(OutboxRow.live)))


def test_the_worker_ends_when_asked_to(sessions: Sessions, start: Start) -> None:
    asked = start("worker")
    until(lambda: held(sessions, leases.DRAIN))
    asked.send_signal(signal.SIGTERM)
    assert asked.wait(timeout=20) == 0
    assert not held(sessions, leases.DRAIN), "given back at once"


def held(sessions: Sessions, name: str) -> bool:
    with sessions() as session:
        return leases.held(session, name) is not None
