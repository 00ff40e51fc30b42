"""A sample register in both engines, once a worker; the tests only read it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch
from flask import Flask

from config.settings import Settings
from portal.indexing.vocabulary import vocabulary
from portal.models import Role
from portal.register.catalogue import Catalogue
from portal.register.sample import sample_documents
from search import SearchEngine, open_engine
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of

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


@pytest.fixture(scope="session")
def coverage_app(portal_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A portal with firms and an index of its own, in which staff can be made."""
    folder = tmp_path_factory.mktemp("coverage") / "data"
    shutil.copytree(portal_settings.data_dir, folder)
    with running(settings_of(folder)) as app:
        yield app


@pytest.fixture(scope="session")
def staff(coverage_app: Flask) -> Visitor:
    """A member of the ministry who may look and nothing else."""
    people = People(coverage_app)
    user = people.user(Role.STAFF_VIEWER)
    browser = Visitor(coverage_app, "203.1.0.1")
    browser.sign_in(user.sign_in)
    assert browser.submit("/sign-in/code", code=people.code(user)).status_code == 302
    return browser
