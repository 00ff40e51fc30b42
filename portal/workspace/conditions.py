"""Keeping sourcing conditions: every edit is a version, and nobody's edit is lost to another's. Callers commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from portal.models import Conditions, ConditionsVersion, Organisation, User
from portal.workspace import alerts
from search.contract import SearchQuery, Sort

MAX_CONDITIONS = 200
"""Of an organisation, those not deleted."""

MAX_NAME = 120
MAX_NOTE = 2_000
UNDO_DAYS = 30
"""For so long what was deleted can be taken back."""


class TooMany(Exception):
    """The organisation keeps as many as it may."""


class Conflict(Exception):
    """Somebody else made a version meanwhile."""


class Member(NamedTuple):
    """Whose conditions they are: an organisation's, and of whom in it."""

    organisation_id: int
    user_id: int


class Hand(NamedTuple):
    """Who writes, and when."""

    member: Member
    at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What a version says. `address` is the canonical query string of `query`."""

    name: str
    note: str
    address: str
    query: SearchQuery


class Kept(NamedTuple):
    """Conditions with their newest version, and the names of who made them and who changed them last."""

    conditions: Conditions
    newest: ConditionsVersion
    owner: str
    author: str


class Signed(NamedTuple):
    """A version and the name of who made it."""

    version: ConditionsVersion
    author: str


def visible_to(member: Member, *, deleted: bool = False) -> tuple[ColumnElement[bool], ...]:
    """What a member may see and change of the organisation's: what is shared, and their own."""
    return (
        Conditions.organisation_id == member.organisation_id,
        or_(Conditions.shared, Conditions.owner_id == member.user_id),
        Conditions.deleted_at.is_not(None) if deleted else Conditions.deleted_at.is_(None),
    )


def stored_query(query: SearchQuery) -> dict[str, Any]:
    """The query as JSON: what it asks, not which page is looked at."""
    bare = replace(query, facets=(), page=1, per_page=20)
    built: dict[str, Any] = msgspec.to_builtins(bare)
    return built


def query_of(stored: Mapping[str, Any]) -> SearchQuery:
    """The query of a version. Codes that left the catalogue since are in it all the same."""
    return msgspec.convert(stored, SearchQuery)


def keep(session: Session, hand: Hand, draft: Draft, *, shared: bool = True) -> Conditions:
    """New conditions with their first version. Raises TooMany."""
    member, at = hand
    # Two at once would both count one less than there are going to be: they wait for one another here.
    session.execute(select(Organisation.id).where(Organisation.id == member.organisation_id).with_for_update())
    if held(session, member.organisation_id) >= MAX_CONDITIONS:
        raise TooMany
    _forget_deleted(session, member.organisation_id, at)
    row = Conditions(
        organisation_id=member.organisation_id, owner_id=member.user_id, shared=shared, version=1, created_at=at
    )
    session.add(row)
    session.flush()
    _add(session, row, draft, hand)
    return row


def held(session: Session, organisation_id: int) -> int:
    """How many an organisation keeps."""
    mine = (Conditions.organisation_id == organisation_id, Conditions.deleted_at.is_(None))
    return session.scalar(select(func.count(Conditions.id)).where(*mine)) or 0


def change(
    session: Session, row: Conditions, seen: int, draft: Draft, hand: Hand, *, restored: int | None = None
) -> None:
    """Another version, made from version `seen`. Raises Conflict when there is a newer one by now; nothing is written.

    A draft that says what the newest version says makes none.
    """
    taken = update(Conditions).where(Conditions.id == row.id, Conditions.version == seen).values(version=seen + 1)
    if session.scalar(taken.returning(Conditions.id)) is None:
        raise Conflict
    session.refresh(row)
    before = version_of(session, row.id, seen)
    if before is not None and draft_of(before) == draft:
        row.version = seen
        return
    _add(session, row, draft, hand, restored)
    if before is None or _found_by(draft_of(before)) != _found_by(draft):
        alerts.rebase(session, row.id, hand.at)


def _found_by(draft: Draft) -> tuple[SearchQuery, str]:
    """What decides which firms are found, the order aside."""
    return replace(draft.query, sort=Sort.RELEVANCE, nice=()), mine_of(draft.address)


def mine_of(address: str) -> str:
    """What a version asks of the organisation's own suppliers: only, hide, or nothing."""
    return dict(parse_qsl(address)).get("mine", "")


def draft_of(version: ConditionsVersion) -> Draft:
    """What a version says."""
    return Draft(version.name, version.note, version.address, query_of(version.query))


def restore(session: Session, row: Conditions, seen: int, number: int, hand: Hand) -> None:
    """Make an older version the newest once more, as a version of its own. Raises Conflict, KeyError."""
    older = version_of(session, row.id, number)
    if older is None:
        raise KeyError(number)
    change(session, row, seen, draft_of(older), hand, restored=number)


def take_away(session: Session, row: Conditions, at: datetime) -> None:
    """Delete, so that it can be taken back for UNDO_DAYS; those deleted longer ago go for good."""
    _forget_deleted(session, row.organisation_id, at)
    row.deleted_at = at


def take_back(session: Session, row: Conditions) -> None:
    """Undo a deletion. Raises TooMany."""
    session.execute(select(Organisation.id).where(Organisation.id == row.organisation_id).with_for_update())
    if held(session, row.organisation_id) >= MAX_CONDITIONS:
        raise TooMany
    row.deleted_at = None


def version_of(session: Session, conditions_id: int, number: int) -> ConditionsVersion | None:
    """One version."""
    asked = select(ConditionsVersion).where(
        ConditionsVersion.conditions_id == conditions_id, ConditionsVersion.number == number
    )
    return session.scalar(asked)


def versions(session: Session, conditions_id: int) -> list[Signed]:
    """All versions, the newest first."""
    asked = (
        select(ConditionsVersion, User.name)
        .join(User, User.id == ConditionsVersion.author_id)
        .where(ConditionsVersion.conditions_id == conditions_id)
        .order_by(ConditionsVersion.number.desc())
    )
    return [Signed(*row) for row in session.execute(asked)]


def listed(session: Session, member: Member, *, deleted: bool = False) -> list[Kept]:
    """What a member sees, the last changed first; or what was deleted and can be taken back."""
    owner, author = User.__table__.alias("owner"), User.__table__.alias("author")
    when = Conditions.deleted_at if deleted else ConditionsVersion.at
    asked = (
        select(Conditions, ConditionsVersion, owner.c.name, author.c.name)
        .join(
            ConditionsVersion,
            (ConditionsVersion.conditions_id == Conditions.id) & (ConditionsVersion.number == Conditions.version),
        )
        .join(owner, owner.c.id == Conditions.owner_id)
        .join(author, author.c.id == ConditionsVersion.author_id)
        .where(*visible_to(member, deleted=deleted))
        .order_by(when.desc(), Conditions.id.desc())
        .limit(MAX_CONDITIONS)
    )
    return [Kept(*row) for row in session.execute(asked)]


def _add(session: Session, row: Conditions, draft: Draft, hand: Hand, restored: int | None = None) -> None:
    session.add(
        ConditionsVersion(
            conditions_id=row.id,
            number=row.version,
            name=draft.name,
            note=draft.note,
            address=draft.address,
            query=stored_query(draft.query),
            author_id=hand.member.user_id,
            at=hand.at,
            restored=restored,
        )
    )
    session.flush()


def _forget_deleted(session: Session, organisation_id: int, at: datetime) -> None:
    old = (Conditions.organisation_id == organisation_id, Conditions.deleted_at < at - timedelta(days=UNDO_DAYS))
    ids = select(Conditions.id).where(*old)
    session.execute(delete(ConditionsVersion).where(ConditionsVersion.conditions_id.in_(ids)))
    session.execute(delete(Conditions).where(*old))
