"""One's own account."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import unquote

from sqlalchemy import select

from portal.identity import totp
from portal.models import AuditEntry, Role, User, now
from tests.portal.accounts.conftest import PASSWORD, People, Visitor

SignedIn = Callable[[User], Visitor]


def key_of(page: str) -> str:
    found = re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page)
    assert found
    return found[1].replace(" ", "")


def test_name_and_language(people: People, signed_in: SignedIn) -> None:
    user = people.user()
    browser = signed_in(user)
    assert browser.submit("/account/profile", "/account", name="  王  小芳 ", language="zh").status_code == 302
    assert (people.again(user).name, people.again(user).language) == ("王 小芳", "zh")
    assert '<html lang="zh-CN">' in browser.get("/account").text
    assert browser.submit("/account/profile", "/account", name="", language="zh").status_code == 422
    assert browser.submit("/account/profile", "/account", name="x", language="fr").status_code == 422


def test_the_other_language_is_one_link_away_from_a_refused_form_too(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.user(Role.BUYER_ADMIN))
    for path, page in (("/account/password", "/account"), ("/organisation/invitations", "/organisation")):
        refused = browser.submit(path, page)
        assert refused.status_code == 422
        link = re.search(r'href="([^"]+)" lang="zh-CN" hreflang', refused.text)
        assert link
        assert browser.get(link[1]).status_code == 200
        browser.get(f"{page}?lang=en")


def test_the_language_comes_along_to_another_browser(people: People, signed_in: SignedIn) -> None:
    assert '<html lang="zh-CN">' in signed_in(people.user(language="zh")).get("/account").text


def test_another_password_signs_the_others_out(people: People, signed_in: SignedIn) -> None:
    user = people.user()
    browser, other = signed_in(user), signed_in(user)
    new = {"password": "a whole new one", "again": "a whole new one"}
    wrong = browser.submit("/account/password", "/account", present="wrong", **new)
    assert wrong.status_code == 422
    assert "not your password" in wrong.text
    assert browser.submit("/account/password", "/account", present=PASSWORD, **new).status_code == 302
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert "changed" in people.messages(user.sign_in)[-1].subject


def test_the_present_password_cannot_be_guessed_in_an_open_browser(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.user())
    new = {"password": "a whole new one", "again": "a whole new one"}
    pages = [browser.submit("/account/password", "/account", present="wrong", **new).text for _ in range(5)]
    assert "not your password" in pages[3]
    assert "Too many attempts" in pages[4]


def test_sign_out_everywhere_else(people: People, signed_in: SignedIn) -> None:
    user = people.user()
    browser, other = signed_in(user), signed_in(user)
    assert other.address in browser.get("/account").text
    browser.submit("/account/sessions/end", "/account")
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


def test_an_authenticator_is_set_up(people: People, signed_in: SignedIn) -> None:
    user = people.user()
    browser = signed_in(user)
    page = browser.get("/account/authenticator").text
    secret = key_of(page)
    assert key_of(browser.get("/account/authenticator").text) == secret, "the same when the page is loaded again"
    source = re.search(r'src="data:image/svg\+xml;charset=utf-8,([^"]+)"', page)
    assert source
    assert "<svg" in unquote(html.unescape(source[1]))
    assert "does not fit" in browser.submit("/account/authenticator", code="000000").text
    codes = re.findall(r"<li><code>([a-z0-9-]{19})</code>", browser.submit(
        "/account/authenticator", code=totp.code_at(secret, now())).text)  # fmt: skip
    assert len(codes) == 10
    assert people.again(user).totp_secret == secret
    assert "10 recovery codes are left" in browser.get("/account").text
    other = Visitor(people.app, "203.0.113.50")
    other.sign_in(user.sign_in)
    assert other.submit("/sign-in/code", code=codes[0]).status_code == 302
    assert "9 recovery codes are left" in other.get("/account").text


def test_staff_begin_with_it(people: People) -> None:
    user, browser = people.user(Role.STAFF_ADMIN, totp_secret=""), Visitor(people.app, "203.0.113.51")
    browser.sign_in(user.sign_in)
    secret = key_of(browser.get("/account/authenticator").text)
    browser.submit("/account/authenticator", code=totp.code_at(secret, now()))
    assert browser.get("/staff/organisations").status_code == 200


def test_turning_it_off_needs_the_password(people: People, signed_in: SignedIn) -> None:
    user = people.user(totp_secret=totp.new_secret())
    browser = signed_in(user)
    assert browser.submit("/account/second-step/off", "/account", present="wrong").status_code == 422
    assert people.again(user).totp_secret
    assert browser.submit("/account/second-step/off", "/account", present=PASSWORD).status_code == 302
    assert people.again(user).totp_secret == ""


def test_staff_cannot_turn_it_off_but_replace_it(people: People, signed_in: SignedIn) -> None:
    user = people.user(Role.STAFF_VIEWER)
    browser = signed_in(user)
    assert "Turn it off" not in browser.get("/account").text
    browser.submit("/account/second-step/off", "/account", present=PASSWORD)
    assert people.again(user).totp_secret == user.totp_secret
    assert browser.get("/account/authenticator").location == "/account", "not without the password"
    assert (
        browser.submit("/account/second-step/replace", "/account", present=PASSWORD).location
        == "/account/authenticator"
    )
    secret = key_of(browser.get("/account/authenticator").text)
    browser.submit("/account/authenticator", code=totp.code_at(secret, now()))
    assert people.again(user).totp_secret == secret != user.totp_secret


def test_new_recovery_codes(people: People, signed_in: SignedIn) -> None:
    user = people.user(totp_secret=totp.new_secret())
    browser = signed_in(user)
    page = browser.submit("/account/second-step/codes", "/account", present=PASSWORD).text
    assert len(re.findall(r"<li><code>[a-z0-9-]{19}</code>", page)) == 10
    with people.session() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"user/{user.id}")).all()
    assert "recovery codes renewed" in actions
