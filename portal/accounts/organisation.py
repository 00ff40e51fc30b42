"""GET /organisation and what its administrators change there: members, their roles, invitations."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.accounts.blueprint import INVALID, blueprint
from portal.accounts.forms import InviteForm, RoleForm, role_label
from portal.accounts.profile import own
from portal.accounts.words import refusal_words
from portal.extensions import db
from portal.identity import joining
from portal.identity.log import Act, organisation_subject
from portal.identity.organisations import Refused, change_role, members, open_invitations, set_disabled
from portal.models import ROLES, OrganisationKind, Role, Token, TokenKind, User, now
from portal.services import services
from portal.web.forms import ButtonForm
from portal.web.guard import owned
from portal.web.i18n import language
from portal.web.jinja import in_other_language
from portal.web.permissions import Permission, needs
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing


def _roles() -> tuple[Role, ...]:
    return ROLES[OrganisationKind(signed_in().organisation_kind)]


@blueprint.get("/organisation")
@needs(Permission.MANAGE_MEMBERS)
def organisation() -> ResponseReturnValue:
    """`accounts/organisation.html`: `user`, `members`, `invitations`, `invite` and `button` forms, `roles`."""
    return _page(InviteForm(formdata=None).offer(_roles()))


def _page(invite: InviteForm, status: int = 200) -> ResponseReturnValue:
    user = signed_in()
    page = render_template(
        "accounts/organisation.html",
        user=user,
        members=members(db.session(), user.organisation_id),
        invitations=open_invitations(db.session(), user.organisation_id, now()),
        invite=invite,
        button=ButtonForm(formdata=None),
        roles=[(role.value, role_label(role)) for role in _roles()],
        role_label=role_label,
        territory=_territory,
        other_language_url=in_other_language(url_for("accounts.organisation")),
    )
    return page, status


def _territory(member: User) -> str:
    """Regions and sectors in words."""
    catalogue, lang = services().catalogue, language()
    names = [(member.regions, catalogue.regions), (member.sectors, catalogue.sectors)]
    found = (table[code].name(lang) if code in table else code for codes, table in names for code in codes)
    return ", ".join(found)


@blueprint.post("/organisation/invitations")
@needs(Permission.MANAGE_MEMBERS)
def invite() -> ResponseReturnValue:
    """Invite someone, or again; a name that has an account elsewhere gets the same answer here."""
    form = InviteForm().offer(_roles())
    if not form.validate_on_submit():
        return _page(form, INVALID)
    user = signed_in()
    with writing() as session:
        if any(member.sign_in == form.sign_in.data for member in members(session, user.organisation_id)):
            form.sign_in.errors = [_("Is a member already.")]
            return _page(form, INVALID)
        joining.invite(act_of(session, user), own(session, user), form.sign_in.data, Role(form.role.data))
    flash(_("An invitation was sent to %(name)s.", name=form.sign_in.data))
    return redirect(url_for("accounts.organisation"))


@blueprint.post("/organisation/invitations/<int:identifier>/withdraw")
@needs(Permission.MANAGE_MEMBERS)
def withdraw_invitation(identifier: int) -> ResponseReturnValue:
    """End an invitation that was not accepted yet."""
    user = signed_in()
    with writing() as session:
        token = owned(session, Token, identifier, Token.kind == TokenKind.INVITATION, Token.used_at.is_(None))
        subject = organisation_subject(user.organisation_id)
        act_of(session, user).record("invitation withdrawn", subject, sign_in=[token.recipient, None])
        session.delete(token)
    flash(_("The invitation was withdrawn."))
    return redirect(url_for("accounts.organisation"))


@blueprint.post("/organisation/members/<int:identifier>/role")
@needs(Permission.MANAGE_MEMBERS)
def set_role(identifier: int) -> ResponseReturnValue:
    """Give a member another role."""
    form = RoleForm().offer(_roles())
    if not form.validate_on_submit():
        raise NotFound
    role = Role(form.role.data)
    return _change(identifier, lambda act, user: change_role(act, user, role), _("The role was changed."))


@blueprint.post("/organisation/members/<int:identifier>/disable")
@needs(Permission.MANAGE_MEMBERS)
def disable_member(identifier: int) -> ResponseReturnValue:
    """Keep a member from signing in; what they made stays."""
    done = _("They can no longer sign in.")
    return _change(identifier, lambda act, user: set_disabled(act, user, disabled=True), done)


@blueprint.post("/organisation/members/<int:identifier>/enable")
@needs(Permission.MANAGE_MEMBERS)
def enable_member(identifier: int) -> ResponseReturnValue:
    """Let a member sign in again."""
    done = _("They can sign in again.")
    return _change(identifier, lambda act, user: set_disabled(act, user, disabled=False), done)


def _change(identifier: int, change: Callable[[Act, User], object], done: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            change(act_of(session, signed_in()), _member(session, identifier))
        flash(done)
    except Refused as refused:
        flash(refusal_words(refused.reason), "warn")
    return redirect(url_for("accounts.organisation"))


def _member(session: Session, identifier: int) -> User:
    return owned(session, User, identifier)
