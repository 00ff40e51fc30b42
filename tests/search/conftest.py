"""Engines for the contract suite. Every fixture named `engine` runs its tests on tantivy and on a real Elasticsearch.

An Elasticsearch fixture names its indexes by worker and a random part, and removes them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from search import SearchEngine, batches, open_engine
from tests.search.oracle import Oracle
from tests.search.strategies import VOCABULARY, make_changes

ENGINES = ("tantivy", "elasticsearch")
CORPUS = 120


@contextmanager
def _own_prefix(url: str, worker: str) -> Iterator[str]:
    prefix = f"test-{worker}-{uuid.uuid4().hex[:8]}"
    try:
        yield f"{url}/{prefix}?shards=2"
    finally:
        with Elasticsearch(url, request_timeout=60) as client:
            for index in client.indices.get(index=f"{prefix}-*", allow_no_indices=True):
                client.indices.delete(index=index)


@pytest.fixture(scope="session", params=ENGINES)
def engine_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Callable[[], str]]:
    """Each call gives the address of an engine without an index; all are cleaned up when the run ends."""
    if request.param == "tantivy":
        yield lambda: f"tantivy://{tmp_path_factory.mktemp('index')}"
        return
    server = request.getfixturevalue("elasticsearch_url")
    with ExitStack() as cleaning:
        yield lambda: cleaning.enter_context(_own_prefix(server, worker_id))


@pytest.fixture
def engine(engine_url: Callable[[], str]) -> Iterator[SearchEngine]:
    """An engine with an empty live index."""
    opened = open_engine(engine_url(), VOCABULARY, timeout=30)
    build = opened.begin_build()
    build.count()
    build.swap()
    yield opened
    opened.close()


@dataclass(frozen=True)
class Loaded:
    """An engine and the oracle that knows what is in it."""

    engine: SearchEngine
    oracle: Oracle


@pytest.fixture(scope="session")
def loaded(engine_url: Callable[[], str]) -> Iterator[Loaded]:
    """An index half built, half applied: segments, deletions, tombstones, stale versions. Not to be changed."""
    engine = open_engine(engine_url(), VOCABULARY, timeout=30)
    changes = make_changes(1, CORPUS)
    build = engine.begin_build()
    for batch in batches(changes[:90], 40):
        build.apply(batch)
    build.swap()
    for batch in batches(changes[90:], 30):
        engine.apply(batch)
    yield Loaded(engine, Oracle(VOCABULARY, changes))
    engine.close()


@pytest.fixture
def embedded_root(tmp_path: Path) -> Path:
    """Where a tantivy index of the test's own may lie."""
    return tmp_path / "index"
