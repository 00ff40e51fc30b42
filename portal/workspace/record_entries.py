"""The firms of a shortlist as a sourcing record has them: who added each, what was decided of it, by whom and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.people import names_of
from portal.indexing.sorting import sort_key
from portal.models import EntryStatus, Shortlist, ShortlistEntry, ShortlistNote, Supplier, Undo, User
from portal.register.clock import CHINA
from portal.register.loading import chunks
from portal.workspace.record_tree import Both, Decision, Entry, Facts, Note, Standing, TakenOff
from portal.workspace.undoing import Kind

ORDER = (EntryStatus.RECOMMENDED, EntryStatus.NOT_RECOMMENDED, EntryStatus.CONTACTED, EntryStatus.NEW)
"""In a record what was decided comes first."""


def china(moment: datetime) -> datetime:
    """The moment to the second, in China time."""
    return moment.astimezone(CHINA).replace(microsecond=0)


def key_of(row: Any) -> str:
    """The firm's key."""
    return f"{row.scheme}/{row.number}"


def rows(session: Session, shortlist: Shortlist) -> list[Any]:
    """The entries with their firms, by status, then by name."""
    found = session.execute(
        select(*_ENTRY)
        .join(Supplier, Supplier.id == ShortlistEntry.supplier_id)
        .where(ShortlistEntry.shortlist_id == shortlist.id)
    ).all()
    place = {status.value: number for number, status in enumerate(ORDER)}
    return sorted(found, key=lambda row: (place[row.status], sort_key(row.name_zh or row.name_en), row.number))


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the entries: names of people, notes by entry, facts by supplier, standings by firm."""

    names: Mapping[int, str]
    notes: Mapping[int, Sequence[Note]]
    facts: Mapping[int, Facts]
    standings: Mapping[str, Standing]

    def entry(self, row: Any) -> Entry:
        """An entry as the record has it."""
        return Entry(
            scheme=row.scheme,
            number=row.number,
            name=Both(zh=row.name_zh, en=row.name_en),
            added_by=self.names.get(row.added_by_id, ""),
            added_at=china(row.added_at),
            decision=_decision(row, self.names.get),
            gone="merged" if row.merged_into_id else "withdrawn" if row.withdrawn_at else "",
            withdrawn_reason=row.withdrawn_reason if row.withdrawn_at else "",
            standing=self.standings.get(key_of(row)),
            facts=self.facts[row.supplier_id],
            notes=tuple(self.notes.get(row.id, ())),
        )


def _decision(row: Any, name: Callable[[Any, str], str]) -> Decision:
    return Decision(
        status=row.status,
        reason=row.reason,
        by=name(row.status_by_id, ""),
        at=china(row.status_at) if row.status_at else None,
    )


def people_of(entries: Iterable[Any]) -> set[int | None]:
    """Who added them and who decided."""
    return {person for row in entries for person in (row.added_by_id, row.status_by_id)}


def notes(session: Session, entries: Iterable[Any]) -> dict[int, list[Note]]:
    """The notes of each entry, the oldest first."""
    found: dict[int, list[Note]] = {}
    for some in chunks(row.id for row in entries):
        wanted = select(ShortlistNote, User.name).join(User, User.id == ShortlistNote.author_id)
        in_order = wanted.where(ShortlistNote.entry_id.in_(some)).order_by(ShortlistNote.at, ShortlistNote.id)
        for note, author in session.execute(in_order):
            found.setdefault(note.entry_id, []).append(Note(author=author, at=china(note.at), text=note.text))
    return found


@dataclass(frozen=True, slots=True)
class _Gone:
    """An entry that was taken off, as the undo of that holds it."""

    by: str
    at: datetime
    supplier_id: int
    status: str
    reason: str
    status_by_id: int | None
    status_at: datetime | None


def taken_off(session: Session, shortlist: Shortlist) -> tuple[TakenOff, ...]:
    """Who was taken off the list and is not on it again, as long as that can be taken back; later nobody knows it."""
    present = set(
        session.scalars(select(ShortlistEntry.supplier_id).where(ShortlistEntry.shortlist_id == shortlist.id))
    )
    gone = {one.supplier_id: one for one in _removed(session, shortlist) if one.supplier_id not in present}
    known = names_of(session, (one.status_by_id for one in gone.values()))
    firms: dict[int, Supplier] = {}
    for some in chunks(gone):
        firms |= {firm.id: firm for firm in session.scalars(select(Supplier).where(Supplier.id.in_(some)))}
    return tuple(
        TakenOff(
            scheme=firm.scheme,
            number=firm.number,
            name=Both(zh=firm.name_zh, en=firm.name_en),
            by=one.by,
            at=china(one.at),
            decision=_decision(one, known.get),
        )
        for one in gone.values()
        for firm in (firms[one.supplier_id],)
    )


def _removed(session: Session, shortlist: Shortlist) -> Iterable[_Gone]:
    removals = (
        select(Undo, User.name)
        .join(User, User.id == Undo.user_id)
        .where(Undo.organisation_id == shortlist.organisation_id, Undo.kind == Kind.REMOVE, Undo.used_at.is_(None))
        .order_by(Undo.at, Undo.id)
    )
    for undo, by in session.execute(removals):
        for entry in undo.payload["entries"] if undo.payload.get("list") == shortlist.id else ():
            kept = {name: entry[name] for name in ("supplier_id", "status", "reason", "status_by_id")}
            when = entry["status_at"]
            yield _Gone(by=by, at=undo.at, **kept, status_at=datetime.fromisoformat(when) if when else None)


_ENTRY = (
    *(ShortlistEntry.id, ShortlistEntry.supplier_id, ShortlistEntry.status, ShortlistEntry.reason),
    *(ShortlistEntry.status_by_id, ShortlistEntry.status_at, ShortlistEntry.added_by_id, ShortlistEntry.added_at),
    *(Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en),
    *(Supplier.withdrawn_at, Supplier.withdrawn_reason, Supplier.merged_into_id),
)
