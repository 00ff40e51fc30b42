"""People of any organisation, as staff administrators find and change them: with a reason, told to them, in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal.identity.totp import new_recovery_codes
from portal.models import AuditEntry, RecoveryCode, Role, User, UserSession, now
from tests.portal.accounts.conftest import People, Visitor

SignedIn = Callable[[User], Visitor]


@pytest.fixture
def admin(people: People, signed_in: SignedIn) -> Visitor:
    user = people.user(Role.STAFF_ADMIN, name="张管理")
    browser = signed_in(user)
    browser.user = user
    return browser


def do(browser: Visitor, user: User, deed: str, **fields: str) -> Any:
    """Send a form of the person's page."""
    given = {f"{deed}-{name}": value for name, value in fields.items()}
    return browser.submit(f"/staff/people/{user.id}/{deed}", f"/staff/people/{user.id}", **given)


def newest(people: People, user: User) -> AuditEntry:
    with people.session() as session:
        of_user = select(AuditEntry).where(AuditEntry.subject == f"user/{user.id}")
        return session.scalars(of_user.order_by(AuditEntry.id.desc()).limit(1)).one()


def test_people_are_found_by_name_and_by_organisation(people: People, admin: Visitor) -> None:
    organisation = people.organisation(name="寻人采购集团")
    one = people.user(Role.BUYER, organisation, name="赵一", last_sign_in_at=now())
    other = people.user(Role.BUYER_ADMIN, organisation, name="钱二", disabled_at=now())
    assert one.sign_in in admin.get(f"/staff/people?name={one.sign_in.upper()}").text
    by_part = admin.get("/staff/people?name=钱二").text
    assert other.sign_in in by_part
    assert one.sign_in not in by_part
    assert "Nobody has a name" in admin.get("/staff/people?name=%25%25").text, "a sign is a sign"
    page = admin.get(f"/staff/organisations/{organisation.id}").text
    assert all(text in page for text in (one.sign_in, other.sign_in, "disabled", "never", "寻人采购集团"))
    assert admin.get("/staff/organisations/99999999").status_code == 404
    assert admin.get("/staff/people/99999999").status_code == 404


def test_a_role_is_changed_and_the_person_told(people: People, admin: Visitor) -> None:
    organisation = people.organisation()
    people.user(Role.BUYER_ADMIN, organisation)
    user = people.user(Role.BUYER, organisation)
    assert do(admin, user, "role", role="buyer_admin", reason="管理员离职").status_code == 302
    assert people.again(user).role == Role.BUYER_ADMIN
    entry = newest(people, user)
    assert (entry.action, entry.changes) == ("role", {"role": ["buyer", "buyer_admin"], "reason": "管理员离职"})
    assert "another role" in people.messages(user.sign_in)[-1].body
    do(admin, user, "role", role="buyer_admin")
    assert "Nothing was changed" in admin.get(f"/staff/people/{user.id}").text
    assert do(admin, user, "role", role="staff_admin").status_code == 422
    assert people.again(user).role == Role.BUYER_ADMIN


def test_an_account_is_disabled_with_a_reason_and_opened(
    people: People, admin: Visitor, signed_in: SignedIn, visitor: Callable[[], Visitor]
) -> None:
    organisation = people.organisation()
    people.user(Role.BUYER_ADMIN, organisation)
    user = people.user(Role.BUYER, organisation)
    theirs = signed_in(user)
    assert do(admin, user, "disable", reason="").status_code == 422
    assert theirs.get("/account").status_code == 200
    assert do(admin, user, "disable", reason="账号外借").status_code == 302
    assert theirs.get("/account").status_code == 302, "their sessions end"
    assert visitor().sign_in(user.sign_in).status_code == 422
    assert newest(people, user).changes == {"reason": "账号外借"}
    assert "账号外借" in people.messages(user.sign_in)[-1].body
    assert do(admin, user, "enable", reason="").status_code == 302
    assert visitor().sign_in(user.sign_in).status_code == 302
    assert newest(people, user).action in {"enabled", "signed in"}
    assert "opened your account" in people.messages(user.sign_in)[-1].body


def test_the_last_administrator_stays(people: People, admin: Visitor) -> None:
    only = people.user(Role.BUYER_ADMIN)
    do(admin, only, "disable", reason="测试")
    assert "needs an administrator" in admin.get(f"/staff/people/{only.id}").text
    do(admin, only, "role", role="buyer")
    again = people.again(only)
    assert (again.role, again.disabled_at) == (Role.BUYER_ADMIN, None)


def test_a_lost_authenticator_is_removed(people: People, admin: Visitor, signed_in: SignedIn) -> None:
    user = people.user(Role.STAFF_EDITOR)
    with people.session() as session, session.begin():
        new_recovery_codes(session, user.id)
    theirs = signed_in(user)
    assert do(admin, user, "reset", reason="手机丢失").status_code == 422, "who asks must be known"
    assert people.again(user).totp_secret
    assert do(admin, user, "reset", reason="手机丢失", sure="y").status_code == 302
    assert people.again(user).totp_secret == ""
    with people.session() as session:
        assert not session.scalars(select(UserSession).where(UserSession.user_id == user.id)).all()
        assert not session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user.id)).all()
    assert theirs.get("/account").status_code == 302
    entry = newest(people, user)
    assert (entry.action, entry.changes, entry.actor) == (
        "second step off",
        {"reason": "手机丢失"},
        f"user/{admin.user.id}",
    )
    assert "code is off" in people.messages(user.sign_in)[-1].subject
    assert "Remove the authenticator" not in admin.get(f"/staff/people/{user.id}").text


@pytest.mark.parametrize(
    ("deed", "fields"),
    [("role", {"role": "staff_viewer"}), ("disable", {"reason": "a"}), ("reset", {"reason": "a", "sure": "y"})],
)
def test_nobody_does_it_to_themselves(people: People, admin: Visitor, deed: str, fields: dict[str, str]) -> None:
    people.user(Role.STAFF_ADMIN, people.again_organisation(admin.user))
    page = admin.get(f"/staff/people/{admin.user.id}").text
    assert "This is you" in page
    assert f"/{deed}" not in page
    given = {f"{deed}-{name}": value for name, value in fields.items()}
    admin.submit(f"/staff/people/{admin.user.id}/{deed}", "/account", **given)
    assert "cannot do this to yourself" in admin.get(f"/staff/people/{admin.user.id}").text
    again = people.again(admin.user)
    assert (again.role, again.disabled_at, again.totp_secret) == (Role.STAFF_ADMIN, None, admin.user.totp_secret)
