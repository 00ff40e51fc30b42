"""Every error, mapped once: exception → what to tell → an HTML page, or a problem document (RFC 9457) below /api.

Views let errors pass. What is not named here is a fault of ours: 500, logged with the request's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from urllib.parse import urlencode

import msgspec
import structlog
from flask import Flask, Response, current_app, make_response, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from portal.web.addresses import SAFE, without
from portal.web.grammar import BY_NAME
from portal.web.i18n import is_api
from portal.web.logging import request_id
from portal.web.parameters import TABLE, ParameterError
from portal.web.permissions import size_of
from portal.web.templating import render_template
from search.contract import EngineUnavailable, IndexMissing, QueryError

PROBLEM_TYPE = "application/problem+json"
RETRY_SOON = "5"
RETRY_LATER = "30"
log = structlog.stdlib.get_logger("portal.errors")


class Withdrawn(Exception):
    """The supplier was withdrawn: its address answers 410 with the reason. `successor`: the id it was merged into."""

    def __init__(self, key: str, on: date | None, reason: str, successor: str | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.on = on
        self.reason = reason
        self.successor = successor


class EditionTakenBack(Exception):
    """A ranking list was taken back: its address answers 410 with the reason. `published`: it was in force before."""

    def __init__(self, label: str, on: date, reason: str, *, published: bool) -> None:
        super().__init__(label)
        self.label, self.on, self.reason, self.published = label, on, reason, published


class SupplierNotFound(Exception):
    """No supplier has that scheme and number; `detail` names the registers held (absence proves nothing)."""

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(key)
        self.key = key
        self.detail = detail


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457). `type` is an address that explains it; `detail` is in the request's language.

    `without`: the address that asks the same without the value that was refused.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    parameter: str | None = None
    value: str | None = None
    without: str | None = None
    reason: str | None = None
    withdrawn_on: date | None = None
    successor: str | None = None
    available: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A link on an error page: what to do next."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What an error tells: `code` names the kind of problem, `extra` are further fields of Problem."""

    status: int
    code: str
    title: str
    message: str
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    extra: Mapping[str, str | date | tuple[str, ...] | None] = field(default_factory=dict)


def init_app(app: Flask) -> None:
    """Register the handlers. InternalServerError comes as an HTTPException, after Flask has logged the traceback."""
    for kind, refuse in REFUSALS.items():
        app.register_error_handler(kind, _handler(refuse))
    app.register_error_handler(HTTPException, _http)


def parameter_error(error: ParameterError) -> Refusal:
    """400: an unknown or contradictory value, and where the same is asked without it."""
    url = _address_without(error.parameter, error.value) if error.parameter in BY_NAME else None
    return Refusal(
        status=400,
        code="invalid-parameter",
        title=_("This request cannot be answered"),
        message=error.message,
        actions=(Action(_("Search without it"), url), *_to_search()) if url else _to_search(),
        extra={"parameter": error.parameter, "value": error.value[:200] if error.value else None, "without": url},
    )


def query_error(error: QueryError) -> Refusal:
    """400: the engine found a contradiction that the parameters' own rules let through."""
    return Refusal(
        status=400,
        code="invalid-parameter",
        title=_("This request cannot be answered"),
        message=error.message,
        actions=_to_search(),
        extra={"parameter": next((known.name for known in TABLE if known.field == error.field), error.field)},
    )


def supplier_not_found(error: SupplierNotFound) -> Refusal:
    """404: says that absence proves nothing."""
    return Refusal(
        status=404,
        code="not-found",
        title=_("No such supplier in the registers held here"),
        message=_("There is no supplier with the number %(key)s here.", key=error.key),
        detail=error.detail
        or _("That proves nothing about the firm: it may be in a register that has not been loaded."),
        actions=_to_search(),
    )


def withdrawn(error: Withdrawn) -> Refusal:
    """410 with the reason, and where its entry went."""
    successor = _supplier_url(error.successor) if error.successor else None
    actions = (Action(_("Go to the entry that replaces it"), successor), *_to_search()) if successor else _to_search()
    return Refusal(
        status=410,
        code="withdrawn",
        title=_("This entry was withdrawn"),
        message=_("The entry %(key)s was withdrawn on %(day)s.", key=error.key, day=error.on.isoformat())
        if error.on
        else _("The entry %(key)s was withdrawn.", key=error.key),
        detail=_("Reason: %(reason)s", reason=error.reason) if error.reason else "",
        actions=actions,
        extra={"reason": error.reason or None, "withdrawn_on": error.on, "successor": error.successor},
    )


def edition_taken_back(error: EditionTakenBack) -> Refusal:
    """410 with the reason."""
    said = {"label": error.label, "day": error.on.isoformat()}
    return Refusal(
        status=410,
        code="edition-taken-back",
        title=_("This ranking list was taken back"),
        message=_("“%(label)s” was taken back on %(day)s. It is not in force.", **said)
        if error.published
        else _("The public notice of “%(label)s” was taken back on %(day)s. The list never came into force.", **said),
        detail=_("Reason: %(reason)s", reason=error.reason),
        actions=(Action(_("All ranking lists in force"), url_for("lookup.about", _anchor="editions")),),
        extra={"reason": error.reason, "withdrawn_on": error.on},
    )


def engine_unavailable(error: EngineUnavailable) -> Refusal:
    """503: searching waits, reading by number goes on, because suppliers are read from the database."""
    missing = isinstance(error, IndexMissing)
    log.error("search unavailable", kind=type(error).__name__, reason=str(error))
    return Refusal(
        status=503,
        code="search-unavailable",
        title=_("Searching is not possible at the moment"),
        message=_("The search index is being prepared. Please try again in a minute.")
        if missing
        else _("The search engine does not answer. Please try again in a moment."),
        detail=_("Suppliers, comparisons and published rankings can still be read."),
        headers={"Retry-After": RETRY_LATER if missing else RETRY_SOON},
        actions=(Action(_("Try again"), _same_address()),),
        extra={"available": ("/api/v1/suppliers/{scheme}/{number}", "/api/v1/compare", "/api/v1/editions")},
    )


def database_unavailable(error: OperationalError) -> Refusal:
    """503: without the database nothing can be read."""
    log.error("database unavailable", reason=str(error.orig))
    return Refusal(
        status=503,
        code="database-unavailable",
        title=_("The portal cannot be read at the moment"),
        message=_("The database does not answer. Please try again in a moment."),
        headers={"Retry-After": RETRY_SOON},
        actions=(Action(_("Try again"), _same_address()),),
    )


def http_error(error: HTTPException) -> Refusal:
    """Whatever Flask or a view refused by status."""
    status = error.code or 500
    title, message = _words(status)
    if error.description and error.description != type(error).description:
        message = error.description  # a view's own words
    if status == 413 and (most := _most_bytes()):
        message = _("What was sent is larger than the %(most)s MB that are accepted here.", most=most >> 20)
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    code = "internal" if status == 500 else HTTPStatus(status).phrase.lower().replace(" ", "-")
    return Refusal(status=status, code=code, title=title, message=message, headers=kept, actions=_to_search())


def _most_bytes() -> int | None:
    """What the route says that its body may have."""
    return size_of(current_app.view_functions[request.endpoint]) if request.endpoint else None


def csrf_error(_error: CSRFError) -> Refusal:
    """400: a form that was not of this session: opened before signing in or out, or sent from elsewhere."""
    return Refusal(
        status=400,
        code="form-expired",
        title=_("This form has expired"),
        message=_("Please go back, load the page again, and send it once more. Nothing was changed."),
        actions=_to_search(),
    )


REFUSALS: Mapping[type[Exception], Callable[..., Refusal]] = {
    ParameterError: parameter_error,
    QueryError: query_error,
    SupplierNotFound: supplier_not_found,
    Withdrawn: withdrawn,
    EditionTakenBack: edition_taken_back,
    EngineUnavailable: engine_unavailable,
    OperationalError: database_unavailable,
    CSRFError: csrf_error,
}


def _words(status: int) -> tuple[str, str]:
    known = {
        401: (_("Please sign in"), _("This is open to signed-in users only.")),
        403: (_("Not permitted"), _("Your role does not permit this.")),
        404: (_("Page not found"), _("There is nothing at this address.")),
        405: (_("Not possible here"), _("This address can be read, but not written to.")),
        406: (_("No such format"), _("The API answers in JSON only.")),
        413: (_("Too large"), _("What was sent is larger than the portal accepts.")),
        414: (_("Address too long"), _("The address is too long. Choose fewer values, or use comma lists.")),
        429: (_("Too many requests"), _("Too many requests came from your address. Please wait a minute.")),
        500: (_("Something went wrong"), _("This is a fault of the portal, not yours. It has been recorded.")),
    }
    generic = (_("This request cannot be answered"), _("The request could not be answered."))
    return known.get(status, generic)


def _handler(refuse: Callable[..., Refusal]) -> Callable[[Exception], Response]:
    def handle(error: Exception) -> Response:
        return respond(refuse(error))

    return handle


def _http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        # A redirect, or an answer that a view aborted with.
        return make_response(error.get_response())
    return respond(http_error(error))


def respond(refusal: Refusal) -> Response:
    """The answer, in the form the address promises."""
    response = _problem(refusal) if is_api() else _page(refusal)
    response.headers.update(refusal.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def _problem(refusal: Refusal) -> Response:
    problem = Problem(
        type=url_for("api.docs", _anchor=refusal.code),
        title=refusal.title,
        status=refusal.status,
        detail=f"{refusal.message} {refusal.detail}".rstrip(),
        instance=request.path,
        request_id=request_id(),
        **refusal.extra,  # type: ignore[arg-type]  # each extra is a field of that type
    )
    return Response(msgspec.json.encode(problem), refusal.status, content_type=PROBLEM_TYPE)


def _page(refusal: Refusal) -> Response:
    try:
        page = render_template(
            "error.html",
            status=refusal.status,
            title=refusal.title,
            message=refusal.message,
            detail=refusal.detail,
            actions=refusal.actions,
            request_id=request_id(),
        )
    except Exception:
        # The page itself is broken: say at least what happened.
        log.exception("the error page could not be rendered")
        return Response(
            f"{refusal.title}\n{refusal.message}\n", refusal.status, content_type="text/plain; charset=utf-8"
        )
    return Response(page, refusal.status)


def _to_search() -> tuple[Action, ...]:
    return (
        Action(_("Search suppliers"), url_for("lookup.suppliers", has="certificate")),
        Action(_("Home"), url_for("lookup.home")),
    )


def _supplier_url(key: str) -> str:
    scheme, _slash, number = key.partition("/")
    return url_for("lookup.sheet", scheme=scheme, number=number)


def _address_without(name: str, value: str) -> str:
    rest = urlencode(without(request.args.items(multi=True), name, value), safe=SAFE)
    return f"{request.path}?{rest}" if rest else request.path


def _same_address() -> str:
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path
