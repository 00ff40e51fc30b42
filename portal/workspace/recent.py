"""Recent searches: a user's own last ones, which nobody else sees. Callers commit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.models import RecentSearch

KEPT = 20
"""Searches of a user."""


def note(session: Session, user_id: int, address: str, total: int, at: datetime) -> bool:
    """Make it the newest; the same one asked before is not kept twice, and what is beyond KEPT goes.

    Whether it asks something else than the newest before, the order aside.
    """
    rows = session.scalars(select(RecentSearch).where(RecentSearch.user_id == user_id).order_by(RecentSearch.at.desc()))
    before = list(rows)
    last = before[0].address if before else ""
    same = next((row for row in before if row.address == address), None)
    if same is None:
        session.add(RecentSearch(user_id=user_id, address=address, total=total, at=at))
        for row in before[KEPT - 1 :]:
            session.delete(row)
    else:
        same.total, same.at = total, at
    return _asked(address) != _asked(last)


def _asked(address: str) -> set[str]:
    return {part for part in address.split("&") if not part.startswith("sort=")}


def recent(session: Session, user_id: int, most: int) -> list[RecentSearch]:
    """The newest first."""
    wanted = select(RecentSearch).where(RecentSearch.user_id == user_id)
    return list(session.scalars(wanted.order_by(RecentSearch.at.desc(), RecentSearch.id.desc()).limit(most)))


def clear(session: Session, user_id: int) -> None:
    """Forget all of them."""
    session.execute(delete(RecentSearch).where(RecentSearch.user_id == user_id))
