"""GET /firm/appearances: how often signed-in buyers met the firm, by week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from flask_babel import gettext as _

from portal.company.appearances import Week, weeks
from portal.extensions import db
from portal.register.clock import today_china
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.usage.notes import How
from portal.usage.telling import LEAST_SEARCHES
from portal.web.charts import LineChart, number_chart
from portal.web.permissions import Permission, needs
from portal.web.templating import render_template
from portal.web.tree import Struct


class Course(Struct, frozen=True, kw_only=True):
    """One kind of appearance: what it is, the last whole week's number, and its course."""

    label: str
    text: str
    last: int | None
    chart: LineChart | None


class Line(Struct, frozen=True, kw_only=True):
    """A week of the table; `numbers` in the order of the courses, None: fewer than 5."""

    monday: date
    numbers: tuple[int | None, ...]
    running: bool


class AppearancesPage(Struct, frozen=True, kw_only=True):
    """`lines`: the newest week first; none while there is nothing to tell. `last`: the Monday of the last whole one."""

    courses: tuple[Course, ...]
    lines: tuple[Line, ...]
    last: date | None
    least: int = LEAST_SEARCHES


@blueprint.get("/appearances")
@needs(Permission.KEEP_PROFILE)
def appearances() -> str:
    """`suppliers/appearances.html` with `firm`, `page`: AppearancesPage."""
    session = db.session()
    firm = own_firm(session)
    return render_template("suppliers/appearances.html", firm=firm, page=_page(weeks(session, firm.id, today_china())))


def _page(told: Sequence[Week]) -> AppearancesPage:
    whole = [week for week in told if not week.running]
    return AppearancesPage(
        courses=tuple(_course(how, whole) for how in How),
        lines=tuple(
            Line(monday=week.monday, numbers=tuple(week.numbers[how] for how in How), running=week.running)
            for week in told
        ),
        last=whole[0].monday if whole else None,
    )


def _course(how: How, whole: Sequence[Week]) -> Course:
    label, text = kinds()[how]
    return Course(
        label=label,
        text=text,
        last=whole[0].numbers[how] if whole else None,
        chart=_chart([(week.monday, week.numbers[how]) for week in reversed(whole)]),
    )


def _chart(numbers: Sequence[tuple[date, int | None]]) -> LineChart | None:
    """What is not told lies at the bottom, and says so."""
    chart = number_chart([(day.isoformat(), number or 0) for day, number in numbers])
    if chart is None:
        return None
    points = (
        point if number is not None else replace(point, label=f"{day.isoformat()}: <{LEAST_SEARCHES}")
        for point, (day, number) in zip(chart.points, numbers, strict=True)
    )
    return replace(chart, points=tuple(points))


def kinds() -> Mapping[How, tuple[str, str]]:
    """What each kind is called, and what it counts."""
    return {
        How.SHOWN: (_("Shown in results"), _("result pages with your firm on them")),
        How.OPENED: (_("Opened"), _("times your page was opened")),
        How.SHORTLISTED: (_("Shortlisted"), _("times your firm was put on a shortlist")),
        How.EXPORTED: (_("Exported"), _("files with your firm in them")),
    }
