"""The same pages on PostgreSQL: from sign-up to approval, an invitation, and two steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.extensions import db
from portal.identity import totp
from portal.models import Base, Role, now
from tests.factories import credit_code
from tests.portal.accounts.conftest import PASSWORD, People, Visitor
from tests.portal.apps import running, settings_of


@pytest.fixture
def app(postgres_schema_url: str, tmp_path: Path) -> Iterator[Flask]:
    with running(settings_of(tmp_path, DATABASE_URL=postgres_schema_url)) as made:
        with made.app_context():
            Base.metadata.create_all(db.engine)
        yield made


def test_accounts_on_postgres(app: Flask) -> None:
    people, browser = People(app), Visitor(app, "192.0.2.1")
    browser.submit(
        "/sign-up", kind="buyer", organisation="乙集团", number=credit_code(1), name="李强", sign_in="li@example.com"
    )
    browser.submit(people.link("li@example.com"), password=PASSWORD, again=PASSWORD)
    browser.sign_in("li@example.com")
    assert browser.get("/organisation").status_code == 403

    user, staff = people.user(Role.STAFF_ADMIN), Visitor(app, "192.0.2.2")
    staff.sign_in(user.sign_in)
    staff.submit("/sign-in/code", code=people.code(user))
    decision = re.search(r'action="(/staff/organisations/\d+/approve)', staff.get("/staff/organisations").text)
    assert decision
    staff.submit(decision[1], "/staff/organisations")
    assert browser.get("/organisation").status_code == 200

    browser.submit("/organisation/invitations", "/organisation", sign_in="wang@example.com", role="buyer")
    colleague = Visitor(app, "192.0.2.3")
    colleague.submit(people.link("wang@example.com"), password=PASSWORD, again=PASSWORD, name="王芳")
    assert colleague.sign_in("wang@example.com").status_code == 302
    member = re.search(r'action="(/organisation/members/\d+/role)', browser.get("/organisation").text)
    assert member
    browser.submit(member[1], "/organisation", role="buyer_admin")
    assert colleague.get("/organisation").status_code == 200

    key = re.search(r'class="key">([A-Z2-7 ]+)<', colleague.get("/account/authenticator").text)
    assert key
    colleague.submit("/account/authenticator", code=totp.code_at(key[1].replace(" ", ""), now()))
    assert "recovery codes are left" in colleague.get("/account").text
    colleague.submit("/sign-out", "/account")
    assert colleague.sign_in("wang@example.com").location == "/sign-in/code"
    browser.submit(member[1].replace("/role", "/disable"), "/organisation")
    assert "closed" in colleague.sign_in("wang@example.com").text
