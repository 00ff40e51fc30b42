"""Sign-up, code, link, reset and invitation on the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy import select

from config.settings import Settings
from portal.models import Organisation, Role, User
from tests.factories import credit_code
from tests.portal.accounts.conftest import PASSWORD, People, Visitor
from tests.portal.apps import running, settings_of

Visitors = Callable[[], Visitor]
_numbers = count(1)


def application(**stated: str) -> dict[str, str]:
    number = next(_numbers)
    values = {
        "kind": "buyer",
        "organisation": " 乙  集团 ",
        "number": credit_code(7000 + number),
        "name": "李强",
        "sign_in": f"New{number}@Example.com",
    }
    return values | stated


def organisation_of(people: People, name: str) -> tuple[User, Organisation]:
    with people.session() as session:
        user = session.scalars(select(User).where(User.sign_in == name)).one()
        return user, session.get_one(Organisation, user.organisation_id)


def test_from_sign_up_to_the_first_page(people: People, visitor: Visitors) -> None:
    browser, fields = visitor(), application()
    name = fields["sign_in"].lower()
    answer = browser.submit("/sign-up", **fields)
    assert answer.status_code == 200
    assert name in answer.text
    link = people.link(name)
    assert browser.get(link).status_code == browser.get(link).status_code == 200, "opening it uses nothing up"
    weak = browser.submit(link, password="password123", again="password123")
    assert weak.status_code == 422
    assert "Too many people use this one" in weak.text
    assert 'aria-invalid="true"' in weak.text
    assert "not the same" in browser.submit(link, password=PASSWORD, again="other").text
    assert browser.submit(link, password=PASSWORD, again=PASSWORD).location == "/sign-in"
    assert browser.get(link).status_code == 410
    assert browser.sign_in(name).status_code == 302
    page = browser.get("/account").text
    assert "乙 集团" in page
    assert "has not been approved yet" in page
    user, organisation = organisation_of(people, name)
    assert (user.role, organisation.state, organisation.scheme) == (Role.BUYER_ADMIN, "pending", "CN-USCC")
    assert browser.get("/organisation").status_code == 403


@pytest.mark.usefixtures("accounts_app")  # which makes the database
def test_automatic_approval(accounts_settings: Settings) -> None:
    with running(settings_of(accounts_settings.data_dir, AUTO_APPROVE="true")) as app:
        people, browser, fields = People(app), Visitor(app, "203.0.113.1"), application()
        browser.submit("/sign-up", **fields)
        browser.submit(people.link(fields["sign_in"].lower()), password=PASSWORD, again=PASSWORD)
        browser.sign_in(fields["sign_in"])
        assert browser.get("/organisation").status_code == 200


@pytest.mark.parametrize("path", ["/sign-up", "/reset"])
def test_nobody_learns_who_has_an_account(people: People, visitor: Visitors, path: str) -> None:
    def shown(name: str) -> str:
        answer = visitor().submit(path, **application(sign_in=name))
        assert answer.status_code == 200
        return answer.text.replace(name, "NAME")

    user = people.user()
    assert shown(user.sign_in) == shown("nobody@example.com")
    assert len(people.messages(user.sign_in)) == 1
    told = people.messages("nobody@example.com")
    assert all("sign-up" in message.subject for message in told)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("organisation", " ", "required"),
        ("organisation", "长" * 201, "At most 200"),
        ("name", "", "required"),
        ("number", "123", "unified social credit code"),
        ("number", credit_code(1)[:-1] + ("1" if credit_code(1)[-1] != "1" else "2"), "check digit"),
        ("sign_in", "wang", "e-mail address"),
        ("kind", "ministry", ""),
    ],
)
def test_what_sign_up_refuses(visitor: Visitors, field: str, value: str, said: str) -> None:
    answer = visitor().submit("/sign-up", **application(**{field: value}))
    assert answer.status_code == 422
    assert re.search(f'<[^>]* name="{field}"', answer.text)
    assert re.search(f'aria-describedby="[^"]*{field}-errors', answer.text)
    assert said in answer.text


def test_a_number_may_be_typed_in_small_letters_and_full_width(people: People, visitor: Visitors) -> None:
    code = credit_code(9)
    fields = application(number=f" {code[:8].lower()} {code[8:]}".replace("9", "９"))
    visitor().submit("/sign-up", **fields)
    browser = visitor()
    browser.submit(people.link(fields["sign_in"].lower()), password=PASSWORD, again=PASSWORD)
    assert organisation_of(people, fields["sign_in"].lower())[1].number == code


def test_a_phone_is_sent_a_code(people: People, visitor: Visitors) -> None:
    browser, phone = visitor(), "+8613900139001"
    answer = browser.submit("/sign-up", **application(sign_in="139 0013 9001"))
    assert answer.location == "/code?sign_in=%2B8613900139001"
    assert 'value="+8613900139001"' in browser.get(answer.location).text
    found = re.search(r"\d{8}", people.messages(phone)[-1].body.replace("13900139001", ""))
    assert found
    code = found.group()
    wrong = browser.submit("/code", sign_in=phone, code="1" * 8 if code != "1" * 8 else "2" * 8)
    assert wrong.status_code == 422
    link = browser.submit("/code", sign_in=phone, code=f"{code[:4]} {code[4:]}").location
    assert link.startswith("/link?secret=")
    browser.submit(link, password=PASSWORD, again=PASSWORD)
    assert visitor().sign_in("13900139001").status_code == 302


def test_codes_cannot_be_guessed(visitor: Visitors) -> None:
    statuses = [
        visitor().submit("/code", sign_in="+8613900139002", code=str(number)).status_code for number in range(6)
    ]
    assert statuses == [422] * 5 + [429]


def test_a_forgotten_password(people: People, visitor: Visitors, signed_in: Callable[[User], Visitor]) -> None:
    user = people.user()
    elsewhere = signed_in(user)
    browser = visitor()
    browser.submit("/reset", sign_in=user.sign_in)
    link = people.link(user.sign_in)
    mine = browser.submit(link, password=f"{user.sign_in}1", again=f"{user.sign_in}1")
    assert "hardly more than your name" in mine.text
    assert browser.submit(link, password="a whole new one", again="a whole new one").status_code == 302
    assert elsewhere.get("/account").status_code == 302
    assert visitor().sign_in(user.sign_in).status_code == 422
    assert visitor().sign_in(user.sign_in, "a whole new one").status_code == 302


def test_a_reset_does_not_pass_the_second_step(people: People, visitor: Visitors) -> None:
    user, browser = people.user(Role.STAFF_EDITOR), visitor()
    browser.submit("/reset", sign_in=user.sign_in)
    browser.submit(people.link(user.sign_in), password="a whole new one", again="a whole new one")
    assert browser.sign_in(user.sign_in, "a whole new one").location == "/sign-in/code"


def test_nobody_s_mailbox_is_flooded(people: People, visitor: Visitors) -> None:
    user = people.user()
    answers = [visitor().submit("/reset", sign_in=user.sign_in) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {200}
    assert len(people.messages(user.sign_in)) == 4


@pytest.mark.parametrize("secret", ["", "x", "%00", "x" * 5000])
def test_links_that_are_none(visitor: Visitors, secret: str) -> None:
    assert visitor().get(f"/link?secret={secret}").status_code in {400, 410}


def test_the_links_of_messages_lead_to_the_address_that_is_set_not_to_that_of_the_request(
    people: People, visitor: Visitors
) -> None:
    """A forged Host header must not bring a reset link to its sender."""
    user, browser = people.user(), visitor()
    token = re.search(
        r'name="csrf_token"[^>]* value="([^"]+)"', browser.get("/reset", base_url="http://evil.example").text
    )
    assert token
    browser.client.post(
        "/reset", data={"sign_in": user.sign_in, "csrf_token": token[1]}, base_url="http://evil.example"
    )
    assert "evil" not in people.messages(user.sign_in)[-1].body


def test_chinese(people: People, visitor: Visitors) -> None:
    browser, fields = visitor(), application()
    browser.get("/sign-up?lang=zh")
    assert "请查收邮件" in browser.submit("/sign-up", **fields).text
    assert "完成注册" in people.messages(fields["sign_in"].lower())[-1].subject
