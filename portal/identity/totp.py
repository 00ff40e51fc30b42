"""Second factors: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from portal.identity.tokens import hashed
from portal.models import RecoveryCode, User

ISSUER = "Xunyuan"
STEP = 30
RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mistaken for another: i, l, o, 0, 1."""


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, sign_in: str) -> str:
    """The otpauth:// address that an app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=sign_in, issuer_name=ISSUER)


def code_at(secret: str, at: datetime) -> str:
    """The code that an app shows at that time."""
    return pyotp.TOTP(secret).generate_otp(int(at.timestamp()) // STEP)


def matching_step(secret: str, code: str, at: datetime, after: int = 0) -> int | None:
    """The time step whose code this is, of the present one and its neighbours; None if none, or one up to `after`."""
    code = "".join(code.split())
    if not (code.isascii() and code.isdigit()):
        return None
    present = int(at.timestamp()) // STEP
    for step in (present, present - 1, present + 1):
        if step > after and hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), code):
            return step
    return None


def accept(session: Session, user: User, code: str, at: datetime) -> bool:
    """Whether the code is the authenticator's or a recovery code of the user; it is used up by that."""
    step = matching_step(user.totp_secret, code, at, user.totp_step) if user.totp_secret else None
    if step is not None:
        newer = update(User).where(User.id == user.id, User.totp_step < step).values(totp_step=step)
        return _changed(session, newer)
    digest = hashed("".join(code.lower().replace("-", "").split()))
    mine = (RecoveryCode.user_id == user.id, RecoveryCode.hash == digest, RecoveryCode.used_at.is_(None))
    return _changed(session, update(RecoveryCode).where(*mine).values(used_at=at))


def _changed(session: Session, statement: object) -> bool:
    result = session.execute(statement)  # type: ignore[call-overload]
    return isinstance(result, CursorResult) and result.rowcount == 1


def new_recovery_codes(session: Session, user_id: int) -> tuple[str, ...]:
    """Codes in place of all earlier ones; only their hashes are kept, so they are shown now or never."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = tuple("".join(secrets.choice(ALPHABET) for _ in range(16)) for _ in range(RECOVERY_CODES))
    session.add_all(RecoveryCode(user_id=user_id, hash=hashed(code)) for code in codes)
    return tuple("-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes)


def recovery_codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes were not used yet."""
    left = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0
