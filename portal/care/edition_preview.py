"""What staff look at before an edition goes on: who moved, came, went, stands out, or holds no valid certificate.

Everything is counted by the database; of a million places none but the few that are shown are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from portal.models import Certificate, Edition, EditionState, Ranking, Supplier
from portal.register.facts import CertificateState

SHOWN = 10
FAR = 3.5
"""A score stands out if it is so many robust deviations (1.4826 × the median absolute deviation) from the median."""
TO_DEVIATION = 1.4826


@dataclass(frozen=True, slots=True)
class Line:
    """A firm; `position` here, `before` in the edition compared with, None where it has none; score in thousandths."""

    scheme: str
    number: str
    name_zh: str
    name_en: str
    position: int | None
    before: int | None
    score: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """So many firms, and the first of them."""

    count: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`before`: the edition compared with, None where there is none; scores in thousandths of a point.

    `outliers` None: scores do not differ enough, or there are none.
    """

    before: Edition | None
    up: Found
    down: Found
    new: Found
    gone: Found
    median: int | None
    bounds: tuple[int, int] | None
    outliers: Found
    uncertified: Found


def former(session: Session, row: Edition) -> Edition | None:
    """The edition in force to compare with: of the same sector and industry, by the same method, the newest."""
    same = (
        Edition.sector == row.sector,
        Edition.industry == row.industry if row.industry else Edition.industry.is_(None),
        Edition.method == row.method,
        Edition.official == row.official,
    )
    wanted = select(Edition).where(Edition.id != row.id, Edition.state == EditionState.PUBLISHED, *same)
    return session.scalars(wanted.order_by(Edition.as_of.desc(), Edition.id.desc()).limit(1)).first()


def preview(session: Session, row: Edition, today: date) -> Preview:
    """Of an edition that has its places."""
    before = former(session, row)
    here, there = aliased(Ranking), aliased(Ranking)
    moved = _lines(here, there, and_(there.supplier_id == here.supplier_id, _of(there, before)))
    moved = moved.where(here.edition_id == row.id)
    lost = _lines(there, here, and_(here.supplier_id == there.supplier_id, here.edition_id == row.id))
    lost = lost.where(_of(there, before), here.id.is_(None)).order_by(there.position)
    change = there.position - here.position
    bounds, median = _bounds(session, row.id)
    far = or_(here.score < bounds[0], here.score > bounds[1]) if bounds else here.id.is_(None)
    uncertified = moved.where(~_certified(here.supplier_id, today)).order_by(here.position)
    return Preview(
        before=before,
        up=_found(session, moved.where(change > 0).order_by(change.desc(), here.position)),
        down=_found(session, moved.where(change < 0).order_by(change, here.position)),
        new=_found(session, moved.where(there.id.is_(None)).order_by(here.position)) if before else NONE,
        gone=_gone(_found(session, lost)) if before else NONE,
        median=median,
        bounds=bounds,
        outliers=_found(session, moved.where(far).order_by(here.position)),
        uncertified=_found(session, uncertified),
    )


NONE = Found(0, ())


def _of(places: type[Ranking], edition: Edition | None) -> ColumnElement[bool]:
    return places.edition_id == (edition.id if edition else 0)


def _lines(first: type[Ranking], second: type[Ranking], joined: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Places of `first` with those of `second`, where there are any."""
    firm = (Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en)
    wanted: Select[*tuple[Any, ...]] = (
        select(*firm, first.position, second.position.label("before"), first.score)
        .join(Supplier, Supplier.id == first.supplier_id)
        .outerjoin(second, joined)
    )
    return wanted


def _found(session: Session, wanted: Select[*tuple[Any, ...]]) -> Found:
    count = session.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
    rows = session.execute(wanted.limit(SHOWN)).all() if count else ()
    return Found(count, tuple(Line(*row) for row in rows))


def _gone(found: Found) -> Found:
    """They have a place before, and none now."""
    lines = [
        Line(one.scheme, one.number, one.name_zh, one.name_en, None, one.position, one.score) for one in found.lines
    ]
    return Found(found.count, tuple(lines))


def _certified(supplier_id: InstrumentedAttribute[int], today: date) -> ColumnElement[bool]:
    return exists().where(
        Certificate.supplier_id == supplier_id,
        Certificate.state == CertificateState.VALID,
        Certificate.issued_on <= today,
        or_(Certificate.expires_on.is_(None), Certificate.expires_on >= today),
    )


def _bounds(session: Session, edition_id: int) -> tuple[tuple[int, int] | None, int | None]:
    """Scores below or above these stand out, and the median; counted by score, of which there are 100,001 at most."""
    wanted = select(Ranking.score, func.count()).where(Ranking.edition_id == edition_id, Ranking.score.is_not(None))
    counts: dict[int, int] = {row[0] or 0: row[1] for row in session.execute(wanted.group_by(Ranking.score))}
    median = _median(counts)
    if median is None:
        return None, None
    away: dict[int, int] = {}
    for score, count in counts.items():
        away[abs(score - median)] = away.get(abs(score - median), 0) + count
    deviation = _median(away) or 0
    far = round(FAR * TO_DEVIATION * deviation)
    return ((median - far, median + far) if far else None), median


def _median(counts: dict[int, int]) -> int | None:
    """The lower median of values by how often they come."""
    left = (sum(counts.values()) + 1) // 2
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None
