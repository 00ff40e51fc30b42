"""GET, POST /sign-up, /reset, /code and /link: what begins with a message to the person."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts.blueprint import INVALID, blueprint
from portal.accounts.forms import InvitedForm, NameForm, NewPasswordForm, SignUpForm, TypedCodeForm
from portal.identity import joining, lockout, tokens
from portal.identity.joining import Acceptance, Accepting, Application
from portal.identity.log import ANYONE, Act
from portal.identity.names import is_phone, masked, normalised
from portal.models import OrganisationKind, TokenKind, now
from portal.services import services
from portal.web.i18n import language
from portal.web.permissions import Access, needs
from portal.web.templating import render_template
from portal.web.writing import writing


@blueprint.route("/sign-up", methods=["GET", "POST"])
@needs(Access.PUBLIC)
def sign_up() -> ResponseReturnValue:
    """`accounts/sign_up.html` with `form`; then the page that says where the message went, whoever has an account."""
    form = SignUpForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_up.html", form=form), INVALID if form.is_submitted() else 200
    application = Application(
        sign_in=form.sign_in.data,
        name=form.name.data,
        language=language(),
        organisation=form.organisation.data,
        kind=OrganisationKind(form.kind.data),
        scheme=form.number.scheme,
        number=form.number.data,
    )
    with writing() as session:
        act = Act(session, services().letters, ANYONE, now())
        if _may_send(act, application.sign_in):
            joining.sign_up(act, application)
    return _sent(application.sign_in)


@blueprint.route("/reset", methods=["GET", "POST"])
@needs(Access.PUBLIC)
def reset() -> ResponseReturnValue:
    """`accounts/reset.html` with `form`: asks for a message with which to choose a new password."""
    form = NameForm()
    if not form.validate_on_submit():
        return render_template("accounts/reset.html", form=form), INVALID if form.is_submitted() else 200
    with writing() as session:
        act = Act(session, services().letters, ANYONE, now())
        if _may_send(act, form.sign_in.data):
            joining.request_reset(act, form.sign_in.data)
    return _sent(form.sign_in.data)


def _may_send(act: Act, sign_in: str) -> bool:
    """Whether nobody has been sent too many messages, or sent too many; who asks is told the same either way."""
    counters = (lockout.messages_to(sign_in), lockout.messages_from(request.remote_addr or ""))
    return lockout.attempt(act.session, counters, act.at).until is None


def _sent(sign_in: str) -> ResponseReturnValue:
    if is_phone(sign_in):
        return redirect(url_for("accounts.typed_code", sign_in=sign_in))
    return render_template("accounts/sent.html", sign_in=sign_in)


@blueprint.route("/code", methods=["GET", "POST"])
@needs(Access.PUBLIC)
def typed_code() -> ResponseReturnValue:
    """`accounts/code.html` with `form`: the code of an SMS, in exchange for the page that a link would open."""
    form = TypedCodeForm()
    if request.method == "GET":
        form.sign_in.data = normalised(request.args.get("sign_in", ""))
    if not form.validate_on_submit():
        return render_template("accounts/code.html", form=form), INVALID if form.is_submitted() else 200
    at = now()
    counters = (lockout.codes_of(form.sign_in.data), lockout.address(request.remote_addr or ""))
    with writing() as session:
        attempt = lockout.attempt(session, counters, at)
        code = "".join(form.code.data.split())
        secret = "" if attempt.until else tokens.exchange(session, form.sign_in.data, code, at)
        if secret:
            lockout.take_back(session, counters, attempt, at)
    if secret:
        return redirect(url_for("accounts.link", secret=secret))
    form.code.errors = [
        _("Too many attempts. Please try again in an hour.")
        if attempt.until
        else _("This code is wrong, was used already, or has ended.")
    ]
    return render_template("accounts/code.html", form=form), 429 if attempt.until else INVALID


@blueprint.route("/link", methods=["GET", "POST"])
@needs(Access.PUBLIC)
def link() -> ResponseReturnValue:
    """`accounts/link.html` with `form` and `holder`: where every link of a message leads, to choose a password.

    Opening it changes nothing (mail programs open links by themselves). The secret stands in the query, which is not
    logged.
    """
    secret = request.args.get("secret", "")
    with writing() as session:
        holder = joining.holder(session, secret, now())
    if holder is None:
        return render_template("accounts/ended.html"), 410
    form = InvitedForm() if holder.kind is TokenKind.INVITATION else NewPasswordForm()
    name = form.name.data or "" if isinstance(form, InvitedForm) else holder.name
    form.own_names = (holder.sign_in, holder.organisation, name)
    if not form.validate_on_submit():
        status = INVALID if form.is_submitted() else 200
        return render_template("accounts/link.html", form=form, holder=holder, shown=masked(holder.sign_in)), status
    accepting = Accepting(
        secret=secret,
        password_hash=services().passwords.hash(form.password.data),
        name=name,
        address=request.remote_addr or "",
        auto_approve=services().settings.auto_approve,
    )
    with writing() as session:
        done = joining.accept(Act(session, services().letters, ANYONE, now()), accepting)
    if done is Acceptance.ENDED:
        return render_template("accounts/ended.html"), 410
    flash(
        _("You have an account already: sign in with it.")
        if done is Acceptance.HAS_ACCOUNT
        else _("Your password is set. Sign in with it now.")
    )
    return redirect(url_for("accounts.sign_in"))
