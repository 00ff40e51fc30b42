"""Approval, roles and leaving: what holds whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity import organisations, sessions
from portal.identity.log import Act, user_actor
from portal.identity.organisations import Reason, Refused
from portal.identity.sessions import Browser
from portal.models import AuditEntry, Message, Organisation, OrganisationState, Role, User, UserSession
from tests.portal.identity.conftest import AT

MakeUser = Callable[..., User]


def log_of(session: Session) -> list[tuple[str, str, dict[str, Any]]]:
    lines = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(line.action, line.subject, line.changes) for line in lines]


def test_approval_is_told_and_logged(act: Act, session: Session, make_user: MakeUser) -> None:
    user = make_user()
    organisation = user.organisation
    organisation.state = OrganisationState.PENDING
    organisations.set_state(act, organisation, OrganisationState.APPROVED)
    organisations.set_state(act, organisation, OrganisationState.APPROVED)
    assert [message.subject for message in session.scalars(select(Message))] == [
        "Xunyuan: Your organisation was approved"
    ]
    assert log_of(session) == [("organisation", f"organisation/{organisation.id}", {"state": ["pending", "approved"]})]


def test_of_two_with_one_number_one_is_approved(act: Act, session: Session) -> None:
    first, second = (
        Organisation(kind="buyer", name=name, scheme="CN-USCC", number="1", state=OrganisationState.PENDING)
        for name in ("甲", "乙")
    )
    session.add_all([first, second])
    session.flush()
    organisations.set_state(act, first, OrganisationState.APPROVED)
    with pytest.raises(Refused) as refused:
        organisations.set_state(act, second, OrganisationState.APPROVED)
    assert refused.value.reason is Reason.NUMBER_TAKEN
    assert organisations.first_state(session, "CN-USCC", "1", auto_approve=True) == OrganisationState.PENDING
    assert organisations.first_state(session, "CN-USCC", "2", auto_approve=True) == OrganisationState.APPROVED
    assert organisations.first_state(session, "CN-USCC", "2", auto_approve=False) == OrganisationState.PENDING
    organisations.set_state(act, first, OrganisationState.DISABLED)
    organisations.set_state(act, second, OrganisationState.APPROVED)
    assert second.state == OrganisationState.APPROVED


def test_a_disabled_organisation_is_signed_out(act: Act, session: Session, make_user: MakeUser) -> None:
    user, other = make_user(), make_user("b@example.com")
    for each in (user, other):
        sessions.start(session, each.id, Browser("192.0.2.1"), AT)
    organisations.set_state(act, user.organisation, OrganisationState.DISABLED)
    assert list(session.scalars(select(UserSession.user_id))) == [other.id]


def test_nobody_disables_the_own_organisation(act: Act, make_user: MakeUser) -> None:
    user = make_user()
    with pytest.raises(Refused) as refused:
        organisations.set_state(act.by(user_actor(user.id, "")), user.organisation, OrganisationState.DISABLED)
    assert refused.value.reason is Reason.YOURSELF


def test_the_last_admin_stays(act: Act, session: Session, make_user: MakeUser) -> None:
    admin = make_user()
    member = make_user("b@example.com", Role.BUYER, admin.organisation)
    changes: tuple[Callable[[], object], ...] = (
        lambda: organisations.change_role(act, admin, Role.BUYER),
        lambda: organisations.set_disabled(act, admin, disabled=True),
    )
    for change in changes:
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.reason is Reason.LAST_ADMIN
    organisations.change_role(act, member, Role.BUYER_ADMIN)
    organisations.change_role(act, admin, Role.BUYER)
    assert (admin.role, member.role) == (Role.BUYER, Role.BUYER_ADMIN)
    assert log_of(session) == [
        ("role", f"user/{member.id}", {"role": ["buyer", "buyer_admin"]}),
        ("role", f"user/{admin.id}", {"role": ["buyer_admin", "buyer"]}),
    ]


def test_a_disabled_admin_does_not_count(act: Act, make_user: MakeUser) -> None:
    admin = make_user()
    make_user("b@example.com", Role.BUYER_ADMIN, admin.organisation, disabled_at=AT)
    with pytest.raises(Refused):
        organisations.set_disabled(act, admin, disabled=True)


def test_not_to_oneself(act: Act, make_user: MakeUser) -> None:
    admin = make_user()
    make_user("b@example.com", Role.BUYER_ADMIN, admin.organisation)
    mine = act.by(user_actor(admin.id, ""))
    with pytest.raises(Refused) as refused:
        organisations.change_role(mine, admin, Role.BUYER)
    assert refused.value.reason is Reason.YOURSELF


@pytest.mark.parametrize("role", [Role.STAFF_ADMIN, Role.SUPPLIER_ADMIN])
def test_no_role_of_another_kind(act: Act, make_user: MakeUser, role: Role) -> None:
    admin = make_user()
    member = make_user("b@example.com", Role.BUYER, admin.organisation)
    with pytest.raises(Refused) as refused:
        organisations.change_role(act, member, role)
    assert refused.value.reason is Reason.OTHER_KIND
    assert member.role == Role.BUYER


def test_disabling_ends_sessions_and_can_be_undone(act: Act, session: Session, make_user: MakeUser) -> None:
    admin = make_user()
    member = make_user("b@example.com", Role.BUYER, admin.organisation)
    sessions.start(session, member.id, Browser("192.0.2.1"), AT)
    organisations.set_disabled(act, member, disabled=True)
    assert session.scalar(select(func.count(UserSession.hash))) == 0
    organisations.set_disabled(act, member, disabled=False)
    assert member.disabled_at is None
    assert [action for action, _subject, _changes in log_of(session)] == ["disabled", "enabled"]
