"""What is due: certificates that end soon, and assessments that have grown old, within a territory, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from portal.models import Assessment, Certificate, Supplier
from portal.register.catalogue import Catalogue
from portal.register.territory import Territory
from portal.workspace.expiring import ending

FIRM = (
    Supplier.scheme,
    Supplier.number,
    Supplier.name_zh,
    Supplier.name_en,
    Supplier.sector,
    Supplier.region,
)


@dataclass(frozen=True, slots=True)
class Queue:
    """Whose register, how narrowed, as of which day. A firm must be in every territory."""

    session: Session
    catalogue: Catalogue
    today: date
    territories: tuple[Territory, ...]

    def conditions(self) -> list[ColumnElement[bool]]:
        """Of the territories."""
        return [territory.condition(self.catalogue) for territory in self.territories]


@dataclass(frozen=True, slots=True)
class Part:
    """A page: its rows, and how many there are in all."""

    rows: Sequence[Any]
    total: int


def expiring(queue: Queue, days: int, limit: int, offset: int = 0) -> Part:
    """Certificates that end within so many days and were not renewed, the first to end first."""
    last = queue.today + timedelta(days=days)
    wanted = (
        select(Certificate.scheme.label("certificate"), Certificate.level, Certificate.expires_on, *FIRM)
        .join(Supplier, Supplier.id == Certificate.supplier_id)
        .where(*ending(queue.catalogue, queue.today, last), *queue.conditions())
    )
    return _part(queue, wanted, (Certificate.expires_on, Certificate.id), limit, offset)


def stale(queue: Queue, months: int, limit: int, offset: int = 0) -> Part:
    """Firms whose newest assessment is older than so many months, the oldest first."""
    wanted = (
        select(Assessment.assessed_on, Assessment.assessor, *FIRM)
        .join(Supplier, Supplier.id == Assessment.supplier_id)
        .where(
            Assessment.current.is_(True),
            Assessment.assessed_on < months_before(queue.today, months),
            Supplier.withdrawn_at.is_(None),
            *queue.conditions(),
        )
    )
    return _part(queue, wanted, (Assessment.assessed_on, Assessment.id), limit, offset)


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or the last one of a month that is shorter."""
    count = day.year * 12 + day.month - 1 - months
    year, month = count // 12, count % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _part(queue: Queue, wanted: Select[*tuple[Any, ...]], order: tuple[Any, ...], limit: int, offset: int) -> Part:
    total = queue.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = queue.session.execute(wanted.order_by(*order).limit(limit).offset(offset)).all()
    return Part(rows, total)
