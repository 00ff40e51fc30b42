"""/firm/speaking: who speaks for the firm; hand the administration over, give the firm up."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.company import claims
from portal.company.claim_notices import firm_name
from portal.extensions import db
from portal.identity.organisations import Refused as NotDone
from portal.identity.organisations import hand_over, members
from portal.models import User
from portal.reviews.kinds import Refused
from portal.suppliers.blueprint import blueprint
from portal.suppliers.claim_forms import GiveUpForm, HandOverForm
from portal.suppliers.firm import own_firm
from portal.web.guard import owned
from portal.web.i18n import language
from portal.web.permissions import Permission, needs
from portal.web.presenters.labels import role_labels
from portal.web.reviewing import desk
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing

INVALID = 422


@blueprint.get("/speaking")
@needs(Permission.SPEAK_FOR_FIRM)
def speaking() -> ResponseReturnValue:
    """The members, with forms to hand over and to give up."""
    return _page(_hand_over(formdata=None), GiveUpForm(formdata=None))


def _page(hand: HandOverForm, give: GiveUpForm, status: int = 200) -> ResponseReturnValue:
    """`suppliers/speaking.html`: `firm`, `name`, `members`, `role_labels`, `hand_over` and `give_up` forms, `user`."""
    session, user = db.session(), signed_in()
    firm = own_firm(session)
    page = render_template(
        "suppliers/speaking.html",
        firm=firm,
        name=firm_name(firm, language()),
        members=members(session, user.organisation_id),
        role_labels=role_labels(),
        hand_over=hand,
        give_up=give,
        user=user,
    )
    return page, status


def _hand_over(**options: None) -> HandOverForm:
    """The form, with everyone else who may sign in to choose from."""
    user = signed_in()
    everyone = members(db.session(), user.organisation_id)
    return HandOverForm(**options).offer([one for one in everyone if one.id != user.id and one.disabled_at is None])


@blueprint.post("/speaking/hand-over")
@needs(Permission.SPEAK_FOR_FIRM)
def hand_over_firm() -> ResponseReturnValue:
    """Make a `member` the administrator, and step down."""
    form = _hand_over()
    if not form.validate():
        return _page(form, GiveUpForm(formdata=None), INVALID)
    user = signed_in()
    try:
        with writing() as session:
            taker = owned(session, User, int(form.member.data))
            name = taker.name
            hand_over(act_of(session, user), session.get_one(User, user.id), taker)
    except NotDone:
        flash(_("Nothing was changed: this person cannot be the administrator."), "warn")
        return redirect(url_for("suppliers.speaking"))
    flash(_("%(name)s is the administrator now. You can still keep the profile.", name=name))
    return redirect(url_for("suppliers.home"))


@blueprint.post("/speaking/give-up")
@needs(Permission.SPEAK_FOR_FIRM)
def give_up_firm() -> ResponseReturnValue:
    """Give the firm up, where one is `sure`; the `reason` goes into the log."""
    form = GiveUpForm()
    if not form.validate():
        return _page(_hand_over(formdata=None), form, INVALID)
    try:
        with writing() as session:
            name = firm_name(claims.give_up(desk(session), form.reason.data), language())
        flash(_("Your organisation no longer speaks for %(firm)s.", firm=name))
    except Refused as refused:
        flash(refused.said(language()), "warn")
    return redirect(url_for("suppliers.home"))
