"""How people get an account: sign-up of an organisation, invitation into one; and how they get a new password.

Each sends a secret first; nothing exists before it comes back. Who asks learns nothing about who has an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity import lockout, sessions, tokens
from portal.identity.log import Act, organisation_subject, user_actor, user_subject
from portal.identity.names import masked
from portal.identity.organisations import Reason, Refused, admin_role, first_state
from portal.identity.signing_in import find, may_sign_in
from portal.identity.tokens import Purpose
from portal.models import ROLES, Organisation, OrganisationKind, OrganisationState, Role, Token, TokenKind, User


class Acceptance(StrEnum):
    """What became of a secret that came back."""

    DONE = "done"
    ENDED = "ended"
    HAS_ACCOUNT = "has_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A sign-up: an organisation and its first person."""

    sign_in: str
    name: str
    language: str
    organisation: str
    kind: OrganisationKind
    scheme: str
    number: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom the holder of a secret is, or will be: what the page of the link shows and checks a password against."""

    kind: TokenKind
    sign_in: str
    name: str
    organisation: str


def sign_up(act: Act, application: Application) -> None:
    """Send the link that finishes the sign-up; to who has an account already, that they have."""
    user = find(act.session, application.sign_in)
    if user is not None:
        act.tell(user.sign_in, act.letters.already(user.language))
        return
    payload = {
        "name": application.name,
        "language": application.language,
        "organisation": application.organisation,
        "kind": application.kind.value,
        "scheme": application.scheme,
        "number": application.number,
    }
    issued = tokens.issue(act.session, Purpose(TokenKind.SIGN_UP, application.sign_in, payload=payload), act.at)
    act.tell(application.sign_in, act.letters.sign_up(application.language, issued))


def invite(act: Act, inviter: User, sign_in: str, role: Role) -> None:
    """Invite a name into the inviter's organisation; who has an account elsewhere is told that it stays there.

    An earlier invitation of this organisation to that name ends. `inviter` comes with the organisation. The log holds
    the name masked: nothing can be taken out of it, so what a person may have erased never goes in.
    """
    organisation = inviter.organisation
    if role not in ROLES[OrganisationKind(organisation.kind)]:
        raise Refused(Reason.OTHER_KIND)
    subject = organisation_subject(organisation.id)
    act.record("invited", subject, sign_in=[None, masked(sign_in)], role=[None, role.value])
    payload = {"role": role.value, "language": inviter.language}
    purpose = Purpose(TokenKind.INVITATION, sign_in, organisation_id=organisation.id, payload=payload)
    issued = tokens.issue(act.session, purpose, act.at)
    user = find(act.session, sign_in)
    if user is not None:
        act.tell(sign_in, act.letters.already(user.language))
    else:
        act.tell(sign_in, act.letters.invitation(inviter.language, issued, inviter, organisation))


def request_reset(act: Act, sign_in: str) -> None:
    """Send a link for a new password, if anyone who may sign in has that name."""
    user = find(act.session, sign_in)
    if user is None or not may_sign_in(act.session, user) or user.organisation.demo:
        return
    issued = tokens.issue(act.session, Purpose(TokenKind.RESET, sign_in, user_id=user.id), act.at)
    act.tell(sign_in, act.letters.reset(user.language, issued))


def holder(session: Session, secret: str, at: datetime) -> Holder | None:
    """Who comes with that secret; None when it is none, was used or has ended."""
    token = tokens.valid(session, secret, at)
    if token is None or token.kind == TokenKind.AGREEMENT:  # that is no way into an account
        return None
    kind = TokenKind(token.kind)
    if kind is TokenKind.RESET:
        user = find(session, token.recipient)
        return Holder(kind, token.recipient, user.name, user.organisation.name) if user else None
    if kind is TokenKind.SIGN_UP:
        return Holder(kind, token.recipient, token.payload["name"], token.payload["organisation"])
    organisation = session.get_one(Organisation, token.organisation_id)
    if organisation.state == OrganisationState.DISABLED:
        return None
    return Holder(kind, token.recipient, "", organisation.name)


@dataclass(frozen=True, slots=True)
class Accepting:
    """What a returned secret is answered with: the hash of the new password, the name of a person invited."""

    secret: str
    password_hash: str
    name: str
    address: str
    auto_approve: bool = False


def accept(act: Act, accepting: Accepting) -> Acceptance:
    """Use the secret up: make the account, or set the new password."""
    token = tokens.valid(act.session, accepting.secret, act.at)
    ended = token is None or holder(act.session, accepting.secret, act.at) is None
    if token is None or ended or not tokens.use(act.session, token, act.at):
        return Acceptance.ENDED
    if token.kind == TokenKind.RESET:
        _reset(act, token, accepting)
        return Acceptance.DONE
    if find(act.session, token.recipient) is not None:  # made meanwhile by another link
        return Acceptance.HAS_ACCOUNT
    try:
        with act.session.begin_nested():
            _join(act, token, accepting)
    except IntegrityError:  # another transaction made it at this moment
        return Acceptance.HAS_ACCOUNT
    return Acceptance.DONE


def _join(act: Act, token: Token, accepting: Accepting) -> None:
    organisation = _organisation(act, token, accepting)
    invited = token.kind == TokenKind.INVITATION
    role = Role(token.payload["role"]) if invited else admin_role(organisation.kind)
    user = User(
        organisation_id=organisation.id,
        sign_in=token.recipient,
        name=accepting.name or token.payload["name"],
        role=role,
        language=token.payload["language"],
        password_hash=accepting.password_hash,
        created_at=act.at,
    )
    act.session.add(user)
    act.session.flush()
    known = act.by(user_actor(user.id, accepting.address))
    known.record("joined", organisation_subject(organisation.id), role=[None, role.value])


def _organisation(act: Act, token: Token, accepting: Accepting) -> Organisation:
    if token.kind == TokenKind.INVITATION:
        return act.session.get_one(Organisation, token.organisation_id)
    payload = token.payload
    organisation = Organisation(
        kind=payload["kind"],
        name=payload["organisation"],
        scheme=payload["scheme"],
        number=payload["number"],
        state=first_state(act.session, payload["scheme"], payload["number"], auto_approve=accepting.auto_approve),
        created_at=act.at,
    )
    act.session.add(organisation)
    act.session.flush()
    return organisation


def _reset(act: Act, token: Token, accepting: Accepting) -> None:
    user = act.session.get_one(User, token.user_id)
    user.password_hash = accepting.password_hash
    sessions.end_all(act.session, user.id)
    lockout.forget(act.session, lockout.account(user.sign_in))
    act.tell(user.sign_in, act.letters.password_changed(user.language))
    act.by(user_actor(user.id, accepting.address)).record("password reset", user_subject(user.id))
