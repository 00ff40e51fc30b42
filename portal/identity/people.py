"""People: what they are called, found by name, and given back an account whose authenticator is lost."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.identity import profile, sessions
from portal.identity.log import Act, user_subject
from portal.identity.names import normalised
from portal.identity.organisations import Reason, Refused
from portal.models import User
from portal.register.loading import chunks


def names_of(session: Session, people: Iterable[int | None]) -> dict[int, str]:
    """Identifier → name of these users; None among them is nobody."""
    found: dict[int, str] = {}
    for some in chunks(sorted({person for person in people if person})):
        found |= {row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(some)))}
    return found


def found_by(session: Session, text: str, limit: int) -> list[User]:
    """Those whose sign-in name or name holds the text, with their organisations; whoever is named exactly, first."""
    exactly = normalised(text) or text
    like = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    among = or_(*(column.ilike(f"%{like}%", escape="\\") for column in (User.sign_in, User.name)))
    wanted = select(User).where(or_(User.sign_in == exactly, among)).options(joinedload(User.organisation))
    return list(session.scalars(wanted.order_by(User.sign_in != exactly, User.sign_in).limit(limit)))


def reset_second_step(act: Act, user: User, reason: str) -> bool:
    """Take someone's authenticator and recovery codes away, and end their sessions. Raises Refused.

    Staff set a new one up when they next sign in.
    """
    if act.actor.name == user_subject(user.id):
        raise Refused(Reason.YOURSELF)
    if not user.totp_secret:
        return False
    profile.turn_off(act, user, reason=reason)
    sessions.end_all(act.session, user.id)
    return True
