"""`flask accounts …` and the demonstration accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from portal.extensions import db
from portal.identity import demo
from portal.models import AuditEntry, Base, Fact, Organisation, Role, Supplier, User, now
from tests.factories import credit_code
from tests.portal.accounts.conftest import PASSWORD, People, Visitor
from tests.portal.apps import running, settings_of


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with running(settings_of(tmp_path_factory.mktemp("commands"))) as made:
        with made.app_context():
            Base.metadata.create_all(db.engine)
        yield made


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A portal with a fictional firm and the demonstration accounts."""
    with running(settings_of(tmp_path_factory.mktemp("sample"))) as made:
        with made.app_context():
            Base.metadata.create_all(db.engine)
        firm = Supplier(scheme="CN-USCC", number=credit_code(1), name_zh="示例轴承有限公司", sector="machinery")
        People(made).add(firm, Fact(name="fictional", value="1"))
        run(made, "demo")
        yield made


def run(app: Flask, *words: str, fails: bool = False) -> Result:
    done = app.test_cli_runner().invoke(args=["accounts", *words])
    assert (done.exit_code != 0) == fails, (done.output, done.exception)
    return done


def test_an_account_from_the_command_line(app: Flask) -> None:
    words = ["--role", "staff_admin", "--person", "王芳", "--organisation", "主管部门"]
    printed = run(app, "create", "Wang@Example.com", *words).output
    link = re.search(r"http://127\.0\.0\.1:8000(/link\S+)", printed)
    assert link
    browser = Visitor(app, "192.0.2.1")
    assert browser.sign_in("wang@example.com").status_code == 422, "no password, no sign-in"
    browser.submit(link[1], password=PASSWORD, again=PASSWORD)
    assert browser.sign_in("wang@example.com").location == "/account/authenticator"
    assert "has an account already" in run(app, "create", "wang@example.com", *words, fails=True).output
    run(app, "create", "li@example.com", *words)
    with People(app).session() as session:
        assert len(session.scalars(select(Organisation).where(Organisation.name == "主管部门")).all()) == 1
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "created").limit(1)).one()
    assert line.actor == "command line"
    assert line.changes == {"role": [None, "staff_admin"]}


@pytest.mark.parametrize(("name", "role"), [("wang", "staff_admin"), ("wang@example.com", "king")])
def test_what_create_refuses(app: Flask, name: str, role: str) -> None:
    run(app, "create", name, "--role", role, "--person", "x", "--organisation", "y", fails=True)


def test_the_list(app: Flask) -> None:
    people = People(app)
    user, left = people.user(Role.BUYER), people.user(Role.SUPPLIER_ADMIN, disabled_at=now())
    lines = [line.split("\t") for line in run(app, "list").output.splitlines()]
    by_name = {line[0]: line[1:] for line in lines}
    assert by_name[user.sign_in] == [
        "buyer",
        people.again_organisation(user).name,
        "approved",
        "password only",
        "never",
    ]
    assert by_name[left.sign_in][2] == "disabled"
    assert [line.split("\t")[0] for line in run(app, "list", "--role", "supplier_admin").output.splitlines()] == [
        left.sign_in
    ]


def test_disable_and_undo(app: Flask) -> None:
    people = People(app)
    user, browser = people.user(Role.BUYER_ADMIN), Visitor(app, "192.0.2.2")
    browser.sign_in(user.sign_in)
    run(app, "disable", user.sign_in)
    assert browser.get("/account").status_code == 302
    assert browser.sign_in(user.sign_in).status_code == 422
    run(app, "disable", "--undo", user.sign_in)
    assert browser.sign_in(user.sign_in).status_code == 302
    assert "nobody signs in as" in run(app, "disable", "nobody@example.com", fails=True).output


def test_reset_totp(app: Flask) -> None:
    people = People(app)
    user, browser = people.user(Role.STAFF_VIEWER), Visitor(app, "192.0.2.3")
    browser.sign_in(user.sign_in)
    browser.submit("/sign-in/code", code=people.code(user))
    run(app, "reset-totp", user.sign_in)
    assert browser.get("/account").status_code == 302
    assert browser.sign_in(user.sign_in).location == "/account/authenticator"


def test_without_sample_data_there_are_no_demonstration_accounts(app: Flask) -> None:
    assert "No sample data" in run(app, "demo").output
    with People(app).session() as session:
        assert session.scalars(select(User).where(User.sign_in.endswith(demo.DOMAIN))).all() == []
    assert "Demonstration accounts" not in Visitor(app, "192.0.2.4").get("/sign-in").text


@pytest.mark.parametrize("role", Role)
def test_every_role_can_be_tried(sample: Flask, role: Role) -> None:
    printed = run(sample, "demo").output
    name = demo.sign_in_name(role)
    assert name in printed
    assert demo.PASSWORD in printed
    browser = Visitor(sample, "192.0.2.5")
    assert name in browser.get("/sign-in").text
    answer = browser.sign_in(name, demo.PASSWORD)
    if role.startswith("staff"):
        code = run(sample, "code", name).output.strip()
        answer = browser.submit("/sign-in/code", code=code)
    start = {"buyer": "/workspace", "staff": "/ministry", "supplier": "/firm"}[role.partition("_")[0]]
    assert (answer.status_code, answer.location) == (302, start)
    assert name in browser.get("/account").text


def test_the_supplier_is_a_firm_of_the_sample(sample: Flask) -> None:
    with People(sample).session() as session:
        found = session.scalars(select(Organisation).where(Organisation.kind == "supplier")).one()
    assert (found.name, found.number) == ("示例轴承有限公司", credit_code(1))


def test_codes_of_others_are_not_told(sample: Flask) -> None:
    user = People(sample).user(Role.STAFF_ADMIN)
    for name in (user.sign_in, demo.sign_in_name(Role.BUYER), "nobody@example.com"):
        assert "no demonstration account" in run(sample, "code", name, fails=True).output


def test_when_the_sample_is_gone_so_are_they(tmp_path: Path) -> None:
    with running(settings_of(tmp_path)) as app:
        with app.app_context():
            Base.metadata.create_all(db.engine)
        people = People(app)
        people.add(Fact(name="fictional", value="1"))
        run(app, "demo")
        with people.session() as session, session.begin():
            session.delete(session.get_one(Fact, "fictional"))
        browser = Visitor(app, "192.0.2.6")
        assert browser.sign_in(demo.sign_in_name(Role.BUYER), demo.PASSWORD).status_code == 422
        assert "Demonstration accounts" not in browser.get("/sign-in").text
