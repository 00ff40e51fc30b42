"""GET /announcements: what staff announce; POST /announcements/close: one is not shown to this browser any more."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from portal.care.announcements import all_of_them
from portal.extensions import db
from portal.lookup.views import blueprint
from portal.register.clock import today_china
from portal.web.announcing import COOKIE, COOKIE_SECONDS, closing, kind_of
from portal.web.back import safe_next
from portal.web.permissions import Access, changes_nothing, needs
from portal.web.templating import render_template
from portal.web.users import current_user


@blueprint.get("/announcements")
@needs(Access.PUBLIC)
def announcements() -> str:
    """`lookup/announcements.html`: `current` and `earlier`, of those that are for who asks."""
    today, kind = today_china(), kind_of(current_user())
    found = [one for one in all_of_them(db.session(), but_taken_back=True) if one.content.is_for(kind)]
    return render_template(
        "lookup/announcements.html",
        current=[one for one in found if one.content.runs(today)],
        earlier=[one for one in found if one.content.last_on is not None and one.content.last_on < today],
    )


@blueprint.post("/announcements/close")
@needs(Access.PUBLIC)
@changes_nothing
def close_announcement() -> ResponseReturnValue:
    """Remember in a cookie that this browser has seen one, and go back. It changes nothing here."""
    answer = redirect(safe_next(request.form.get("next")) or "/", code=303)
    cookie = closing(request.cookies.get(COOKIE, ""), request.form.get("key", ""))
    answer.set_cookie(COOKIE, cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure)
    return answer
