"""The announcements at the head of every page: read from the database at most every ten seconds a process.

Whoever closed one has its key in a cookie; another version is another key, and is shown again.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import cast

from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from portal.care.announcements import Announced, upcoming
from portal.extensions import db
from portal.register.clock import today_china
from portal.web.users import CurrentUser, shown_user

KEPT_SECONDS = 10.0
COOKIE = "closed"
COOKIE_SECONDS = 180 * 24 * 3600
MOST_CLOSED = 30
_KEY = re.compile(r"[0-9]{1,9}\.[0-9]{1,6}")
_EXTENSION = "portal_announcements"


class Announcements:
    """Those that run today or later, kept for a moment."""

    def __init__(self) -> None:
        self._all: tuple[Announced, ...] = ()
        self._until = 0.0
        self._lock = threading.Lock()

    def now(self) -> tuple[Announced, ...]:
        """All of them; the last ones known while the database does not answer."""
        with self._lock:
            if monotonic() >= self._until:
                self._until = monotonic() + KEPT_SECONDS
                self._all = self._read()
            return self._all

    def forget(self) -> None:
        """One was changed by this process: read anew."""
        with self._lock:
            self._until = 0.0

    def _read(self) -> tuple[Announced, ...]:
        try:
            return tuple(upcoming(db.session(), today_china()))
        except SQLAlchemyError:
            db.session.rollback()
            return self._all


def init_app(app: Flask) -> None:
    """`announcements()` for base.html."""
    app.extensions[_EXTENSION] = Announcements()

    @app.context_processor
    def context() -> dict[str, Callable[[], list[Announced]]]:
        return {"announcements": shown_here}


def kept() -> Announcements:
    """Of the present app."""
    return cast(Announcements, current_app.extensions[_EXTENSION])


def shown_here() -> list[Announced]:
    """Those that whoever looks at this page is shown, urgent ones first: of today, for them, and not closed."""
    found = kept().now()
    if not found:
        return []
    today, kind, gone = today_china(), kind_of(shown_user()), closed(request.cookies.get(COOKIE, ""))
    mine = [one for one in found if one.content.runs(today) and one.content.is_for(kind) and one.key not in gone]
    return sorted(mine, key=lambda one: one.content.level != "urgent")


def kind_of(user: CurrentUser | None) -> str | None:
    """The kind of organisation someone belongs to."""
    return None if user is None else user.organisation_kind


def closed(cookie: str) -> list[str]:
    """The keys in a cookie, oldest first."""
    return [key for key in cookie.split("-")[-MOST_CLOSED:] if _KEY.fullmatch(key)]


def closing(cookie: str, key: str) -> str:
    """The cookie with another key; as it was for what is no key."""
    keys: Iterable[str] = dict.fromkeys([*closed(cookie), *([key] if _KEY.fullmatch(key) else [])])
    return "-".join(list(keys)[-MOST_CLOSED:])
