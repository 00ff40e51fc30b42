"""Rebuilds: beside the live index, with edits going on; all or nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import sessionmaker

from portal.indexing import leases, rebuild
from portal.indexing.facts import swept_on
from portal.indexing.rebuild import Rebuild, RebuildError, RebuildRunning
from portal.indexing.sessions import Sessions
from portal.indexing.vocabulary import vocabulary
from portal.indexing.worker import Worker
from portal.models import DeadLetter, OutboxRow
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from search import EngineUnavailable, SearchEngine, open_engine
from search.contract import ApplyReport
from tests.factories import key_only, record, supplier_key
from tests.portal.indexing import (
    TODAY,
    Before,
    Given,
    Meddling,
    everything,
    found,
    let_run_out,
    until,
    waiting,
    withdraw,
    write,
)

Rebuilding = Callable[..., Rebuild]

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests in which the kind of database plays no part."""


@pytest.fixture
def rebuilding(sessions: Sessions, catalogue: Catalogue, engine: SearchEngine) -> Rebuilding:
    """`rebuilding(progress=…, before=…)`: a rebuild; `before` is called before the build applies changes."""

    def make(
        progress: Callable[[int], None] = lambda _: None,
        before: Before | None = None,
        patience: float = 0,
    ) -> Rebuild:
        meddled: SearchEngine = Meddling(engine, build=before)  # type: ignore[assignment]
        return Rebuild(sessions, meddled, catalogue, progress=progress, on=TODAY, patience=patience)

    return make


@pytest.fixture
def builds(tmp_path: Path) -> Callable[[], int]:
    """How many indexes there are on disk."""
    return lambda: len(list((tmp_path / "index").glob("build-*")))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "BATCH", 2)


@pytest.fixture
def worker(sessions: Sessions, catalogue: Catalogue, tmp_path: Path) -> Iterator[Worker]:
    made = Worker(
        sessions,
        lambda: open_engine(f"tantivy://{tmp_path / 'index'}", vocabulary(catalogue)),
        catalogue,
        today=lambda: TODAY,
    )
    yield made
    made.close()


@contextmanager
def running(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop.set()
        thread.join()


def test_all_but_the_withdrawn_are_in_it(
    sessions: Sessions,
    catalogue: Catalogue,
    engine: SearchEngine,
    rebuilding: Rebuilding,
    small_batches: None,
    builds: Callable[[], int],
) -> None:
    write(sessions, catalogue, *(record(number) for number in range(1, 8)))
    withdraw(sessions, catalogue, supplier_key(3))
    seen: list[int] = []
    done = rebuilding(progress=seen.append).run()
    assert (done.documents, done.failures, seen) == (6, 0, [2, 4, 6])
    assert len(everything(engine)) == 6
    assert (waiting(sessions), builds()) == (0, 1)
    with sessions() as session:
        assert swept_on(session) == TODAY
        assert leases.held(session, leases.BUILD) is leases.held(session, leases.DRAIN) is None


def meddle(sessions: Sessions, catalogue: Catalogue, done: int) -> None:
    """Edits of all kinds behind and before the place the rebuild has come to."""
    if done == 2:
        write(sessions, catalogue, SupplierRecord(supplier=key_only(1, name_zh="改名一厂")), record(8))
        write(sessions, catalogue, SupplierRecord(supplier=key_only(6, name_zh="改名六厂")))
        withdraw(sessions, catalogue, supplier_key(2))
        withdraw(sessions, catalogue, supplier_key(5))


@pytest.mark.parametrize("with_worker", [False, True], ids=["alone", "with a worker"])
def test_edits_meanwhile_are_in_both(
    sessions: Sessions,
    catalogue: Catalogue,
    engine: SearchEngine,
    rebuilding: Rebuilding,
    small_batches: None,
    worker: Worker,
    with_worker: bool,
) -> None:
    write(sessions, catalogue, *(record(number) for number in range(1, 7)))
    worker.step()
    live = engine.health().index
    withdraw(sessions, catalogue, supplier_key(4))

    def progress(done: int) -> None:
        meddle(sessions, catalogue, done)
        if with_worker and done == 2:
            until(lambda: found(engine, "改名一厂") == {supplier_key(1)})  # the live index has it at once
            assert waiting(sessions) > 0, "kept for the build"

    if with_worker:
        with running(worker):
            rebuilding(progress=progress, patience=10).run()
            until(lambda: waiting(sessions) == 0)
    else:
        worker.close()
        rebuilding(progress=progress).run()
    assert engine.health().index != live
    assert everything(engine) == sorted(supplier_key(number) for number in (1, 3, 6, 8))
    assert found(engine, "改名一厂") == {supplier_key(1)}
    assert found(engine, "改名六厂") == {supplier_key(6)}
    assert waiting(sessions) == 0


def test_it_takes_the_drain_over_from_a_running_worker_and_gives_it_back(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, rebuilding: Rebuilding, worker: Worker
) -> None:
    write(sessions, catalogue, *(record(number) for number in range(1, 7)))
    with running(worker):
        until(lambda: waiting(sessions) == 0)
        rebuilding(patience=10).run()
        write(sessions, catalogue, record(7))
        until(lambda: waiting(sessions) == 0)
        assert len(everything(engine)) == 7


@on_sqlite
def test_a_failure_leaves_all_as_it_was(
    sessions: Sessions,
    catalogue: Catalogue,
    engine: SearchEngine,
    rebuilding: Rebuilding,
    worker: Worker,
    builds: Callable[[], int],
) -> None:
    def fail(_changes: object) -> ApplyReport:
        raise EngineUnavailable("disk full")

    write(sessions, catalogue, record(1))
    worker.step()
    live = engine.health().index
    write(sessions, catalogue, record(2))
    with pytest.raises(EngineUnavailable):
        rebuilding(before=fail).run()
    assert (engine.health().index, builds(), waiting(sessions)) == (live, 1, 1)
    worker.step()
    assert (len(everything(engine)), waiting(sessions)) == (2, 0)


@on_sqlite
def test_a_build_that_lacks_a_firm_is_not_swapped_in(
    sessions: Sessions, catalogue: Catalogue, rebuilding: Rebuilding, builds: Callable[[], int]
) -> None:
    write(sessions, catalogue, record(1), record(2))
    with pytest.raises(RebuildError, match="holds 0 firms, the register 2"):
        rebuilding(before=lambda _: ApplyReport()).run()
    assert (builds(), waiting(sessions)) == (0, 2)


@on_sqlite
def test_a_refused_document_is_a_dead_letter_and_not_counted(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, rebuilding: Rebuilding
) -> None:
    def refuse(changes: Given) -> ApplyReport | None:
        if any(change.id == supplier_key(2) for change in changes):
            raise ValueError("odd")
        return None

    write(sessions, catalogue, record(1), record(2), record(3))
    assert rebuilding(before=refuse).run().failures == 1
    assert len(everything(engine)) == 2
    with sessions() as session:
        assert session.scalars(select(DeadLetter.reason)).all() == ["ValueError: odd"]


@on_sqlite
def test_two_at_once_are_refused(sessions: Sessions, catalogue: Catalogue, rebuilding: Rebuilding) -> None:
    def second(_done: int) -> None:
        with pytest.raises(RebuildRunning):
            rebuilding().run()

    write(sessions, catalogue, record(1))
    rebuilding(progress=second).run()


def test_rows_kept_for_a_build_that_is_no_more_go(sessions: Sessions, catalogue: Catalogue, worker: Worker) -> None:
    """A rebuild that was killed after the worker had brought changes into the live index."""
    worker.step()
    assert leases.acquire(sessions, leases.BUILD, "killed")
    write(sessions, catalogue, record(1))
    worker.step()
    with sessions() as session:
        assert session.scalars(select(OutboxRow.live)).all() == [True]
    let_run_out(sessions, [leases.BUILD])
    worker.close()
    worker.step()
    assert waiting(sessions) == 0


@on_sqlite
def test_stopping_in_the_midst_of_a_first_build(
    sessions: Sessions, catalogue: Catalogue, worker: Worker, builds: Callable[[], int]
) -> None:
    write(sessions, catalogue, record(1))
    worker.stop.set()
    worker.run()
    assert (builds(), waiting(sessions)) == (0, 1)


def test_a_row_that_commits_late_with_an_older_id(
    postgres_database: Engine, catalogue: Catalogue, engine: SearchEngine
) -> None:
    """Rule 3: on PostgreSQL id 1 can commit after id 2, here while the register is read."""
    sessions = sessionmaker(postgres_database)
    with sessions() as early:
        Writer(early, catalogue, actor="tester").write([record(1)])
        write(sessions, catalogue, record(2))
        Rebuild(sessions, engine, catalogue, progress=lambda _: early.commit(), on=TODAY).run()
    assert (waiting(sessions), len(everything(engine))) == (0, 2)
