"""GET /api/v1/openapi.json: the API described (OpenAPI 3.1), from the parameter table and the structs themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from portal.api.catalogue import CatalogueView
from portal.api.editions import EditionPage, Editions
from portal.api.examples import EXAMPLES
from portal.api.schemas import KEY, Schema, api_parameters, code_components, described
from portal.models import Edition
from portal.register.catalogue import Catalogue
from portal.web.errors import Problem
from portal.web.grammar import PER_PAGE
from portal.web.screens import Suggestion
from portal.web.tree import ResultPage, Struct
from portal.web.tree_sheet import Comparison, SupplierSheet


class Suggestions(Struct, frozen=True):
    """What to offer below a search box."""

    items: tuple[Suggestion, ...]


VERSION = "1.0.0"
ANSWERS: tuple[type[Any], ...] = (
    ResultPage,
    SupplierSheet,
    Comparison,
    Suggestions,
    Editions,
    EditionPage,
    CatalogueView,
    Problem,
)
INTRODUCTION = """\
Certified small manufacturers: who makes it, in which sector and place, at which certification level, meeting which
criteria, and how they rank. Read-only; the same parameters as the portal's pages.

Lists may be given as repeated parameters or as one comma list. Unknown parameters are ignored, and `notices` says so.
Empty, unknown or contradictory values are refused with 400. These contradict each other: a value in both `has` and
`lacks` or in both `criteria` and `criteria_not`; a `criteria_mode` greater than the number of `criteria`, or a span
such as 28-29 that is not below it or the wrong way round; two levels of one scheme in `level_min`; two weights of one
criterion in `nice`; `certified_from` after `certified_to`; `expires_before` not after `valid_through`; and pages beyond
10,000 results.

Rankings that are not `official` are computed by the portal and are no official rankings. "Not assessed" never means
"not met". Errors are problem documents (RFC 9457). Answers carry an ETag.
"""

REFUSALS = {
    "400": "An unknown or contradictory value; `parameter` names it.",
    "404": "Not found. That proves nothing about a firm: it may be in a register that is not held here.",
    "406": "The Accept header rules JSON out.",
    "410": "The entry was withdrawn, or the ranking list taken back; `reason` says why.",
    "429": "Too many requests from this address; Retry-After says when to come again.",
    "503": "The search engine or the database does not answer; `available` names what still works.",
}
PROBLEMS = (
    ("invalid-parameter", 400, REFUSALS["400"]),
    ("unauthorized", 401, "The lookup is closed to the public here: sign in first."),
    ("forbidden", 403, "Signed in, but the role or the state of the organisation does not permit it."),
    ("not-found", 404, REFUSALS["404"]),
    ("method-not-allowed", 405, "The API is read-only; Allow names what is possible."),
    ("not-acceptable", 406, REFUSALS["406"]),
    ("withdrawn", 410, REFUSALS["410"]),
    ("edition-taken-back", 410, "The ranking list was taken back; `reason` says why."),
    ("too-many-requests", 429, REFUSALS["429"]),
    ("internal", 500, "A fault of the portal. It is recorded under the request_id."),
    ("search-unavailable", 503, "The search engine does not answer; `available` names what still works."),
    ("database-unavailable", 503, "The database does not answer."),
)
"""Code (the end of `type`), status and meaning; the page for people explains them."""


def openapi(catalogue: Catalogue, editions: Mapping[str, Edition], *, contact: str, per_page: int = PER_PAGE) -> Schema:
    """The document. `contact`: whom to turn to (may be empty); `per_page`: results a page where none is asked."""
    _refs, structs = msgspec.json.schema_components(ANSWERS, ref_template="#/components/schemas/{name}")
    info: Schema = {"title": "Xunyuan 寻源", "version": VERSION, "description": INTRODUCTION}
    if contact:
        info["contact"] = {"name": contact}
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": "/", "description": "Where this document was read."}],
        "paths": _paths(editions=bool(editions), per_page=per_page),
        "components": {
            "schemas": structs | code_components(catalogue, editions),
            "responses": {f"Refused{status}": _refusal(text) for status, text in REFUSALS.items()},
        },
    }


def addresses() -> list[tuple[str, str]]:
    """Each path with what it answers, for the page for people."""
    return [(path, item["get"]["summary"]) for path, item in _paths(editions=False).items()]


def _paths(*, editions: bool, per_page: int = PER_PAGE) -> Schema:
    # While nothing is published there is no value that `edition` could have.
    by_name = {p.name: described(p) for p in api_parameters() if editions or p.of != "editions"}
    by_name["per_page"]["schema"]["default"] = per_page
    lang = by_name["lang"]
    scheme = _in_path("scheme", "Registration scheme: CN-USCC, US-UEI, OSH.", "CN-USCC")
    number = _in_path("number", "Registration number.", "91310000MA1FL0001X")
    code = _in_path("code", "Code of an edition.", "machinery-2026")
    return {
        "/api/v1/suppliers": _get("suppliers", "Search suppliers", ResultPage, [*by_name.values()], "400"),
        "/api/v1/suppliers/{scheme}/{number}": _get(
            "supplier", "All public facts of a supplier", SupplierSheet, [scheme, number, lang], "400", "404", "410"
        ),
        "/api/v1/compare": _get("compare", "Suppliers side by side", Comparison, [_ids(), lang], "400"),
        "/api/v1/suggest": _get("suggest", "What to offer while one types", Suggestions, [by_name["q"], lang], "400"),
        "/api/v1/editions": _get("editions", "Published rankings", Editions, [lang], "400"),
        "/api/v1/editions/{code}": _get(
            "edition",
            "A published ranking",
            EditionPage,
            [code, by_name["page"], by_name["per_page"], lang],
            "400",
            "404",
            "410",
        ),
        "/api/v1/catalogue": _get("catalogue", "Every code with its names", CatalogueView, [lang], "400"),
        "/api/v1/openapi.json": _get("openapi", "This document", None, [lang], "400"),
    }


def _get(name: str, summary: str, tree: type[Any] | None, parameters: list[Schema], *refusals: str) -> Schema:
    schema: Schema = {"$ref": f"#/components/schemas/{tree.__name__}"} if tree else {"type": "object"}
    content: Schema = {"schema": schema}
    if tree and tree.__name__ in EXAMPLES:
        content["example"] = EXAMPLES[tree.__name__]
    responses: Schema = {
        "200": {
            "description": summary,
            "headers": {"ETag": {"schema": {"type": "string"}}, "X-Request-Id": {"schema": {"type": "string"}}},
            "content": {"application/json": content},
        },
        "304": {"description": "Unchanged since the answer whose ETag If-None-Match names."},
        "default": _refusal("Any other refusal."),
    }
    for status in sorted({*refusals, "406", "429", "503"}):
        responses[status] = {"$ref": f"#/components/responses/Refused{status}"}
    return {"get": {"operationId": name, "summary": summary, "parameters": parameters, "responses": responses}}


def _refusal(description: str) -> Schema:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _in_path(name: str, description: str, example: str) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1},
        "example": example,
    }


def _ids() -> Schema:
    return {
        "name": "id",
        "in": "query",
        "required": True,
        "description": "Ids (scheme/number) of 2 to 5 suppliers. May repeat or hold a comma list.",
        "schema": {
            "type": "array",
            "items": {"type": "string", "pattern": KEY},
            "minItems": 2,
            "maxItems": 5,
            "uniqueItems": True,
        },
        "style": "form",
        "explode": True,
        "example": ["CN-USCC/91310000MA1FL0001X", "CN-USCC/91330200MA2AF0002Y"],
    }
