"""The blueprint, to which each module adds its views."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.web.permissions import require_known_language

blueprint = Blueprint("accounts", __name__)
blueprint.before_request(require_known_language)

INVALID = 422
"""The status of a form that is shown again."""


@blueprint.after_request
def never_kept(response: Response) -> Response:
    """Forms, names and codes: neither caches nor the browser's history keep them."""
    response.headers["Cache-Control"] = "no-store"
    return response
