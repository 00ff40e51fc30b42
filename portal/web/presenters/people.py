"""What a person is called on pages."""

from __future__ import annotations

from flask_babel import gettext as _


def person(name: str | None) -> str:
    """The name; "former member" for someone whose account was deleted, whose row holds none."""
    return name or str(_("former member"))
