"""Signing in and out on the pages: what a person, and what an attacker, gets to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.models import AuditEntry, OrganisationState, Role, User, UserSession, now
from portal.web.back import safe_next
from tests.portal.accounts.conftest import People, Visitor

Visitors = Callable[[], Visitor]


def test_in_and_out(people: People, visitor: Visitors) -> None:
    user, browser = people.user(), visitor()
    assert "Sign in" in browser.get("/account", follow_redirects=True).text
    answer = browser.sign_in(user.sign_in, next="/account?a=1")
    assert (answer.status_code, answer.location) == (302, "/account?a=1")
    page = browser.get("/account")
    assert user.sign_in in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert people.again(user).last_sign_in_at is not None
    out = browser.submit("/sign-out", "/account")
    assert out.status_code == 302
    assert browser.get("/account").status_code == 302
    assert "You are signed out." in browser.get("/", follow_redirects=True).text


def test_the_name_may_be_typed_in_any_way(people: People, visitor: Visitors) -> None:
    people.user(sign_in="+8613800138001")
    assert visitor().sign_in("138 0013-8001").status_code == 302
    user = people.user()
    assert visitor().sign_in(f" {user.sign_in.upper()} ").status_code == 302


def test_a_session_that_was_signed_out_is_dead_though_its_cookie_was_copied(people: People, visitor: Visitors) -> None:
    user, browser, thief = people.user(), visitor(), visitor()
    browser.sign_in(user.sign_in)
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    thief.client.set_cookie("session", cookie.value)
    assert thief.get("/account").status_code == 200
    browser.submit("/sign-out", "/account")
    assert thief.get("/account").status_code == 302


def test_signing_in_changes_the_session(people: People, visitor: Visitors) -> None:
    """A cookie planted before sign-in (session fixation) is worth nothing after."""
    user, browser = people.user(), visitor()
    browser.get("/sign-in")
    before = browser.client.get_cookie("session")
    browser.sign_in(user.sign_in)
    after = browser.client.get_cookie("session")
    assert before is not None
    assert after is not None
    planted = visitor()
    planted.client.set_cookie("session", before.value)
    assert planted.get("/account").status_code == 302
    assert before.value != after.value


def test_the_cookie_s_flags(people: People, visitor: Visitors) -> None:
    user, browser = people.user(), visitor()
    set_cookie = [line for line in browser.sign_in(user.sign_in).headers.getlist("Set-Cookie") if "session=" in line]
    assert "HttpOnly" in set_cookie[0]
    assert "SameSite=Lax" in set_cookie[0]
    assert "Secure" not in set_cookie[0]
    secure = browser.get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in secure


def test_wrong_and_unknown_names_get_the_same_answer(people: People, visitor: Visitors) -> None:
    def shown(name: str) -> tuple[int, str]:
        answer = visitor().sign_in(name, "not the password")
        page = answer.text.replace(name, "NAME")
        return answer.status_code, page[page.index("<main") : page.index("csrf_token")]

    known, unknown = people.user().sign_in, "nobody@example.com"
    assert shown(known) == shown(unknown)
    assert shown(known)[0] == 422
    assert shown("not a name")[0] == 422


@pytest.mark.parametrize("name", ["known", "unknown"])
def test_an_account_is_locked_for_a_while_whether_it_is_there_or_not(
    people: People, visitor: Visitors, name: str
) -> None:
    user = people.user()
    typed = user.sign_in if name == "known" else f"no-{user.sign_in}"
    answers = [visitor().sign_in(typed, "wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [429] * 2
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 30
    assert visitor().sign_in(typed).status_code == 429, "the right password too"
    told = people.messages(typed)
    assert len(told) == (1 if name == "known" else 0)
    if told:
        assert "locked" in told[0].subject
        assert "/reset" in told[0].body


def test_an_address_that_tries_many_names_is_locked(visitor: Visitors) -> None:
    browser = visitor()
    answers = [browser.sign_in(f"{number}@example.org", "wrong").status_code for number in range(31)]
    assert answers[28] == 422
    assert answers[30] == 429
    assert visitor().sign_in("31@example.org", "wrong").status_code == 422


def test_disabled_people_and_organisations_stay_out_and_are_signed_out(people: People, visitor: Visitors) -> None:
    closed = people.user(organisation=people.organisation(state=OrganisationState.DISABLED))
    left = people.user(disabled_at=now())
    for user in (closed, left):
        assert "closed" in visitor().sign_in(user.sign_in).text
    user, browser = people.user(), visitor()
    browser.sign_in(user.sign_in)
    with people.session() as session, session.begin():
        session.get_one(User, user.id).disabled_at = now()
    assert browser.get("/account").status_code == 302


def test_sessions_end_after_idleness_and_for_good(people: People, visitor: Visitors) -> None:
    user = people.user()

    def with_session(**values: object) -> int:
        browser = visitor()
        browser.sign_in(user.sign_in)
        with people.session() as session, session.begin():
            row = session.scalars(select(UserSession).where(UserSession.address == browser.address)).one()
            for name, value in values.items():
                setattr(row, name, value)
        return browser.get("/account").status_code

    assert with_session(seen_at=now() - timedelta(minutes=59)) == 200
    assert with_session(seen_at=now() - timedelta(minutes=61)) == 302
    assert with_session(started_at=now() - timedelta(hours=11)) == 200
    assert with_session(started_at=now() - timedelta(hours=13)) == 302


def test_use_puts_the_idle_end_off(people: People, visitor: Visitors) -> None:
    user, browser = people.user(), visitor()
    browser.sign_in(user.sign_in)
    old = now() - timedelta(minutes=50)

    def row() -> UserSession:
        with people.session() as session:
            return session.scalars(select(UserSession).where(UserSession.user_id == user.id)).one()

    with people.session() as session, session.begin():
        session.get_one(UserSession, row().hash).seen_at = old
    browser.get("/account")
    assert row().seen_at > old + timedelta(minutes=49)
    fresh = row().seen_at
    browser.get("/account")
    assert row().seen_at == fresh, "not written at every page"


class TestSecondStep:
    def test_a_code_is_asked_for_and_works_once(self, people: People, visitor: Visitors) -> None:
        user, browser = people.user(Role.STAFF_EDITOR), visitor()
        assert browser.sign_in(user.sign_in, next="/account").location == "/sign-in/code"
        assert browser.get("/account").status_code == 302, "the password alone is not enough"
        assert "wrong" in browser.submit("/sign-in/code", code="000000").text
        code = people.code(user)
        assert browser.submit("/sign-in/code", code=f"{code[:3]} {code[3:]}").location == "/account"
        other = visitor()
        other.sign_in(user.sign_in)
        assert other.submit("/sign-in/code", code=code).status_code == 422, (
            "a code that was overlooked is worth nothing"
        )

    def test_codes_cannot_be_guessed(self, people: People, visitor: Visitors) -> None:
        """Right passwords in between do not start the count anew."""
        user = people.user(Role.STAFF_EDITOR)
        statuses = []
        for _ in range(5):
            browser = visitor()
            assert browser.sign_in(user.sign_in).status_code in {302, 429}
            if browser.get("/sign-in/code").status_code == 200:
                statuses.append(browser.submit("/sign-in/code", code="12345x").status_code)
        assert statuses == [422] * 4 + [429]
        assert visitor().sign_in(user.sign_in).status_code == 429

    def test_without_the_first_step_there_is_no_second(self, visitor: Visitors) -> None:
        assert visitor().get("/sign-in/code").location == "/sign-in"

    def test_staff_set_it_up_before_anything_else(self, people: People, visitor: Visitors) -> None:
        user, browser = people.user(Role.STAFF_ADMIN, totp_secret=""), visitor()
        assert browser.sign_in(user.sign_in).location == "/account/authenticator"
        assert browser.get("/staff/organisations").location == "/account/authenticator"
        assert browser.get("/organisation").location == "/account/authenticator"
        assert browser.get("/account").status_code == 200
        assert browser.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/account", "/suppliers?q=轴承&has=certificate", "/a//b"])
def test_paths_to_go_back_to(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        None,
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "/\n/evil",
        "/\t/x",
        "javascript:x",
    ],
)
def test_no_way_to_other_hosts(path: str | None) -> None:
    assert safe_next(path) == ""


def test_where_to_go_is_checked_when_sent_too(people: People, visitor: Visitors) -> None:
    assert visitor().sign_in(people.user().sign_in, next="//evil.example/").location == "/workspace"


def test_a_form_from_elsewhere_is_refused(people: People, visitor: Visitors) -> None:
    user, browser = people.user(), visitor()
    answer = browser.post("/sign-in", sign_in=user.sign_in, password="x")
    assert answer.status_code == 400
    assert "expired" in answer.text
    browser.sign_in(user.sign_in)
    assert browser.post("/sign-out").status_code == 400
    assert browser.get("/account").status_code == 200


def test_sign_ins_and_lock_outs_are_logged(people: People, visitor: Visitors) -> None:
    user, browser = people.user(), visitor()
    browser.sign_in(user.sign_in)
    for _ in range(5):
        visitor().sign_in(user.sign_in, "wrong")
    with people.session() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"user/{user.id}")).all()
    assert [(line.action, line.actor, line.origin) for line in lines] == [
        ("signed in", f"user/{user.id}", browser.address),
        ("locked out", "anyone", ""),
    ]


def test_a_visitor_costs_no_query_and_gets_no_cookie(accounts_app: object, visitor: Visitors) -> None:
    answer = visitor().get("/api")
    assert "Set-Cookie" not in answer.headers


def test_pages_of_someone_are_not_for_shared_caches(people: People, visitor: Visitors) -> None:
    browser = visitor()
    browser.sign_in(people.user().sign_in)
    page = browser.get("/about")
    assert "private" in page.headers["Cache-Control"]
    assert "王芳" in page.text
