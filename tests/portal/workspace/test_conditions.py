"""Keeping conditions, on both databases: versions, conflicts, limits, what is deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, writing
from portal.models import Conditions, ConditionsVersion, Organisation, OrganisationState, Role, User, now
from portal.workspace import conditions as store
from portal.workspace.conditions import Conflict, Draft, Hand, Member, TooMany
from search.contract import LevelChoice, SearchQuery, Sort

QUERY = SearchQuery(
    text="轴承",
    levels_min=(LevelChoice("quality_capability", "assurance"),),
    criteria=("X01-04", "X01-05", "X02-01"),
    criteria_mode=(1, 2),
    nice=(("X03-07", 5),),
    valid_through=now().date(),
    sort=Sort.FIT,
)
DRAFT = Draft("甲", "", "q=轴承", QUERY)


def member(session: Session, number: int = 1) -> Member:
    """Somebody of a new organisation."""
    of = Organisation(kind="buyer", name=f"采购{number}", state=OrganisationState.APPROVED)
    session.add(of)
    session.flush()
    user = User(organisation_id=of.id, sign_in=f"u{number}@example.com", name="王芳", role=Role.BUYER)
    session.add(user)
    session.flush()
    return Member(of.id, user.id)


def test_a_version_holds_the_query_whole(session: Session) -> None:
    hand = Hand(member(session), now())
    row = store.keep(session, hand, DRAFT)
    version = store.version_of(session, row.id, 1)
    assert version is not None
    session.expire(version)
    assert store.query_of(version.query) == QUERY
    assert store.draft_of(version) == DRAFT


def test_how_a_page_is_looked_at_is_not_kept(session: Session) -> None:
    row = store.keep(session, Hand(member(session), now()), replace(DRAFT, query=replace(QUERY, page=3, per_page=50)))
    version = store.version_of(session, row.id, 1)
    assert version is not None
    assert store.query_of(version.query) == QUERY


def test_versions_are_only_added(session: Session) -> None:
    hand = Hand(member(session), now())
    row = store.keep(session, hand, DRAFT)
    store.change(session, row, 1, replace(DRAFT, name="乙"), hand)
    store.restore(session, row, 2, 1, hand)
    found = [(one.version.number, one.version.name, one.version.restored) for one in store.versions(session, row.id)]
    assert found == [(3, "甲", 1), (2, "乙", None), (1, "甲", None)]


def test_two_who_save_at_once(sessions: Sessions) -> None:
    with writing(sessions) as session:
        hand = Hand(member(session), now())
        kept = store.keep(session, hand, DRAFT).id
    with sessions() as reading:
        seen = reading.get_one(Conditions, kept).version
    with writing(sessions) as session:
        store.change(session, session.get_one(Conditions, kept), seen, replace(DRAFT, name="first"), hand)
    with pytest.raises(Conflict), writing(sessions) as session:
        store.change(session, session.get_one(Conditions, kept), seen, replace(DRAFT, name="second"), hand)
    with sessions() as reading:
        assert [one.version.name for one in store.versions(reading, kept)] == ["first", "甲"]


def test_the_limit_is_the_organisation_s(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_CONDITIONS", 2)
    hand, other = Hand(member(session), now()), Hand(member(session, 2), now())
    first = store.keep(session, hand, DRAFT)
    store.keep(session, hand, DRAFT)
    with pytest.raises(TooMany):
        store.keep(session, hand, DRAFT)
    store.keep(session, other, DRAFT)
    store.take_away(session, first, now())
    store.keep(session, hand, DRAFT)
    with pytest.raises(TooMany):
        store.take_back(session, first)


def test_what_was_deleted_long_ago_is_gone(session: Session) -> None:
    hand = Hand(member(session), now())
    old, recent = store.keep(session, hand, DRAFT), store.keep(session, hand, DRAFT)
    store.take_away(session, old, now() - timedelta(days=store.UNDO_DAYS, minutes=1))
    store.take_away(session, recent, now())
    session.flush()
    assert [one.conditions.id for one in store.listed(session, hand.member, deleted=True)] == [recent.id]
    assert session.scalars(select(ConditionsVersion.conditions_id)).all() == [recent.id]


def test_the_list_is_the_member_s(session: Session) -> None:
    mine, other = member(session), member(session, 2)
    store.keep(session, Hand(mine, now()), DRAFT, shared=False)
    assert [one.newest.name for one in store.listed(session, mine)] == ["甲"]
    assert store.listed(session, other) == []
    assert store.listed(session, Member(mine.organisation_id, other.user_id)) == []
