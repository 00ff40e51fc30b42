"""Who is signed in: a random secret in the browser's cookie, its row in the database. Deleting the row signs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.identity.tokens import hashed, new_secret
from portal.models import Organisation, OrganisationState, Role, User, UserSession

SEEN_EVERY = timedelta(minutes=1)
"""A session's last use is known to the minute: a page does not cost a write."""


@dataclass(frozen=True, slots=True)
class Ends:
    """When a session ends: after so long without a request, and whatever happens."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request comes from."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, as the database had it at the beginning of the request."""

    id: int
    sign_in: str
    name: str
    role: Role
    language: str
    has_totp: bool
    organisation_id: int
    organisation_name: str
    organisation_kind: str
    organisation_state: str
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    seen_at: datetime
    session_hash: str


def start(session: Session, user_id: int, browser: Browser, at: datetime) -> str:
    """A session of the user; the secret for its cookie. Sessions nobody has used for a month go."""
    secret = new_secret()
    session.execute(delete(UserSession).where(UserSession.seen_at < at - timedelta(days=31)))
    session.add(
        UserSession(
            hash=hashed(secret),
            user_id=user_id,
            started_at=at,
            seen_at=at,
            address=browser.address[:64],
            browser=browser.name[:200],
        )
    )
    return secret


def person(session: Session, secret: str, ends: Ends, at: datetime) -> Person | None:
    """Whose session it is, in one query; None when it has ended or they may not sign in any more."""
    columns = (User.id, User.sign_in, User.name, User.role, User.language, User.totp_secret, UserSession.seen_at)
    of_organisation = (Organisation.id, Organisation.name, Organisation.kind, Organisation.state)
    found = session.execute(
        select(*columns, *of_organisation, User.regions, User.sectors)
        .join_from(UserSession, User, UserSession.user_id == User.id)
        .join(Organisation, User.organisation_id == Organisation.id)
        .where(
            UserSession.hash == hashed(secret),
            UserSession.seen_at > at - ends.idle,
            UserSession.started_at > at - ends.absolute,
            User.disabled_at.is_(None),
            Organisation.state != OrganisationState.DISABLED,
        )
    ).one_or_none()
    if found is None:
        return None
    return Person(
        id=found[0],
        sign_in=found[1],
        name=found[2],
        role=Role(found[3]),
        language=found[4],
        has_totp=bool(found[5]),
        seen_at=found[6],
        organisation_id=found[7],
        organisation_name=found[8],
        organisation_kind=found[9],
        organisation_state=found[10],
        regions=tuple(found[11]),
        sectors=tuple(found[12]),
        session_hash=hashed(secret),
    )


def seen(session: Session, who: Person, at: datetime) -> None:
    """Put off the idle end."""
    session.execute(update(UserSession).where(UserSession.hash == who.session_hash).values(seen_at=at))


def end(session: Session, secret: str) -> None:
    """Sign this browser out."""
    session.execute(delete(UserSession).where(UserSession.hash == hashed(secret)))


def end_all(session: Session, user_id: int, *, but: str = "") -> None:
    """Sign the user out everywhere, except in the session with that hash."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.hash != but))


def open_sessions(session: Session, user_id: int, ends: Ends, at: datetime) -> list[UserSession]:
    """Where the user is signed in, last used first."""
    mine = select(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.seen_at > at - ends.idle,
        UserSession.started_at > at - ends.absolute,
    )
    return list(session.scalars(mine.order_by(UserSession.seen_at.desc())))
