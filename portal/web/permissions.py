"""Who may do what: roles, permissions, and the one table between them. Every route declares what it needs.

    @blueprint.get("/organisation")
    @needs(Permission.MANAGE_MEMBERS)
    def organisation() -> str: ...

`portal.web.guard` asks it of every request; a route without a declaration keeps the portal from starting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from flask import request

from portal.models import OrganisationState, Role
from portal.web.readers import language_named

View = TypeVar("View", bound=Callable[..., Any])


class Permission(StrEnum):
    """Something that not everyone who is signed in may do."""

    LOOK_UP = "look_up"
    """Read the register where PUBLIC_LOOKUP=false closes it to visitors."""
    MANAGE_MEMBERS = "manage_members"
    """Invite people into the own organisation, change their roles, keep them out."""
    SOURCE = "source"
    """Keep shortlists, sourcing conditions, alerts and own suppliers in the own organisation."""
    MANAGE_ORGANISATIONS = "manage_organisations"
    """Approve and disable organisations."""
    SEE_COVERAGE = "see_coverage"
    """See how far the register covers places, sectors and levels, and how far the targets are reached."""
    EXPORT = "export"
    """Have lists prepared as files."""
    READ_REGISTER = "read_register"
    """Read the register as staff do: firms that were withdrawn too, and what is due."""
    CARE = "care"
    """Change official facts of firms and certificates, each change with a reason and in the log."""
    READ_LOG = "read_log"
    """Read and export the whole operation log, and have it checked."""
    IMPORT = "import"
    """Import lists into the register, and undo imports."""
    PUBLISH = "publish"
    """Publish ranking lists; an edition never changes afterwards."""
    REVIEW = "review"
    """Decide what firms ask: claims, profiles, corrections; at the own stage and within the own territory."""
    KEEP_PROFILE = "keep_profile"
    """Keep the own firm's public profile, answer inquiries to it, see what it gets back."""
    SPEAK_FOR_FIRM = "speak_for_firm"
    """Claim a firm, hand it over, give it up."""


class Access(StrEnum):
    """What a route needs that asks for no permission."""

    PUBLIC = "public"
    """Nothing."""
    LOOKUP = "lookup"
    """Nothing, or Permission.LOOK_UP where PUBLIC_LOOKUP=false."""
    UNFINISHED = "unfinished"
    """To be signed in, though staff have not set up their authenticator yet: the pages that lead to it."""
    SIGNED_IN = "signed_in"
    """To be signed in, whatever the role and the state of the organisation."""


Need = Access | Permission
Size = int | Callable[[], int]

_MEMBER = frozenset({Permission.LOOK_UP})
_ADMIN = _MEMBER | {Permission.MANAGE_MEMBERS}
_SOURCING = frozenset({Permission.SOURCE, Permission.EXPORT})
_VIEWER = _MEMBER | {Permission.READ_REGISTER, Permission.SEE_COVERAGE}
_EDITOR = _VIEWER | {Permission.CARE, Permission.IMPORT, Permission.REVIEW}
_PUBLISHER = _EDITOR | {Permission.READ_LOG, Permission.EXPORT, Permission.PUBLISH}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.BUYER: _MEMBER | _SOURCING,
    Role.BUYER_ADMIN: _ADMIN | _SOURCING,
    Role.SUPPLIER_EDITOR: _MEMBER | {Permission.KEEP_PROFILE},
    Role.SUPPLIER_ADMIN: _ADMIN | {Permission.KEEP_PROFILE, Permission.SPEAK_FOR_FIRM},
    Role.STAFF_VIEWER: _VIEWER,
    Role.STAFF_EDITOR: _EDITOR,
    Role.STAFF_PUBLISHER: _PUBLISHER,
    Role.STAFF_ADMIN: _ADMIN | _PUBLISHER | {Permission.MANAGE_ORGANISATIONS},
}
"""The one table: what each role may do once its organisation is approved.

Of staff, a viewer (another body of the programme) reads the register; an editor takes care of it, and sees of the log
what happened to the firm at hand, as without it a change made meanwhile could not be told. The whole log names people
and the addresses they came from, so it is for those who answer for others' work: publishers and administrators.
"""

STAFF = frozenset({Role.STAFF_VIEWER, Role.STAFF_EDITOR, Role.STAFF_PUBLISHER, Role.STAFF_ADMIN})
"""The roles that must have an authenticator before anything else."""

_NEED = "portal_need"
_SIZE = "portal_size"
_CHANGES_NOTHING = "portal_changes_nothing"


def permissions_of(role: Role, organisation_state: str) -> frozenset[Permission]:
    """What a role permits; nothing before the organisation is approved."""
    return PERMISSIONS[role] if organisation_state == OrganisationState.APPROVED else frozenset()


def needs(need: Need) -> Callable[[View], View]:
    """Declare what a route needs. Stands next to the function, below the route's own decorator."""

    def declare(view: View) -> View:
        setattr(view, _NEED, need)
        return view

    return declare


def need_of(view: Callable[..., Any]) -> Need | None:
    """What a view function declares; None for one that does not."""
    need: Need | None = getattr(view, _NEED, None)
    return need


def takes(size: Size) -> Callable[[View], View]:
    """Declare that a route's body may have so many bytes, which a setting may say: files are sent to it."""

    def declare(view: View) -> View:
        setattr(view, _SIZE, size)
        return view

    return declare


def size_of(view: Callable[..., Any]) -> int | None:
    """The size a view function declares; None where the portal's own bound holds."""
    size: Size | None = getattr(view, _SIZE, None)
    return size() if callable(size) else size


def changes_nothing(view: View) -> View:
    """Declare that what is sent to a route changes nothing: it needs no token, and so no cookie."""
    setattr(view, _CHANGES_NOTHING, True)
    return view


def does_change_nothing(view: Callable[..., Any]) -> bool:
    """Whether a view function declares that."""
    return bool(getattr(view, _CHANGES_NOTHING, False))


def require_known_language() -> None:
    """Refuse a language that no page speaks, on the pages without a search too. Raises ParameterError (400)."""
    for text in filter(None, map(str.strip, request.args.getlist("lang"))):
        language_named(text)
