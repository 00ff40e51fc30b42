"""The worker: edits are found, none is lost or doubled, whatever fails in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import select

from portal.indexing import draining, leases
from portal.indexing.draining import drain_all, drain_step
from portal.indexing.facts import data_version, set_swept_on
from portal.indexing.sessions import Sessions, writing
from portal.indexing.status import status
from portal.indexing.vocabulary import vocabulary
from portal.indexing.worker import Worker
from portal.models import DeadLetter, OutboxRow, Supplier
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from search import EngineUnavailable, SearchEngine, SearchQuery, open_engine
from search.contract import ApplyReport, Change, SupplierDocument
from tests.factories import certificate_facts, key_only, recognition_facts, record, supplier_facts, supplier_key
from tests.portal.indexing import (
    TODAY,
    Meddling,
    everything,
    found,
    let_run_out,
    until,
    waiting,
    withdraw,
    write,
)

Start = Callable[..., Worker]

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For tests in which the kind of database plays no part."""


@pytest.fixture
def start(sessions: Sessions, catalogue: Catalogue, tmp_path: Path) -> Iterator[Start]:
    """`start(…)`: a worker on the test's index that is stepped by hand; `meddle` wraps its engine."""
    started: list[Worker] = []

    def make(meddle: Callable[[SearchEngine], SearchEngine] = lambda engine: engine, today: date = TODAY) -> Worker:
        def opened() -> SearchEngine:
            return meddle(open_engine(f"tantivy://{tmp_path / 'index'}", vocabulary(catalogue)))

        worker = Worker(sessions, opened, catalogue, today=lambda: today)
        started.append(worker)
        return worker

    yield make
    for worker in started:
        worker.close()


@contextmanager
def running(worker: Worker) -> Iterator[None]:
    """The worker in a thread."""
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop.set()
        thread.join()


def test_the_first_start_builds_the_index(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    write(sessions, catalogue, record(1), record(2))
    start().step()
    assert found(engine, "轴承") == {supplier_key(1), supplier_key(2)}
    assert waiting(sessions) == 0


def test_an_edit_is_found_within_a_second(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    write(sessions, catalogue, record(1))
    with running(start()):
        until(lambda: waiting(sessions) == 0)
        took = []
        for number in range(2, 5):
            write(sessions, catalogue, record(number, name_zh=f"第{number}新厂"))
            took.append(until(partial(is_found, engine, f"第{number}新厂")))
        withdraw(sessions, catalogue, supplier_key(2))
        took.append(until(lambda: not is_found(engine, "第2新厂")))
    assert median(took) < 1


def is_found(engine: SearchEngine, text: str) -> bool:
    return bool(found(engine, text))


@on_sqlite
def test_an_index_of_another_catalogue_is_rebuilt_before_use(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    write(sessions, catalogue, record(1))
    start().step()
    other = replace(catalogue, fingerprint="another")
    worker = Worker(
        sessions,
        lambda: open_engine(f"tantivy://{engine.directory.root}", vocabulary(other)),  # type: ignore[attr-defined]
        other,
        today=lambda: TODAY,
    )
    let_run_out(sessions, [leases.DRAIN])
    worker.step()
    worker.close()
    assert not engine.health().current


@on_sqlite
def test_while_the_engine_is_down_changes_wait(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    down = threading.Event()

    def refuse(_changes: object) -> None:
        if down.is_set():
            raise EngineUnavailable("down")

    worker = start(lambda opened: Meddling(opened, refuse))
    write(sessions, catalogue, record(1))
    with running(worker):
        until(lambda: waiting(sessions) == 0)
        down.set()
        write(sessions, catalogue, record(2), record(3))
        worker.stop.wait(0.5)
        assert waiting(sessions) == 2
        down.clear()
        until(lambda: waiting(sessions) == 0)
    assert len(everything(engine)) == 3


def test_a_change_that_comes_while_a_batch_is_applied_stays(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    """Rule 3: just the rows that were read are deleted."""
    meant: list[str] = []

    def edit(_changes: object) -> None:
        if meant:
            write(sessions, catalogue, SupplierRecord(supplier=key_only(1, name_zh=meant.pop())))

    worker = start(lambda opened: Meddling(opened, edit))
    worker.step()
    write(sessions, catalogue, record(1))
    meant.append("后改名厂")
    worker.step()
    assert (waiting(sessions), found(engine, "后改名厂")) == (1, set())
    worker.step()
    assert (waiting(sessions), found(engine, "后改名厂")) == (0, {supplier_key(1)})


def test_an_older_version_never_replaces_a_newer_one(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    start().step()
    newer = SupplierDocument(id=supplier_key(1), version=9, names=("更新的名称",))
    write(sessions, catalogue, record(1))
    worker = start(lambda opened: Meddling(opened, lambda _: opened.apply([newer]) and None))
    let_run_out(sessions, [leases.DRAIN])
    worker.step()
    assert (waiting(sessions), found(engine, "更新的名称")) == (0, {supplier_key(1)})


@on_sqlite
@pytest.mark.parametrize("how", ["refused", "raised"])
def test_a_bad_document_becomes_a_dead_letter_and_blocks_nothing(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start, how: str
) -> None:
    bad = {supplier_key(2)}

    def refuse(changes: list[Change]) -> ApplyReport | None:
        ids = {change.id for change in changes}
        if how == "raised" and ids & bad:
            raise ValueError("no")
        if ids & bad:
            report = opened[0].apply([change for change in changes if change.id not in bad])
            return replace(report, failed=dict.fromkeys(bad, "no"))
        return None

    opened: list[SearchEngine] = []

    def meddle(given: SearchEngine) -> SearchEngine:
        opened.append(given)
        return Meddling(given, refuse)  # type: ignore[arg-type,return-value]

    worker = start(meddle)
    worker.step()
    write(sessions, catalogue, *(record(number) for number in (1, 2, 3)))
    worker.step()
    assert everything(engine) == sorted((supplier_key(1), supplier_key(3)))
    shown = status(sessions, engine)
    assert (shown.waiting, shown.dead, shown.letters[0].supplier) == (0, 1, supplier_key(2))
    assert "no" in shown.letters[0].reason
    bad.clear()
    write(sessions, catalogue, SupplierRecord(supplier=key_only(2, phone="1")))
    worker.step()
    assert (len(everything(engine)), status(sessions, engine).dead) == (3, 0)


@on_sqlite
def test_a_firm_whose_document_cannot_be_made_is_a_dead_letter(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    worker = start()
    worker.step()
    write(sessions, catalogue, record(1), record(2))
    with writing(sessions) as session:
        session.scalars(select(Supplier).order_by(Supplier.id)).first().sites = ["odd"]  # type: ignore[union-attr]
    worker.step()
    assert everything(engine) == [supplier_key(2)]
    with sessions() as session:
        assert "AttributeError" in session.scalars(select(DeadLetter.reason)).one()


def test_one_worker_works_and_another_takes_over_from_a_dead_one(
    sessions: Sessions, catalogue: Catalogue, start: Start
) -> None:
    first, second = start(), start()
    first.step()
    write(sessions, catalogue, record(1))
    second.step()
    assert waiting(sessions) == 1, "the second waits"
    first.close()
    second.step()
    assert waiting(sessions) == 0


def test_who_lost_the_drain_says_of_nothing_that_it_is_done(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    start().step()
    write(sessions, catalogue, record(1))
    with pytest.raises(leases.LeaseLost):
        drain_step(sessions, engine, catalogue, on=TODAY, holder="one that stood still")
    assert waiting(sessions) == 1


@on_sqlite
def test_many_rows_go_in_steps(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "BATCH", 3)
    worker = start()
    worker.step()
    write(sessions, catalogue, *(record(number) for number in range(1, 8)))
    write(sessions, catalogue, SupplierRecord(supplier=key_only(1, phone="1")))
    left = []
    while waiting(sessions):
        worker.step()
        left.append(waiting(sessions))
    assert left == [5, 2, 0]
    assert len(everything(engine)) == 7
    with sessions() as session:
        assert data_version(session) == 1 + 8, "one for the build, one for each change"


@on_sqlite
def test_drain_without_a_worker(sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start) -> None:
    worker = start()
    worker.step()
    worker.close()
    write(sessions, catalogue, record(1))
    seen: list[int] = []
    again = open_engine(f"tantivy://{engine.directory.root}", vocabulary(catalogue))  # type: ignore[attr-defined]
    assert drain_all(sessions, lambda: again, catalogue, seconds=5, progress=seen.append)
    assert (seen, len(everything(engine))) == ([1, 0], 1)


@on_sqlite
def test_drain_gives_up_when_the_worker_does_not_get_on(sessions: Sessions, catalogue: Catalogue, start: Start) -> None:
    start().step()
    write(sessions, catalogue, record(1))
    assert not drain_all(sessions, lambda: None, catalogue, seconds=0.3, progress=lambda _: None)  # type: ignore[arg-type,return-value]


SPANS: dict[str, dict[str, Any]] = {
    "begins": {"issued_on": TODAY, "expires_on": None},
    "began before": {"issued_on": TODAY - timedelta(days=3), "expires_on": None},
    "begins tomorrow": {"issued_on": TODAY + timedelta(days=1), "expires_on": None},
    "ended at midnight": {"issued_on": date(2020, 1, 1), "expires_on": TODAY - timedelta(days=1)},
    "ended at the midnight after the last sweep": {
        "issued_on": date(2020, 1, 1),
        "expires_on": TODAY - timedelta(days=3),
    },
    "ended before": {"issued_on": date(2020, 1, 1), "expires_on": TODAY - timedelta(days=4)},
    "ends today": {"issued_on": date(2020, 1, 1), "expires_on": TODAY},
}
SWEPT = {"begins", "ended at midnight", "ended at the midnight after the last sweep"}


@pytest.mark.parametrize("kind", ["certificate", "recognition"])
def test_a_sweep_after_three_days_without_a_worker(
    sessions: Sessions, catalogue: Catalogue, start: Start, kind: str
) -> None:
    last = TODAY - timedelta(days=3)
    start(today=last).step()
    let_run_out(sessions, [leases.DRAIN])
    for number, span in enumerate(SPANS.values(), 1):
        if kind == "certificate":
            given = SupplierRecord(supplier=supplier_facts(number), certificates=(certificate_facts(**span),))
        else:
            on, ends = span["issued_on"], span["expires_on"] or date(2090, 1, 1)
            tier = recognition_facts(on=on, expires_on=ends)
            given = SupplierRecord(supplier=supplier_facts(number), recognitions=(tier,))
        write(sessions, catalogue, given)
    start().step()
    with sessions() as session:
        versions = session.scalars(select(Supplier.index_version).order_by(Supplier.id)).all()
    assert {name for name, version in zip(SPANS, versions, strict=True) if version == 2} == SWEPT


@on_sqlite
def test_what_a_sweep_changes_is_found(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start
) -> None:
    ends = certificate_facts(expires_on=TODAY)
    write(sessions, catalogue, SupplierRecord(supplier=supplier_facts(), certificates=(ends,)))
    certified = SearchQuery(has=("certificate",))
    start().step()
    assert engine.search(certified).total == 1
    let_run_out(sessions, [leases.DRAIN])
    start(today=TODAY + timedelta(days=1)).step()
    assert (engine.search(certified).total, len(everything(engine))) == (0, 1)


def test_the_status_in_one_look(sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, start: Start) -> None:
    before = status(sessions, engine)
    assert (before.health, before.worker) == (None, "")
    assert "flask index rebuild" in before.trouble
    worker = start()
    worker.step()
    write(sessions, catalogue, record(1))
    with writing(sessions) as session:
        session.scalars(select(OutboxRow)).one().at -= timedelta(seconds=60)
        set_swept_on(session, TODAY)
    now = status(sessions, engine)
    assert now.health is not None
    assert (now.health.documents, now.suppliers, now.waiting) == (0, 1, 1)
    assert (now.worker, now.swept_on, now.building) == (worker.holder, TODAY, "")
    assert 60 <= now.oldest_seconds < 90
