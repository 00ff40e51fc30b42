"""Asking the persons that a profile names whether their phone may be shown, and their answers."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from portal.company import agreements
from portal.extensions import db
from portal.identity import lockout
from portal.identity.log import ANYONE, Act
from portal.models import Supplier, User, now
from portal.profiles.content import Contact
from portal.profiles.visible import agreed_phones, masked
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.web.permissions import Access, Permission, needs
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a phone that the profile names. `own`: whoever is signed in; `way`: they can be written to."""

    key: str
    name: str
    phone: str
    agreed: bool
    own: bool
    way: bool


@blueprint.get("/profile/contacts")
@needs(Permission.KEEP_PROFILE)
def profile_contacts() -> ResponseReturnValue:
    """`suppliers/profile_contacts.html`: `people`."""
    session = db.session()
    firm, user = own_firm(session), session.get_one(User, signed_in().id)
    agreed = agreed_phones(session, firm.id)
    people = [
        Person(
            key=key,
            name=contact.person,
            phone=contact.phone,
            agreed=key in agreed,
            own=agreements.is_own(user, contact),
            way=bool(agreements.way_to(contact)),
        )
        for key, contact in agreements.contacts(session, firm.id).items()
    ]
    return render_template("suppliers/profile_contacts.html", people=people)


@blueprint.post("/profile/contacts")
@needs(Permission.KEEP_PROFILE)
def ask_contact() -> ResponseReturnValue:
    """`do`: ask (a message goes to the person), own (it is my number), hide (take the agreement out of use)."""
    key, do = request.form.get("key", "")[:60], request.form.get("do", "")
    with writing() as session:
        firm, user = own_firm(session), session.get_one(User, signed_in().id)
        contact = agreements.contacts(session, firm.id).get(key)
        if contact is None:
            raise NotFound
        act = act_of(session, signed_in())
        if do == "hide":
            agreements.end(session, firm.id, [key])
            flash(_("The number is hidden."))
        elif do == "own":
            _own(act, firm, contact, user)
        else:
            _ask(act, firm, contact, user)
    return redirect(url_for("suppliers.profile_contacts"))


def _own(act: Act, firm: Supplier, contact: Contact, user: User) -> None:
    if agreements.agree_in_person(act, firm, contact, user):
        flash(_("Your number is shown as soon as the profile that names you is published."))
    else:
        flash(_("This is not the number or address of your account, so the person has to be asked."), "warn")


def _ask(act: Act, firm: Supplier, contact: Contact, user: User) -> None:
    way = agreements.way_to(contact)
    if not way:
        flash(_("Add the person’s e-mail address or mobile number, so that they can be asked."), "warn")
        return
    counters = (lockout.messages_to(way), lockout.messages_from(request.remote_addr or ""))
    if lockout.attempt(act.session, counters, act.at).until is not None:
        flash(_("Too many messages. Please try again in an hour."), "warn")
        return
    agreements.ask(act, firm, contact, user)
    flash(_("%(person)s gets a message and is asked to agree.", person=contact.person))


@blueprint.route("/agreement", methods=["GET", "POST"])
@needs(Access.PUBLIC)
def agreement() -> ResponseReturnValue:
    """`suppliers/agreement.html` with `asked`: where the link of the message leads. Opening it changes nothing."""
    secret = request.args.get("secret", "")
    with writing() as session:
        act = Act(session, services().letters, ANYONE, now())
        asked = agreements.asked(act, secret)
        if asked is None:
            return render_template("accounts/ended.html"), 410
        done = request.method == "POST" and agreements.agree(act, secret)
        return _answer(asked, done=done)


def _answer(asked: agreements.Asked, *, done: bool) -> ResponseReturnValue:
    firm = {"zh": asked.firm.name_zh or asked.firm.name_en, "en": asked.firm.name_en or asked.firm.name_zh}
    return render_template(
        "suppliers/agreement.html", firm=firm, person=asked.person, phone=masked(asked.phone), done=done
    )
