"""Own data and leaving, on pages, for every role: what is downloaded, and that nothing names who has left."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.models import (
    Base,
    CaseState,
    ContactAgreement,
    Organisation,
    OrganisationState,
    ReviewCase,
    Role,
    Supplier,
    User,
)
from portal.register.auditing.sealing import Sealer
from portal.register.auditing.verifying import verify
from portal.services import services
from tests.factories import supplier_key
from tests.portal.accounts.conftest import KINDS, PASSWORD, People, Visitor
from tests.portal.buyers.forms import send
from tests.portal.buyers.test_inquiries import answer, ask, reported
from tests.portal.buyers.test_isolation import Work, fill
from tests.portal.inquiring import claimed

SignedIn = Callable[[User], Visitor]
_numbers = count(1)
SENTENCE = "correct horse battery staple"


@pytest.fixture
def leaver(people: People, signed_in: SignedIn) -> Callable[[Role], tuple[Visitor, User]]:
    """Someone with a name that nothing else holds, who has colleagues, and a browser past both steps."""

    def make(role: Role) -> tuple[Visitor, User]:
        number = next(_numbers)
        organisation = people.organisation(KINDS[role.partition("_")[0]], state=OrganisationState.APPROVED)
        name = f"离开{role}{number}"
        user = people.user(role, organisation, name=name, sign_in=f"leaving{number}@qxz7.example")
        admin = Role(role if role.endswith("admin") else f"{role.partition('_')[0]}_admin")
        people.user(admin, organisation)
        browser = signed_in(user)
        browser.user = user
        if user.totp_secret:
            browser.submit("/sign-in/code", code=people.code(user))
        return browser, user

    return make


def mentions(people: People, *words: str) -> list[str]:
    """The tables that hold one of the words, in any column."""
    with people.session() as session:
        return [
            table.name
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
            if any(word in str(row) for word in words)
        ]


def leave(browser: Visitor) -> None:
    answered = browser.submit("/account/delete", present=PASSWORD)
    assert (answered.status_code, answered.location) == (302, "/"), answered.text


def check_chain(app: Flask) -> None:
    with app.app_context():
        sessions, key = sessionmaker(db.engine), services().settings.secret_key
        Sealer(sessions, key, threading.Event()).seal_all()
        with sessions() as session:
            report = verify(session, key)
    assert not report.problems


def busy(role: Role, browser: Visitor, people: People, work: Work) -> None:
    """Do what the role does, so that its name could be anywhere."""
    browser.submit("/account/profile", "/account", name=browser.user.name, language="zh")
    if role in {Role.BUYER, Role.BUYER_ADMIN}:
        fill(browser, work)
    elif role in {Role.SUPPLIER_ADMIN, Role.SUPPLIER_EDITOR}:
        pass
    if role.endswith("admin"):
        browser.submit(
            "/organisation/invitations", "/organisation", sign_in="fresh@example.com", role=str(browser.user.role)
        )


@pytest.mark.parametrize("role", Role)
def test_nothing_names_who_has_left(
    leaver: Callable[[Role], tuple[Visitor, User]], people: People, buyers_app: Flask, work: Work, role: Role
) -> None:
    browser, user = leaver(role)
    busy(role, browser, people, work)
    assert "user_account" in mentions(people, user.sign_in)
    work()
    leave(browser)
    # A letter that a colleague waits for may name who wrote it, until it is sent.
    assert set(mentions(people, user.sign_in, user.name)) <= {"message"}
    assert not people.messages(user.sign_in)
    assert browser.get("/account").location == "/sign-in?next=/account"
    assert browser.sign_in(user.sign_in).status_code == 422
    check_chain(buyers_app)
    with people.session() as session:
        row = session.get_one(User, user.id)
        assert (row.name, row.password_hash, row.role) == ("", "", user.role)


def test_the_same_address_signs_up_again_as_someone_new(
    leaver: Callable[[Role], tuple[Visitor, User]], people: People, buyers_app: Flask
) -> None:
    browser, user = leaver(Role.BUYER)
    leave(browser)
    fresh = Visitor(buyers_app, "203.9.0.1")
    asked = {"kind": "buyer", "organisation": "新集团", "number": "91310000775785552L", "name": "新人"}
    fresh.submit("/sign-up", sign_in=user.sign_in, **asked)
    assert fresh.submit(people.link(user.sign_in), password=SENTENCE, again=SENTENCE).status_code == 302
    with people.session() as session:
        made = session.scalars(select(User).where(User.sign_in == user.sign_in)).one()
        assert made.id != user.id


def test_a_wrong_password_deletes_nothing(leaver: Callable[[Role], tuple[Visitor, User]], people: People) -> None:
    browser, user = leaver(Role.BUYER)
    refused = browser.submit("/account/delete", present="wrong")
    assert (refused.status_code, "This is not your password." in refused.text) == (422, True)
    assert people.again(user).erased_at is None


def test_the_last_administrator_is_told_what_to_do(people: People, signed_in: SignedIn) -> None:
    organisation = people.organisation()
    admin = people.user(Role.BUYER_ADMIN, organisation)
    people.user(Role.BUYER, organisation)
    browser = signed_in(admin)
    page = browser.get("/account/delete").text
    assert "You are the last administrator" in page
    assert 'name="present"' not in page
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get("/account").text)
    assert token
    answered = browser.post("/account/delete", csrf_token=token[1], present=PASSWORD)
    assert answered.location == "/account/delete"
    assert people.again(admin).erased_at is None


def test_who_is_alone_closes_the_organisation(people: People, signed_in: SignedIn) -> None:
    user = people.user(Role.BUYER_ADMIN)
    browser = signed_in(user)
    assert "it is closed too" in browser.get("/account/delete").text
    leave(browser)
    assert people.again_organisation(user).state == OrganisationState.DISABLED


def test_a_number_that_its_owner_let_a_firm_show_is_hidden_again(people: People, signed_in: SignedIn) -> None:
    user = people.user(Role.BUYER_ADMIN, sign_in="+8613700007777")
    with people.session() as session, session.begin():
        firm_id = session.scalars(select(Supplier.id).order_by(Supplier.id)).first()
        for phone in (user.sign_in, "+8613700008888"):
            session.add(ContactAgreement(supplier_id=firm_id, phone=phone))
    leave(signed_in(user))
    with people.session() as session:
        held = set(session.scalars(select(ContactAgreement.phone)))
    assert "+8613700007777" not in held
    assert "+8613700008888" in held


def test_what_the_last_person_of_a_firm_asked_ends_with_it(people: People, signed_in: SignedIn) -> None:
    user = people.user(Role.SUPPLIER_ADMIN)
    with people.session() as session, session.begin():
        firm_id = session.scalars(select(Supplier.id).order_by(Supplier.id.desc())).first()
        about = {"supplier_id": firm_id, "organisation_id": user.organisation_id, "user_id": user.id}
        asked = ReviewCase(kind="profile", payload={"content": {}, "parts": []}, stage="ministry", **about)
        session.add(asked)
        session.flush()
        identity = asked.id
    leave(signed_in(user))
    with people.session() as session:
        assert session.get_one(ReviewCase, identity).state == CaseState.WITHDRAWN


def test_colleagues_see_a_former_member_and_nothing_private(
    leaver: Callable[[Role], tuple[Visitor, User]], people: People, signed_in: SignedIn
) -> None:
    browser, user = leaver(Role.BUYER)
    for name, shared in (("共用名单", "1"), ("私人名单", "")):
        send(browser, "/shortlists", True, name=name, **({"shared": "y"} if shared else {}))
    lists = dict(re.findall(r'href="(/shortlists/\d+)">([^<]+)', browser.get("/shortlists").text))
    shared = next(path for path, name in lists.items() if name == "共用名单")
    send(browser, "/shortlists/add", id=[supplier_key(15)], list=shared.rpartition("/")[2])
    entry = re.search(r'name="entry" value="(\d+)"', browser.get(shared).text)
    assert entry
    send(browser, f"{shared}/notes", text="已致电", entry=entry[1])
    leave(browser)
    with people.session() as session:
        organisation = session.get_one(Organisation, user.organisation_id)
    admin = signed_in(people.user(Role.BUYER_ADMIN, organisation))
    page = admin.get(shared).text
    assert "已致电" in page
    assert "former member" in page
    assert user.name not in page
    assert "former member" in admin.get("/shortlists").text
    assert "deleted/" not in admin.get("/organisation").text
    enable = admin.submit(f"/organisation/members/{user.id}/enable", "/organisation")
    assert enable.status_code == 404


def test_a_firm_sees_a_former_member_and_the_buyer_s_colleagues_go_on(
    leaver: Callable[[Role], tuple[Visitor, User]], people: People, signed_in: SignedIn
) -> None:
    browser, user = leaver(Role.BUYER)
    qian = signed_in(claimed(people, 16))
    path = ask(browser, f"/workspace/inquiries/new?id={supplier_key(16)}", product="泵体")
    leave(browser)
    page = qian.get(path.replace("/workspace", "/firm")).text
    assert "former member" in page
    assert user.name not in page
    answer(qian, path, do="asked", text="材质？")
    with people.session() as session:
        organisation = session.get_one(Organisation, user.organisation_id)
        admin = session.scalars(
            select(User).where(User.organisation_id == organisation.id, User.role == Role.BUYER_ADMIN)
        ).one()
    assert people.messages(admin.sign_in)
    assert "材质？" in signed_in(admin).get(path).text


def test_one_s_own_data_as_a_file(leaver: Callable[[Role], tuple[Visitor, User]], people: People, work: Work) -> None:
    browser, user = leaver(Role.BUYER)
    fill(browser, work)
    answered = browser.get("/account/data")
    assert answered.mimetype == "application/json"
    assert answered.headers["Content-Disposition"] == f'attachment; filename="xunyuan-account-{user.id}.json"'
    assert answered.headers["Cache-Control"] == "no-store, private"
    found = json.loads(answered.text)
    assert [row["sign_in"] for row in found["account"]] == [user.sign_in]
    empty = {name for name, rows in found.items() if not rows}
    assert empty <= {
        *("links_sent", "recovery_codes", "inquiry_blocks", "inquiry_reports", "cases", "case_steps"),
        *("imports", "import_sources", "profile_drafts", "profile_versions", "proofs", "objections", "reminders"),
        *("announcements", "duplicates_told_apart", "ranking_lists"),
    }
    assert user.password_hash not in answered.text
    assert browser.get("/account/data").text == answered.text


def test_a_firm_s_data_as_a_file_for_its_administrators(wang: Visitor, people: People, signed_in: SignedIn) -> None:
    admin = claimed(people, 17)
    with people.session() as session:
        organisation = session.get_one(Organisation, admin.organisation_id)
    editor = signed_in(people.user(Role.SUPPLIER_EDITOR, organisation))
    qian = signed_in(admin)
    path = ask(wang, f"/workspace/inquiries/new?id={supplier_key(17)}", product="泵体", message="请联系")
    reported(qian, path, "不相关")
    assert "Download" in qian.get("/firm/data").text
    answered = qian.get("/firm/data.json")
    assert answered.headers["Content-Disposition"].startswith("attachment; filename=")
    found = json.loads(answered.text)
    assert [f"{row['scheme']}/{row['number']}" for row in found["firm"]] == [supplier_key(17)]
    assert [row["text"] for row in found["inquiry_messages"]] == ["请联系"]
    assert [row["reason"] for row in found["inquiry_reports"]] == ["不相关"]
    assert len(found["people"]) == 2
    assert admin.password_hash not in answered.text
    assert editor.get("/firm/data.json").status_code == 403
    assert 'href="/firm/data"' not in editor.get("/firm").text
    assert signed_in(people.user(Role.SUPPLIER_ADMIN)).get("/firm/data.json").location == "/firm"
