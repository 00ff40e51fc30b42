"""News of the firms a buyer watches: those on shortlists and own lists of which something public has changed.

The database first leaves out firms of which nothing can have changed since it was last taken note of, so that lists of
ten thousand firms cost little on a quiet day. On a loud one (a new edition moves everybody's rank) the MOST that were
written last are compared, and `cut` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.models import Certificate, Edition, OwnList, OwnRow, RowState, Shortlist, ShortlistEntry, Supplier
from portal.register.clock import CHINA
from portal.workspace import own_lists, shortlists
from portal.workspace.buyer import Buyer
from portal.workspace.changes import Change, What, changes
from portal.workspace.facts import Reader, loaded

MOST = 2000
"""Places on shortlists that are compared, and as many on own lists."""


class Kind(StrEnum):
    """What a firm stands on."""

    SHORTLIST = "shortlist"
    OWN = "own"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A list that a firm stands on."""

    kind: Kind
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class News:
    """What changed of a firm `since` it was last taken note of, the newest of it `on` a day; the lists that hold it."""

    key: str
    name_zh: str
    name_en: str
    changes: tuple[Change, ...]
    on: date
    since: datetime
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """All news, newest first; how many firms of each shortlist changed; `cut`: more places might have changed."""

    news: tuple[News, ...]
    changed: Mapping[int, int]
    cut: bool


@dataclass(slots=True)
class _Firm:
    row: Any
    places: list[Place] = field(default_factory=list)
    changes: tuple[Change, ...] = ()
    since: datetime | None = None


def watch(reader: Reader, buyer: Buyer, published: Mapping[str, date]) -> Watch:
    """Compare them. `published`: the day of each edition. Two statements, and three for every thousand firms."""
    listed = [(Kind.SHORTLIST, row) for row in reader.session.execute(_entries(buyer, reader.today))]
    owned = [(Kind.OWN, row) for row in reader.session.execute(_own_rows(buyer, reader.today))]
    found = [*listed[:MOST], *owned[:MOST]]
    facts = reader.facts(dict.fromkeys(row.supplier_id for _kind, row in found))
    firms: dict[int, _Firm] = {}
    changed: dict[int, int] = {}
    for kind, row in found:
        news = changes(loaded(row.facts), facts[row.supplier_id], reader.catalogue)
        if not news:
            continue
        firm = firms.setdefault(row.supplier_id, _Firm(row))
        firm.places.append(Place(kind, row.list_id, row.list_name))
        if firm.since is None or row.since < firm.since:
            firm.changes, firm.since = news, row.since
        if kind is Kind.SHORTLIST:
            changed[row.list_id] = changed.get(row.list_id, 0) + 1
    told = sorted(_told(firms, published), key=lambda one: (-one.on.toordinal(), not one.changes[0].worse, one.key))
    return Watch(tuple(told), changed, len(listed) > MOST or len(owned) > MOST)


def _told(firms: Mapping[int, _Firm], published: Mapping[str, date]) -> Iterator[News]:
    for firm in firms.values():
        row, since = firm.row, firm.since or firm.row.since
        yield News(
            key=f"{row.scheme}/{row.number}",
            name_zh=row.name_zh,
            name_en=row.name_en,
            changes=firm.changes,
            on=max(_day(change, row.updated_at, published) for change in firm.changes),
            since=since,
            places=tuple(sorted(set(firm.places))),
        )


def _day(change: Change, written: datetime, published: Mapping[str, date]) -> date:
    """When it changed: the day a certificate ended, an edition came out, else the firm was last written."""
    rank = published.get(change.subject) if change.what is What.RANK else None
    return change.on or rank or written.astimezone(CHINA).date()


_FIRM = (
    Supplier.id.label("supplier_id"),
    Supplier.scheme,
    Supplier.number,
    Supplier.name_zh,
    Supplier.name_en,
    Supplier.updated_at,
)


def _entries(buyer: Buyer, today: date) -> Any:
    return (
        select(
            Shortlist.id.label("list_id"),
            Shortlist.name.label("list_name"),
            ShortlistEntry.facts_at.label("since"),
            ShortlistEntry.facts,
            *_FIRM,
        )
        .join(ShortlistEntry, ShortlistEntry.shortlist_id == Shortlist.id)
        .join(Supplier, Supplier.id == ShortlistEntry.supplier_id)
        .where(shortlists.visible(buyer), _may_differ(ShortlistEntry.facts_at, today))
        .order_by(Supplier.updated_at.desc(), ShortlistEntry.id)
        .limit(MOST + 1)
    )


def _own_rows(buyer: Buyer, today: date) -> Any:
    matched = (OwnRow.state == RowState.MATCHED, OwnList.checked_at.is_not(None))
    return (
        select(
            OwnList.id.label("list_id"),
            OwnList.name.label("list_name"),
            OwnList.checked_at.label("since"),
            OwnRow.facts,
            *_FIRM,
        )
        .join(OwnRow, OwnRow.own_list_id == OwnList.id)
        .join(Supplier, Supplier.id == OwnRow.supplier_id)
        .where(own_lists.visible(buyer), *matched, _may_differ(OwnList.checked_at, today))
        .order_by(Supplier.updated_at.desc(), OwnRow.id)
        .limit(MOST + 1)
    )


def _may_differ(since: InstrumentedAttribute[Any], today: date) -> ColumnElement[bool]:
    """Whether anything can have changed: the firm was written, a certificate began or ended, its sector was ranked.

    By days: what was written in a transaction that began before `since` and ended after it is not missed.
    """
    day = func.date(since)
    moved = exists().where(
        Certificate.supplier_id == Supplier.id,
        or_(
            and_(func.date(Certificate.expires_on) >= day, Certificate.expires_on < today),
            and_(func.date(Certificate.issued_on) >= day, Certificate.issued_on <= today),
        ),
    )
    ranked = exists().where(
        Edition.sector == Supplier.sector, Edition.current.is_(True), func.date(Edition.published_at) >= day
    )
    return or_(func.date(Supplier.updated_at) >= day, moved, ranked)
