"""Signing in on both databases, with transactions that commit."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.identity import sessions as signed_in
from portal.identity import totp
from portal.identity.letters import Letters
from portal.identity.passwords import Passwords
from portal.identity.sessions import Browser, Ends
from portal.identity.signing_in import Answer, Entrance
from portal.indexing.sessions import Sessions, writing
from portal.models import Message, Organisation, OrganisationState, Role, User, UserSession
from tests.portal.apps import CHEAP_PASSWORDS
from tests.portal.identity.conftest import AT

NAME, PASSWORD = "a@example.com", "correct horse battery"
BROWSER = Browser("192.0.2.1", "Firefox")
ENDS = Ends(idle=timedelta(minutes=60), absolute=timedelta(hours=12))
SECRET = totp.new_secret()


@pytest.fixture
def entrance(sessions: Sessions) -> Entrance:
    def committing() -> AbstractContextManager[Session]:
        return writing(sessions)

    return Entrance(committing, CHEAP_PASSWORDS, Letters("https://portal.example"))


@pytest.fixture
def add_user(sessions: Sessions) -> Callable[..., int]:
    def add(**stated: object) -> int:
        values = {"name": "王芳", "role": Role.BUYER, "language": "en", "password_hash": CHEAP_PASSWORDS.hash(PASSWORD)}
        with writing(sessions) as session:
            organisation = Organisation(kind="buyer", name="甲集团", state=OrganisationState.APPROVED)
            user = User(sign_in=NAME, organisation=organisation, **values | stated)
            session.add_all([organisation, user])
            session.flush()
            return user.id

    return add


def test_the_password_opens_a_session(entrance: Entrance, sessions: Sessions, add_user: Callable[..., int]) -> None:
    user_id = add_user()
    result = entrance.password(NAME, PASSWORD, BROWSER, AT)
    assert (result.answer, result.user_id) == (Answer.SIGNED_IN, user_id)
    with sessions() as session:
        person = signed_in.person(session, result.secret, ENDS, AT)
        assert person is not None
        assert (person.id, person.organisation_name, person.has_totp) == (user_id, "甲集团", False)
        assert signed_in.person(session, "another", ENDS, AT) is None
        assert signed_in.person(session, result.secret, ENDS, AT + timedelta(minutes=60)) is None
        assert session.get_one(User, user_id).last_sign_in_at == AT


def test_two_steps(entrance: Entrance, add_user: Callable[..., int]) -> None:
    user_id = add_user(totp_secret=SECRET)
    result = entrance.password(NAME, PASSWORD, BROWSER, AT)
    assert (result.answer, result.secret) == (Answer.CODE_NEEDED, "")
    assert entrance.code(user_id, "1", BROWSER, AT).answer is Answer.WRONG
    code = totp.code_at(SECRET, AT)
    assert entrance.code(user_id, code, BROWSER, AT).answer is Answer.SIGNED_IN
    assert entrance.code(user_id, code, BROWSER, AT).answer is Answer.WRONG


def test_a_code_sent_many_times_at_once_opens_one_session(
    entrance: Entrance, sessions: Sessions, add_user: Callable[..., int]
) -> None:
    user_id = add_user(totp_secret=SECRET)
    code = totp.code_at(SECRET, AT)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: entrance.code(user_id, code, BROWSER, AT).answer, range(4)))
    assert answers.count(Answer.SIGNED_IN) == 1
    with sessions() as session:
        assert session.scalar(select(func.count(UserSession.hash))) == 1


def test_guesses_at_once_gain_nothing(entrance: Entrance, sessions: Sessions, add_user: Callable[..., int]) -> None:
    add_user()
    with ThreadPoolExecutor(8) as pool:
        guesses = [*["wrong"] * 30]
        answers = list(pool.map(lambda guess: entrance.password(NAME, guess, BROWSER, AT).answer, guesses))
    assert answers.count(Answer.WRONG) <= 4
    assert entrance.password(NAME, PASSWORD, BROWSER, AT).answer is Answer.LOCKED
    with sessions() as session:
        assert session.scalar(select(func.count(Message.id))) == 1, "one notice"
    assert entrance.password(NAME, PASSWORD, BROWSER, AT + timedelta(hours=1)).answer is Answer.SIGNED_IN


def test_a_hash_of_other_costs_is_renewed(entrance: Entrance, sessions: Sessions, add_user: Callable[..., int]) -> None:
    old = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).hash(PASSWORD)
    user_id = add_user(password_hash=old)
    entrance.password(NAME, PASSWORD, BROWSER, AT)
    with sessions() as session:
        kept = session.get_one(User, user_id).password_hash
    assert kept != old
    assert CHEAP_PASSWORDS.verify(kept, PASSWORD)


def test_confirming_opens_no_session(entrance: Entrance, sessions: Sessions, add_user: Callable[..., int]) -> None:
    add_user()
    assert entrance.confirm(NAME, PASSWORD, BROWSER, AT) is None
    wrong = entrance.confirm(NAME, "wrong", BROWSER, AT)
    assert wrong is not None
    assert wrong.answer is Answer.WRONG
    with sessions() as session:
        assert session.scalar(select(func.count(UserSession.hash))) == 0
