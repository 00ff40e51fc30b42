"""GET /staff/people and /staff/organisations/…: who signs in, and what staff administrators change of any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import NotFound
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from portal.accounts.blueprint import INVALID, blueprint
from portal.accounts.forms import role_label
from portal.accounts.words import kind_words, refusal_words, state_words
from portal.extensions import db
from portal.identity.log import Act
from portal.identity.organisations import Refused, change_role, members, set_disabled
from portal.identity.people import found_by, reset_second_step
from portal.models import ROLES, Organisation, OrganisationKind, Role, Supplier, User
from portal.web.forms import REQUIRED, ButtonForm, Form, at_most
from portal.web.jinja import in_other_language
from portal.web.permissions import Permission, needs
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing

MOST_FOUND = 50


class ReasonedForm(Form):
    """Why; it stands in the log, and the person is told."""

    reason = StringField(lazy_gettext("Reason"), [REQUIRED, at_most(400)])


class DisableForm(ReasonedForm):
    """Keep someone out."""


class EnableForm(Form):
    """Let someone in again."""

    reason = StringField(lazy_gettext("Reason"), [at_most(400)])


class ResetForm(ReasonedForm):
    """Take the authenticator away: whoever asks for it may be a thief."""

    sure = BooleanField(lazy_gettext("I have made sure who asks for this"), [REQUIRED])


class RoleForm(EnableForm):
    """Another role."""

    role = SelectField(lazy_gettext("Role"), [REQUIRED])


Change = Callable[[Act, User, Any], bool]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that is done to a person: its form, what does it (whether it changed anything), and what is said."""

    form: type[Form]
    change: Change
    done: Callable[[], str]


def _role(act: Act, user: User, form: Any) -> bool:
    return change_role(act, user, Role(form.role.data), reason=form.reason.data or "", told=True)


def _disable(act: Act, user: User, form: Any) -> bool:
    return set_disabled(act, user, disabled=True, reason=form.reason.data, told=True)


def _enable(act: Act, user: User, form: Any) -> bool:
    return set_disabled(act, user, disabled=False, reason=form.reason.data or "", told=True)


def _reset(act: Act, user: User, form: Any) -> bool:
    return reset_second_step(act, user, form.reason.data)


DEEDS: Mapping[str, Deed] = {
    "role": Deed(RoleForm, _role, lambda: _("The role was changed.")),
    "disable": Deed(DisableForm, _disable, lambda: _("They can no longer sign in.")),
    "enable": Deed(EnableForm, _enable, lambda: _("They can sign in again.")),
    "reset": Deed(ResetForm, _reset, lambda: _("The authenticator was removed; they sign in with the password alone.")),
}


@blueprint.get("/staff/people")
@needs(Permission.MANAGE_ORGANISATIONS)
def people() -> str:
    """`accounts/people.html`: `asked`, `found`: users with their organisations, `more`: there are others."""
    asked = request.args.get("name", "").strip()[:254]
    found = found_by(db.session(), asked, MOST_FOUND + 1) if asked else []
    return render_template(
        "accounts/people.html",
        asked=asked,
        found=found[:MOST_FOUND],
        more=len(found) > MOST_FOUND,
        role_label=role_label,
        kind_words=kind_words,
    )


@blueprint.get("/staff/organisations/<int:identifier>")
@needs(Permission.MANAGE_ORGANISATIONS)
def one_organisation(identifier: int) -> str:
    """`accounts/one_organisation.html`: `organisation`, `members`, `firm`: the one it speaks for."""
    found = db.session.get(Organisation, identifier)
    if found is None:
        raise NotFound
    return render_template(
        "accounts/one_organisation.html",
        organisation=found,
        kind=kind_words(found.kind),
        state=state_words(found.state),
        members=members(db.session(), identifier),
        firm=db.session.get(Supplier, found.supplier_id) if found.supplier_id else None,
        button=ButtonForm(formdata=None),
        role_label=role_label,
    )


@blueprint.get("/staff/people/<int:identifier>")
@needs(Permission.MANAGE_ORGANISATIONS)
def person(identifier: int) -> ResponseReturnValue:
    """`accounts/person.html`: `person`, `organisation`, `forms_of`: what can be done, by name."""
    return _page(_person(db.session(), identifier), {})


@blueprint.post(f"/staff/people/<int:identifier>/<any({', '.join(DEEDS)}):change>")
@needs(Permission.MANAGE_ORGANISATIONS)
def change_person(identifier: int, change: str) -> ResponseReturnValue:
    """Do it; the person is told by mail or SMS."""
    shown, chosen = _person(db.session(), identifier), DEEDS[change]
    form = _form(change, shown)
    if not form.validate():
        return _page(shown, {change: form}, INVALID)
    try:
        with writing() as session:
            changed = chosen.change(act_of(session, signed_in()), _person(session, identifier, lock=True), form)
        flash(chosen.done() if changed else _("Nothing was changed: it was so already."))
    except Refused as refused:
        flash(refusal_words(refused.reason), "warn")
    return redirect(url_for("accounts.person", identifier=identifier))


def _person(session: Session, identifier: int, *, lock: bool = False) -> User:
    wanted = select(User).where(User.id == identifier)
    wanted = wanted.with_for_update() if lock else wanted.options(joinedload(User.organisation))
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound
    return found


def _form(deed: str, user: User) -> Any:
    form: Any = DEEDS[deed].form(prefix=deed)
    if deed == "role":
        roles = ROLES[OrganisationKind(user.organisation.kind)]
        form.role.choices = [SelectChoice(role.value, role_label(role)) for role in roles]
        if not form.is_submitted():
            form.role.data = user.role
    return form


def _page(user: User, given: Mapping[str, Any], status: int = 200) -> ResponseReturnValue:
    """The forms of what can be done to them now; nothing to oneself."""
    possible = ["enable"] if user.disabled_at else ["role", *(["reset"] if user.totp_secret else []), "disable"]
    names = [] if user.id == signed_in().id else possible
    page = render_template(
        "accounts/person.html",
        person=user,
        organisation=user.organisation,
        forms_of={name: given.get(name) or _blank(name, user) for name in names},
        role_label=role_label,
        other_language_url=in_other_language(url_for("accounts.person", identifier=user.id)),
    )
    return page, status


def _blank(deed: str, user: User) -> Any:
    form: Any = DEEDS[deed].form(formdata=None, prefix=deed)
    if deed == "role":
        roles = ROLES[OrganisationKind(user.organisation.kind)]
        form.role.choices = [SelectChoice(role.value, role_label(role)) for role in roles]
        form.role.data = user.role
    return form
