"""A ranking list under public notice 公示: read by everyone, and not in force. The index knows nothing of it."""

from __future__ import annotations

from datetime import date

from flask import url_for
from sqlalchemy import func, or_, select

from portal.models import Edition, EditionState, Ranking, Supplier
from portal.register.clock import CHINA
from portal.web.errors import EditionTakenBack
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.context import Context
from portal.web.presenters.paging import page_links
from portal.web.screens import PageLink
from portal.web.tree import Coded, Name, Struct

PER_PAGE = 50


class ProposedPlace(Struct, frozen=True, kw_only=True):
    """A firm's place in the proposed list; `score` in points."""

    position: int
    grade: str
    score: float | None
    name: Name
    number: str
    url: str


class NoticeView(Struct, frozen=True, kw_only=True):
    """A list under notice; `find`: what was looked for in it, `places` of that, or all, page by page."""

    code: str
    label: str
    sector: Coded
    industry: Coded | None
    period: str
    official: bool
    peers: int
    as_of: date
    method: str
    since: date
    until: date
    ended: bool
    find: str
    total: int
    places: tuple[ProposedPlace, ...]
    pages: tuple[PageLink, ...]


def under_notice(code: str, at: Context) -> Edition | None:
    """The edition of that code that is under notice. Raises EditionTakenBack for one that was taken back."""
    row = at.session.scalars(select(Edition).where(Edition.code == code)).one_or_none()
    if row is not None and row.state == EditionState.TAKEN_BACK and row.taken_back_at is not None:
        day = row.taken_back_at.astimezone(CHINA).date()
        raise EditionTakenBack(at.edition_label(row), day, row.reason, published=row.published_at is not None)
    return row if row is not None and row.state == EditionState.NOTICE else None


def all_notices(at: Context) -> tuple[tuple[str, str, date], ...]:
    """(label, address, last day) of the lists under notice, the first to end first."""
    wanted = select(Edition).where(Edition.state == EditionState.NOTICE, Edition.notice_until >= at.today)
    rows = at.session.scalars(wanted.order_by(Edition.notice_until, Edition.code))
    return tuple(
        (at.edition_label(row), url_for("lookup.edition", code=row.code), row.notice_until or at.today) for row in rows
    )


def notice_view(row: Edition, find: str, page: str, at: Context) -> NoticeView:
    """The page of a list under notice; `find`: a firm's number or whole name."""
    assert row.noticed_at is not None, "it is under notice"  # noqa: S101
    assert row.notice_until is not None, "it is under notice"  # noqa: S101
    find = " ".join(find.split())[:200]
    listed = (
        select(Ranking, Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en)
        .join(Supplier, Supplier.id == Ranking.supplier_id)
        .where(Ranking.edition_id == row.id, Supplier.withdrawn_at.is_(None))
    )
    if find:
        same = (Supplier.number == find.upper(), Supplier.name_zh == find, Supplier.name_en == find)
        listed = listed.where(or_(*same))
    total = at.session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    last = max(1, -(-total // PER_PAGE))
    number = min(last, max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1)
    rows = at.session.execute(
        listed.order_by(Ranking.position, Ranking.id).offset((number - 1) * PER_PAGE).limit(PER_PAGE)
    )
    method = at.catalogue.methods.get(row.method)
    return NoticeView(
        code=row.code,
        label=at.edition_label(row),
        sector=at.coded(row.sector, at.catalogue.sectors),
        industry=at.coded(row.industry, at.catalogue.industries) if row.industry else None,
        period=row.period,
        official=row.official,
        peers=row.peers,
        as_of=row.as_of,
        method=f"{method.name(at.lang)} {row.method_version}" if method else row.method,
        since=row.noticed_at.astimezone(CHINA).date(),
        until=row.notice_until,
        ended=at.today > row.notice_until,
        find=find,
        total=total,
        places=tuple(
            ProposedPlace(
                position=place.position,
                grade=place.grade,
                score=None if place.score is None else place.score / 1000,
                name=Name(zh=zh, en=en),
                number=firm,
                url=supplier_url(f"{scheme}/{firm}"),
            )
            for place, scheme, firm, zh, en in rows
        ),
        pages=page_links(number, last, lambda one: url_for("lookup.edition", code=row.code, page=one, q=find or None)),
    )
