"""Organisations and their people: approval by staff, roles, leaving. Refusals say why and change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.identity import sessions
from portal.identity.log import Act, organisation_subject, user_subject
from portal.models import (
    ROLES,
    Organisation,
    OrganisationKind,
    OrganisationState,
    Role,
    Token,
    User,
    UserSession,
)


class Reason(StrEnum):
    """Why something was not done."""

    NUMBER_TAKEN = "number_taken"
    LAST_ADMIN = "last_admin"
    YOURSELF = "yourself"
    OTHER_KIND = "other_kind"


class Refused(Exception):
    """What was asked would break a rule."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def admin_role(kind: str) -> Role:
    """The role that administers an organisation of this kind."""
    return ROLES[OrganisationKind(kind)][-1]


def number_taken(session: Session, scheme: str, number: str, *, but: int = 0) -> bool:
    """Whether an approved organisation (other than `but`) has the number. Without a number: no."""
    same = (Organisation.scheme == scheme, Organisation.number == number, Organisation.id != but)
    approved = select(Organisation.id).where(*same, Organisation.state == OrganisationState.APPROVED)
    return bool(number) and session.scalar(approved.limit(1)) is not None


def first_state(session: Session, scheme: str, number: str, *, auto_approve: bool) -> OrganisationState:
    """Of an organisation that signs up; a second one of the same number waits for staff in any case."""
    if auto_approve and not number_taken(session, scheme, number):
        return OrganisationState.APPROVED
    return OrganisationState.PENDING


def set_state(act: Act, organisation: Organisation, state: OrganisationState) -> None:
    """Approve, disable or put back an organisation; who is disabled is signed out. Raises Refused."""
    before = organisation.state
    if before == state:
        return
    approved = state is OrganisationState.APPROVED
    if approved and number_taken(act.session, organisation.scheme, organisation.number, but=organisation.id):
        raise Refused(Reason.NUMBER_TAKEN)
    if state is OrganisationState.DISABLED and _is_of(act, organisation):
        raise Refused(Reason.YOURSELF)
    organisation.state = state
    act.record("organisation", organisation_subject(organisation.id), state=[before, state.value])
    people = select(User).where(User.organisation_id == organisation.id)
    if state is OrganisationState.DISABLED:
        ended = delete(UserSession).where(UserSession.user_id.in_(people.with_only_columns(User.id)))
        act.session.execute(ended)
    elif approved and before == OrganisationState.PENDING:
        for user in act.session.scalars(people.where(User.disabled_at.is_(None))):
            act.tell(user.sign_in, act.letters.approved(user.language, organisation))


def _is_of(act: Act, organisation: Organisation) -> bool:
    """Whether who acts belongs to it: nobody locks the own organisation out."""
    own = select(User.id).where(User.organisation_id == organisation.id)
    return act.actor.name in {user_subject(user_id) for user_id in act.session.scalars(own)}


def members(session: Session, organisation_id: int) -> list[User]:
    """Everyone of an organisation, those who may sign in first."""
    mine = select(User).where(User.organisation_id == organisation_id)
    return list(session.scalars(mine.order_by(User.disabled_at.is_not(None), User.name, User.id)))


def change_role(act: Act, user: User, role: Role, *, reason: str = "", told: bool = False) -> bool:
    """Give a member another role of the organisation's kind; whether that was a change. Raises Refused.

    `told`: the member gets a letter, as it is not their own administrator who does it.
    """
    organisation = act.session.get_one(Organisation, user.organisation_id)
    if role not in ROLES[OrganisationKind(organisation.kind)]:
        raise Refused(Reason.OTHER_KIND)
    if user.role == role:
        return False
    _keep_an_admin(act, user)
    act.record("role", user_subject(user.id), role=[user.role, role.value], **_why(reason))
    user.role = role
    if told:
        act.tell(user.sign_in, act.letters.role_changed(user.language))
    return True


def hand_over(act: Act, giver: User, taker: User) -> None:
    """An admin makes another member one and steps down, in one act. Raises Refused, for oneself and who left."""
    if taker.id == giver.id:
        raise Refused(Reason.YOURSELF)
    mine = select(Organisation).where(Organisation.id == giver.organisation_id).with_for_update()
    organisation = act.session.scalars(mine).one()
    admin, member = admin_role(organisation.kind), ROLES[OrganisationKind(organisation.kind)][0]
    if taker.organisation_id != organisation.id or taker.disabled_at is not None or giver.role != admin:
        raise Refused(Reason.OTHER_KIND)
    for user, role in ((taker, admin), (giver, member)):
        if user.role != role:
            act.record("role", user_subject(user.id), role=[user.role, role.value])
            user.role = role


def set_territory(act: Act, user: User, regions: Sequence[str], sectors: Sequence[str]) -> bool:
    """Limit a member of staff to these regions and sectors; none of a kind: not by it. Whether that was a change.

    Raises Refused: nobody limits themselves.
    """
    if act.actor.name == user_subject(user.id):
        raise Refused(Reason.YOURSELF)
    before = {"regions": user.regions, "sectors": user.sectors}
    after = {"regions": list(dict.fromkeys(regions)), "sectors": list(dict.fromkeys(sectors))}
    changes = {name: [old, after[name]] for name, old in before.items() if old != after[name]}
    if changes:
        user.regions, user.sectors = after["regions"], after["sectors"]
        act.record("territory", user_subject(user.id), **changes)
    return bool(changes)


def set_disabled(
    act: Act, user: User, *, disabled: bool, force: bool = False, reason: str = "", told: bool = False
) -> bool:
    """Keep a member from signing in, or let them again; whether that was a change.

    Raises Refused; with `force` the last admin may go too. `told` as of `change_role`.
    """
    if (user.disabled_at is not None) == disabled:
        return False
    if disabled:
        if not force:
            _keep_an_admin(act, user)
        sessions.end_all(act.session, user.id)
    user.disabled_at = act.at if disabled else None
    act.record("disabled" if disabled else "enabled", user_subject(user.id), **_why(reason))
    if told:
        act.tell(user.sign_in, act.letters.account_state(user.language, disabled=disabled, reason=reason))
    return True


def _why(reason: str) -> dict[str, str]:
    return {"reason": reason} if reason else {}


def _keep_an_admin(act: Act, user: User) -> None:
    """An admin changes others, and never the last admin: an organisation without one could not mend itself.

    The organisation's row is locked, so that two admins cannot remove each other at once.
    """
    if act.actor.name == user_subject(user.id):
        raise Refused(Reason.YOURSELF)
    mine = select(Organisation).where(Organisation.id == user.organisation_id).with_for_update()
    organisation = act.session.scalars(mine).one()
    admin = admin_role(organisation.kind)
    admins = select(func.count(User.id)).where(
        User.organisation_id == organisation.id, User.role == admin, User.disabled_at.is_(None)
    )
    if user.role == admin and user.disabled_at is None and act.session.scalar(admins) == 1:
        raise Refused(Reason.LAST_ADMIN)


def open_invitations(session: Session, organisation_id: int, at: datetime) -> list[Token]:
    """Invitations that can still be accepted, newest first."""
    mine = select(Token).where(Token.organisation_id == organisation_id, Token.used_at.is_(None), Token.expires_at > at)
    return list(session.scalars(mine.order_by(Token.created_at.desc(), Token.id.desc())))
