"""Why something was not done, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.workspace.buyer import Reason, Refused


def refusal(refused: Refused) -> str:
    """What to tell who asked."""
    most = f"{refused.most:,}"
    words = {
        Reason.NAME_TAKEN: _("There is a list of this name already."),
        Reason.TOO_MANY_LISTS: _(
            "Your organisation has %(most)s lists, which is the most. Delete one first.", most=most
        ),
        Reason.LIST_FULL: _("A list holds at most %(most)s firms; nothing was added. Make another list.", most=most),
        Reason.REASON_NEEDED: _("Say why these firms are not recommended."),
        Reason.TOO_MANY_EXPORTS: _(
            "You keep %(most)s exports, which is the most. Remove one first, or wait until one ends.", most=most
        ),
        Reason.TOO_MANY_RECORDS: _(
            "Your organisation keeps %(most)s sourcing records, which is the most. Ask whoever runs the portal.",
            most=most,
        ),
        Reason.REPLACED: _("The record to be replaced has been replaced already."),
        Reason.WITHDRAWAL_REASON: _("Say why the record is withdrawn."),
        Reason.TOO_MANY_ALERTS: _(
            "Your organisation has %(most)s alerts, which is the most. Remove one first.", most=most
        ),
        Reason.NOT_YOURS: _("Only who made this, or an administrator of your organisation, may do that."),
    }
    return str(words[refused.reason])
