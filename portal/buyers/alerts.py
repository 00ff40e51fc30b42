"""/alerts…: what is watched, how often and where to; one of them with what it found and what became of it."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound

from portal.buyers import conditions
from portal.buyers.alert_forms import AlertForm
from portal.buyers.alert_letters import write
from portal.buyers.alert_views import alert_view, delivery_lines, digest_groups, digest_lines
from portal.buyers.blueprint import blueprint
from portal.buyers.shortlists import shortlist_of
from portal.buyers.words import refusal
from portal.extensions import db
from portal.models import Alert, AlertChannel, AlertDelivery, AlertDigest, DeliveryState, User, now
from portal.notices import post
from portal.web.guard import owned
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.who import buyer, tell
from portal.web.writing import writing
from portal.workspace import alerts, deliveries
from portal.workspace.alert_running import Letter
from portal.workspace.alerts import Watched
from portal.workspace.buyer import Refused
from portal.workspace.digests import counts_of, loaded

INVALID = 422


def alert_of(session: Session, identifier: int) -> Alert:
    """The alert, if the signed-in buyer may see it. Raises NotFound."""
    return owned(session, Alert, identifier, alerts.visible(buyer()))


def own_alert(session: Session, identifier: int) -> Alert:
    """The same, if it is their own. Raises NotFound, Forbidden."""
    alert = alert_of(session, identifier)
    if alert.owner_id != buyer().id:
        raise Forbidden(_("Only who made this alert can change it."))
    return alert


@blueprint.get("/alerts")
@needs(Permission.SOURCE)
def all_alerts() -> str:
    """`buyers/alerts.html` with `alerts`: AlertView of each."""
    who = buyer()
    kept = alerts.listed(db.session(), alerts.visible(who))
    return render_template("buyers/alerts.html", alerts=[alert_view(one, who) for one in kept])


@blueprint.route("/conditions/<int:identifier>/alerts/new", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def alert_conditions(identifier: int) -> ResponseReturnValue:
    """An alert of sourcing conditions."""
    row = conditions.own(db.session(), identifier)
    name = conditions.own_version(row).name
    return _new(Watched(conditions_id=row.id), name, url_for("buyers.conditions_show", identifier=identifier))


@blueprint.route("/shortlists/<int:identifier>/alerts/new", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def alert_shortlist(identifier: int) -> ResponseReturnValue:
    """An alert of a shortlist."""
    found = shortlist_of(db.session(), identifier)
    return _new(Watched(shortlist_id=found.id), found.name, url_for("buyers.shortlist", identifier=identifier))


def _new(watched: Watched, name: str, source: str) -> ResponseReturnValue:
    """`buyers/alert_edit.html` with `form`, `name`, `source`, `alert` None; what there is already in `others`."""
    form = AlertForm()
    problem = ""
    if form.validate_on_submit():
        try:
            with writing() as session:
                made = alerts.create(session, buyer(), watched, form.way(), now())
                identifier, secret = made.id, made.secret
        except Refused as refused:
            problem = refusal(refused)
        else:
            if secret:
                return _secret(identifier, name, secret)
            flash(_("You will be told what changes from now on."))
            return redirect(url_for("buyers.alert", identifier=identifier))
    others = [alert_view(one, buyer()) for one in alerts.of_object(db.session(), buyer(), watched)]
    page = render_template(
        "buyers/alert_edit.html", form=form, name=name, source=source, alert=None, others=others, problem=problem
    )
    return page, INVALID if form.is_submitted() else 200


def _secret(identifier: int, name: str, secret: str) -> str:
    """`buyers/alert_secret.html` with `identifier`, `name`, `secret`: it is shown this once."""
    return render_template("buyers/alert_secret.html", identifier=identifier, name=name, secret=secret)


@blueprint.get("/alerts/<int:identifier>")
@needs(Permission.SOURCE)
def alert(identifier: int) -> str:
    """`buyers/alert.html` with `alert`: AlertView, `digests`, `deliveries`."""
    found = alert_of(db.session(), identifier)
    (kept,) = alerts.listed(db.session(), Alert.id == found.id)
    return render_template(
        "buyers/alert.html",
        alert=alert_view(kept, buyer()),
        digests=digest_lines(db.session(), found),
        deliveries=delivery_lines(db.session(), found),
    )


@blueprint.get("/alerts/<int:identifier>/digests/<int:number>")
@needs(Permission.SOURCE)
def alert_digest(identifier: int, number: int) -> str:
    """`buyers/alert_digest.html` with `alert`: AlertView, `digest`, `groups`: GroupView of each kind there is."""
    found = alert_of(db.session(), identifier)
    (kept,) = alerts.listed(db.session(), Alert.id == found.id)
    wanted = select(AlertDigest).where(AlertDigest.alert_id == found.id, AlertDigest.to_seq == number)
    digest = db.session.scalar(wanted)
    if digest is None:
        raise NotFound
    return render_template(
        "buyers/alert_digest.html",
        alert=alert_view(kept, buyer()),
        digest=digest,
        groups=digest_groups(digest, context()),
    )


@blueprint.route("/alerts/<int:identifier>/edit", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def edit_alert(identifier: int) -> ResponseReturnValue:
    """`buyers/alert_edit.html`: another rhythm or another way."""
    found = own_alert(db.session(), identifier)
    form = AlertForm(found)
    (kept,) = alerts.listed(db.session(), Alert.id == found.id)
    if form.validate_on_submit():
        with writing() as session:
            row = own_alert(session, identifier)
            before = row.secret
            alerts.change(row, form.way(), now())
            secret = row.secret if row.secret != before else ""
        if secret:
            return _secret(identifier, kept.name, secret)
        flash(_("Saved."))
        return redirect(url_for("buyers.alert", identifier=identifier))
    view = alert_view(kept, buyer())
    page = render_template(
        "buyers/alert_edit.html", form=form, name=view.name, source=view.source, alert=view, others=[], problem=""
    )
    return page, INVALID if form.is_submitted() else 200


@blueprint.post("/alerts/<int:identifier>/pause")
@needs(Permission.SOURCE)
def pause_alert(identifier: int) -> ResponseReturnValue:
    """Pause, or go on (`paused` is "no")."""
    paused = request.form.get("paused") != "no"
    with writing() as session:
        row = _managed(session, identifier)
        if paused:
            alerts.pause(row)
        elif row.paused:
            alerts.resume(session, row, now())
    flash(_("Paused: nothing is sent until you go on.") if paused else _("You will be told what changes from now on."))
    return redirect(url_for("buyers.alert", identifier=identifier))


@blueprint.post("/alerts/<int:identifier>/delete")
@needs(Permission.SOURCE)
def delete_alert(identifier: int) -> ResponseReturnValue:
    """Remove it; it can be taken back for a day."""
    with writing() as session:
        undo = alerts.remove(session, buyer(), _managed(session, identifier), now())
    tell(str(_("The alert was removed.")), undo)
    return redirect(url_for("buyers.all_alerts"))


def _managed(session: Session, identifier: int) -> Alert:
    row = alert_of(session, identifier)
    if not alerts.may_pause(buyer(), row):
        raise Forbidden(_("Only who made this, or an administrator of your organisation, may do that."))
    return row


def _webhook(session: Session, identifier: int) -> Alert:
    row = own_alert(session, identifier)
    if row.channel != AlertChannel.WEBHOOK:
        raise NotFound
    return row


@blueprint.post("/alerts/<int:identifier>/test")
@needs(Permission.SOURCE)
def test_alert(identifier: int) -> ResponseReturnValue:
    """Have a test sent to the webhook."""
    with writing() as session:
        deliveries.add_test(session, _webhook(session, identifier), now())
    flash(_("A test is on its way. Look again in a moment: below you see whether it arrived."))
    return redirect(url_for("buyers.alert", identifier=identifier) + "#deliveries")


@blueprint.post("/alerts/<int:identifier>/secret")
@needs(Permission.SOURCE)
def renew_alert_secret(identifier: int) -> ResponseReturnValue:
    """Another secret; the one before signs nothing any more."""
    with writing() as session:
        row = _webhook(session, identifier)
        row.secret = secret = alerts.new_secret()
    (kept,) = alerts.listed(db.session(), Alert.id == identifier)
    return _secret(identifier, kept.name, secret)


@blueprint.post("/alerts/<int:identifier>/deliveries/<int:number>/again")
@needs(Permission.SOURCE)
def send_alert_again(identifier: int, number: int) -> ResponseReturnValue:
    """Send a delivery that failed once more, by the same id."""
    with writing() as session:
        row = own_alert(session, identifier)
        mine = (AlertDelivery.id == number, AlertDelivery.alert_id == row.id)
        delivery = session.scalars(select(AlertDelivery).where(*mine).with_for_update()).one_or_none()
        if delivery is None:
            raise NotFound
        if delivery.state == DeliveryState.FAILED:
            deliveries.again(delivery, now(), _posted(session, row, delivery))
    flash(_("It is on its way once more."))
    return redirect(url_for("buyers.alert", identifier=identifier) + "#deliveries")


def _posted(session: Session, row: Alert, delivery: AlertDelivery) -> int | None:
    """The message of a delivery by mail, written anew."""
    digest = session.get(AlertDigest, delivery.digest_id) if delivery.digest_id else None
    if delivery.channel != AlertChannel.MAIL or digest is None:
        return None
    (kept,) = alerts.listed(session, Alert.id == row.id)
    owner = session.get_one(User, row.owner_id)
    told = loaded(digest.content)
    letter = Letter(context().lang, row.id, kept.name, digest.to_seq, digest.since, digest.at, counts_of(digest), told)
    message = post(session, owner.sign_in, write(letter))
    session.flush()
    return message.id
