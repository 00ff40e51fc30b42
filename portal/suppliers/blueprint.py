"""The blueprint that the modules of views add to."""

from __future__ import annotations

from flask import Blueprint

from portal.web.permissions import require_known_language

blueprint = Blueprint("suppliers", __name__, url_prefix="/firm")
blueprint.before_request(require_known_language)
