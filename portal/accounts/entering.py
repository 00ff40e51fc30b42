"""GET, POST /sign-in, /sign-in/code and POST /sign-out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.blueprint import INVALID, blueprint
from portal.accounts.forms import CodeForm, SignInForm
from portal.extensions import db
from portal.identity import demo
from portal.identity.names import normalised
from portal.identity.signing_in import Answer, Entrance, Result
from portal.models import Role, now
from portal.register.clock import CHINA
from portal.services import services
from portal.web import users
from portal.web.back import safe_next
from portal.web.i18n import keep_language
from portal.web.permissions import Access, Permission, needs
from portal.web.templating import render_template
from portal.web.writing import writing

HALF_WAY = "half_way"
"""In the cookie between password and code: whose password was right, when, and where they wanted to go."""

HALF_WAY_SECONDS = 300


def entrance() -> Entrance:
    """Signing in to this portal."""
    return Entrance(writing, services().passwords, services().letters)


FIRST_PAGES = (
    (Permission.SOURCE, "buyers.workspace"),
    (Permission.READ_REGISTER, "ministry.home"),
    (Permission.KEEP_PROFILE, "suppliers.home"),
)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@needs(Access.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """`accounts/sign_in.html` with `form` and `demo`: names of demonstration accounts. On to `next`, else `_start`."""
    form = SignInForm()
    if request.method == "GET":
        goal = safe_next(request.args.get("next"))
        user = users.current_user()
        if user is not None:
            return redirect(goal or _start(user))
        form.next.data = goal
    if not form.validate_on_submit():
        return _page("sign_in", form, INVALID if form.is_submitted() else 200)
    result = entrance().password(normalised(form.sign_in.data), form.password.data, users.browser(), now())
    goal = safe_next(form.next.data)
    if result.answer is Answer.CODE_NEEDED:
        cookie.clear()
        cookie[HALF_WAY] = [result.user_id, now().timestamp(), goal]
        return redirect(url_for("accounts.sign_in_code"))
    return _answered("sign_in", form, result, goal)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@needs(Access.PUBLIC)
def sign_in_code() -> ResponseReturnValue:
    """`accounts/sign_in_code.html` with `form`: the second step. Without the first, or long after it: back to that."""
    user_id, since, goal = cookie.get(HALF_WAY) or (0, 0.0, "")
    if not timedelta() <= now() - datetime.fromtimestamp(since, CHINA) <= timedelta(seconds=HALF_WAY_SECONDS):
        cookie.pop(HALF_WAY, None)
        return redirect(url_for("accounts.sign_in"))
    form = CodeForm()
    if not form.validate_on_submit():
        return _page("sign_in_code", form, INVALID if form.is_submitted() else 200)
    return _answered("sign_in_code", form, entrance().code(user_id, form.code.data, users.browser(), now()), goal)


@blueprint.post("/sign-out")
@needs(Access.PUBLIC)
def sign_out() -> ResponseReturnValue:
    """Home, signed out; also for who was not signed in any more."""
    users.sign_out()
    flash(_("You are signed out."))
    return redirect(url_for("lookup.home"))


def _answered(page: str, form: Any, result: Result, goal: str) -> ResponseReturnValue:
    if result.answer is Answer.SIGNED_IN:
        users.sign_in(result.secret)
        user = users.current_user()
        unfinished = user is not None and user.lacks_second_step
        to = url_for("accounts.authenticator") if unfinished else goal or _start(user)
        response = make_response(redirect(to))
        keep_language(response, result.language)
        return response
    field = form.password if page == "sign_in" else form.code
    if result.answer is Answer.LOCKED and result.until is not None:
        seconds = max(1, round((result.until - now()).total_seconds()))
        time = f"{result.until.astimezone(CHINA):%H:%M:%S}"
        field.errors = [_("Too many attempts. Please try again after %(time)s, China time.", time=time)]
        response = _page(page, form, 429)
        response.headers["Retry-After"] = str(seconds)
        return response
    if result.answer is Answer.CLOSED:
        field.errors = [_("This account is closed. Please turn to an administrator of your organisation.")]
    elif page == "sign_in":
        field.errors = [_("The name or the password is wrong.")]
    else:
        field.errors = [_("This code is wrong, or was used already.")]
    return _page(page, form, INVALID)


def _start(user: users.CurrentUser | None) -> str:
    """Where someone begins who asked for no page: in their workspace, or at home."""
    permissions = user.permissions if user is not None else frozenset()
    first = next((endpoint for permission, endpoint in FIRST_PAGES if permission in permissions), "lookup.home")
    return url_for(first)


def _page(page: str, form: Any, status: int) -> Response:
    shown = [demo.sign_in_name(role) for role in Role] if demo.has_demo(db.session()) else []
    return make_response(render_template(f"accounts/{page}.html", form=form, demo=shown), status)
