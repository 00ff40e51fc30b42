"""What is asked of every request to the lookup. Until sign-in exists one rule says who may see what: PUBLIC_LOOKUP."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden

from portal.services import services
from portal.web.readers import language_named


def require_public_lookup() -> None:
    """Close the lookup to visitors when PUBLIC_LOOKUP=false. Raises Forbidden (403)."""
    if not services().settings.public_lookup:
        raise Forbidden(_("The lookup is open to signed-in users only."))


def require_known_language() -> None:
    """Refuse a language that no page speaks, on the pages without a search too. Raises ParameterError (400)."""
    for text in filter(None, map(str.strip, request.args.getlist("lang"))):
        language_named(text)
