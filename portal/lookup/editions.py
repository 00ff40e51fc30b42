"""GET /editions/<code>: a ranking list in force, under public notice, or taken back; POST …/objection: against one."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from portal.care import objections
from portal.care.objections import LEAST, MOST, MOST_EACH, Maker, Not, NotTaken
from portal.company.firm import firm_of
from portal.extensions import db
from portal.identity.log import user_actor
from portal.lookup.views import blueprint
from portal.models import Edition
from portal.register.clock import today_china
from portal.web.forms import REQUIRED, Form, at_most
from portal.web.permissions import Access, needs
from portal.web.presenters import editions as ranked
from portal.web.presenters import notices
from portal.web.presenters.context import Context, context
from portal.web.templating import render_template
from portal.web.users import current_user, signed_in
from portal.web.writing import writing


class ObjectionForm(Form):
    """An objection to a list under notice."""

    number = StringField(lazy_gettext("Registration number of the firm it is about"), [at_most(64)])
    text = TextAreaField(
        lazy_gettext("Objection"),
        [
            REQUIRED,
            Length(
                min=LEAST,
                max=MOST,
                message=lazy_gettext("Between %(least)d and %(most)d characters.", least=LEAST, most=MOST),
            ),
        ],
    )


@blueprint.get("/editions/<code>")
@needs(Access.LOOKUP)
def edition(code: str) -> ResponseReturnValue:
    """`lookup/edition.html` with `edition`: EditionView and `top`: its first ten as ResultItems.

    Under notice: `lookup/edition_notice.html`. Taken back: EditionTakenBack (410). Drafts, and unknown ones: 404.
    """
    at = context()
    if code in at.editions:
        return render_template("lookup/edition.html", edition=ranked.edition_view(code, at), top=ranked.top(code, at))
    found = notices.under_notice(code, at)
    if found is None:
        abort(404)
    return _notice_page(found, ObjectionForm(formdata=None), at)


def _notice_page(row: Edition, form: ObjectionForm, at: Context) -> ResponseReturnValue:
    """`lookup/edition_notice.html` with `notice`: NoticeView, `form`, `takes`, `mine`: the own organisation's."""
    user = current_user()
    mine = objections.of_edition(at.session, row.id, user.organisation_id) if user else ()
    if user is not None and not form.is_submitted():
        firm = firm_of(at.session, user.organisation_id)
        form.number.data = firm.number if firm else ""
    page = render_template(
        "lookup/edition_notice.html",
        notice=notices.notice_view(row, request.args.get("q", ""), request.args.get("page", ""), at),
        form=form,
        takes=objections.takes_objections(row, at.today),
        mine=mine,
        full=len(mine) >= MOST_EACH,
    )
    return page, 422 if form.errors else 200


@blueprint.post("/editions/<code>/objection")
@needs(Access.SIGNED_IN)
def object_to(code: str) -> ResponseReturnValue:
    """Object to a list during its notice."""
    at, form = context(), ObjectionForm()
    row = notices.under_notice(code, at)
    if row is None:
        abort(404)
    if not form.validate():
        return _notice_page(row, form, at)
    user = signed_in()
    maker = Maker(user.id, user.organisation_id, user_actor(user.id, request.remote_addr or ""))
    number, text = (form.number.data or "").upper(), (form.text.data or "").strip()
    try:
        with writing() as session:
            objections.object_to(session, maker, code, text, number=number, today=today_china())
    except NotTaken as refused:
        if refused.why is Not.UNKNOWN_FIRM:
            form.number.errors = [_("No firm of the register has this number.")]
            return _notice_page(row, form, at)
        flash(_refusal(refused.why), "warn")
    else:
        db.session.expire_all()
        flash(_("Your objection was handed in. The answer will stand on this page."))
    return redirect(url_for("lookup.edition", code=code, _anchor="objections"))


def _refusal(why: Not) -> str:
    words = {
        Not.OVER: _("The time for objections is over; yours was not taken."),
        Not.TOO_MANY: _("Your organisation has handed in %(most)s objections, which is the most.", most=MOST_EACH),
    }
    return str(words[why])
