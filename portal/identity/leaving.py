"""Deleting one's own account: what tells who it was is erased, what was done stays under the number of the row.

So the operation log, which nothing can be taken out of, keeps a pseudonym (user/12). Whether the organisation can do
without someone is decided under its lock: two administrators cannot leave at once.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from portal.identity import lockout, sessions
from portal.identity.log import Act, organisation_subject, user_subject
from portal.identity.organisations import Reason, Refused, admin_role
from portal.models import (
    CaseState,
    Message,
    Organisation,
    OrganisationKind,
    OrganisationState,
    RecoveryCode,
    ReviewCase,
    Token,
    User,
)

OPEN = ReviewCase.state.in_((CaseState.OPEN, CaseState.RETURNED))


class Consequence(StrEnum):
    """What comes of leaving. CLOSES: nobody is left, so the organisation ends too, and speaks for no firm any more."""

    NONE = "none"
    CLOSES = "closes"
    NEEDS_ADMIN = "needs_admin"


def consequence(session: Session, user: User) -> Consequence:
    """What comes of it, were it done now.

    The last administrator may not leave colleagues behind, who could not mend it; nor the portal's own staff ever.
    """
    organisation = session.get_one(Organisation, user.organisation_id)
    others = select(func.count(User.id)).where(
        User.organisation_id == organisation.id, User.id != user.id, User.disabled_at.is_(None)
    )
    admin = admin_role(organisation.kind)
    admins = others.where(User.role == admin)
    alone = not session.scalar(others)
    if alone and organisation.kind != OrganisationKind.MINISTRY:
        return Consequence.CLOSES
    if user.role == admin and not session.scalar(admins):
        return Consequence.NEEDS_ADMIN
    return Consequence.NEEDS_ADMIN if alone else Consequence.NONE


def leave(act: Act, user: User) -> Consequence:
    """Erase the account; all its sessions end. Raises Refused: an administrator is needed."""
    session = act.session
    session.execute(select(Organisation.id).where(Organisation.id == user.organisation_id).with_for_update())
    comes = consequence(session, user)
    if comes is Consequence.NEEDS_ADMIN:
        raise Refused(Reason.LAST_ADMIN)
    sessions.end_all(session, user.id)
    lockout.forget(session, lockout.account(user.sign_in))
    lockout.forget(session, lockout.codes_of(user.sign_in))
    lockout.forget(session, lockout.messages_to(user.sign_in))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.execute(delete(Token).where(or_(Token.user_id == user.id, Token.recipient == user.sign_in)))
    session.execute(delete(Message).where(Message.recipient == user.sign_in))
    # A case that they had taken is for their colleagues again.
    session.execute(update(ReviewCase).where(ReviewCase.owner_id == user.id, OPEN).values(owner_id=None))
    erase(user)
    user.disabled_at = user.erased_at = act.at
    act.record("account deleted", user_subject(user.id))
    if comes is Consequence.CLOSES:
        _close(act, session.get_one(Organisation, user.organisation_id))
    session.flush()
    return comes


def erase(user: User) -> None:
    """Take out of the row what tells who it was. Its sign-in name becomes one that nobody can type."""
    user.sign_in, user.name = f"deleted/{user.id}", ""
    user.password_hash = user.totp_secret = ""
    user.totp_step, user.last_sign_in_at = 0, None
    user.regions, user.sectors = [], []


def _close(act: Act, organisation: Organisation) -> None:
    before = organisation.state
    organisation.state, organisation.supplier_id = OrganisationState.DISABLED, None
    act.session.execute(delete(Token).where(Token.organisation_id == organisation.id))
    act.record("organisation", organisation_subject(organisation.id), state=[before, OrganisationState.DISABLED.value])
