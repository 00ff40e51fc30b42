"""Authenticator codes as RFC 6238 has them, each once; recovery codes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity import profile, totp
from portal.identity.log import Act
from portal.models import AuditEntry, Message, RecoveryCode, User
from tests.portal.identity.conftest import AT

SECRET = totp.new_secret()
MakeUser = Callable[..., User]


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_the_vectors_of_the_rfc(seconds: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert totp.code_at(secret, datetime.fromtimestamp(seconds, UTC)) == code


def test_a_clock_may_be_half_a_minute_off() -> None:
    code = totp.code_at(SECRET, AT)
    fits = [totp.matching_step(SECRET, code, AT + timedelta(seconds=off)) is not None for off in (-60, -30, 0, 30, 60)]
    assert fits == [False, True, True, True, False]


@pytest.mark.parametrize("typed", ["", "abcdef", "١٢٣٤٥٦", "1", "12345678901234567890"])
def test_what_is_no_code(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, AT) is None


def test_a_code_counts_once_and_so_do_older_ones(session: Session, make_user: MakeUser) -> None:
    user = make_user(totp_secret=SECRET)
    older, code = totp.code_at(SECRET, AT - timedelta(seconds=30)), totp.code_at(SECRET, AT)
    assert totp.accept(session, user, code, AT)
    session.refresh(user)
    assert not totp.accept(session, user, code, AT)
    assert not totp.accept(session, user, older, AT)
    later = AT + timedelta(seconds=30)
    assert totp.accept(session, user, totp.code_at(SECRET, later), later)


def test_recovery_codes(session: Session, make_user: MakeUser) -> None:
    user, other = make_user(totp_secret=SECRET), make_user("b@example.com", totp_secret=SECRET)
    first = totp.new_recovery_codes(session, user.id)
    codes = totp.new_recovery_codes(session, user.id)
    assert len(set(codes)) == 10
    assert not totp.accept(session, user, first[0], AT), "new ones end the old ones"
    assert not totp.accept(session, other, codes[0], AT), "they are one user's"
    assert totp.accept(session, user, f" {codes[0].upper()} ", AT)
    assert not totp.accept(session, user, codes[0], AT)
    assert totp.accept(session, user, codes[1].replace("-", ""), AT)
    assert totp.recovery_codes_left(session, user.id) == 8
    kept = set(session.scalars(select(RecoveryCode.hash)))
    assert not kept & {code.replace("-", "") for code in codes}


def test_on_and_off(act: Act, session: Session, make_user: MakeUser) -> None:
    user = make_user()
    assert profile.turn_on(act, user, SECRET, "000000" if totp.code_at(SECRET, AT) != "000000" else "1") == ()
    assert user.totp_secret == ""
    assert len(profile.turn_on(act, user, SECRET, totp.code_at(SECRET, AT))) == 10
    assert not totp.accept(session, user, totp.code_at(SECRET, AT), AT), "the code that turned it on is used up"
    profile.turn_off(act, user)
    assert (user.totp_secret, totp.recovery_codes_left(session, user.id)) == ("", 0)
    assert [message.subject for message in session.scalars(select(Message).order_by(Message.id))] == [
        "Xunyuan: Sign-in with a code is on",
        "Xunyuan: Sign-in with a code is off",
    ]
    assert set(session.scalars(select(AuditEntry.action))) == {"second step on", "second step off"}


def test_what_an_app_scans() -> None:
    address = totp.address(SECRET, "a@example.com")
    assert address.startswith("otpauth://totp/Xunyuan:a%40example.com?secret=")
    assert "issuer=Xunyuan" in address
