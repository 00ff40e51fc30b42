"""Who may see what. Until sign-in exists there is one rule: PUBLIC_LOOKUP."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden

from portal.services import services


def require_public_lookup() -> None:
    """Close the lookup to visitors when PUBLIC_LOOKUP=false. Raises Forbidden (403)."""
    if not services().settings.public_lookup:
        raise Forbidden(_("The lookup is open to signed-in users only."))
