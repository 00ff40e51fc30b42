"""Shortlists as a whole: who sees which, made, changed, deleted. What stands on them: `portal.workspace.entries`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.models import Organisation, Shortlist, ShortlistEntry, Supplier, User
from portal.register.loading import by_keys
from portal.workspace import undoing
from portal.workspace.buyer import Buyer, Reason, Refused

MAX_LISTS = 200
"""Of an organisation, private ones included."""

MAX_NAME = 120
MAX_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Summary:
    """A list among others: how many firms, by status, and when one was added last."""

    shortlist: Shortlist
    owner: str
    counts: dict[str, int]
    last_added_at: datetime | None

    @property
    def total(self) -> int:
        """All its firms."""
        return sum(self.counts.values())


def visible(buyer: Buyer) -> ColumnElement[bool]:
    """The condition for the lists that a member may see and fill: their own and the shared ones, not deleted."""
    return and_(
        Shortlist.organisation_id == buyer.organisation_id,
        or_(Shortlist.shared.is_(True), Shortlist.owner_id == buyer.id),
        Shortlist.deleted_at.is_(None),
    )


def may_manage(buyer: Buyer, shortlist: Shortlist) -> bool:
    """Whether they may rename and delete it: its maker, and administrators of the organisation."""
    return shortlist.owner_id == buyer.id or buyer.admin


def summaries(session: Session, buyer: Buyer) -> list[Summary]:
    """The lists a member sees, the one used last first. Two statements."""
    lists = session.execute(
        select(Shortlist, User.name).join(User, User.id == Shortlist.owner_id).where(visible(buyer))
    ).all()
    counts: dict[int, dict[str, int]] = {}
    last: dict[int, datetime] = {}
    grouped = (
        select(
            ShortlistEntry.shortlist_id,
            ShortlistEntry.status,
            func.count(),
            func.max(ShortlistEntry.added_at),
        )
        .join(Shortlist, Shortlist.id == ShortlistEntry.shortlist_id)
        .where(visible(buyer))
        .group_by(ShortlistEntry.shortlist_id, ShortlistEntry.status)
    )
    for identifier, status, count, newest in session.execute(grouped):
        counts.setdefault(identifier, {})[status] = count
        last[identifier] = max(newest, last.get(identifier, newest))
    found = [Summary(one, owner, counts.get(one.id, {}), last.get(one.id)) for one, owner in lists]
    return sorted(found, key=lambda each: (each.last_added_at or each.shortlist.created_at, each.shortlist.id))[::-1]


def used_last(session: Session, buyer: Buyer) -> Shortlist | None:
    """The list to which the member added a firm last, or their newest; None where they have none."""
    newest = func.max(ShortlistEntry.added_at)
    added = (
        select(ShortlistEntry.shortlist_id.label("id"), newest.label("at"))
        .where(ShortlistEntry.added_by_id == buyer.id)
        .group_by(ShortlistEntry.shortlist_id)
        .subquery()
    )
    wanted = (
        select(Shortlist)
        .outerjoin(added, added.c.id == Shortlist.id)
        .where(visible(buyer), or_(added.c.at.is_not(None), Shortlist.owner_id == buyer.id))
        .order_by(func.coalesce(added.c.at, Shortlist.created_at).desc(), Shortlist.id.desc())
    )
    return session.scalars(wanted.limit(1)).first()


def holding(session: Session, buyer: Buyer, keys: Iterable[str]) -> dict[str, list[tuple[int, str]]]:
    """On which lists, as (id, name), the member already has the firms of these keys. One statement."""
    found: dict[str, list[tuple[int, str]]] = {}
    wanted = (
        select(Supplier.scheme, Supplier.number, Shortlist.id, Shortlist.name)
        .join(ShortlistEntry, ShortlistEntry.supplier_id == Supplier.id)
        .join(Shortlist, Shortlist.id == ShortlistEntry.shortlist_id)
        .where(visible(buyer), by_keys(keys))
        .order_by(Shortlist.name, Shortlist.id)
    )
    for scheme, number, identifier, name in session.execute(wanted):
        found.setdefault(f"{scheme}/{number}", []).append((identifier, name))
    return found


def create(session: Session, buyer: Buyer, at: datetime, *, name: str, note: str = "", shared: bool) -> Shortlist:
    """A new list. Raises Refused: too many, or the name is taken by one that the member sees."""
    _lock_organisation(session, buyer)
    mine = select(func.count(Shortlist.id)).where(
        Shortlist.organisation_id == buyer.organisation_id, Shortlist.deleted_at.is_(None)
    )
    if (session.scalar(mine) or 0) >= MAX_LISTS:
        raise Refused(Reason.TOO_MANY_LISTS, MAX_LISTS)
    _name_is_free(session, buyer, name)
    made = Shortlist(
        organisation_id=buyer.organisation_id, owner_id=buyer.id, name=name, note=note, shared=shared, created_at=at
    )
    session.add(made)
    session.flush()
    return made


def change(session: Session, buyer: Buyer, shortlist: Shortlist, *, name: str, note: str, shared: bool) -> None:
    """Other words, shared or not. Only its maker decides who sees it: it would vanish from others. Raises Refused."""
    if not may_manage(buyer, shortlist):
        raise Refused(Reason.NOT_YOURS)
    _lock_organisation(session, buyer)
    _name_is_free(session, buyer, name, but=shortlist.id)
    shortlist.name, shortlist.note = name, note
    if shortlist.owner_id == buyer.id:
        shortlist.shared = shared


def delete(session: Session, buyer: Buyer, shortlist: Shortlist, at: datetime) -> int:
    """Delete it; the id of the undo. Raises Refused."""
    if not may_manage(buyer, shortlist):
        raise Refused(Reason.NOT_YOURS)
    shortlist.deleted_at = at
    return undoing.record(session, buyer, undoing.Kind.DELETE_LIST, {"list": shortlist.id}, at)


def lock(session: Session, *identifiers: int) -> None:
    """Let no other transaction change these lists until this one ends; in one order, so that none waits for ever."""
    wanted = select(Shortlist.id).where(Shortlist.id.in_(identifiers)).order_by(Shortlist.id)
    session.execute(wanted.with_for_update())


def _lock_organisation(session: Session, buyer: Buyer) -> None:
    session.execute(select(Organisation.id).where(Organisation.id == buyer.organisation_id).with_for_update())


def _name_is_free(session: Session, buyer: Buyer, name: str, but: int = 0) -> None:
    same: Any = select(Shortlist.id).where(visible(buyer), Shortlist.name == name, Shortlist.id != but)
    if session.scalar(same.limit(1)) is not None:
        raise Refused(Reason.NAME_TAKEN)
