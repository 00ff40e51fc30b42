"""A portal with firms, an index and accounts, once a worker: a copy of the one that other tests only read.

Every test makes organisations and people of its own, so it sees no other's lists.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker

from config.settings import Settings
from portal.extensions import db
from portal.models import Organisation, Role, User
from portal.services import services
from portal.workspace.exporting import Exporter
from portal.workspace.handlers import handlers
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Runner
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of

_addresses = count(1)


@pytest.fixture(scope="session")
def buyers_app(portal_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("buyers") / "data"
    shutil.copytree(portal_settings.data_dir, folder)
    with running(settings_of(folder)) as app:
        yield app


@pytest.fixture
def people(buyers_app: Flask) -> People:
    return People(buyers_app)


@pytest.fixture
def signed_in(buyers_app: Flask) -> Callable[[User], Visitor]:
    """`signed_in(user)`: a browser of the user."""

    def make(user: User) -> Visitor:
        number = next(_addresses)
        browser = Visitor(buyers_app, f"203.0.{number // 250}.{number % 250}")
        assert browser.sign_in(user.sign_in).status_code == 302
        return browser

    return make


@pytest.fixture
def work(buyers_app: Flask) -> Callable[[], None]:
    """The worker: does every job that waits."""

    def run() -> None:
        with buyers_app.app_context():
            shared = services()
            doing = handlers(
                Exporter(shared.settings.exports_dir, shared.open_engine, shared.spool),
                Uploads(shared.settings.uploads_dir),
            )
            runner = Runner(sessionmaker(db.engine), shared.catalogue, doing, threading.Event())
            while runner.run_one():
                pass

    return run


@pytest.fixture
def organisation(people: People) -> Organisation:
    return people.organisation()


@pytest.fixture
def wang(people: People, organisation: Organisation, signed_in: Callable[[User], Visitor]) -> Visitor:
    """A buyer."""
    return signed_in(people.user(Role.BUYER, organisation, name="王芳"))


@pytest.fixture
def li(people: People, organisation: Organisation, signed_in: Callable[[User], Visitor]) -> Visitor:
    """A colleague."""
    return signed_in(people.user(Role.BUYER, organisation, name="李伟"))


@pytest.fixture
def zhao(people: People, signed_in: Callable[[User], Visitor]) -> Visitor:
    """An administrator of another organisation."""
    return signed_in(people.user(Role.BUYER_ADMIN, name="赵敏"))
