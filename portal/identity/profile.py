"""What one changes of one's own account."""

from __future__ import annotations

from sqlalchemy import delete

from portal.identity import sessions, tokens, totp
from portal.identity.log import Act, user_subject
from portal.models import RecoveryCode, TokenKind, User


def change_password(act: Act, user: User, password_hash: str, *, keep: str = "") -> None:
    """Set another password; every other session of the user ends (`keep` is the hash of this one)."""
    user.password_hash = password_hash
    sessions.end_all(act.session, user.id, but=keep)
    tokens.withdraw(act.session, TokenKind.RESET, user.sign_in)
    act.tell(user.sign_in, act.letters.password_changed(user.language))
    act.record("password changed", user_subject(user.id))


def turn_on(act: Act, user: User, secret: str, code: str) -> tuple[str, ...]:
    """Set up an authenticator; its recovery codes, to be shown once. Nothing, and (), for a wrong code."""
    step = totp.matching_step(secret, code, act.at)
    if step is None:
        return ()
    user.totp_secret, user.totp_step = secret, step
    act.tell(user.sign_in, act.letters.second_step_changed(user.language, on=True))
    act.record("second step on", user_subject(user.id))
    return totp.new_recovery_codes(act.session, user.id)


def turn_off(act: Act, user: User, *, reason: str = "") -> None:
    """Take the authenticator away; `reason`: why someone else does it."""
    user.totp_secret, user.totp_step = "", 0
    act.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    act.tell(user.sign_in, act.letters.second_step_changed(user.language, on=False))
    act.record("second step off", user_subject(user.id), **({"reason": reason} if reason else {}))


def renew_recovery_codes(act: Act, user: User) -> tuple[str, ...]:
    """New recovery codes in place of the old ones."""
    act.record("recovery codes renewed", user_subject(user.id))
    return totp.new_recovery_codes(act.session, user.id)
