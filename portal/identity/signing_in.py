"""Signing in: the password, then the code of an authenticator where one is set up. Nothing tells which names exist."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.identity import lockout, sessions, totp
from portal.identity.letters import Letters
from portal.identity.log import ANYONE, Act, user_actor, user_subject
from portal.identity.passwords import Passwords
from portal.identity.sessions import Browser
from portal.models import Fact, OrganisationState, User


class Answer(StrEnum):
    """What became of an attempt to sign in."""

    SIGNED_IN = "signed_in"
    CODE_NEEDED = "code_needed"
    WRONG = "wrong"
    LOCKED = "locked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Result:
    """`until`: when locked. `user_id` and `language`: of whom the password was right. `secret`: of the new session."""

    answer: Answer
    until: datetime | None = None
    user_id: int = 0
    language: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class _Tried:
    attempt: lockout.Attempt
    counters: tuple[lockout.Counter, ...]
    kept: str
    right: bool

    @property
    def until(self) -> datetime | None:
        """Until when it was not tried at all."""
        return self.attempt.until


@dataclass(frozen=True, slots=True)
class Entrance:
    """What signing in needs. `writing()` gives a session whose transaction writes and is committed at the end."""

    writing: Callable[[], AbstractContextManager[Session]]
    passwords: Passwords
    letters: Letters

    def password(self, sign_in: str, password: str, browser: Browser, at: datetime) -> Result:
        """Try a password for a normalised name ("" for what cannot be one)."""
        tried = self._try(sign_in, password, browser, at)
        if tried.until is not None:
            return Result(Answer.LOCKED, until=tried.until)
        with self.writing() as session:
            user = find(session, sign_in)
            if user is None or not tried.right or user.password_hash != tried.kept:
                return self._failed(session, user, tried.attempt, at)
            lockout.take_back(session, tried.counters, tried.attempt, at)
            if not may_sign_in(session, user):
                return Result(Answer.CLOSED)
            if self.passwords.is_outdated(tried.kept):
                user.password_hash = self.passwords.hash(password)
            if user.totp_secret:
                return Result(Answer.CODE_NEEDED, user_id=user.id, language=user.language)
            return self._succeeded(session, user, browser, at)

    def confirm(self, sign_in: str, password: str, browser: Browser, at: datetime) -> Result | None:
        """Ask who is signed in for the password once more; None if it is right."""
        tried = self._try(sign_in, password, browser, at)
        if tried.until is not None:
            return Result(Answer.LOCKED, until=tried.until)
        with self.writing() as session:
            if not tried.right:
                return self._failed(session, find(session, sign_in), tried.attempt, at)
            lockout.take_back(session, tried.counters, tried.attempt, at)
        return None

    def _try(self, sign_in: str, password: str, browser: Browser, at: datetime) -> _Tried:
        """Count the attempt, and check the password outside of any transaction: that is slow on purpose."""
        counters = (lockout.account(sign_in), lockout.address(browser.address))
        with self.writing() as session:
            attempt = lockout.attempt(session, counters, at)
            user = find(session, sign_in)
            kept = user.password_hash if user else ""
        right = attempt.until is None and self.passwords.verify(kept, password)
        return _Tried(attempt, counters, kept, right)

    def code(self, user_id: int, code: str, browser: Browser, at: datetime) -> Result:
        """Try a code, after the password was right."""
        with self.writing() as session:
            user = session.get(User, user_id, options=[joinedload(User.organisation)], with_for_update={"of": User})
            if user is None or not user.totp_secret or not may_sign_in(session, user):
                return Result(Answer.CLOSED)
            counters = (lockout.account(user.sign_in), lockout.address(browser.address))
            attempt = lockout.attempt(session, counters, at)
            if attempt.until:
                return Result(Answer.LOCKED, until=attempt.until)
            if not totp.accept(session, user, code, at):
                return self._failed(session, user, attempt, at)
            lockout.take_back(session, counters, attempt, at)
            return self._succeeded(session, user, browser, at)

    def _failed(self, session: Session, user: User | None, attempt: lockout.Attempt, at: datetime) -> Result:
        if attempt.locked and attempt.first and user is not None:
            act = Act(session, self.letters, ANYONE, at)
            act.tell(user.sign_in, self.letters.locked(user.language, attempt.locked))
            act.record("locked out", user_subject(user.id))
        if attempt.locked:
            return Result(Answer.LOCKED, until=attempt.locked)
        return Result(Answer.WRONG)

    def _succeeded(self, session: Session, user: User, browser: Browser, at: datetime) -> Result:
        lockout.forget(session, lockout.account(user.sign_in))
        user.last_sign_in_at = at
        act = Act(session, self.letters, user_actor(user.id, browser.address), at)
        act.record("signed in", user_subject(user.id))
        secret = sessions.start(session, user.id, browser, at)
        return Result(Answer.SIGNED_IN, user_id=user.id, language=user.language, secret=secret)


def find(session: Session, sign_in: str) -> User | None:
    """The user of a normalised name, with the organisation."""
    return session.scalars(
        select(User).where(User.sign_in == sign_in).options(joinedload(User.organisation))
    ).one_or_none()


def may_sign_in(session: Session, user: User) -> bool:
    """Not once disabled; and demonstration accounts only beside sample data."""
    if user.disabled_at is not None or user.organisation.state == OrganisationState.DISABLED:
        return False
    return not user.organisation.demo or holds_sample(session)


def holds_sample(session: Session) -> bool:
    """Whether the register holds fictional firms."""
    return (session.scalar(select(Fact.value).where(Fact.name == "fictional")) or "") not in {"", "0", "false"}
