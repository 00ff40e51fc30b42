"""POST /undo/<id>: take back what one did, once."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.buyers.blueprint import blueprint
from portal.models import Undo, now
from portal.web.back import safe_next
from portal.web.guard import owned
from portal.web.permissions import Permission, needs
from portal.web.who import buyer
from portal.web.writing import writing
from portal.workspace import restoring
from portal.workspace.restoring import Restored


@blueprint.post("/undo/<int:identifier>")
@needs(Permission.SOURCE)
def undo(identifier: int) -> ResponseReturnValue:
    """Back to `next`. Only who did it can take it back."""
    who = buyer()
    with writing() as session:
        record = owned(session, Undo, identifier, Undo.user_id == who.id)
        done = restoring.undo(session, who, record, now())
    _tell(done)
    fallback = url_for("buyers.shortlist", identifier=done.list_id) if done.list_id else None
    return redirect(safe_next(request.form.get("next")) or fallback or url_for("buyers.all_shortlists"))


def _tell(done: Restored) -> None:
    if not done.possible:
        flash(_("This cannot be undone any more."), "warn")
        return
    flash(_("Undone."))
    if done.left:
        flash(
            ngettext(
                "%(num)s was left as it is: someone has changed it meanwhile.",
                "%(num)s were left as they are: someone has changed them meanwhile.",
                done.left,
            ),
            "warn",
        )
