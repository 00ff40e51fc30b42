"""A portal with firms and people who speak for them, once a worker: a copy of the one that other tests only read.

Every test speaks for a firm of its own: `speaks_for(number)` is a browser of the firm `supplier_facts(number)`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import sessionmaker

from config.settings import Settings
from portal.extensions import db
from portal.models import Organisation, Role, Supplier
from portal.models.database import begin_write
from portal.register.writer import Writer
from portal.services import services
from tests.factories import credit_code, provenance_facts
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of

_addresses = count(1)


@pytest.fixture(scope="session")
def firms_app(portal_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("firms") / "data"
    shutil.copytree(portal_settings.data_dir, folder)
    with running(settings_of(folder)) as app:
        yield app


@pytest.fixture
def people(firms_app: Flask) -> People:
    return People(firms_app)


@pytest.fixture
def speaks_for(firms_app: Flask, people: People) -> Callable[..., Visitor]:
    """`speaks_for(number)`: who speaks for that firm (None: for none), signed in; nobody else does any more."""

    def make(number: int | None, role: Role = Role.SUPPLIER_ADMIN) -> Visitor:
        with people.session() as session, session.begin():
            begin_write(session)
            firm = session.scalars(select(Supplier.id).where(Supplier.number == credit_code(number or 0))).one_or_none()
            session.execute(update(Organisation).where(Organisation.supplier_id == firm).values(supplier_id=None))
        user = people.user(role, people.organisation("supplier", supplier_id=firm))
        place = next(_addresses)
        browser = Visitor(firms_app, f"198.19.{place // 250}.{place % 250}")
        assert browser.sign_in(user.sign_in).status_code == 302
        browser.user = user
        return browser

    return make


@pytest.fixture
def official(firms_app: Flask) -> Callable[[Callable[[Writer], object]], None]:
    """`official(lambda writer: …)`: what the ministry writes."""

    def write(act: Callable[[Writer], object]) -> None:
        with firms_app.app_context(), sessionmaker(db.engine)() as session, session.begin():
            begin_write(session)
            act(Writer(session, services().catalogue, actor="tester", provenance=provenance_facts()))

    return write
