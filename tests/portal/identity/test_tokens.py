"""Links and codes work once, until their end, and their secrets are not in the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity import tokens
from portal.identity.tokens import Purpose
from portal.indexing.sessions import Sessions, writing
from portal.models import Organisation, Token, TokenKind
from tests.portal.identity.conftest import AT

RESET = Purpose(TokenKind.RESET, "a@example.com")
PHONE = "+8613800138000"


def test_a_link_works_once(session: Session) -> None:
    issued = tokens.issue(session, RESET, AT)
    assert (issued.code, issued.expires_at) == ("", AT + timedelta(hours=1))
    assert len(issued.secret) >= 43
    token = tokens.valid(session, issued.secret, AT)
    assert token is not None
    assert tokens.use(session, token, AT)
    assert not tokens.use(session, token, AT)
    assert tokens.valid(session, issued.secret, AT) is None


def test_a_link_has_an_end(session: Session) -> None:
    issued = tokens.issue(session, RESET, AT)
    assert tokens.valid(session, issued.secret, issued.expires_at - timedelta(seconds=1)) is not None
    assert tokens.valid(session, issued.secret, issued.expires_at) is None


def test_only_the_newest_works(session: Session) -> None:
    first, second = tokens.issue(session, RESET, AT), tokens.issue(session, RESET, AT)
    assert tokens.valid(session, first.secret, AT) is None
    assert tokens.valid(session, second.secret, AT) is not None


def test_invitations_of_two_organisations_do_not_end_each_other(session: Session) -> None:
    made = [Organisation(kind="buyer", name=name) for name in ("甲", "乙")]
    session.add_all(made)
    session.flush()
    issued = [
        tokens.issue(session, Purpose(TokenKind.INVITATION, "a@example.com", organisation_id=organisation.id), AT)
        for organisation in made
    ]
    assert all(tokens.valid(session, each.secret, AT) for each in issued)


def test_the_database_holds_no_secret(session: Session) -> None:
    issued = tokens.issue(session, RESET, AT)
    assert issued.secret not in {token.hash for token in session.scalars(select(Token))}


def test_a_phone_gets_a_code_to_exchange(session: Session) -> None:
    issued = tokens.issue(session, Purpose(TokenKind.SIGN_UP, PHONE, payload={"name": "王芳"}), AT)
    assert (issued.secret, len(issued.code), issued.code.isdigit()) == ("", 8, True)
    assert tokens.exchange(session, "+8613800138001", issued.code, AT) == ""
    assert tokens.exchange(session, PHONE, "00000000" if issued.code != "00000000" else "1", AT) == ""
    secret = tokens.exchange(session, PHONE, issued.code, AT)
    assert tokens.exchange(session, PHONE, issued.code, AT) == ""
    token = tokens.valid(session, secret, AT)
    assert token is not None
    assert (token.kind, token.payload) == (TokenKind.SIGN_UP, {"name": "王芳"})
    assert tokens.valid(session, f"code\n{PHONE}\n{issued.code}", AT) is None, "a code is no link"


def test_a_code_has_an_end_too(session: Session) -> None:
    issued = tokens.issue(session, Purpose(TokenKind.SIGN_UP, PHONE), AT)
    assert tokens.exchange(session, PHONE, issued.code, AT + timedelta(minutes=31)) == ""


def test_of_many_who_use_a_link_at_once_one_succeeds(sessions: Sessions) -> None:
    with writing(sessions) as session:
        secret = tokens.issue(session, RESET, AT).secret

    def use(_: int) -> bool:
        with writing(sessions) as session:
            token = tokens.valid(session, secret, AT)
            return token is not None and tokens.use(session, token, AT)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(16))) == 1


def test_old_ones_are_removed(session: Session) -> None:
    tokens.issue(session, RESET, AT)
    tokens.issue(session, Purpose(TokenKind.RESET, "b@example.com"), AT + timedelta(days=60))
    assert [token.recipient for token in session.scalars(select(Token))] == ["b@example.com"]
