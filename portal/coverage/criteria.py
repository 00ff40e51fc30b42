"""Criteria of all firms, read from the register: by sector and province how many are assessed, and how many meet.

The index knows what is met only. Not assessed never counts as not met; what is not applicable is not assessed either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.models import Assessment, Supplier
from portal.register.catalogue import Catalogue
from portal.register.marks import MET, NOT_MET

BATCH = 2_000
"""Firms read at once: some 3 MB of marks."""

Rates = dict[str, tuple[int, int]]
"""By criterion: assessed, met."""


@dataclass(slots=True)
class CriteriaCounts:
    """Marks ("X01-05=") by sector and by province, and of firms assessed twice what has changed since the time before.

    `gained`: not met before and met now; `lost`: the other way round.
    """

    firms: int = 0
    sectors: dict[str, Counter[str]] = field(default_factory=dict)
    provinces: dict[str, Counter[str]] = field(default_factory=dict)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)


def rates(marks: Mapping[str, int]) -> Rates:
    """Assessed and met of each criterion."""
    codes = {mark[:-1] for mark in marks if mark[-1] in MET + NOT_MET}
    return {code: (marks.get(code + MET, 0) + marks.get(code + NOT_MET, 0), marks.get(code + MET, 0)) for code in codes}


def count_criteria(session: Session, catalogue: Catalogue) -> CriteriaCounts:
    """Every firm that is listed and assessed; memory stays flat."""
    counts = CriteriaCounts()
    for rows in _firms(session):
        newest, *earlier = rows
        marks = newest.marks.split()
        counts.firms += 1
        counts.sectors.setdefault(newest.sector, Counter()).update(marks)
        for province in _provinces(newest, catalogue):
            counts.provinces.setdefault(province, Counter()).update(marks)
        if earlier:
            _compare(set(earlier[0].marks.split()), set(marks), counts)
    return counts


def _compare(before: set[str], after: set[str], counts: CriteriaCounts) -> None:
    counts.gained.update(mark[:-1] for mark in after - before if mark[-1] == MET and mark[:-1] + NOT_MET in before)
    counts.lost.update(mark[:-1] for mark in after - before if mark[-1] == NOT_MET and mark[:-1] + MET in before)


def _firms(session: Session) -> Iterator[Sequence[Row[Any]]]:
    """The assessments of each firm, the newest first."""
    columns = (Supplier.id, Supplier.sector, Supplier.region, Supplier.sites, Assessment.marks)
    last = 0
    while True:
        ids = list(
            session.scalars(
                select(Supplier.id)
                .where(Supplier.id > last, Supplier.withdrawn_at.is_(None))
                .order_by(Supplier.id)
                .limit(BATCH)
            )
        )
        if not ids:
            return
        last = ids[-1]
        wanted = (
            select(*columns)
            .join(Assessment, Assessment.supplier_id == Supplier.id)
            .where(Supplier.id.between(ids[0], last), Supplier.withdrawn_at.is_(None))
            .order_by(Supplier.id, Assessment.current.desc(), Assessment.assessed_on.desc(), Assessment.id.desc())
        )
        for _, rows in groupby(session.execute(wanted), key=attrgetter("id")):
            yield list(rows)


def _provinces(firm: Row[Any], catalogue: Catalogue) -> set[str]:
    """By production site, else registered place, as the index has it."""
    sites = [site["region"] for site in firm.sites if site.get("region")]
    paths = (catalogue.region_path(code) for code in sites or ([firm.region] if firm.region else []))
    return {path[0] for path in paths if path}
