"""A shortlist as its page shows it: entries filtered, sorted, in pages, each with what changed since it was added.

A list of any size takes the same few statements: entries with their firms, three for the facts of all of them today,
then cards, notes and names of the page's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from msgspec import structs
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.buyers.change_words import change_words
from portal.buyers.shortlist_labels import sort_labels, status_labels
from portal.company.inquiries import Seen, newest
from portal.identity.people import names_of
from portal.indexing.sorting import sort_key
from portal.models import EntryStatus, Shortlist, ShortlistEntry, ShortlistNote, Supplier, User
from portal.web.numbers import whole
from portal.web.presenters.cards import NOTHING_ASKED, Asked, cards, supplier_url
from portal.web.presenters.context import Context
from portal.web.presenters.inquiries import for_buyers
from portal.web.presenters.paging import page_links
from portal.web.presenters.people import person
from portal.web.screens import PageLink
from portal.web.tree import Name, ResultItem, Struct
from portal.workspace.changes import GRAVEST_FIRST, Change, changes
from portal.workspace.facts import Reader, loaded

PER_PAGE = 50


class ChangeView(Struct, frozen=True, kw_only=True):
    """What changed, in words; `worse` for the buyer."""

    text: str
    worse: bool


class NoteView(Struct, frozen=True, kw_only=True):
    """A note; `own`: the reader's."""

    id: int
    author: str
    at: datetime
    text: str
    own: bool


class InquiryMark(Struct, frozen=True, kw_only=True):
    """The newest inquiry of the organisation at a firm; `standing` with its `label`; `unread`: the firm answered."""

    url: str
    standing: str
    label: str
    unread: bool


class EntryView(Struct, frozen=True, kw_only=True):
    """An entry: the firm's `card` (None once it is withdrawn), and what the buyer keeps of it."""

    id: int
    key: str
    name: Name
    url: str
    card: ResultItem | None
    status: str
    reason: str
    status_by: str
    status_at: datetime | None
    added_by: str
    added_at: datetime
    facts_at: datetime
    changes: tuple[ChangeView, ...]
    notes: tuple[NoteView, ...]
    inquiry: InquiryMark | None = None


class ShortlistPage(Struct, frozen=True, kw_only=True):
    """A page of a list. `total` on the list, `matching` the filter, `changed` of all; `counts` by status."""

    entries: tuple[EntryView, ...]
    total: int
    matching: int
    changed: int
    counts: dict[str, int]
    pages: tuple[PageLink, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What of a list is looked at: an unknown value counts as none."""

    status: str = ""
    changed: bool = False
    sort: str = "added"
    page: int = 1

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> Shown:
        """From a query string."""
        status, sort, page = args.get("status", ""), args.get("sort", "added"), args.get("page", "")
        return cls(
            status=status if status in set(EntryStatus) else "",
            changed=args.get("changed") == "1",
            sort=sort if sort in sort_labels() else "added",
            page=max(1, whole(page, 5) or 1),
        )

    def query(self, **changed: Any) -> str:
        """The query string of this with something else; a change of filter goes to the first page."""
        shown = replace(self, **{"page": 1, **changed})
        values = {
            "status": shown.status,
            "changed": "1" if shown.changed else "",
            "sort": shown.sort if shown.sort != "added" else "",
            "page": str(shown.page) if shown.page > 1 else "",
        }
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def filters(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.status or self.changed)


@dataclass(frozen=True, slots=True)
class Line:
    """An entry's row with its firm's, and what changed."""

    row: Any
    changes: tuple[Change, ...]


def lines(shortlist: Shortlist, at: Context) -> list[Line]:
    """All entries with what changed."""
    rows = at.session.execute(
        select(*_ENTRY)
        .join(Supplier, Supplier.id == ShortlistEntry.supplier_id)
        .where(ShortlistEntry.shortlist_id == shortlist.id)
        .order_by(ShortlistEntry.added_at.desc(), ShortlistEntry.id.desc())
    ).all()
    facts = Reader(at.session, at.catalogue, at.today).facts(row.supplier_id for row in rows)
    return [Line(row, changes(loaded(row.facts), facts[row.supplier_id], at.catalogue)) for row in rows]


def matching(found: Iterable[Line], shown: Shown) -> list[Line]:
    """Those that the filter lets through, in order."""
    kept = [
        line
        for line in found
        if (not shown.status or line.row.status == shown.status) and (not shown.changed or line.changes)
    ]
    if shown.sort == "name":
        kept.sort(key=lambda line: sort_key(line.row.name_zh or line.row.name_en))
    elif shown.sort == "status":
        order = list(status_labels())
        kept.sort(key=lambda line: order.index(line.row.status))
    elif shown.sort == "changed":
        kept.sort(key=_gravity)
    return kept


def _gravity(line: Line) -> tuple[bool, bool, int, int]:
    gravest = next(iter(line.changes), None)
    if gravest is None:
        return True, True, 0, 0
    return False, not gravest.worse, GRAVEST_FIRST[gravest.what], -len(line.changes)


def shortlist_page(shortlist: Shortlist, shown: Shown, reader_id: int, at: Context) -> ShortlistPage:
    """The page; one past the end shows the last."""
    every = lines(shortlist, at)
    kept = matching(every, shown)
    last = max(1, -(-len(kept) // PER_PAGE))
    number = min(shown.page, last)
    counts: dict[str, int] = {}
    for line in every:
        counts[line.row.status] = counts.get(line.row.status, 0) + 1
    path, on_page = f"/shortlists/{shortlist.id}", kept[(number - 1) * PER_PAGE : number * PER_PAGE]
    return ShortlistPage(
        entries=with_inquiries(entry_views(on_page, reader_id, at), on_page, shortlist.organisation_id, at),
        total=len(every),
        matching=len(kept),
        changed=sum(bool(line.changes) for line in every),
        counts=counts,
        pages=page_links(number, last, lambda page: f"{path}?{shown.query(page=page)}".rstrip("?")),
    )


def entry_views(shown: Sequence[Line], reader_id: int, at: Context) -> tuple[EntryView, ...]:
    """The entries, with cards, notes and names."""
    rows = [line.row for line in shown]
    held = {card.id: card for card in cards([_key(row) for row in rows], at, Asked(NOTHING_ASKED))}
    notes = _notes([row.id for row in rows], reader_id, at)
    names = names_of(at.session, (one for row in rows for one in (row.added_by_id, row.status_by_id)))
    return tuple(_view(line, held.get(_key(line.row)), notes.get(line.row.id, ()), names, at) for line in shown)


def with_inquiries(
    entries: Iterable[EntryView], shown: Sequence[Line], asker_id: int, at: Context
) -> tuple[EntryView, ...]:
    """The same entries, with what the organisation last asked each firm."""
    asked = newest(at.session, asker_id, (line.row.supplier_id for line in shown), at.today)
    return tuple(
        structs.replace(entry, inquiry=_mark(asked[line.row.supplier_id])) if line.row.supplier_id in asked else entry
        for entry, line in zip(entries, shown, strict=True)
    )


def _mark(seen: Seen) -> InquiryMark:
    return InquiryMark(
        url=f"/workspace/inquiries/{seen.inquiry.id}",
        standing=seen.standing,
        label=for_buyers()[seen.standing],
        unread=seen.inquiry.for_buyer,
    )


def _view(
    line: Line, card: ResultItem | None, notes: Sequence[NoteView], names: Mapping[int, str], at: Context
) -> EntryView:
    row = line.row
    return EntryView(
        id=row.id,
        key=_key(row),
        name=Name(zh=row.name_zh, en=row.name_en),
        url=supplier_url(_key(row)),
        card=card,
        status=row.status,
        reason=row.reason,
        status_by=person(names.get(row.status_by_id)),
        status_at=row.status_at,
        added_by=person(names.get(row.added_by_id)),
        added_at=row.added_at,
        facts_at=row.facts_at,
        changes=tuple(ChangeView(text=change_words(change, at), worse=change.worse) for change in line.changes),
        notes=tuple(notes),
    )


def _notes(entry_ids: Sequence[int], reader_id: int, at: Context) -> dict[int, list[NoteView]]:
    found: dict[int, list[NoteView]] = {}
    wanted = (
        select(ShortlistNote, User.name)
        .join(User, User.id == ShortlistNote.author_id)
        .where(ShortlistNote.entry_id.in_(entry_ids))
        .order_by(ShortlistNote.at, ShortlistNote.id)
    )
    for note, author in at.session.execute(wanted):
        view = NoteView(id=note.id, author=person(author), at=note.at, text=note.text, own=note.author_id == reader_id)
        found.setdefault(note.entry_id, []).append(view)
    return found


def _key(row: Any) -> str:
    return f"{row.scheme}/{row.number}"


_ENTRY = (
    ShortlistEntry.id,
    ShortlistEntry.supplier_id,
    ShortlistEntry.status,
    ShortlistEntry.reason,
    ShortlistEntry.status_by_id,
    ShortlistEntry.status_at,
    ShortlistEntry.added_by_id,
    ShortlistEntry.added_at,
    ShortlistEntry.facts,
    ShortlistEntry.facts_at,
    Supplier.scheme,
    Supplier.number,
    Supplier.name_zh,
    Supplier.name_en,
)
