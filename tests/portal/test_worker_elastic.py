"""The worker and rebuilds on a real Elasticsearch: what the other tests show on the embedded engine."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch
from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from portal.indexing import leases
from portal.indexing.rebuild import Rebuild
from portal.indexing.sessions import Sessions
from portal.indexing.vocabulary import vocabulary
from portal.indexing.worker import Worker
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from search import EngineUnavailable, SearchEngine, open_engine
from tests.factories import key_only, record, supplier_key
from tests.portal.indexing import TODAY, everything, found, let_run_out, waiting, withdraw, write


@pytest.fixture
def sessions(sqlite_database: Engine) -> Sessions:
    return sessionmaker(sqlite_database)


@pytest.fixture
def url(elasticsearch_url: str) -> Iterator[str]:
    """A prefix of the test's own, whose indexes go afterwards."""
    prefix = f"worker-{secrets.token_hex(4)}"
    yield f"{elasticsearch_url}/{prefix}"
    with Elasticsearch(elasticsearch_url) as client:
        for index in client.indices.get(index=f"{prefix}-*"):
            client.indices.delete(index=index)


@pytest.fixture
def engine(url: str, catalogue: Catalogue) -> Iterator[SearchEngine]:
    opened = open_engine(url, vocabulary(catalogue), timeout=30)
    yield opened
    opened.close()


@pytest.fixture
def worker(sessions: Sessions, catalogue: Catalogue, url: str) -> Iterator[Worker]:
    def opened() -> SearchEngine:
        return open_engine(url, vocabulary(catalogue), timeout=30)

    made = Worker(sessions, opened, catalogue, today=lambda: TODAY)
    yield made
    made.close()


def test_edits_and_rebuilds(sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, worker: Worker) -> None:
    write(sessions, catalogue, *(record(number) for number in range(1, 6)))
    worker.step()
    assert len(everything(engine)) == 5
    write(sessions, catalogue, SupplierRecord(supplier=key_only(1, name_zh="改名一厂")))
    withdraw(sessions, catalogue, supplier_key(2))
    worker.step()
    assert found(engine, "改名一厂") == {supplier_key(1)}

    def progress(_done: int) -> None:
        write(sessions, catalogue, SupplierRecord(supplier=key_only(3, name_zh="改名三厂")), record(6))
        withdraw(sessions, catalogue, supplier_key(4))

    live = engine.health().index
    worker.close()
    Rebuild(sessions, engine, catalogue, progress=progress, on=TODAY).run()
    assert engine.health().index != live
    assert everything(engine) == sorted(supplier_key(number) for number in (1, 3, 5, 6))
    assert found(engine, "改名三厂") == {supplier_key(3)}
    assert waiting(sessions) == 0


def test_what_a_killed_rebuild_left_is_removed(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, worker: Worker, url: str
) -> None:
    def builds() -> set[str]:
        server, prefix = url.rsplit("/", 1)
        with Elasticsearch(server) as client:
            return set(client.indices.get(index=f"{prefix}-idx-*"))

    write(sessions, catalogue, record(1))
    worker.step()
    live = builds()
    assert leases.acquire(sessions, leases.BUILD, "killed")
    engine.begin_build()
    assert len(builds()) == 2
    let_run_out(sessions, [leases.BUILD])
    worker.close()
    worker.step()
    assert builds() == live


def test_a_server_that_does_not_answer(sessions: Sessions, catalogue: Catalogue) -> None:
    """Rows wait, and the worker says why."""
    nobody = open_engine("http://127.0.0.1:9/suppliers", vocabulary(catalogue), timeout=1)
    worker = Worker(sessions, lambda: nobody, catalogue, today=lambda: TODAY)
    write(sessions, catalogue, record(1))
    with pytest.raises(EngineUnavailable):
        worker.step()
    worker.close()
    assert waiting(sessions) == 1
