"""Month by month, from the snapshots: firms listed and certified, by level, and what is done of each target."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from portal.coverage.axes import NONE, Axis, Dimension, Slot
from portal.coverage.snapshots import TARGETS, by_month, name_of
from portal.ministry.coverage_known import known_targets
from portal.ministry.coverage_words import slot_label
from portal.models import Snapshot
from portal.web.charts import LineChart, number_chart
from portal.web.presenters.context import Context
from portal.web.tree import Struct

MONTHS = 25
"""Two years, and the month to compare the first with."""

LEVELS = name_of(Dimension.SECTOR, Dimension.LEVEL)


class SeriesView(Struct, frozen=True, kw_only=True):
    """A line of the table: its number of each month (None: not counted then), the last change, and the chart."""

    label: str
    numbers: tuple[int | None, ...]
    change: int | None
    chart: LineChart | None
    goal: int = 0


class TrendPage(Struct, frozen=True, kw_only=True):
    """The months, each by its last day that there is a snapshot of; stock, and newly gained by target."""

    days: tuple[date, ...]
    stock: tuple[SeriesView, ...]
    targets: tuple[SeriesView, ...]


def trend_page(at: Context) -> TrendPage:
    """All of it; needs no engine."""
    tables = by_month(at.session, LEVELS, MONTHS)
    done = {found.day: found.numbers for found in by_month(at.session, TARGETS, MONTHS)}
    days = tuple(found.day for found in tables)
    return TrendPage(
        days=days,
        stock=_stock(tables, at),
        targets=tuple(
            _series(
                target.name(at.lang),
                days,
                [done[day][code]["done"] if code in done.get(day, {}) else None for day in days],
                target.goal,
            )
            for code, target in known_targets(at).by_code.items()
        ),
    )


def _stock(tables: Sequence[Snapshot], at: Context) -> tuple[SeriesView, ...]:
    days = [found.day for found in tables]
    columns = [found.numbers["columns"] for found in tables]
    totals = [found.numbers["total"] for found in tables]
    certified = [total - own.get(NONE, 0) for total, own in zip(totals, columns, strict=True)]
    axis = Axis(Dimension.LEVEL)
    levels = [f"{scheme.code}:{level.code}" for scheme in at.catalogue.schemes.values() for level in scheme.levels]
    return (
        _series(_("Firms listed"), days, totals),
        _series(_("With a valid certificate"), days, certified),
        *(_series(slot_label(axis, Slot(level), at), days, [own.get(level, 0) for own in columns]) for level in levels),
    )


def _series(label: str, days: Sequence[date], numbers: Sequence[int | None], goal: int = 0) -> SeriesView:
    known = [(f"{day:%Y-%m}", number) for day, number in zip(days, numbers, strict=True) if number is not None]
    return SeriesView(
        label=label,
        numbers=tuple(numbers),
        change=known[-1][1] - known[-2][1] if len(known) > 1 else None,
        chart=number_chart(known),
        goal=goal,
    )
