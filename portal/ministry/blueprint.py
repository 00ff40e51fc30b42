"""The blueprint that the modules of views add to."""

from __future__ import annotations

from flask import Blueprint

from portal.web.permissions import require_known_language

blueprint = Blueprint("ministry", __name__, url_prefix="/ministry")
blueprint.before_request(require_known_language)
