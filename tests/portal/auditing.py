"""A watch over an application: what staff do is one entry of the operation log each, and what was refused is none."""

from __future__ import annotations

from flask import Flask, Response, g, request, session
from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.models import AuditEntry, ReviewStep

STAFF = {"accounts.change_person", "accounts.decide", "accounts.territory"}
"""Endpoints of staff outside the ministry's blueprint."""

NOTHING = "Nothing was changed"
"""How a page says that it was so already."""

MANY = {"ministry.approve_reviews"}
"""Acts on many cases, of which each that was decided leaves its entry, as it leaves a step."""

LATER = {"ministry.check_log"}
"""Acts whose entry comes with what the worker found."""


def watch(app: Flask) -> None:
    """From now on, a POST of staff that leaves another number of entries than it says fails its test."""

    @app.before_request
    def before() -> None:
        if watched():
            g.audit_entries, g.review_steps = entries(), steps()

    @app.after_request
    def after(response: Response) -> Response:
        if watched():
            added = entries() - g.pop("audit_entries", entries())
            wanted = 0 if nothing_done(response) or request.endpoint in LATER else 1
            if request.endpoint in MANY and response.status_code < 400:
                wanted = steps() - g.pop("review_steps", steps())
            assert added == wanted, f"{request.path} answered {response.status} and left {added} entries"
        return response


def watched() -> bool:
    name = request.endpoint or ""
    return request.method == "POST" and (name.startswith("ministry.") or name in STAFF)


def entries() -> int:
    with sessionmaker(db.engine)() as reading:
        return reading.scalar(select(func.count(AuditEntry.id))) or 0


def steps() -> int:
    with sessionmaker(db.engine)() as reading:
        return reading.scalar(select(func.count(ReviewStep.id))) or 0


def nothing_done(response: Response) -> bool:
    """Whether the answer refuses, sends away to sign in, or tells that nothing was done."""
    away = (response.location or "").startswith(("/sign-in", "/account/authenticator"))
    told = session.get("_flashes", [])[-1:]
    return response.status_code >= 400 or away or any(kind == "warn" or NOTHING in str(text) for kind, text in told)
