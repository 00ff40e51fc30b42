"""Words about own suppliers."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.workspace.matching import How
from portal.workspace.own_reading import MAX_ROWS, Unreadable


def how_labels() -> dict[str, str]:
    """By what a firm was found."""
    return {
        How.NUMBER: _("by its number"),
        How.NAME: _("by its name"),
        How.FORMER: _("by a former name"),
        How.FORM: _("by its name, another company form"),
        How.SOUND: _("sounds alike"),
        How.CHOSEN: _("chosen by you"),
        How.REFUSED: _("none of those found"),
    }


def show_labels() -> dict[str, str]:
    """What of a list can be looked at."""
    return {
        "": _("all"),
        "certified": _("certified"),
        "uncertified": _("not certified"),
        "soon": _("expiring within 90 days"),
        "downgraded": _("downgraded since the last check"),
        "risk": _("with a risk"),
        "unsure": _("to be chosen"),
        "missing": _("not found"),
        "fits": _("meets the conditions"),
        "unfit": _("does not meet them"),
    }


def unreadable(why: Unreadable) -> str:
    """Why a list cannot be taken."""
    words = {
        Unreadable.EMPTY: _("There is nothing in it."),
        Unreadable.NO_TABLE: _("This is no CSV or XLSX file that can be read."),
        Unreadable.TOO_MANY_ROWS: _("It has more than %(most)s rows. Please part it.", most=f"{MAX_ROWS:,}"),
    }
    return str(words[why])
