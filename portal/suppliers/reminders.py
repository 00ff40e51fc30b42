"""GET /firm/reminders: what ends soon or has grown old, and whether its reader is written to in time."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.company.due import due
from portal.company.reminder_letters import sentences
from portal.extensions import db
from portal.identity.names import is_phone
from portal.models import User
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.web.forms import ButtonForm
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing


@blueprint.get("/reminders")
@needs(Permission.KEEP_PROFILE)
def reminders() -> str:
    """`suppliers/reminders.html` with `firm`, `lines`: what is due in words, `on`, `by_phone`, `form`."""
    row, at = own_firm(db.session()), context()
    found = due(at.session, at.catalogue, [row.id], at.today).get(row.id, [])
    me = at.session.get_one(User, signed_in().id)
    return render_template(
        "suppliers/reminders.html",
        firm=row,
        lines=list(sentences(found, at.lang, at.catalogue, at.today)),
        on=me.reminders,
        by_phone=is_phone(me.sign_in),
        form=ButtonForm(formdata=None),
    )


@blueprint.post("/reminders")
@needs(Permission.KEEP_PROFILE)
def set_reminders() -> ResponseReturnValue:
    """`to`: on or off, for whoever sends it alone."""
    wanted = request.form.get("to", "")
    if ButtonForm().validate_on_submit() and wanted in ("on", "off"):
        user = signed_in()
        with writing() as session:
            row = session.get_one(User, user.id, with_for_update=True)
            if row.reminders != (wanted == "on"):
                row.reminders = wanted == "on"
                act_of(session, user).record(f"turned reminders {wanted}", f"user/{user.id}")
        flash(_("You will be reminded.") if wanted == "on" else _("You will not be reminded any more."))
    return redirect(url_for("suppliers.reminders"))
