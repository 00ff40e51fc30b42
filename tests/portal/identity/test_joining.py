"""Sign-up, invitation and reset: from the message to the account."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity import joining, lockout, sessions
from portal.identity.joining import Acceptance, Accepting, Application
from portal.identity.log import Act, user_actor
from portal.identity.organisations import Refused
from portal.identity.sessions import Browser
from portal.models import (
    AuditEntry,
    Lockout,
    Message,
    Organisation,
    OrganisationKind,
    OrganisationState,
    Role,
    Token,
    User,
    UserSession,
)
from tests.portal.identity.conftest import AT

MakeUser = Callable[..., User]
APPLICATION = Application(
    sign_in="new@example.com",
    name="李强",
    language="zh",
    organisation="乙集团",
    kind=OrganisationKind.BUYER,
    scheme="CN-USCC",
    number="1",
)


def newest(session: Session) -> Message:
    return session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()


def secret(session: Session) -> str:
    found = re.search(r"https://portal\.example/link\?secret=(\S+)", newest(session).body)
    assert found
    return found[1]


def accepting(secret: str, **stated: object) -> Accepting:
    values = Accepting(secret=secret, password_hash="hash", name="", address="192.0.2.1")
    return replace(values, **stated)  # type: ignore[arg-type]


def test_sign_up_makes_nothing_before_its_link_is_opened(act: Act, session: Session) -> None:
    joining.sign_up(act, APPLICATION)
    assert session.scalar(select(func.count(User.id))) == session.scalar(select(func.count(Organisation.id))) == 0
    message = newest(session)
    assert (message.recipient, message.subject) == ("new@example.com", "寻源：完成注册")
    assert joining.accept(act, accepting(secret(session))) is Acceptance.DONE
    user = session.scalars(select(User)).one()
    organisation = session.get_one(Organisation, user.organisation_id)
    assert (user.sign_in, user.name, user.role, user.language) == ("new@example.com", "李强", Role.BUYER_ADMIN, "zh")
    assert (organisation.name, organisation.number, organisation.state) == ("乙集团", "1", OrganisationState.PENDING)
    assert joining.accept(act, accepting(secret(session))) is Acceptance.ENDED
    line = session.scalars(select(AuditEntry)).one()
    assert (line.action, line.actor, line.origin) == ("joined", f"user/{user.id}", "192.0.2.1")


def test_automatic_approval(act: Act, session: Session) -> None:
    joining.sign_up(act, APPLICATION)
    joining.accept(act, accepting(secret(session), auto_approve=True))
    assert session.scalars(select(Organisation.state)).one() == OrganisationState.APPROVED


def test_who_has_an_account_is_told_so_by_message(act: Act, session: Session, make_user: MakeUser) -> None:
    make_user("new@example.com")
    joining.sign_up(act, APPLICATION)
    assert newest(session).subject == "Xunyuan: You have an account already"
    assert session.scalar(select(func.count(Token.id))) == 0


def test_two_sign_ups_of_one_name_make_one_account(act: Act, session: Session, make_user: MakeUser) -> None:
    joining.sign_up(act, APPLICATION)
    first = secret(session)
    make_user("new@example.com")
    assert joining.accept(act, accepting(first)) is Acceptance.HAS_ACCOUNT
    assert session.scalar(select(func.count(Organisation.id))) == 1


def test_an_invitation(act: Act, session: Session, make_user: MakeUser) -> None:
    admin = make_user()
    joining.invite(act.by(user_actor(admin.id, "")), admin, "new@example.com", Role.BUYER)
    assert "王芳 invites you to join 甲集团." in newest(session).body
    holder = joining.holder(session, secret(session), AT)
    assert holder is not None
    assert holder.organisation == "甲集团"
    assert joining.accept(act, accepting(secret(session), name="李强")) is Acceptance.DONE
    user = session.scalars(select(User).where(User.sign_in == "new@example.com")).one()
    assert (user.organisation_id, user.role, user.name) == (admin.organisation_id, Role.BUYER, "李强")


def test_an_invitation_ends(act: Act, session: Session, make_user: MakeUser) -> None:
    admin = make_user()
    joining.invite(act, admin, "new@example.com", Role.BUYER)
    late = Act(session, act.letters, act.actor, AT + timedelta(days=7))
    assert joining.accept(late, accepting(secret(session))) is Acceptance.ENDED
    admin.organisation.state = OrganisationState.DISABLED
    assert joining.accept(act, accepting(secret(session))) is Acceptance.ENDED


def test_nobody_is_invited_into_a_role_of_another_kind(act: Act, make_user: MakeUser) -> None:
    with pytest.raises(Refused):
        joining.invite(act, make_user(), "new@example.com", Role.STAFF_ADMIN)


def test_who_has_an_account_elsewhere_cannot_be_taken_over_by_an_invitation(
    act: Act, session: Session, make_user: MakeUser
) -> None:
    other = make_user("new@example.com")
    joining.invite(act, make_user(), "new@example.com", Role.BUYER)
    assert "/link" not in newest(session).body
    assert other.role == Role.BUYER_ADMIN


def test_a_reset_signs_out_everywhere_and_ends_the_lock(act: Act, session: Session, make_user: MakeUser) -> None:
    user = make_user()
    sessions.start(session, user.id, Browser("192.0.2.1"), AT)
    for _ in range(5):
        lockout.attempt(session, (lockout.account(user.sign_in),), AT)
    joining.request_reset(act, user.sign_in)
    assert joining.accept(act, accepting(secret(session), password_hash="new")) is Acceptance.DONE
    assert user.password_hash == "new"
    assert session.scalar(select(func.count(UserSession.hash))) == session.scalar(select(func.count(Lockout.key))) == 0
    assert newest(session).subject == "Xunyuan: Your password was changed"


@pytest.mark.parametrize("case", ["unknown", "disabled", "organisation disabled", "demonstration"])
def test_no_reset_for(act: Act, session: Session, make_user: MakeUser, case: str) -> None:
    user = make_user()
    user.disabled_at = AT if case == "disabled" else None
    user.organisation.demo = case == "demonstration"
    if case == "organisation disabled":
        user.organisation.state = OrganisationState.DISABLED
    session.flush()
    joining.request_reset(act, "nobody@example.com" if case == "unknown" else user.sign_in)
    assert session.scalar(select(func.count(Message.id))) == 0


def test_a_phone_gets_a_code(act: Act, session: Session) -> None:
    joining.sign_up(act, replace(APPLICATION, sign_in="+8613800138000"))
    message = newest(session)
    assert message.recipient == "+8613800138000"
    assert re.fullmatch(
        r"【寻源】验证码 \d{8}，请于 .+ 前在 https://portal.example/code 输入。非本人操作请忽略。", message.body
    )
