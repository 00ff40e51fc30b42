"""Growing delays, kept in the database, exact under concurrency."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity import lockout
from portal.indexing.sessions import Sessions, writing
from portal.models import Lockout
from tests.portal.identity.conftest import AT

COUNTERS = (lockout.account("a@example.com"), lockout.address("192.0.2.1"))


def test_delays_grow_and_have_an_end() -> None:
    delays = [lockout.delay(failures, free=5).total_seconds() for failures in range(15)]
    assert delays[:5] == [0] * 5
    assert delays[5:10] == [30, 60, 120, 240, 480]
    assert delays[12:] == [3600] * 3
    assert lockout.delay(100_000, free=5) == timedelta(hours=1)


def test_nothing_is_tried_while_locked_and_then_once(session: Session) -> None:
    for number in range(1, 6):
        attempt = lockout.attempt(session, COUNTERS, AT)
        assert attempt.until is None
        assert (attempt.locked is not None, attempt.first) == (number == 5, number == 5)
    assert lockout.attempt(session, COUNTERS, AT + timedelta(seconds=29)).until == AT + timedelta(seconds=30)
    late = AT + timedelta(seconds=30)
    again = lockout.attempt(session, COUNTERS, late)
    assert (again.until, again.locked, again.first) == (None, late + timedelta(seconds=60), False)
    assert lockout.attempt(session, COUNTERS, late + timedelta(seconds=59)).until is not None


def test_success_takes_its_own_attempt_back_only(session: Session) -> None:
    for _ in range(4):
        lockout.attempt(session, COUNTERS, AT)
    tried = lockout.attempt(session, COUNTERS, AT)
    assert tried.locked is not None, "counted before it is known to be right"
    lockout.take_back(session, COUNTERS, tried, AT)
    assert lockout.attempt(session, COUNTERS, AT).locked is not None
    lockout.forget(session, COUNTERS[0])
    assert lockout.attempt(session, COUNTERS, AT).until is None


def test_success_does_not_unlock_what_others_locked_meanwhile(session: Session) -> None:
    first = lockout.attempt(session, COUNTERS, AT)
    for _ in range(4):
        lockout.attempt(session, COUNTERS, AT)
    lockout.take_back(session, COUNTERS, first, AT)
    assert lockout.attempt(session, COUNTERS, AT).until is not None


def test_failures_are_forgotten_one_by_one(session: Session) -> None:
    """A typing error every other minute never adds up; an attacker who waits for it gets one more try an hour."""
    busy = (lockout.address("192.0.2.2"),)
    for number in range(200):
        assert lockout.attempt(session, busy, AT + timedelta(minutes=2 * number)).until is None
    patient = (lockout.account("b@example.com"),)
    tried = sum(
        lockout.attempt(session, patient, AT + timedelta(minutes=number)).until is None for number in range(24 * 60)
    )
    assert tried < 45


def test_a_day_later_all_is_forgotten(session: Session) -> None:
    for _ in range(5):
        lockout.attempt(session, COUNTERS, AT)
    lockout.attempt(session, (lockout.account("b@example.com"),), AT + timedelta(days=1, seconds=1))
    assert session.scalar(select(func.count(Lockout.key))) == 1


def test_attempts_at_once_are_all_counted(sessions: Sessions) -> None:
    def attempt(_: int) -> bool:
        with writing(sessions) as session:
            return lockout.attempt(session, COUNTERS, AT).until is None

    with ThreadPoolExecutor(8) as pool:
        tried = sum(pool.map(attempt, range(24)))
    assert tried == 5


def test_names_are_not_kept(session: Session) -> None:
    lockout.attempt(session, (lockout.account("secret@example.com"),), AT)
    assert "secret" not in session.scalars(select(Lockout.key)).one()
