"""What stands on a shortlist: firms added, their status and notes, taken off, carried to another list.

Every function takes a list that the member may see, in a transaction that writes, and locks it: two members who add one
firm at once leave one entry. Each returns what was done and how to take it back (`portal.workspace.undoing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.models import EntryStatus, Shortlist, ShortlistEntry, ShortlistNote, Supplier
from portal.register.loading import by_keys, chunks
from portal.workspace import undoing
from portal.workspace.buyer import Buyer, Reason, Refused
from portal.workspace.facts import Reader, stored
from portal.workspace.rows import row_of
from portal.workspace.shortlists import lock
from portal.workspace.undoing import Kind

MAX_ENTRIES = 1000
"""Of a list."""

MAX_REASON = 500
MAX_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Done:
    """How many firms were changed, how many were `there` already and left alone, which keys are of no firm held here.

    `undo`: the id to take it back; None where nothing was changed. `added`: the keys of firms put on it.
    """

    changed: int
    there: int = 0
    unknown: tuple[str, ...] = ()
    undo: int | None = None
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hand:
    """A member at a list, in a transaction that writes."""

    session: Session
    buyer: Buyer
    shortlist: Shortlist
    at: datetime

    def undo(self, kind: Kind, payload: dict[str, Any]) -> int:
        """Keep how to take it back."""
        payload = {"list": self.shortlist.id, "at": self.at.isoformat(), **payload}
        return undoing.record(self.session, self.buyer, kind, payload, self.at)

    def entries(self, identifiers: Iterable[int]) -> list[ShortlistEntry]:
        """Those of the list among these ids, locked with it."""
        lock(self.session, self.shortlist.id)
        found: list[ShortlistEntry] = []
        for some in chunks(identifiers):
            of_list = ShortlistEntry.shortlist_id == self.shortlist.id
            wanted = select(ShortlistEntry).where(of_list, ShortlistEntry.id.in_(some))
            found += self.session.scalars(wanted.order_by(ShortlistEntry.id))
        return found


def add(hand: Hand, keys: Sequence[str], reader: Reader) -> Done:
    """Put the firms of these keys on the list, with their present facts. Raises Refused: too many."""
    session, shortlist = hand.session, hand.shortlist
    lock(session, shortlist.id)
    wanted = select(Supplier.id, Supplier.scheme, Supplier.number).where(by_keys(keys), Supplier.withdrawn_at.is_(None))
    firms = {f"{row.scheme}/{row.number}": row.id for row in session.execute(wanted)}
    present = set(session.scalars(_supplier_ids(shortlist)))
    added = {key: firms[key] for key in dict.fromkeys(keys) if key in firms and firms[key] not in present}
    fresh = list(added.values())
    _has_room(present, fresh)
    facts = reader.facts(fresh)
    made = [
        ShortlistEntry(
            shortlist_id=shortlist.id,
            supplier_id=identifier,
            added_by_id=hand.buyer.id,
            facts=stored(facts[identifier]),
            **dict.fromkeys(("added_at", "facts_at", "changed_at"), hand.at),
        )
        for identifier in fresh
    ]
    session.add_all(made)
    session.flush()
    unknown = tuple(key for key in dict.fromkeys(keys) if key not in firms)
    there = len(firms) - len(fresh)
    undo = hand.undo(Kind.ADD, {"entries": [entry.id for entry in made]}) if made else None
    return Done(len(made), there, unknown, undo, tuple(added))


def set_status(hand: Hand, identifiers: Iterable[int], status: EntryStatus, reason: str = "") -> Done:
    """Give entries a status; a rejection says why. Raises Refused."""
    if status is EntryStatus.NOT_RECOMMENDED and not reason:
        raise Refused(Reason.REASON_NEEDED)
    before = []
    there = 0
    for entry in hand.entries(identifiers):
        if (entry.status, entry.reason) == (status, reason):
            there += 1
            continue
        before.append(row_of(entry))
        entry.status, entry.reason = status, reason
        entry.status_by_id, entry.status_at, entry.changed_at = hand.buyer.id, hand.at, hand.at
    return Done(len(before), there, undo=hand.undo(Kind.STATUS, {"entries": before}) if before else None)


def take_note(hand: Hand, identifiers: Iterable[int], reader: Reader) -> Done:
    """Take note of what changed: from now on entries are compared with today's facts."""
    entries = hand.entries(identifiers)
    facts = reader.facts(entry.supplier_id for entry in entries)
    before = [row_of(entry) for entry in entries]
    for entry in entries:
        entry.facts, entry.facts_at = stored(facts[entry.supplier_id]), hand.at
    return Done(len(before), undo=hand.undo(Kind.SEEN, {"entries": before}) if before else None)


def remove(hand: Hand, identifiers: Iterable[int]) -> Done:
    """Take entries off the list, with their notes."""
    entries = hand.entries(identifiers)
    ids = [entry.id for entry in entries]
    notes = _notes(hand.session, ids)
    payload = {"entries": [row_of(entry) for entry in entries], "notes": [row_of(note) for note in notes]}
    undo = hand.undo(Kind.REMOVE, payload) if ids else None
    hand.session.execute(delete(ShortlistNote).where(ShortlistNote.entry_id.in_(ids)))
    hand.session.execute(delete(ShortlistEntry).where(ShortlistEntry.id.in_(ids)))
    return Done(len(ids), undo=undo)


def move(hand: Hand, identifiers: Iterable[int], to: Shortlist) -> Done:
    """Carry entries to another list, as they are; a firm that is there already stays where it was. Raises Refused."""
    going, there = _going(hand, identifiers, to)
    for entry in going:
        entry.shortlist_id = to.id
    undo = hand.undo(Kind.MOVE, {"to": to.id, "entries": [entry.id for entry in going]}) if going else None
    return Done(len(going), there, undo=undo)


def copy(hand: Hand, identifiers: Iterable[int], to: Shortlist) -> Done:
    """Put entries on another list too, with status and notes. Raises Refused."""
    going, there = _going(hand, identifiers, to)
    kept = ("supplier_id", "status", "reason", "status_by_id", "status_at", "facts", "facts_at")
    made = {
        entry.id: ShortlistEntry(
            shortlist_id=to.id,
            added_by_id=hand.buyer.id,
            added_at=hand.at,
            changed_at=hand.at,
            **{name: getattr(entry, name) for name in kept},
        )
        for entry in going
    }
    hand.session.add_all(made.values())
    hand.session.flush()
    said = ("organisation_id", "author_id", "at", "text")
    hand.session.add_all(
        ShortlistNote(entry_id=made[note.entry_id].id, **{name: getattr(note, name) for name in said})
        for note in _notes(hand.session, list(made))
    )
    target = Hand(hand.session, hand.buyer, to, hand.at)
    undo = target.undo(Kind.ADD, {"entries": [entry.id for entry in made.values()]}) if made else None
    return Done(len(made), there, undo=undo)


def write_note(hand: Hand, entry_id: int, text: str) -> bool:
    """Add a note to an entry; False where the entry has gone meanwhile."""
    for entry in hand.entries([entry_id]):
        hand.session.add(
            ShortlistNote(
                organisation_id=hand.buyer.organisation_id,
                entry_id=entry.id,
                author_id=hand.buyer.id,
                at=hand.at,
                text=text,
            )
        )
        entry.changed_at = hand.at
        return True
    return False


def delete_note(hand: Hand, note: ShortlistNote) -> int:
    """Take an own note away; the id of the undo. Raises Refused for another's."""
    if note.author_id != hand.buyer.id:
        raise Refused(Reason.NOT_YOURS)
    undo = hand.undo(Kind.NOTE, {"notes": [row_of(note)]})
    hand.session.delete(note)
    return undo


def _going(hand: Hand, identifiers: Iterable[int], to: Shortlist) -> tuple[list[ShortlistEntry], int]:
    """Entries that the other list does not hold yet, and how many it does; both lists locked. Raises Refused."""
    lock(hand.session, hand.shortlist.id, to.id)
    entries = hand.entries(identifiers)
    present = set(hand.session.scalars(_supplier_ids(to)))
    going = [entry for entry in entries if entry.supplier_id not in present]
    _has_room(present, going)
    return going, len(entries) - len(going)


def _has_room(present: set[int], coming: Sequence[object]) -> None:
    if len(present) + len(coming) > MAX_ENTRIES:
        raise Refused(Reason.LIST_FULL, MAX_ENTRIES)


def _supplier_ids(shortlist: Shortlist) -> Any:
    return select(ShortlistEntry.supplier_id).where(ShortlistEntry.shortlist_id == shortlist.id)


def _notes(session: Session, entry_ids: Sequence[int]) -> list[ShortlistNote]:
    found: list[ShortlistNote] = []
    for some in chunks(entry_ids):
        wanted = select(ShortlistNote).where(ShortlistNote.entry_id.in_(some))
        found += session.scalars(wanted.order_by(ShortlistNote.id))
    return found
