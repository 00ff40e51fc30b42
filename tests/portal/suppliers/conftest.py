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

from portal.models import Supplier, User
from portal.register.writer import Writer
from tests.factories import credit_code
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of
from tests.portal.auditing import watch
from tests.portal.speaking import officially, speaking

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
    return speaking(suppliers_app, people)


@pytest.fixture
def official(suppliers_app: Flask) -> Callable[[Callable[[Writer], object]], None]:
    return officially(suppliers_app)
