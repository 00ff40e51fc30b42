"""Words about alerts and what became of their deliveries."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.buyers.alert_forms import fault_words
from portal.models import Alert, Cadence
from portal.notices.guarded import Fault
from portal.workspace.digests import Kind, Why


def cadence_words(cadence: str) -> str:
    """How often."""
    return str(_("daily") if cadence == Cadence.DAILY else _("weekly"))


def kind_labels() -> dict[Kind, str]:
    """Headings of a digest."""
    return {Kind.ENTERED: _("Entered"), Kind.LEFT: _("Left"), Kind.CHANGED: _("Changed")}


def why_words(why: Why) -> str:
    """Why a firm entered or left."""
    words = {
        Why.NEW: _("new in the register"),
        Why.WITHDRAWN: _("withdrawn from the register"),
        Why.MERGED: _("merged into another firm"),
        Why.LISTED: _("put on the list"),
        Why.UNLISTED: _("taken off the list"),
    }
    return str(words[why])


def counts_words(counts: dict[Kind, int]) -> str:
    """How many there are of each kind: 2 entered, 1 left."""
    entered, left, changed = (counts[kind] for kind in Kind)
    parts = [
        ngettext("%(num)s entered", "%(num)s entered", entered) if entered else "",
        ngettext("%(num)s left", "%(num)s left", left) if left else "",
        ngettext("%(num)s changed", "%(num)s changed", changed) if changed else "",
    ]
    return str(_(", ")).join(filter(None, parts))


def reason_words(reason: str) -> str:
    """Why a delivery did not arrive."""
    if reason in set(Fault):
        return fault_words(Fault(reason))
    kind, _space, status = reason.partition(" ")
    if kind == "status":
        return str(_("The receiver answered %(status)s.", status=status))
    words = {
        "redirect": _("The receiver wanted to send us to another address, which is not followed."),
        "too_slow": _("The receiver took too long."),
        "no_connection": _("No connection could be made."),
        "tls": _("The receiver’s certificate could not be checked."),
        "no_answer": _("The receiver gave no answer that could be read."),
        "removed": _("The alert was removed, or sends elsewhere now."),
    }
    return str(words.get(reason) or _("The message could not be handed over: %(reason)s", reason=reason))


def trouble_words(alert: Alert) -> str:
    """Why an alert could not look; "" if it could."""
    words = {
        "": "",
        "gone": _("What it watches was deleted, or is not shared with its maker any more. It tells nothing."),
        "catalogue": _("The conditions name something that the catalogue does not know any more. Edit them."),
    }
    return str(words.get(alert.trouble, ""))
