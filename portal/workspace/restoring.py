"""How each kind of action is taken back (see `portal.workspace.undoing`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.models import Alert, OwnList, Shortlist, ShortlistEntry, ShortlistNote, Undo
from portal.workspace import undoing
from portal.workspace.buyer import Buyer
from portal.workspace.rows import values_of
from portal.workspace.shortlists import lock, visible
from portal.workspace.undoing import Kind


@dataclass(frozen=True, slots=True)
class Restored:
    """How many were put back, how many were left as others have made them meanwhile, and the list they are on.

    None of that where it could not be taken back any more (`possible` is False).
    """

    possible: bool
    back: int = 0
    left: int = 0
    list_id: int | None = None


def undo(session: Session, buyer: Buyer, record: Undo, at: datetime) -> Restored:
    """Take back what the record says; its lists must still be ones that the member sees."""
    payload = record.payload
    if record.kind in _DELETED:
        return _undelete(session, record, at)
    lists = {payload["list"], payload.get("to", payload["list"])}
    lock(session, *lists)
    seen = visible(buyer) if record.kind != Kind.DELETE_LIST else Shortlist.deleted_at.is_not(None)
    there = session.scalars(select(Shortlist.id).where(Shortlist.id.in_(lists), seen)).all()
    if len(there) < len(lists) or not undoing.take(session, record, at):
        return Restored(possible=False)
    back, left = _RULES[Kind(record.kind)](session, payload)
    return Restored(possible=True, back=back, left=left, list_id=payload["list"])


Payload = Mapping[str, Any]


def _undo_add(session: Session, payload: Payload) -> tuple[int, int]:
    """What was added goes, unless someone has given it a status or a note since."""
    ids = payload["entries"]
    at = datetime.fromisoformat(payload["at"])
    wanted = select(ShortlistEntry.id).where(
        ShortlistEntry.id.in_(ids), ShortlistEntry.shortlist_id == payload["list"], ShortlistEntry.changed_at == at
    )
    going = list(session.scalars(wanted))
    session.execute(delete(ShortlistNote).where(ShortlistNote.entry_id.in_(going)))
    session.execute(delete(ShortlistEntry).where(ShortlistEntry.id.in_(going)))
    return len(going), len(ids) - len(going)


def _undo_status(session: Session, payload: Payload) -> tuple[int, int]:
    at = datetime.fromisoformat(payload["at"])
    names = ("status", "reason", "status_by_id", "status_at")
    return _put_back(session, payload, names, lambda entry: entry.status_at == at)


def _undo_seen(session: Session, payload: Payload) -> tuple[int, int]:
    at = datetime.fromisoformat(payload["at"])
    return _put_back(session, payload, ("facts", "facts_at"), lambda entry: entry.facts_at == at)


def _put_back(
    session: Session, payload: Payload, names: tuple[str, ...], untouched: Callable[[ShortlistEntry], bool]
) -> tuple[int, int]:
    """The columns of `names` as they were, in the entries that nobody has changed in them since."""
    before = {row["id"]: values_of(ShortlistEntry, row) for row in payload["entries"]}
    back = 0
    for entry in session.scalars(select(ShortlistEntry).where(ShortlistEntry.id.in_(before))):
        if untouched(entry):
            for name in names:
                setattr(entry, name, before[entry.id][name])
            if entry.changed_at == datetime.fromisoformat(payload["at"]):
                entry.changed_at = before[entry.id]["changed_at"]
            back += 1
    return back, len(before) - back


def _undo_remove(session: Session, payload: Payload) -> tuple[int, int]:
    """Entries come back as they were with their notes; a firm that was added anew meanwhile stays as it is."""
    of_list = select(ShortlistEntry.supplier_id).where(ShortlistEntry.shortlist_id == payload["list"])
    present = set(session.scalars(of_list))
    rows = [row for row in payload["entries"] if row["supplier_id"] not in present]
    session.add_all(ShortlistEntry(**values_of(ShortlistEntry, row)) for row in rows)
    session.flush()
    _restore_notes(session, payload)
    return len(rows), len(payload["entries"]) - len(rows)


def _undo_note(session: Session, payload: Payload) -> tuple[int, int]:
    back = _restore_notes(session, payload)
    return back, len(payload["notes"]) - back


def _restore_notes(session: Session, payload: Payload) -> int:
    """Notes come back to the entries that are there."""
    entries = {row["entry_id"] for row in payload["notes"]}
    there = set(session.scalars(select(ShortlistEntry.id).where(ShortlistEntry.id.in_(entries))))
    rows = [row for row in payload["notes"] if row["entry_id"] in there]
    session.add_all(ShortlistNote(**values_of(ShortlistNote, row)) for row in rows)
    return len(rows)


def _undo_move(session: Session, payload: Payload) -> tuple[int, int]:
    """Entries go back with whatever was said of them since, unless the firm is on the first list again."""
    of_list = select(ShortlistEntry.supplier_id).where(ShortlistEntry.shortlist_id == payload["list"])
    present = set(session.scalars(of_list))
    moved = select(ShortlistEntry).where(
        ShortlistEntry.id.in_(payload["entries"]), ShortlistEntry.shortlist_id == payload["to"]
    )
    back = 0
    for entry in session.scalars(moved):
        if entry.supplier_id not in present:
            entry.shortlist_id = payload["list"]
            back += 1
    return back, len(payload["entries"]) - back


def _undo_delete_list(session: Session, payload: Payload) -> tuple[int, int]:
    session.get_one(Shortlist, payload["list"]).deleted_at = None
    return 1, 0


_DELETED: Mapping[str, Callable[[Session, Payload], OwnList | Alert | None]] = {
    Kind.DELETE_OWN_LIST: lambda session, payload: session.get(OwnList, payload["own_list"]),
    Kind.DELETE_ALERT: lambda session, payload: session.get(Alert, payload["alert"]),
}
"""Kinds that take something away which stands alone, and how it is found again."""


def _undelete(session: Session, record: Undo, at: datetime) -> Restored:
    found = _DELETED[record.kind](session, record.payload)
    if found is None or found.deleted_at is None or not undoing.take(session, record, at):
        return Restored(possible=False)
    found.deleted_at = None
    return Restored(possible=True, back=1)


_RULES: Mapping[Kind, Callable[[Session, Payload], tuple[int, int]]] = {
    Kind.ADD: _undo_add,
    Kind.STATUS: _undo_status,
    Kind.SEEN: _undo_seen,
    Kind.REMOVE: _undo_remove,
    Kind.MOVE: _undo_move,
    Kind.NOTE: _undo_note,
    Kind.DELETE_LIST: _undo_delete_list,
}
