"""A sample register in both engines, once a worker; the tests only read it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from portal.indexing.vocabulary import vocabulary
from portal.register.catalogue import Catalogue
from portal.register.sample import sample_documents
from search import SearchEngine, open_engine

FIRMS = 150


@pytest.fixture(scope="session", params=["tantivy", "elasticsearch"])
def counted(
    request: pytest.FixtureRequest, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[SearchEngine]:
    """An engine that holds FIRMS fictional firms."""
    prefix = f"coverage-{worker_id}-{uuid.uuid4().hex[:8]}"
    server = "" if request.param == "tantivy" else request.getfixturevalue("elasticsearch_url")
    url = f"{server}/{prefix}" if server else f"tantivy://{tmp_path_factory.mktemp('index')}"
    engine = open_engine(url, vocabulary(catalogue), timeout=30)
    build = engine.begin_build()
    build.apply(list(sample_documents(FIRMS, 7, catalogue)))
    assert build.count() == FIRMS
    build.swap()
    yield engine
    engine.close()
    if server:
        with Elasticsearch(server, request_timeout=60) as client:
            for index in client.indices.get(index=f"{prefix}-*", allow_no_indices=True):
                client.indices.delete(index=index)
