"""Buyers on a portal with firms and an index, once a worker; every test makes an organisation and people of its own.

Firm n (1 to 12) is a machine maker that meets the criteria ASKED but for those in LACKS[n]; 13 is a textile maker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config.settings import Settings
from portal.extensions import db
from portal.models import Base, Conditions, Organisation, Role, User
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from portal.services import services
from tests.factories import assessment_facts, certificate_facts, provenance_facts, supplier_facts
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import flask, running, settings_of
from tests.portal.buyers.conditions.forms import fields_of

ASKED = ("X01-04", "X01-05", "X01-06", "X02-01", "X03-01", "X03-02")
LACKS: dict[int, tuple[str, ...]] = {
    1: (),
    2: (),
    3: ("X01-04",),
    4: ("X01-05",),
    5: ("X01-05",),
    6: ("X01-05", "X01-06"),
    7: ("X01-04", "X01-05", "X01-06"),
}
TEXTILES = 13
_numbers = count(1)


def firms() -> list[SupplierRecord]:
    made = []
    for number in range(1, TEXTILES + 1):
        sector = "textiles" if number == TEXTILES else "machinery"
        met = [code for code in ASKED if code not in LACKS.get(number, ASKED)]
        results = {code.replace("-", "_"): "met" if code in met else "not_met" for code in ASKED}
        made.append(
            SupplierRecord(
                supplier=supplier_facts(
                    number, sector=sector, industries=("1711",) if sector == "textiles" else ("3451",)
                ),
                certificates=(certificate_facts(f"Q-{number}", level="assurance"),),
                assessments=(assessment_facts(date(2025, 6, 1), **results),) if number in LACKS else (),
            )
        )
    return made


@pytest.fixture(scope="session")
def buyers_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_of(tmp_path_factory.mktemp("conditions"))
    with running(settings) as app:
        with app.app_context():
            Base.metadata.create_all(db.engine)
            with db.session.begin():
                Writer(db.session(), services().catalogue, actor="tester", provenance=provenance_facts()).write(firms())
        flask(app, "index", "rebuild")
    return settings


@pytest.fixture(scope="session")
def buyers_app(buyers_settings: Settings) -> Iterator[Flask]:
    with running(buyers_settings) as app:
        yield app


@pytest.fixture
def people(buyers_app: Flask) -> People:
    return People(buyers_app)


class Buyer(Visitor):
    """The browser of someone who is signed in."""

    def __init__(self, app: Flask, user: User) -> None:
        number = next(_numbers)
        super().__init__(app, f"203.0.{number // 250}.{number % 250}")
        self.user = user
        answer = self.sign_in(user.sign_in)
        assert answer.status_code == 302, answer.text

    def fill(self, page: TestResponse | str, action: str, **changes: str | list[str]) -> TestResponse:
        """Send the form of a page with some fields changed, the others as a browser would send them."""
        text = (self.get(page) if isinstance(page, str) else page).text
        data: MultiDict[str, str] = MultiDict(fields_of(text, action))
        for name, value in changes.items():
            data.setlist(name.replace("__", "-"), [value] if isinstance(value, str) else value)
        return self.client.post(action, data=data, environ_base={"REMOTE_ADDR": self.address})

    def keep(self, asks: str = "", name: str = "轴承供应商", **fields: str) -> int:
        """Keep a search; the id of the conditions."""
        answer = self.fill(f"/conditions/new?{asks}", "/conditions/new", name=name, **fields)
        assert answer.status_code == 302, answer.text
        found = re.fullmatch(r"/conditions/(\d+)", answer.location)
        assert found
        return int(found[1])

    def edit(self, kept: int, asks: str = "", **fields: str | list[str]) -> TestResponse:
        """Save an edit: the conditions' own form, or the one that a search leads to."""
        path = f"/conditions/{kept}/edit"
        return self.fill(f"{path}?{asks}" if asks else path, path, **fields)

    def press(self, path: str, **fields: str) -> TestResponse:
        """Press a button; the CSRF token is the session's, wherever it stands."""
        return self.submit(path, "/conditions/new", **fields)


@pytest.fixture
def colleague(buyers_app: Flask, people: People) -> Callable[[Buyer], Buyer]:
    """`colleague(buyer)`: somebody else of the same organisation."""

    def make(buyer: Buyer) -> Buyer:
        with people.session() as session:
            organisation = session.get_one(Organisation, buyer.user.organisation_id)
        return Buyer(buyers_app, people.user(Role.BUYER, organisation, name="李强"))

    return make


@pytest.fixture
def buyer(buyers_app: Flask, people: People) -> Buyer:
    return Buyer(buyers_app, people.user(Role.BUYER))


@pytest.fixture
def stranger(buyers_app: Flask, people: People) -> Buyer:
    """An administrator of another organisation."""
    return Buyer(buyers_app, people.user(Role.BUYER_ADMIN))


def rows(people: People, buyer: Buyer) -> list[Conditions]:
    with people.session() as session:
        asked = select(Conditions).where(Conditions.organisation_id == buyer.user.organisation_id)
        return list(session.scalars(asked))
