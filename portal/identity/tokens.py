"""Secrets that work once and have an end: links in mail, codes in SMS. The database holds their hashes."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from portal.identity.names import is_phone
from portal.models import Token, TokenKind

LIFETIMES = {
    TokenKind.SIGN_UP: timedelta(hours=24),
    TokenKind.INVITATION: timedelta(days=7),
    TokenKind.RESET: timedelta(hours=1),
    TokenKind.AGREEMENT: timedelta(days=7),
}
CODE_LIFETIMES = {
    TokenKind.SIGN_UP: timedelta(minutes=30),
    TokenKind.INVITATION: timedelta(hours=24),
    TokenKind.RESET: timedelta(minutes=30),
    TokenKind.AGREEMENT: timedelta(hours=24),
}
"""A code is short enough to be guessed in years, so it does not live for days."""

EXCHANGED_LIFETIME = timedelta(minutes=30)
CODE_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Issued:
    """What the recipient is sent: `secret` (of a link), or for a phone `code`."""

    secret: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a secret is for, and whom it is sent to; `payload` as in Token."""

    kind: TokenKind
    recipient: str
    user_id: int | None = None
    organisation_id: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)


def new_secret() -> str:
    """256 random bits, for links and cookies."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is kept of a long random secret; a slow hash would protect nothing that 256 bits do not."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _hash_of_code(phone: str, code: str) -> str:
    return hashed(f"code\n{phone}\n{code}")


def issue(session: Session, purpose: Purpose, at: datetime, *, link: bool = False) -> Issued:
    """A new secret for the recipient, whose earlier ones of this kind end; `link`: no code, even for a phone."""
    session.execute(delete(Token).where(Token.expires_at < at - timedelta(days=30)))
    withdraw(session, purpose.kind, purpose.recipient, organisation_id=purpose.organisation_id)
    if is_phone(purpose.recipient) and not link:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        token = _add(session, purpose, _hash_of_code(purpose.recipient, code), at, CODE_LIFETIMES[purpose.kind])
        return Issued("", code, token.expires_at)
    secret = new_secret()
    token = _add(session, purpose, hashed(secret), at, LIFETIMES[purpose.kind])
    return Issued(secret, "", token.expires_at)


def _add(session: Session, purpose: Purpose, digest: str, at: datetime, lifetime: timedelta) -> Token:
    token = Token(
        kind=purpose.kind,
        hash=digest,
        recipient=purpose.recipient,
        user_id=purpose.user_id,
        organisation_id=purpose.organisation_id,
        payload=purpose.payload,
        created_at=at,
        expires_at=at + lifetime,
    )
    session.add(token)
    session.flush()
    return token


def withdraw(session: Session, kind: TokenKind, recipient: str, *, organisation_id: int | None = None) -> None:
    """Forget the open secrets of this kind; of invitations those of one organisation only."""
    gone = delete(Token).where(Token.kind == kind, Token.recipient == recipient, Token.used_at.is_(None))
    if organisation_id is not None:
        gone = gone.where(Token.organisation_id == organisation_id)
    session.execute(gone)


def valid(session: Session, secret: str, at: datetime) -> Token | None:
    """The token of a link's secret, unless it was used or has ended."""
    return _valid(session, hashed(secret), at)


def _valid(session: Session, digest: str, at: datetime) -> Token | None:
    return session.scalars(
        select(Token).where(Token.hash == digest, Token.used_at.is_(None), Token.expires_at > at)
    ).one_or_none()


def use(session: Session, token: Token, at: datetime) -> bool:
    """Use it up; False when another transaction was first."""
    taken = session.execute(update(Token).where(Token.id == token.id, Token.used_at.is_(None)).values(used_at=at))
    return cast(CursorResult[Any], taken).rowcount == 1


def exchange(session: Session, phone: str, code: str, at: datetime) -> str:
    """The secret of a link for the code that was sent to `phone`; "" for a wrong, used or old one.

    Guessing is the caller's to stop (`portal.identity.lockout`).
    """
    token = _valid(session, _hash_of_code(phone, code), at)
    if token is None or not use(session, token, at):
        return ""
    secret = new_secret()
    purpose = Purpose(TokenKind(token.kind), phone, token.user_id, token.organisation_id, token.payload)
    _add(session, purpose, hashed(secret), at, EXCHANGED_LIFETIME)
    return secret
