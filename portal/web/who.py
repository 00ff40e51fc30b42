"""The signed-in user as the workspace knows them, and what to tell them of it."""

from __future__ import annotations

from flask import flash

from portal.models import OrganisationKind
from portal.profiles.visible import Audience
from portal.web.permissions import Permission
from portal.web.users import CurrentUser, current_user, signed_in
from portal.workspace.buyer import Buyer


def buyer() -> Buyer:
    """The signed-in buyer, on a route that needs Permission.SOURCE."""
    return _buyer(signed_in())


def buyer_or_none() -> Buyer | None:
    """The same on a page that everyone may read; None for whoever keeps no lists."""
    user = current_user()
    return _buyer(user) if user is not None and Permission.SOURCE in user.permissions else None


def _buyer(user: CurrentUser) -> Buyer:
    admin = user.organisation_kind == OrganisationKind.BUYER and Permission.MANAGE_MEMBERS in user.permissions
    return Buyer(user.id, user.organisation_id, admin=admin)


def audience() -> Audience:
    """As whom the visitor of a firm's page looks: signed-in buyers, and staff, see what is kept for buyers."""
    user = current_user()
    held = user.permissions if user is not None else frozenset()
    return Audience.BUYERS if held & {Permission.SOURCE, Permission.READ_REGISTER} else Audience.PUBLIC


def tell(text: str, undo: int | None = None) -> None:
    """Show a text on the next page, with a button that takes it back."""
    flash({"text": text, "undo": undo} if undo else text, "undo" if undo else "message")  # type: ignore[arg-type]
