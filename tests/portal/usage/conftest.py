"""A portal of its own to be searched in, and the part of the worker that adds up what was counted there."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import sessionmaker

from config.settings import Settings
from portal.extensions import db
from portal.models import Organisation, Role, Supplier
from portal.register.clock import today_china
from portal.services import services
from portal.usage.adding import Adder
from portal.workspace.exporting import Exporter
from portal.workspace.handlers import handlers
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Runner
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of

_addresses = count(1)


@pytest.fixture(scope="session")
def usage_settings(portal_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("usage") / "data"
    shutil.copytree(portal_settings.data_dir, folder)
    return settings_of(folder)


@pytest.fixture(scope="session")
def usage_app(usage_settings: Settings) -> Iterator[Flask]:
    with running(usage_settings) as app:
        yield app


@pytest.fixture
def people(usage_app: Flask) -> People:
    return People(usage_app)


@pytest.fixture
def browser_of(usage_app: Flask, people: People) -> Callable[..., Visitor]:
    """`browser_of(role, organisation)`: a browser in which somebody new is signed in."""

    def make(role: Role = Role.BUYER, organisation: Organisation | None = None) -> Visitor:
        number = next(_addresses)
        visitor = Visitor(usage_app, f"203.2.{number // 250}.{number % 250}")
        visitor.user = people.user(role, organisation)
        assert visitor.sign_in(visitor.user.sign_in).status_code == 302
        if role.startswith("staff"):
            assert visitor.submit("/sign-in/code", code=people.code(visitor.user)).status_code == 302
        return visitor

    return make


@pytest.fixture
def sme(usage_app: Flask, people: People, browser_of: Callable[..., Visitor]) -> tuple[Visitor, int]:
    """The administrator of the organisation that speaks for a firm of machinery, and the firm."""
    with usage_app.app_context():
        firm = db.session.scalars(select(Supplier.id).where(Supplier.sector == "machinery")).first()
    assert firm is not None
    organisation = people.organisation("supplier")
    with people.session() as session, session.begin():
        session.execute(update(Organisation).where(Organisation.supplier_id == firm).values(supplier_id=None))
        session.execute(update(Organisation).where(Organisation.id == organisation.id).values(supplier_id=firm))
    return browser_of(Role.SUPPLIER_ADMIN, organisation), firm


@pytest.fixture
def add_up(usage_app: Flask) -> Callable[..., int]:
    """What the worker does with the notes; as of a day."""

    def run(today: Callable[[], date] = today_china) -> int:
        with usage_app.app_context():
            settings = services().settings
            adder = Adder(
                sessionmaker(db.engine), settings.usage_dir, settings.search_log_days, threading.Event(), today
            )
            return adder.step()

    return run


@pytest.fixture
def export(usage_app: Flask) -> Callable[[], None]:
    """The worker: writes every export that waits."""

    def run() -> None:
        with usage_app.app_context():
            shared = services()
            exporter = Exporter(shared.settings.exports_dir, shared.open_engine, shared.spool)
            doing = handlers(exporter, Uploads(shared.settings.uploads_dir))
            runner = Runner(sessionmaker(db.engine), shared.catalogue, doing, threading.Event())
            while runner.run_one():
                pass

    return run
