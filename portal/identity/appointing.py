"""Accounts that an operator makes: the first staff, and whoever cannot sign up."""

from __future__ import annotations

from sqlalchemy import select

from portal.identity import tokens
from portal.identity.log import Act, organisation_subject, user_subject
from portal.identity.signing_in import find
from portal.identity.tokens import Purpose
from portal.models import ROLES, Organisation, OrganisationKind, OrganisationState, Role, TokenKind, User


class CannotAppoint(ValueError):
    """Why the account was not made."""


def kind_of(role: Role) -> OrganisationKind:
    """The kind of organisation that has this role."""
    return next(kind for kind, roles in ROLES.items() if role in roles)


def appoint(act: Act, sign_in: str, name: str, role: Role, organisation: str) -> str:
    """Make a user of the organisation of that name (made too, approved, if there is none).

    Returns the address of a link, which works once, to choose the password. Raises CannotAppoint.
    """
    if find(act.session, sign_in) is not None:
        raise CannotAppoint(f"{sign_in} has an account already")
    of = _organisation(act, organisation, kind_of(role))
    user = User(organisation_id=of.id, sign_in=sign_in, name=name, role=role, created_at=act.at)
    act.session.add(user)
    act.session.flush()
    act.record("created", user_subject(user.id), role=[None, role.value])
    issued = tokens.issue(act.session, Purpose(TokenKind.RESET, sign_in, user_id=user.id), act.at, link=True)
    return act.letters.address(issued)


def _organisation(act: Act, name: str, kind: OrganisationKind) -> Organisation:
    same = select(Organisation).where(Organisation.name == name, Organisation.kind == kind)
    found = list(act.session.scalars(same.where(Organisation.state != OrganisationState.DISABLED)))
    if len(found) > 1:
        raise CannotAppoint(f"{len(found)} organisations are called {name}")
    if found:
        return found[0]
    made = Organisation(kind=kind, name=name, state=OrganisationState.APPROVED, created_at=act.at)
    act.session.add(made)
    act.session.flush()
    act.record("organisation", organisation_subject(made.id), state=[None, made.state])
    return made
