"""The search log as it is read: of the days that are over, each set of conditions with its searches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import AskedQuery, SearchCount
from portal.usage.notes import query_of
from portal.usage.telling import WINDOW_DAYS, Tally
from search.contract import SearchQuery


class Logged(NamedTuple):
    """Conditions, and who searched by them how often. `whole`: those searches asked nothing beyond them."""

    query: SearchQuery
    whole: bool
    tally: Tally


def logged(session: Session, today: date) -> list[Logged]:
    """All of the last WINDOW_DAYS days; not of today, so that nobody can watch a single search arrive."""
    tallies: defaultdict[int, Tally] = defaultdict(Tally)
    counted = (
        select(SearchCount.query_id, SearchCount.organisation, func.sum(SearchCount.searches))
        .where(SearchCount.day >= today - timedelta(days=WINDOW_DAYS), SearchCount.day < today)
        .group_by(SearchCount.query_id, SearchCount.organisation)
    )
    for query_id, organisation, searches in session.execute(counted):
        tallies[query_id].add(organisation, searches)
    rows = session.execute(select(AskedQuery.id, AskedQuery.query, AskedQuery.whole).order_by(AskedQuery.id))
    return [Logged(query_of(kept), whole, tallies[id_]) for id_, kept, whole in rows if id_ in tallies]


def popular(log: Iterable[Logged], sector: str, most: int) -> tuple[SearchQuery, ...]:
    """What those who ask for the sector ask most, of what may be told; exactly so, nothing beyond."""
    told = [
        (number, one.query)
        for one in log
        if one.whole and sector in one.query.sectors and (number := one.tally.told) is not None
    ]
    told.sort(key=lambda found: (-found[0], repr(found[1])))
    return tuple(query for _number, query in told[:most])


def version(session: Session, today: date) -> tuple[date, int]:
    """Changes when `logged` does: what was worked out of it can be kept until then."""
    rows = select(func.count()).select_from(SearchCount).where(SearchCount.day < today)
    return today, session.scalar(rows) or 0
