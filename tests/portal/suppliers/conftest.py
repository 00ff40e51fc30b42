"""A portal with firms, an index and accounts, once a worker: a copy of the one that other tests only read.

Every test takes firms of its own (`free_firm`), or speaks for one: `speaks_for(number)` is a browser of the firm
`supplier_facts(number)`. It makes organisations and people of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.models import Organisation, Role, Supplier, User
from portal.models.database import begin_write
from portal.register.writer import Writer
from portal.services import services
from tests.factories import credit_code, provenance_facts
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of
from tests.portal.auditing import watch

_addresses = count(1)
_firms = count(1)


@pytest.fixture(scope="session")
def suppliers_app(portal_settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("suppliers") / "data"
    shutil.copytree(portal_settings.data_dir, folder)
    with running(settings_of(folder)) as app:
        watch(app)
        yield app


@pytest.fixture
def people(suppliers_app: Flask) -> People:
    return People(suppliers_app)


@pytest.fixture
def signed_in(suppliers_app: Flask) -> Callable[[User], Visitor]:
    """`signed_in(user)`: a browser of the user, past both steps."""

    def make(user: User) -> Visitor:
        number = next(_addresses)
        browser = Visitor(suppliers_app, f"203.0.{number // 250}.{number % 250}")
        assert browser.sign_in(user.sign_in).status_code == 302
        if user.totp_secret:
            browser.submit("/sign-in/code", code=People(suppliers_app).code(user))
        return browser

    return make


@pytest.fixture
def free_firm(people: People) -> Callable[..., Supplier]:
    """`free_firm(phone=…)`: a new firm of the register that nobody speaks for; not in the index."""

    def make(**stated: Any) -> Supplier:
        number = next(_firms)
        values = {"scheme": "CN-USCC", "number": credit_code(70_000 + number), "name_zh": f"第{number}号轴承厂"}
        firm = Supplier(**values | {"sector": "machinery", "region": "330100", "phone": "138 0013 8000"} | stated)
        people.add(firm)
        return firm

    return make


@pytest.fixture
def speaks_for(suppliers_app: Flask, people: People) -> Callable[..., Visitor]:
    """`speaks_for(number)`: who speaks for that firm (None: for none), signed in; nobody else does any more."""

    def make(number: int | None, role: Role = Role.SUPPLIER_ADMIN) -> Visitor:
        with people.session() as session, session.begin():
            begin_write(session)
            firm = session.scalars(select(Supplier.id).where(Supplier.number == credit_code(number or 0))).one_or_none()
            session.execute(update(Organisation).where(Organisation.supplier_id == firm).values(supplier_id=None))
        user = people.user(role, people.organisation("supplier", supplier_id=firm))
        place = next(_addresses)
        browser = Visitor(suppliers_app, f"198.19.{place // 250}.{place % 250}")
        assert browser.sign_in(user.sign_in).status_code == 302
        browser.user = user
        return browser

    return make


@pytest.fixture
def official(suppliers_app: Flask) -> Callable[[Callable[[Writer], object]], None]:
    """`official(lambda writer: …)`: what the ministry writes."""

    def write(act: Callable[[Writer], object]) -> None:
        with suppliers_app.app_context(), sessionmaker(db.engine)() as session, session.begin():
            begin_write(session)
            act(Writer(session, services().catalogue, actor="tester", provenance=provenance_facts()))

    return write
