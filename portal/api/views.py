"""The API, version 1: read-only, the pages' answers as JSON. Errors are problem documents (portal.web.errors)."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec
from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.api import answers
from portal.api.catalogue import catalogue_view
from portal.api.editions import all_editions, edition_page
from portal.api.openapi import PROBLEMS, Suggestions, addresses
from portal.api.openapi import openapi as describe
from portal.api.schemas import KEY, api_parameters
from portal.services import services
from portal.web.errors import SupplierNotFound, Withdrawn
from portal.web.parameters import ParameterError, Search, parse
from portal.web.permissions import Access, needs, require_known_language
from portal.web.presenters import compare as comparing
from portal.web.presenters import results, suggestions, supplier
from portal.web.presenters.context import Context, context
from portal.web.presenters.notices import under_notice
from portal.web.templating import render_template
from search.contract import EngineUnavailable, SearchEngine

MAX_COMPARED = 5
NEVER_EMPTY = frozenset(parameter.name for parameter in api_parameters()) - {"q"}

blueprint = Blueprint("api", __name__, url_prefix="/api")
blueprint.before_request(require_known_language)


@blueprint.before_request
def negotiate() -> None:
    """Refuse what the API cannot send, and empty values, before any work. Raises NotAcceptable, ParameterError.

    A page takes a form's empty fields for absent; from a program, `sector=` is a variable that was never set, and an
    answer without that filter would be wrong.
    """
    if request.endpoint == "api.docs":
        return
    answers.require_json()
    for name, value in request.args.items(multi=True):
        if name in NEVER_EMPTY and not all(part.strip() for part in value.split(",")):
            raise ParameterError(name, value, _("%(name)s has an empty value.", name=name))


def parsed(at: Context, *names: str) -> Search:
    """The search in the parameters of these names (and `lang`), all others left aside. Raises ParameterError."""
    kept = MultiDict((name, value) for name, value in request.args.items(multi=True) if name in {*names, "lang"})
    return parse(kept, at.catalogue, at.editions, services().settings.page_size)


@blueprint.get("")
@needs(Access.LOOKUP)
def docs() -> str:
    """`api/docs.html` with `parameters`: tuple[Parameter, ...], `paths`, `problems` and `example`: an address."""
    return render_template(
        "api/docs.html",
        parameters=api_parameters(),
        paths=addresses(),
        problems=PROBLEMS,
        example=url_for("api.suppliers", q="轴承", level_min="quality_capability:assurance"),
    )


@blueprint.get("/v1/suppliers")
@needs(Access.LOOKUP)
def suppliers() -> Response:
    """ResultPage. Raises ParameterError, QueryError, EngineUnavailable."""
    at = context()
    search = parse(request.args, at.catalogue, at.editions, services().settings.page_size)
    return answers.answer(results.result_page(search, request.path, at, services().engine()))


@blueprint.get("/v1/suppliers/<scheme>/<path:number>")
@needs(Access.LOOKUP)
def sheet(scheme: str, number: str) -> ResponseReturnValue:
    """SupplierSheet; 308 to the firm it was merged into. Raises SupplierNotFound, Withdrawn."""
    at = context()
    parsed(at)
    key = f"{scheme}/{number}"
    found = supplier.find(key, at)
    if found is None:
        raise SupplierNotFound(key[:100])
    if isinstance(found, supplier.Moved):
        new_scheme, _slash, new_number = found.key.partition("/")
        return redirect(url_for("api.sheet", scheme=new_scheme, number=new_number), code=308)
    if isinstance(found, supplier.Withdrawn):
        raise Withdrawn(key, found.on, found.reason)
    return answers.answer(supplier.sheet(found, at))


@blueprint.get("/v1/compare")
@needs(Access.LOOKUP)
def compare() -> Response:
    """Comparison of 2 to 5 suppliers. Raises ParameterError."""
    at = context()
    parsed(at)
    ids = [key.strip() for text in request.args.getlist("id") for key in text.split(",")]
    for key in ids:
        if not re.fullmatch(KEY, key):
            raise ParameterError("id", key, _("“%(key)s” is not a supplier's id (scheme/number).", key=key[:60]))
    if not 2 <= len(set(ids)) <= MAX_COMPARED:
        raise ParameterError("id", ",".join(ids), _("Name 2 to 5 different suppliers."))
    return answers.answer(comparing.comparison(ids, at))


@blueprint.get("/v1/suggest")
@needs(Access.LOOKUP)
def suggest() -> Response:
    """Suggestions for the beginning of a text; without the engine, words of the catalogue alone."""
    at = context()
    text = parsed(at, "q").query.text
    return answers.answer(Suggestions(items=suggestions.suggest(text, at, _engine_if_up())))


def _engine_if_up() -> SearchEngine | None:
    try:
        return services().engine()
    except EngineUnavailable:
        return None


@blueprint.get("/v1/editions")
@needs(Access.LOOKUP)
def editions() -> Response:
    """Editions."""
    at = context()
    parsed(at)
    return answers.answer(all_editions(at))


@blueprint.get("/v1/editions/<code>")
@needs(Access.LOOKUP)
def edition(code: str) -> Response:
    """EditionPage. Raises NotFound, also for one under notice, and EditionTakenBack (410)."""
    at = context()
    query = parsed(at, "page", "per_page").query
    if code not in at.editions:
        under_notice(code, at)  # one that was taken back says so
        abort(404)
    return answers.answer(edition_page(code, query.page, query.per_page, at))


@blueprint.get("/v1/catalogue")
@needs(Access.LOOKUP)
def catalogue() -> Response:
    """CatalogueView; both languages in one, so `lang` changes nothing."""
    at = context()
    parsed(at)
    return answers.encoded(_catalogue_json(at.catalogue.fingerprint), seconds=answers.CATALOGUE_SECONDS)


@lru_cache(maxsize=2)
def _catalogue_json(_fingerprint: str) -> bytes:
    # 4,000 structs, the same until another catalogue is loaded: written once a process.
    return msgspec.json.encode(catalogue_view(services().catalogue))


@blueprint.get("/v1/openapi.json")
@needs(Access.LOOKUP)
def openapi() -> Response:
    """The API's description."""
    at = context()
    parsed(at)
    settings = services().settings
    document = describe(at.catalogue, at.editions, contact=settings.contact, per_page=settings.page_size)
    return answers.answer(document, seconds=answers.CATALOGUE_SECONDS)
