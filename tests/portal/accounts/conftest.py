"""A portal with accounts, once a worker: every test makes organisations and people of its own, and leaves the others'.

`visitor()` is a browser at an address of its own (delays are counted by address); its forms carry real CSRF tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from config.settings import Settings
from portal.extensions import db
from portal.identity import totp
from portal.models import Base, Message, Organisation, OrganisationState, Role, User, now
from portal.models.database import begin_write
from portal.register.registration import USCC
from tests.factories import credit_code
from tests.portal.apps import CHEAP_PASSWORDS, running, settings_of
from tests.portal.auditing import watch

PASSWORD = "correct horse battery"
KINDS = {"buyer": "buyer", "supplier": "supplier", "staff": "ministry"}
_numbers = count(1)


class Visitor:
    """A browser. `user`: who is signed in, where a fixture says so."""

    user: User

    def __init__(self, app: Flask, address: str) -> None:
        self.client = app.test_client()
        self.address = address

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, environ_base={"REMOTE_ADDR": self.address}, **options)

    def submit(self, path: str, page: str = "", /, **fields: str) -> TestResponse:
        """Send a form that stands on `page` (default: at the same address)."""
        shown = self.get(page or path)
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', shown.text)
        assert found, (shown.status_code, shown.text)
        return self.post(path, csrf_token=found[1], **fields)

    def post(self, path: str, **fields: str) -> TestResponse:
        return self.client.post(path, data=fields, environ_base={"REMOTE_ADDR": self.address})

    def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.submit("/sign-in", sign_in=name, password=password, **fields)


class People:
    """Makes users in the portal's database."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def session(self) -> Session:
        with self.app.app_context():
            return sessionmaker(db.engine, expire_on_commit=False)()

    def add(self, *things: Any) -> None:
        with self.session() as session, session.begin():
            begin_write(session)
            session.add_all(things)

    def organisation(self, kind: str = "buyer", **stated: Any) -> Organisation:
        number = next(_numbers)
        values = {"kind": kind, "name": f"第{number}采购集团", "scheme": USCC, "number": credit_code(5000 + number)}
        made = Organisation(**values | {"state": OrganisationState.APPROVED} | stated)
        self.add(made)
        return made

    def user(self, role: Role = Role.BUYER, organisation: Organisation | None = None, **stated: Any) -> User:
        of = organisation or self.organisation(KINDS[role.partition("_")[0]])
        values = {
            "organisation_id": of.id,
            "sign_in": f"user{next(_numbers)}@example.com",
            "name": "王芳",
            "role": role,
            "language": "en",
            "password_hash": CHEAP_PASSWORDS.hash(PASSWORD),
        }
        if role.startswith("staff"):
            values["totp_secret"] = totp.new_secret()
        made = User(**values | stated)
        self.add(made)
        return made

    def again(self, user: User) -> User:
        """The user as the database has it now."""
        with self.session() as session:
            return session.get_one(User, user.id)

    def again_organisation(self, user: User) -> Organisation:
        """The user's organisation."""
        with self.session() as session:
            return session.get_one(Organisation, user.organisation_id)

    def code(self, user: User) -> str:
        """What the user's app shows."""
        return totp.code_at(user.totp_secret, now())

    def messages(self, recipient: str) -> list[Message]:
        with self.session() as session:
            return list(session.scalars(select(Message).where(Message.recipient == recipient).order_by(Message.id)))

    def link(self, recipient: str) -> str:
        """The path of the link in the newest message."""
        found = re.search(r"http://127\.0\.0\.1:8000(/link\?secret=\S+)", self.messages(recipient)[-1].body)
        assert found
        return found[1]


@pytest.fixture(scope="session")
def accounts_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_of(tmp_path_factory.mktemp("accounts"))


@pytest.fixture(scope="session")
def accounts_app(accounts_settings: Settings) -> Iterator[Flask]:
    with running(accounts_settings) as app:
        watch(app)
        with app.app_context():
            Base.metadata.create_all(db.engine)
        yield app


@pytest.fixture
def people(accounts_app: Flask) -> People:
    return People(accounts_app)


@pytest.fixture
def visitor(accounts_app: Flask) -> Callable[[], Visitor]:
    def make() -> Visitor:
        number = next(_numbers)
        return Visitor(accounts_app, f"192.0.{number // 250}.{number % 250}")

    return make


@pytest.fixture
def signed_in(visitor: Callable[[], Visitor], people: People) -> Callable[[User], Visitor]:
    """`signed_in(user)`: a browser of the user, past both steps."""

    def make(user: User) -> Visitor:
        browser = visitor()
        answer = browser.sign_in(user.sign_in)
        assert answer.status_code == 302, answer.text
        if user.totp_secret:
            answer = browser.submit("/sign-in/code", code=people.code(user))
            assert answer.status_code == 302, answer.text
        return browser

    return make
