"""Who may delete their account, and what is left of it; on both databases, two administrators at once too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity import lockout, sessions, tokens
from portal.identity.leaving import Consequence, consequence, leave
from portal.identity.letters import Letters
from portal.identity.log import Act, user_actor
from portal.identity.names import normalised
from portal.identity.organisations import Reason, Refused, members
from portal.identity.sessions import Browser
from portal.identity.signing_in import find
from portal.identity.tokens import Purpose
from portal.indexing.sessions import Sessions, writing
from portal.models import (
    AuditEntry,
    CaseState,
    Lockout,
    Organisation,
    OrganisationState,
    RecoveryCode,
    ReviewCase,
    Role,
    Supplier,
    Token,
    TokenKind,
    User,
    UserSession,
)
from tests.portal.identity.conftest import AT
from tests.portal.inquiring import a_firm

MakeUser = Callable[..., User]
GONE = {"disabled_at": AT}


def of(user: User, act: Act) -> Act:
    return act.by(user_actor(user.id, "192.0.2.1"))


@pytest.mark.parametrize(
    ("kind", "role", "others", "comes"),
    [
        ("buyer", Role.BUYER, [Role.BUYER_ADMIN], Consequence.NONE),
        ("buyer", Role.BUYER_ADMIN, [Role.BUYER_ADMIN], Consequence.NONE),
        ("buyer", Role.BUYER_ADMIN, [Role.BUYER], Consequence.NEEDS_ADMIN),
        ("buyer", Role.BUYER_ADMIN, [], Consequence.CLOSES),
        ("supplier", Role.SUPPLIER_ADMIN, [], Consequence.CLOSES),
        ("supplier", Role.SUPPLIER_ADMIN, [Role.SUPPLIER_EDITOR], Consequence.NEEDS_ADMIN),
        ("ministry", Role.STAFF_ADMIN, [], Consequence.NEEDS_ADMIN),
        ("ministry", Role.STAFF_ADMIN, [Role.STAFF_EDITOR], Consequence.NEEDS_ADMIN),
        ("ministry", Role.STAFF_ADMIN, [Role.STAFF_ADMIN], Consequence.NONE),
        ("ministry", Role.STAFF_VIEWER, [Role.STAFF_ADMIN], Consequence.NONE),
    ],
)
def test_the_last_administrator_leaves_nobody_behind(
    act: Act, session: Session, make_user: MakeUser, kind: str, role: Role, others: list[Role], comes: Consequence
) -> None:
    organisation = Organisation(kind=kind, name="甲", state=OrganisationState.APPROVED)
    user = make_user("a@example.com", role, organisation)
    for number, other in enumerate(others):
        make_user(f"o{number}@example.com", other, organisation)
    make_user("gone@example.com", role, organisation, **GONE)  # who may not sign in does not count
    assert consequence(session, user) is comes
    if comes is Consequence.NEEDS_ADMIN:
        with pytest.raises(Refused) as refused:
            leave(of(user, act), user)
        assert refused.value.reason is Reason.LAST_ADMIN
        assert (user.sign_in, user.erased_at) == ("a@example.com", None)
        return
    assert leave(of(user, act), user) is comes
    assert user.erased_at == AT


def test_nothing_tells_who_it_was_and_the_log_keeps_the_number(act: Act, session: Session, make_user: MakeUser) -> None:
    user = make_user("a@example.com", password_hash="$argon2", totp_secret="SECRET", last_sign_in_at=AT)
    make_user("b@example.com", Role.BUYER_ADMIN, user.organisation)
    sessions.start(session, user.id, Browser("192.0.2.1", "Firefox"), AT)
    session.add(RecoveryCode(user_id=user.id, hash="x" * 64))
    for kind in (TokenKind.RESET, TokenKind.INVITATION):
        tokens.issue(session, Purpose(kind, user.sign_in, user_id=user.id), AT)
    act.tell(user.sign_in, act.letters.password_changed("en"))
    lockout.attempt(session, [lockout.account(user.sign_in), lockout.messages_to(user.sign_in)], AT)
    leave(of(user, act), user)
    for model in (UserSession, RecoveryCode, Token, Lockout):
        assert session.scalar(select(func.count()).select_from(model)) == 0
    assert (user.name, user.password_hash, user.totp_secret, user.last_sign_in_at) == ("", "", "", None)
    assert find(session, "a@example.com") is None
    assert normalised(user.sign_in) == "", "nobody can type it"
    assert [one.sign_in for one in members(session, user.organisation_id)] == ["b@example.com"]
    (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.actor, entry.action, entry.subject) == (f"user/{user.id}", "account deleted", f"user/{user.id}")


def test_a_case_that_they_had_taken_is_free_again(act: Act, session: Session, make_user: MakeUser) -> None:
    ministry = Organisation(kind="ministry", name="甲", state=OrganisationState.APPROVED)
    user = make_user("a@example.com", Role.STAFF_EDITOR, ministry)
    make_user("b@example.com", Role.STAFF_ADMIN, ministry)
    of_case = {"kind": "claim", "stage": "local", "organisation_id": ministry.id, "supplier_id": a_firm(session).id}
    open_one, decided = (
        ReviewCase(user_id=user.id, owner_id=user.id, state=state, **of_case)
        for state in (CaseState.OPEN, CaseState.APPROVED)
    )
    session.add_all([open_one, decided])
    session.flush()
    leave(of(user, act), user)
    session.refresh(open_one)
    assert (open_one.owner_id, decided.owner_id) == (None, user.id)


def test_the_last_person_of_a_firm_frees_it(act: Act, session: Session, make_user: MakeUser) -> None:
    firm = a_firm(session)
    organisation = Organisation(
        kind="supplier", name="甲", state=OrganisationState.APPROVED, supplier_id=firm.id, number=firm.number
    )
    user = make_user("a@example.com", Role.SUPPLIER_ADMIN, organisation)
    tokens.issue(session, Purpose(TokenKind.INVITATION, "c@example.com", organisation_id=organisation.id), AT)
    leave(of(user, act), user)
    assert (organisation.supplier_id, organisation.state) == (None, OrganisationState.DISABLED)
    assert session.scalar(select(func.count(Token.id))) == 0
    assert session.get_one(Supplier, firm.id).withdrawn_at is None
    assert [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == [
        "account deleted",
        "organisation",
    ]


def test_of_two_administrators_who_leave_at_once_one_stays(sessions: Sessions) -> None:
    with writing(sessions) as session:
        organisation = Organisation(kind="buyer", name="甲", state=OrganisationState.APPROVED)
        session.add(organisation)
        session.flush()
        roles = {"a": Role.BUYER_ADMIN, "b": Role.BUYER_ADMIN, "c": Role.BUYER}
        people = {
            name: User(
                organisation_id=organisation.id, sign_in=f"{name}@example.com", name=name, role=role, language="en"
            )
            for name, role in roles.items()
        }
        session.add_all(people.values())
        session.flush()
        ids = [people["a"].id, people["b"].id]
    start = Barrier(2)
    came: list[str] = []

    def run(user_id: int) -> None:
        start.wait()
        try:
            with writing(sessions) as session:
                at = AT + timedelta(seconds=1)
                act = Act(session, Letters("https://portal.example"), user_actor(user_id, ""), at)
                leave(act, session.get_one(User, user_id))
            came.append("left")
        except Refused as refused:
            came.append(refused.reason)

    threads = [Thread(target=run, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == [Reason.LAST_ADMIN, "left"]
