"""Asked of every request: does it have what its route declares (`portal.web.permissions`)? Of every object: whose?"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound, Unauthorized

from portal.services import services
from portal.web.i18n import is_api
from portal.web.permissions import Access, Need, Permission, does_change_nothing, need_of, size_of
from portal.web.security import STATIC_ENDPOINTS
from portal.web.users import CurrentUser, current_user, known_signed_in

Owned = TypeVar("Owned")


class UndeclaredRoute(RuntimeError):
    """A route does not say what it needs: it would be open by mistake, or closed by mistake."""


def init_app(app: Flask) -> None:
    """Guard every request, and every form against being sent from elsewhere (CSRF)."""
    app.config.update(WTF_CSRF_TIME_LIMIT=None)  # the token lives as long as its session
    app.before_request(check)
    app.before_request(allow_size)  # before the CSRF token is looked for in the body
    CSRFProtect(app)
    app.after_request(keep_private)


def seal(app: Flask) -> None:
    """Called when all routes are there: those that change nothing need no token.

    Raises UndeclaredRoute with the endpoints that declare nothing.
    """
    undeclared = sorted(
        {rule.endpoint for rule in app.url_map.iter_rules() if endpoint_need(app, rule.endpoint) is None}
    )
    if undeclared:
        raise UndeclaredRoute(f"without @needs: {', '.join(undeclared)}")
    for view in app.view_functions.values():
        if does_change_nothing(view):
            app.extensions["csrf"].exempt(view)


def endpoint_need(app: Flask, endpoint: str) -> Need | None:
    """What an endpoint declares; files of the pages are for everyone."""
    if endpoint in STATIC_ENDPOINTS:
        return Access.PUBLIC
    return need_of(app.view_functions[endpoint])


def allow_size() -> None:
    """Let a route that says so (`portal.web.permissions.takes`) have a larger body, from whoever it lets in."""
    size = size_of(current_app.view_functions[request.endpoint]) if request.endpoint else None
    if size is not None:
        request.max_content_length = size
        request.max_form_memory_size = size


def check() -> None:
    """Let the request pass, or send it to sign in, to set up its authenticator, or away. Raises HTTPException.

    A public page costs two look-ups in dictionaries; nobody's cookie is read for it.
    """
    if request.endpoint is None:
        return  # nothing is there: the error handlers answer
    need = endpoint_need(current_app, request.endpoint)
    if need is None:
        raise UndeclaredRoute(request.endpoint)
    if need is Access.PUBLIC or (need is Access.LOOKUP and services().settings.public_lookup):
        return
    user = current_user()
    if user is None:
        to_sign_in()
    elif need is not Access.UNFINISHED:
        _check_signed_in(user, need)


def _check_signed_in(user: CurrentUser, need: Need) -> None:
    if user.lacks_second_step:
        if is_api():
            raise Forbidden(_("Set up your authenticator app first."))
        abort(redirect(url_for("accounts.authenticator")))
    needed = Permission.LOOK_UP if need is Access.LOOKUP else need
    if isinstance(needed, Permission) and needed not in user.permissions:
        raise Forbidden(
            _("Your role does not permit this.")
            if user.organisation_state == "approved"
            else _("Your organisation has not been approved yet.")
        )


def to_sign_in() -> NoReturn:
    """Send whoever is not signed in to where they can, and back. Raises HTTPException."""
    if is_api():
        raise Unauthorized(_("The lookup is open to signed-in users only."))
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    abort(redirect(url_for("accounts.sign_in", next=back)))


def keep_private(response: Response) -> Response:
    """What was made for someone who is signed in, no shared cache may keep."""
    closed = not services().settings.public_lookup and request.endpoint not in STATIC_ENDPOINTS
    if closed or known_signed_in():
        if "Cache-Control" not in response.headers:
            response.cache_control.no_cache = True
        response.cache_control.public = False
        response.cache_control.private = True
    return response


def owned(session: Session, model: type[Owned], identifier: int, *conditions: Any) -> Owned:
    """The object of the signed-in user's own organisation with that id; every view gets its objects by this.

    Raises NotFound (404) for one that is not there and for one of another organisation alike: an answer that told them
    apart would tell one company what another one has. `model` has the columns `id` and `organisation_id`; `conditions`
    narrow it further, to what is private to the user, say.
    """
    user = current_user()
    if user is None:
        raise NotFound
    columns: Any = model
    mine = select(model).where(columns.id == identifier, columns.organisation_id == user.organisation_id, *conditions)
    found = session.scalars(mine).one_or_none()
    if found is None:
        raise NotFound
    return found
