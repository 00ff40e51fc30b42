"""GET /account and what is changed there: name and language, password, second step, sessions."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from flask import Response, flash, make_response, redirect, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload
from wtforms import Field

from portal.accounts.blueprint import INVALID, blueprint
from portal.accounts.entering import entrance
from portal.accounts.forms import (
    ChangePasswordForm,
    CodeForm,
    PresentPasswordForm,
    ProfileForm,
    role_label,
)
from portal.extensions import db
from portal.identity import profile, sessions, totp
from portal.models import User, now
from portal.services import services
from portal.web.forms import ButtonForm
from portal.web.i18n import keep_language
from portal.web.jinja import in_other_language
from portal.web.permissions import Access, needs
from portal.web.templating import render_template
from portal.web.users import CurrentUser, act_of, browser, signed_in
from portal.web.writing import writing

NEW_SECRET = "totp"  # noqa: S105  (a name)
"""Where the cookie keeps the secret of an authenticator until the first code from it has come."""


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of the page; one of them may have been sent and hold refusals."""

    profile: ProfileForm
    password: ChangePasswordForm
    present: PresentPasswordForm
    button: ButtonForm


def own(session: Session, user: CurrentUser) -> User:
    """The row of who is signed in."""
    return session.get_one(User, user.id, options=[joinedload(User.organisation)])


@blueprint.get("/account")
@needs(Access.UNFINISHED)
def account() -> ResponseReturnValue:
    """`accounts/account.html`: `user`, `sent` (forms), `sessions`, `codes_left`, `role`."""
    return _page(_forms())


def _forms() -> Forms:
    user = signed_in()
    return Forms(
        ProfileForm(formdata=None, name=user.name, language=user.language),
        ChangePasswordForm(formdata=None),
        PresentPasswordForm(formdata=None),
        ButtonForm(formdata=None),
    )


def _page(forms: Forms, status: int = 200) -> Response:
    user = signed_in()
    page = render_template(
        "accounts/account.html",
        user=user,
        sent=forms,
        sessions=sessions.open_sessions(db.session(), user.id, services().ends, now()),
        codes_left=totp.recovery_codes_left(db.session(), user.id),
        role=role_label(user.role),
        other_language_url=in_other_language(url_for("accounts.account")),
    )
    return make_response(page, status)


@blueprint.post("/account/profile")
@needs(Access.UNFINISHED)
def save_profile() -> ResponseReturnValue:
    """Name and language."""
    form = ProfileForm()
    if not form.validate_on_submit():
        blank = _forms()
        return _page(Forms(form, blank.password, blank.present, blank.button), INVALID)
    with writing() as session:
        row = own(session, signed_in())
        row.name, row.language = form.name.data, form.language.data
    response = make_response(redirect(url_for("accounts.account")))
    keep_language(response, form.language.data)
    flash(_("Saved."))
    return response


@blueprint.post("/account/password")
@needs(Access.UNFINISHED)
def save_password() -> ResponseReturnValue:
    """Another password; all other browsers are signed out."""
    user = signed_in()
    form = ChangePasswordForm()
    form.own_names = (user.name, user.sign_in, user.organisation_name)
    if not form.validate_on_submit() or not is_present(user, form.present):
        blank = _forms()
        return _page(Forms(blank.profile, form, blank.present, blank.button), INVALID)
    kept = services().passwords.hash(form.password.data)
    with writing() as session:
        profile.change_password(act_of(session, user), own(session, user), kept, keep=user.session_hash)
    flash(_("Your password was changed. Other browsers are signed out."))
    return redirect(url_for("accounts.account"))


def is_present(user: CurrentUser, field: Field) -> bool:
    """Whether the field holds the user's password; wrong ones count as at sign-in."""
    refusal = entrance().confirm(user.sign_in, field.data, browser(), now())
    if refusal is not None:
        field.errors = [
            _("This is not your password.")
            if refusal.until is None
            else _("Too many attempts. Please try again in an hour.")
        ]
    return refusal is None


@blueprint.post("/account/sessions/end")
@needs(Access.UNFINISHED)
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sessions but this one."""
    user = signed_in()
    with writing() as session:
        sessions.end_all(session, user.id, but=user.session_hash)
        act_of(session, user).record("signed out everywhere", f"user/{user.id}")
    flash(_("You are signed out everywhere else."))
    return redirect(url_for("accounts.account"))


@blueprint.route("/account/authenticator", methods=["GET", "POST"])
@needs(Access.UNFINISHED)
def authenticator() -> ResponseReturnValue:
    """`accounts/authenticator.html` with `form`, `secret` and `qr`: to set one up, or another in place of it.

    A right code shows the recovery codes, once.
    """
    user = signed_in()
    if user.has_totp and not cookie.get(NEW_SECRET):
        return redirect(url_for("accounts.account"))  # replacing one begins with the password
    secret = cookie.setdefault(NEW_SECRET, totp.new_secret())
    form = CodeForm()
    if form.validate_on_submit():
        with writing() as session:
            codes = profile.turn_on(act_of(session, user), own(session, user), secret, form.code.data)
        if codes:
            del cookie[NEW_SECRET]
            return render_template("accounts/recovery_codes.html", codes=codes)
        form.code.errors = [_("This code does not fit. Is the clock of your phone right?")]
    qr = segno.make(totp.address(secret, user.sign_in), error="m").svg_data_uri(scale=5, border=3)
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    page = render_template(
        "accounts/authenticator.html", form=form, secret=grouped, qr=qr, required=user.lacks_second_step
    )
    return page, INVALID if form.is_submitted() else 200


@blueprint.post("/account/second-step/<action>")
@needs(Access.UNFINISHED)
def second_step(action: str) -> ResponseReturnValue:
    """`replace` the authenticator, turn it `off` (not for staff), or get new recovery `codes`; with the password."""
    user = signed_in()
    form = PresentPasswordForm()
    if not user.has_totp or action not in {"replace", "off", "codes"} or (action == "off" and user.is_staff):
        return redirect(url_for("accounts.account"))
    if not form.validate_on_submit() or not is_present(user, form.present):
        blank = _forms()
        return _page(Forms(blank.profile, blank.password, form, blank.button), INVALID)
    if action == "replace":
        cookie[NEW_SECRET] = totp.new_secret()
        return redirect(url_for("accounts.authenticator"))
    with writing() as session:
        act = act_of(session, user)
        if action == "codes":
            codes = profile.renew_recovery_codes(act, own(session, user))
            back = in_other_language(url_for("accounts.account"))
            return render_template("accounts/recovery_codes.html", codes=codes, other_language_url=back)
        profile.turn_off(act, own(session, user))
    flash(_("Sign-in asks for the password only."))
    return redirect(url_for("accounts.account"))
