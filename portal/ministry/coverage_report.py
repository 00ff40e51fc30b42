"""The quarterly report: chosen tables and charts of coverage on one page to print, in the language of the page."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.coverage.demand import By
from portal.ministry.coverage_asked import Asked
from portal.ministry.coverage_criteria import CriteriaPage, criteria_page
from portal.ministry.coverage_demand import DemandPage, demand_page
from portal.ministry.coverage_trend import TrendPage, trend_page
from portal.ministry.coverage_words import part_words
from portal.web.addresses import to_args
from portal.web.presenters.context import Context
from portal.web.screens import Hidden
from portal.web.tree import Struct


class ReportPage(Struct, frozen=True, kw_only=True):
    """What is in it. `choices`: every part, its label, and whether it is in; `hidden`: the table's own question."""

    title: str
    parts: tuple[str, ...]
    choices: tuple[tuple[str, str, bool], ...]
    hidden: tuple[Hidden, ...]
    trend: TrendPage | None
    criteria: CriteriaPage | None
    demand: DemandPage | None


def report_title(at: Context) -> str:
    """It is of the quarter that the day lies in."""
    quarter = (at.today.month + 2) // 3
    return str(
        _("Report on certification coverage, quarter %(quarter)s of %(year)s", quarter=quarter, year=at.today.year)
    )


def report_page(parts: tuple[str, ...], asked: Asked, at: Context) -> ReportPage:
    """What the page shows beside targets, map and table. Raises EngineUnavailable."""
    own = [*asked.own(), *((name, value) for name, value in to_args(asked.search) if name != "lang")]
    return ReportPage(
        title=report_title(at),
        parts=parts,
        choices=tuple((code, label, code in parts) for code, label in part_words().items()),
        hidden=tuple(Hidden(name=name, value=value) for name, value in own),
        trend=trend_page(at) if "trend" in parts else None,
        criteria=criteria_page("sector", "", at) if "criteria" in parts else None,
        demand=demand_page(By.SECTOR, None, at) if "demand" in parts else None,
    )
