"""GET /account/data: what is held about oneself. GET, POST /account/delete: delete one's account."""

from __future__ import annotations

from collections.abc import Iterator

import flask_login
from flask import Response, flash, redirect, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import sessionmaker

from portal.accounts.blueprint import INVALID, blueprint
from portal.accounts.forms import PresentPasswordForm
from portal.accounts.profile import is_present, own
from portal.accounts.words import refusal_words
from portal.company import agreements
from portal.company.claims import end
from portal.company.own_data import PERSON, Person, as_json
from portal.extensions import db
from portal.identity.leaving import Consequence, consequence, leave
from portal.identity.organisations import Refused
from portal.indexing.sessions import snapshot
from portal.models import now
from portal.services import services
from portal.web.permissions import Access, needs
from portal.web.reviewing import desk
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing
from portal.workspace.leaving import forget_private


@blueprint.get("/account/data")
@needs(Access.SIGNED_IN)
def own_data() -> Response:
    """JSON of all rows about who is signed in, as a download."""
    user = signed_in()
    me, sessions = Person(user.id, user.organisation_id, user.sign_in), sessionmaker(db.engine)

    def pieces() -> Iterator[bytes]:
        with snapshot(sessions) as session:
            yield from as_json(session, PERSON, me)

    answer = Response(pieces(), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="xunyuan-account-{user.id}.json"'
    return answer


@blueprint.route("/account/delete", methods=["GET", "POST"])
@needs(Access.SIGNED_IN)
def delete_account() -> ResponseReturnValue:
    """`accounts/delete.html` with `form` and `comes`: what comes of it; with the password it is done, for good."""
    user, form = signed_in(), PresentPasswordForm()
    if not form.validate_on_submit() or not is_present(user, form.present):
        comes = consequence(db.session(), own(db.session(), user))
        page = render_template("accounts/delete.html", form=form, comes=comes)
        return page, INVALID if form.is_submitted() else 200
    try:
        with writing() as session:
            forget_private(session, user.id, services().settings.exports_dir, now())
            agreements.forget(session, own(session, user))
            if consequence(session, own(session, user)) is Consequence.CLOSES:
                end(desk(session))
            leave(act_of(session, user), own(session, user))
    except Refused as refused:
        flash(refusal_words(refused.reason), "warn")
        return redirect(url_for("accounts.delete_account"))
    flask_login.logout_user()
    cookie.clear()
    flash(_("Your account was deleted."))
    return redirect(url_for("lookup.home"))
