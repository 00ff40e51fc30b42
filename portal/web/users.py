"""Who is signed in, by Flask-Login over the portal's own sessions (`portal.identity.sessions`).

Flask's cookie, which is signed, holds the session's secret as Flask-Login's user id. Without one nothing is asked of
the database. There is no remember-me cookie, and LoginManager.init_app, which would look for it at every answer, is not
called.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import cast

import flask_login
from flask import Flask, g, request
from flask import session as cookie
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.identity import sessions
from portal.identity.log import Act, user_actor
from portal.identity.sessions import Browser, Person
from portal.models import now
from portal.services import services
from portal.web.permissions import STAFF, Permission, permissions_of
from portal.web.writing import writing


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentUser(Person):
    """Who is signed in, and what they may do. What belongs to others is found by `portal.web.guard.owned`."""

    permissions: frozenset[Permission]
    secret: str = field(repr=False)

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie."""
        return self.secret

    @property
    def is_staff(self) -> bool:
        """Whether it is ministry staff."""
        return self.role in STAFF

    @property
    def lacks_second_step(self) -> bool:
        """Whether an authenticator must be set up before anything else."""
        return self.is_staff and not self.has_totp


def init_app(app: Flask) -> None:
    """Bind Flask-Login."""
    manager = flask_login.LoginManager()
    manager.session_protection = None  # the session's own row ends it; a phone changes its address all day
    manager.user_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]

    @app.before_request
    def forget() -> None:
        g.pop("_login_user", None)  # `g` may be that of an outer app context (tests, a shell)


def current_user() -> CurrentUser | None:
    """Who is signed in; None for a visitor. One query at the first call of a request, none without a cookie."""
    user = flask_login.current_user
    return cast(CurrentUser, user._get_current_object()) if user.is_authenticated else None  # noqa: SLF001


def signed_in() -> CurrentUser:
    """Who is signed in, on a route that needs it."""
    user = current_user()
    assert user is not None, "the route does not declare that it needs sign-in"  # noqa: S101
    return user


def shown_user() -> CurrentUser | None:
    """For the head of every page: as `current_user`, and None while the database does not answer."""
    try:
        return current_user()
    except SQLAlchemyError:
        db.session.rollback()
        g.pop("_login_user", None)
        return None


def known_signed_in() -> bool:
    """Whether this request has asked who it is, and it was someone."""
    return getattr(g.get("_login_user"), "is_authenticated", False)


def browser() -> Browser:
    """Where the request comes from."""
    return Browser(request.remote_addr or "", request.user_agent.string)


def sign_in(secret: str) -> None:
    """Make the browser's cookie one of that new session; whatever it held before is gone, the CSRF token too."""
    cookie.clear()
    user = _load(secret)
    if user is not None:
        flask_login.login_user(user)


def sign_out() -> None:
    """End the session of this browser, here and in the database."""
    user = current_user()
    if user is not None:
        with writing() as session:
            sessions.end(session, user.secret)
    flask_login.logout_user()
    cookie.clear()


def act_of(session: Session, user: CurrentUser) -> Act:
    """An act of the user, in a transaction that writes."""
    return Act(session, services().letters, user_actor(user.id, request.remote_addr or ""), now())


def _load(secret: str) -> CurrentUser | None:
    at = now()
    person = sessions.person(db.session(), secret, services().ends, at)
    if person is None:
        return None
    if at - person.seen_at > sessions.SEEN_EVERY:
        with suppress(OperationalError), writing() as session:  # a busy database keeps nobody from reading
            sessions.seen(session, person, at)
    permissions = permissions_of(person.role, person.organisation_state)
    return CurrentUser(**asdict(person), permissions=permissions, secret=secret)
