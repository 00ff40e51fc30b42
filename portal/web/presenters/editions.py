"""A published ranking: what it covers, how it was made, by whom, and its first places."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from portal.models import Edition, Provenance, Ranking, Supplier
from portal.web.presenters.cards import Asked, cards
from portal.web.presenters.context import Context
from portal.web.presenters.sources import source_of
from portal.web.screens import EditionView
from portal.web.tree import ResultItem
from search.contract import SearchQuery, Sort

MAX_TOP = 10


def edition_view(code: str, at: Context) -> EditionView:
    """The edition of that code. Raises KeyError."""
    edition = at.editions[code]
    method = at.catalogue.methods.get(edition.method)
    return EditionView(
        code=code,
        label=at.edition_label(edition),
        sector=at.coded(edition.sector, at.catalogue.sectors),
        industry=at.coded(edition.industry, at.catalogue.industries) if edition.industry else None,
        period=edition.period,
        official=edition.official,
        peers=edition.peers,
        as_of=edition.as_of,
        published_at=_published(edition),
        current=edition.current,
        method=method.name(at.lang) if method else edition.method,
        method_version=edition.method_version,
        weights=tuple((at.coded(group, at.catalogue.groups).label, weight) for group, weight in method.weights.items())
        if method
        else (),
        grades=method.grades if method else (),
        minimum_assessed=method.minimum_assessed if method else None,
        source=source_of(at.session.get(Provenance, edition.provenance_id)) if edition.provenance_id else None,
        url=f"/editions/{code}",
        top_url=_top_url(edition),
    )


def _published(edition: Edition) -> datetime:
    assert edition.published_at is not None, "it is in force"  # noqa: S101
    return edition.published_at


def _top_url(edition: Edition) -> str:
    return f"/suppliers?edition={edition.code}&sort=rank"


def top(code: str, at: Context) -> tuple[ResultItem, ...]:
    """The first ten of an edition; withdrawn firms are left out, their positions kept. Needs no engine."""
    first = at.session.execute(
        select(Supplier.scheme, Supplier.number)
        .join(Ranking, Ranking.supplier_id == Supplier.id)
        .where(Ranking.edition_id == at.editions[code].id, Supplier.withdrawn_at.is_(None))
        .order_by(Ranking.position, Supplier.number)
        .limit(MAX_TOP)
    )
    keys = [f"{scheme}/{number}" for scheme, number in first]
    return cards(keys, at, Asked(SearchQuery(edition=code, sort=Sort.RANK)))
