"""The workspace's first page: what has changed, what ends soon, what is kept and what is under way.

With who is signed in it takes 18 statements, and one request to the engine; three statements more for every further
thousand firms that may have changed, to a bound (`portal.workspace.watched.MOST`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from portal.buyers.change_words import change_words
from portal.buyers.conditions_listing import Line, counted_lines
from portal.buyers.shortlist_page import ChangeView
from portal.company.inquiries import counted
from portal.models import Inquiry, Job, JobState, OwnList
from portal.register.clock import CHINA
from portal.web.kept import asked
from portal.web.parameters import ParameterError
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.chips import summary
from portal.web.presenters.context import Context
from portal.web.presenters.naming import Naming
from portal.web.presenters.paging import page_links
from portal.web.screens import PageLink
from portal.web.tree import Coded, Name, Struct
from portal.workspace import expiring, own_lists, recent, shortlists
from portal.workspace.buyer import Buyer
from portal.workspace.conditions import Member, listed
from portal.workspace.facts import Reader
from portal.workspace.shortlists import Summary
from portal.workspace.watched import Kind, News, Place, Watch, watch

SHOWN = 20
"""News, and certificates that end soon."""

SHOWN_LISTS = 8
"""Shortlists, conditions and own lists: the rest is one link away."""

SHOWN_SEARCHES = 6

PER_PAGE = 50


class PlaceView(Struct, frozen=True, kw_only=True):
    """A list that holds a firm; `own`: of own suppliers."""

    name: str
    url: str
    own: bool


class NewsView(Struct, frozen=True, kw_only=True):
    """What changed of a firm, and when the newest of it did."""

    key: str
    name: Name
    url: str
    on: date
    since: datetime
    changes: tuple[ChangeView, ...]
    places: tuple[PlaceView, ...]


class ExpiringView(Struct, frozen=True, kw_only=True):
    """A certificate that ends soon; `days`: how many are left; `mine`: of an own supplier."""

    key: str
    name: Name
    url: str
    certificate: str
    level: str
    on: date
    days: int
    mine: bool
    places: tuple[PlaceView, ...]


class ShortlistView(Struct, frozen=True, kw_only=True):
    """A shortlist with how many firms it holds and how many of them changed."""

    id: int
    name: str
    shared: bool
    total: int
    changed: int


class OwnView(Struct, frozen=True, kw_only=True):
    """A list of own suppliers and how far its newest check is: `state` of the job, "" for none yet."""

    id: int
    name: str
    state: str
    busy: bool
    done: int
    total: int
    checked_at: datetime | None


class RecentView(Struct, frozen=True, kw_only=True):
    """A search that the reader made; `total`: its hits then."""

    label: str
    url: str
    total: int
    at: datetime


class Workspace(Struct, frozen=True, kw_only=True):
    """The page. `…_total`: how many there are of what is shown in part; `cut`: not every firm was compared.

    `watching`: whether anything is watched at all; `available`: whether the engine has counted;
    `answers`: inquiries with something new from a firm.
    """

    news: tuple[NewsView, ...]
    news_total: int
    cut: bool
    watching: bool
    expiring: tuple[ExpiringView, ...]
    expiring_total: int
    conditions: tuple[Line, ...]
    conditions_total: int
    available: bool
    shortlists: tuple[ShortlistView, ...]
    shortlists_total: int
    own: tuple[OwnView, ...]
    own_total: int
    recent: tuple[RecentView, ...]
    answers: int


class ExpiringPage(Struct, frozen=True, kw_only=True):
    """A page of all certificates that end soon."""

    rows: tuple[ExpiringView, ...]
    total: int
    pages: tuple[PageLink, ...]


def workspace_page(buyer: Buyer, at: Context) -> Workspace:
    """All of it."""
    reader = Reader(at.session, at.catalogue, at.today)
    published = {
        code: edition.published_at.astimezone(CHINA).date()
        for code, edition in at.editions.items()
        if edition.published_at
    }
    seen = watch(reader, buyer, published)
    lists = shortlists.summaries(at.session, buyer)
    own = own_lists.with_jobs(at.session, buyer)
    member = Member(buyer.organisation_id, buyer.id)
    kept = listed(at.session, member)
    lines, available = counted_lines(kept[:SHOWN_LISTS], member, at)
    ending = expiring.expiring(reader, buyer, SHOWN)
    return Workspace(
        news=tuple(_news(one, at) for one in seen.news[:SHOWN]),
        news_total=len(seen.news),
        cut=seen.cut,
        watching=any(one.total for one in lists) or any(one.checked_at for one, _job in own),
        expiring=_expiring(ending.rows, buyer, at),
        expiring_total=ending.total,
        conditions=lines,
        conditions_total=len(kept),
        available=available,
        shortlists=tuple(_shortlist(one, seen) for one in _changed_first(lists, seen)[:SHOWN_LISTS]),
        shortlists_total=len(lists),
        own=tuple(_own(*one) for one in own[:SHOWN_LISTS]),
        own_total=len(own),
        recent=_recent(buyer, at),
        answers=counted(at.session, Inquiry.organisation_id == buyer.organisation_id, Inquiry.for_buyer.is_(True)),
    )


def expiring_page(buyer: Buyer, page: int, at: Context) -> ExpiringPage:
    """All certificates that end soon, in pages; one past the end shows the last."""
    reader = Reader(at.session, at.catalogue, at.today)
    found = expiring.expiring(reader, buyer, PER_PAGE, (page - 1) * PER_PAGE)
    last = max(1, -(-found.total // PER_PAGE))
    if page > last:
        return expiring_page(buyer, last, at)
    links = page_links(page, last, lambda number: url_for("buyers.workspace_expiring", page=number))
    return ExpiringPage(rows=_expiring(found.rows, buyer, at), total=found.total, pages=links)


def _recent(buyer: Buyer, at: Context) -> tuple[RecentView, ...]:
    views = []
    for row in recent.recent(at.session, buyer.id, SHOWN_SEARCHES):
        try:
            search = asked(MultiDict(parse_qsl(row.address)), at)
        except (ParameterError, NotFound):
            continue  # the catalogue knows a code no more, or the conditions it stood on are gone
        label = summary(replace(search, mine_heard=True), Naming(at))
        views.append(RecentView(label=label, url=f"/suppliers?{row.address}", total=row.total, at=row.at))
    return tuple(views)


def _changed_first(lists: Sequence[Summary], seen: Watch) -> list[Summary]:
    """Those with changes before the others, which stay in the order of use."""
    return sorted(lists, key=lambda one: one.shortlist.id not in seen.changed)


def _news(news: News, at: Context) -> NewsView:
    return NewsView(
        key=news.key,
        name=Name(zh=news.name_zh, en=news.name_en),
        url=supplier_url(news.key),
        on=news.on,
        since=news.since,
        changes=tuple(ChangeView(text=change_words(change, at), worse=change.worse) for change in news.changes),
        places=tuple(map(_place, news.places)),
    )


def _place(place: Place) -> PlaceView:
    own = place.kind is Kind.OWN
    to = url_for("buyers.own_list", identifier=place.id) if own else ""
    return PlaceView(name=place.name, own=own, url=to or url_for("buyers.shortlist", identifier=place.id, changed=1))


def _shortlist(summary: Summary, seen: Watch) -> ShortlistView:
    one = summary.shortlist
    return ShortlistView(
        id=one.id, name=one.name, shared=one.shared, total=summary.total, changed=seen.changed.get(one.id, 0)
    )


def _own(own: OwnList, job: Job | None) -> OwnView:
    return OwnView(
        id=own.id,
        name=own.name,
        state=job.state if job else "",
        busy=job is not None and job.state in {JobState.WAITING, JobState.RUNNING},
        done=job.done if job else 0,
        total=job.total if job else 0,
        checked_at=own.checked_at,
    )


def _expiring(rows: Sequence[Any], buyer: Buyer, at: Context) -> tuple[ExpiringView, ...]:
    keys = {f"{row.scheme}/{row.number}" for row in rows}
    held = shortlists.holding(at.session, buyer, keys)
    mine = own_lists.mine_among(at.session, buyer, keys)
    return tuple(_ending(row, held.get(f"{row.scheme}/{row.number}", ()), mine, at) for row in rows)


def _ending(row: Any, held: Sequence[tuple[int, str]], mine: frozenset[str], at: Context) -> ExpiringView:
    key = f"{row.scheme}/{row.number}"
    scheme = at.catalogue.schemes.get(row.certificate)
    levels = {level.code: level for level in scheme.levels} if scheme else {}
    level: Coded | None = at.coded(row.level, levels) if row.level else None
    return ExpiringView(
        key=key,
        name=Name(zh=row.name_zh, en=row.name_en),
        url=supplier_url(key),
        certificate=at.coded(row.certificate, at.catalogue.schemes).label,
        level=level.label if level else "",
        on=row.expires_on,
        days=(row.expires_on - at.today).days,
        mine=key in mine,
        places=tuple(
            PlaceView(name=name, own=False, url=url_for("buyers.shortlist", identifier=identifier))
            for identifier, name in held
        ),
    )
