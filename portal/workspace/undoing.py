"""Taking back: what was is kept in the database, for the one who did it, for a day, and used once.

An undo puts back just what its action changed. What others did to other firms meanwhile stays, and what they did to the
same firm stays too: that one is left out, and counted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from portal.models import Shortlist, ShortlistEntry, ShortlistNote, Undo
from portal.workspace.buyer import Buyer

KEPT = timedelta(days=1)
"""How long something can be taken back; a deleted list is really gone after twice that."""


class Kind(StrEnum):
    """By which rule it is taken back (`portal.workspace.restoring`)."""

    ADD = "add"
    STATUS = "status"
    REMOVE = "remove"
    MOVE = "move"
    SEEN = "seen"
    NOTE = "note"
    DELETE_LIST = "delete_list"
    DELETE_OWN_LIST = "delete_own_list"
    DELETE_ALERT = "delete_alert"


def record(session: Session, buyer: Buyer, kind: Kind, payload: dict[str, Any], at: datetime) -> int:
    """Keep how to take something back; the id to do so. What is too old to be taken back goes."""
    _forget(session, buyer, at)
    made = Undo(organisation_id=buyer.organisation_id, user_id=buyer.id, kind=kind, payload=payload, at=at)
    session.add(made)
    session.flush()
    return made.id


def take(session: Session, undo: Undo, at: datetime) -> bool:
    """Use it up; False when it was used before, or is too old. Of two at once one gets True."""
    claimed = update(Undo).where(Undo.id == undo.id, Undo.used_at.is_(None), Undo.at > at - KEPT).values(used_at=at)
    done: Any = session.execute(claimed)
    assert isinstance(done, CursorResult)  # noqa: S101  (of an UPDATE)
    return done.rowcount == 1


def _forget(session: Session, buyer: Buyer, at: datetime) -> None:
    session.execute(delete(Undo).where(Undo.organisation_id == buyer.organisation_id, Undo.at <= at - KEPT))
    gone = select(Shortlist.id).where(
        Shortlist.organisation_id == buyer.organisation_id, Shortlist.deleted_at <= at - 2 * KEPT
    )
    lists = list(session.scalars(gone))
    if lists:
        entries = select(ShortlistEntry.id).where(ShortlistEntry.shortlist_id.in_(lists))
        session.execute(delete(ShortlistNote).where(ShortlistNote.entry_id.in_(entries)))
        session.execute(delete(ShortlistEntry).where(ShortlistEntry.shortlist_id.in_(lists)))
        session.execute(delete(Shortlist).where(Shortlist.id.in_(lists)))
