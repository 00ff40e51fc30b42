"""How often signed-in buyers met a firm, by week: aggregates, small numbers not told, never who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.models import Appearance, Supplier
from portal.usage.notes import How, monday
from portal.usage.telling import few, rounded

WEEKS = 26
"""Told of, the running one included."""


@dataclass(frozen=True, slots=True)
class Week:
    """Of a week that begins on `monday`: the number of each kind; None: fewer than 5, 0 included.

    Of the `running` week numbers are rounded down to multiples of 5, so that nobody can watch a single one arrive.
    """

    monday: date
    numbers: Mapping[How, int | None]
    running: bool = False


def weeks(session: Session, supplier_id: int, today: date, most: int = WEEKS) -> list[Week]:
    """The last weeks, the newest first, back to the first with a number to tell. Those merged into the firm are it."""
    running = monday(today)
    firms = select(Supplier.id).where(or_(Supplier.id == supplier_id, Supplier.merged_into_id == supplier_id))
    since = running - timedelta(weeks=most - 1)
    sums = [func.sum(getattr(Appearance, how.value)) for how in How]
    wanted = select(Appearance.week, *sums).where(Appearance.supplier_id.in_(firms), Appearance.week >= since)
    counted = {
        week: dict(zip(How, numbers, strict=True))
        for week, *numbers in session.execute(wanted.group_by(Appearance.week))
    }
    days = [running - timedelta(weeks=back) for back in range(most)]
    told = [_week(day, counted.get(day, {}), running=day == running) for day in days]
    while told and not any(told[-1].numbers.values()):
        told.pop()
    return told


def _week(day: date, counted: Mapping[How, int], *, running: bool) -> Week:
    told: dict[How, int | None] = {}
    for how in How:
        number = counted.get(how, 0)
        told[how] = None if few(number) else rounded(number) if running else number
    return Week(day, told, running)
