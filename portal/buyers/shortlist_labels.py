"""Words about shortlists."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.models import EntryStatus


def status_labels() -> dict[str, str]:
    """The statuses of an entry, in their order."""
    return {
        EntryStatus.NEW: _("new"),
        EntryStatus.CONTACTED: _("contacted"),
        EntryStatus.RECOMMENDED: _("recommended"),
        EntryStatus.NOT_RECOMMENDED: _("not recommended"),
    }


def sort_labels() -> dict[str, str]:
    """The orders of a list."""
    return {"added": _("Added last"), "changed": _("Changed most gravely"), "name": _("Name"), "status": _("Status")}
