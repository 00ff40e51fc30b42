"""A portal with firms, an index and accounts that staff take care of, once a worker: a copy of the one others read.

`staff(role)` is a browser of staff of that role; `worker()` does every job that waits, and seals the log.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker

from portal.care.handlers import handlers
from portal.extensions import db
from portal.models import Role
from portal.register.auditing.sealing import Sealer
from portal.services import services
from portal.workspace.exporting import Exporter
from portal.workspace.jobs import Runner
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of
from tests.portal.auditing import watch

_addresses = count(1)


@pytest.fixture(scope="session")
def ministry_app(portal_settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("ministry") / "data"
    shutil.copytree(portal_settings.data_dir, folder)
    with running(settings_of(folder)) as app:
        watch(app)
        yield app


@pytest.fixture
def people(ministry_app: Flask) -> People:
    return People(ministry_app)


@pytest.fixture
def staff(ministry_app: Flask, people: People) -> Callable[..., Visitor]:
    """`staff(role, **user)`: a browser past both steps."""

    def make(role: Role = Role.STAFF_EDITOR, **stated: Any) -> Visitor:
        number = next(_addresses)
        browser = Visitor(ministry_app, f"198.18.{number // 250}.{number % 250}")
        user = people.user(role, **stated)
        assert browser.sign_in(user.sign_in).status_code == 302
        assert browser.submit("/sign-in/code", code=people.code(user)).status_code == 302
        browser.user = user
        return browser

    return make


@pytest.fixture
def worker(ministry_app: Flask) -> Callable[[], None]:
    """Seals the log and does every job that waits."""

    def run() -> None:
        with ministry_app.app_context():
            shared, sessions, stop = services(), sessionmaker(db.engine), threading.Event()
            Sealer(sessions, shared.settings.secret_key, stop).seal_all()
            doing = handlers(
                Exporter(shared.settings.exports_dir, shared.open_engine, shared.spool), shared.settings.secret_key
            )
            runner = Runner(sessions, shared.catalogue, doing, stop)
            while runner.run_one():
                pass

    return run
