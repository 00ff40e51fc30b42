"""What the list of sourcing conditions shows: each with its number of firms now, all counted in one request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.buyers.conditions_counting import totals
from portal.extensions import db
from portal.web.addresses import Addresses
from portal.web.kept import Reading, read_address, stored_search
from portal.web.presenters.context import Context
from portal.workspace.conditions import MAX_CONDITIONS, UNDO_DAYS, Kept, Member, listed


@dataclass(frozen=True, slots=True)
class Line:
    """Conditions in the list; `total` None while the engine does not answer; `stale`: the catalogue lost something."""

    id: int
    name: str
    owner: str
    mine: bool
    shared: bool
    version: int
    changed_at: datetime
    changed_by: str
    musts: int
    nices: int
    total: int | None
    stale: bool
    search_url: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """The list. `gone`: what was just deleted; `deleted`: what can be taken back, for so many days."""

    lines: tuple[Line, ...]
    available: bool
    gone: Kept | None
    deleted: tuple[Kept, ...]
    days: int
    most: int


def list_page(member: Member, gone: int | None, at: Context) -> ListPage:
    """The list of what a member sees."""
    lines, available = counted_lines(listed(db.session(), member), member, at)
    deleted = listed(db.session(), member, deleted=True)
    return ListPage(
        lines=lines,
        available=available,
        gone=next((one for one in deleted if one.conditions.id == gone), None),
        deleted=tuple(deleted),
        days=UNDO_DAYS,
        most=MAX_CONDITIONS,
    )


def counted_lines(kept: Sequence[Kept], member: Member, at: Context) -> tuple[tuple[Line, ...], bool]:
    """These as lines, counted in one request; and whether the engine answered."""
    readings = [read_address(one.newest.address, at) for one in kept]
    found = totals([reading.search.query for reading in readings])
    counts: Sequence[int | None] = found if found is not None else [None] * len(kept)
    lines = (_line(one, reading, total, member) for one, reading, total in zip(kept, readings, counts, strict=True))
    return tuple(lines), found is not None


def _line(one: Kept, reading: Reading, total: int | None, member: Member) -> Line:
    row, newest, query = one.conditions, one.newest, reading.search.query
    return Line(
        id=row.id,
        name=newest.name,
        owner=one.owner,
        mine=row.owner_id == member.user_id,
        shared=row.shared,
        version=newest.number,
        changed_at=newest.at,
        changed_by=one.author,
        musts=len(query.criteria),
        nices=len(query.nice),
        total=total,
        stale=bool(reading.stale),
        search_url=Addresses(stored_search(row, newest, reading), "/suppliers").of(),
    )
