"""GET /ministry/coverage: what the register covers, and how far the targets are reached; its tables as files."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import NotFound

from portal.ministry.blueprint import blueprint
from portal.ministry.coverage_asked import asked, criteria_asked, demand_asked, parts_asked
from portal.ministry.coverage_criteria import criteria_page
from portal.ministry.coverage_demand import demand_page
from portal.ministry.coverage_files import FORMS, PARTS, file_answer, report_answer
from portal.ministry.coverage_page import coverage_page
from portal.ministry.coverage_report import report_page, report_title
from portal.ministry.coverage_trend import trend_page
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template


@blueprint.get("/coverage")
@needs(Permission.SEE_COVERAGE)
def coverage() -> str:
    """`ministry/coverage.html` with `page`: CoveragePage.

    The filters are the lookup's grammar; `rows`, `columns` and what else is the page's own: `coverage_asked`.
    Raises ParameterError (400) and EngineUnavailable (503), for the error handlers.
    """
    at = context()
    return render_template("ministry/coverage.html", page=coverage_page(asked(request.args, at), at))


@blueprint.get("/coverage/files/<part>.<form>")
@needs(Permission.SEE_COVERAGE)
def coverage_file(part: str, form: str) -> Response:
    """A table of the page as a file, under the same address: the targets, the units of report, or the table itself."""
    if part not in PARTS or form not in FORMS:
        raise NotFound
    at = context()
    return file_answer(part, form, asked(request.args, at), at)


@blueprint.get("/coverage/trend")
@needs(Permission.SEE_COVERAGE)
def coverage_trend() -> str:
    """`ministry/coverage_trend.html` with `page`: TrendPage."""
    return render_template("ministry/coverage_trend.html", page=trend_page(context()))


@blueprint.get("/coverage/criteria")
@needs(Permission.SEE_COVERAGE)
def coverage_criteria() -> str:
    """`ministry/coverage_criteria.html` with `page`: CriteriaPage; `?by=sector|region`, `?group=`."""
    at = context()
    return render_template("ministry/coverage_criteria.html", page=criteria_page(*criteria_asked(request.args, at), at))


@blueprint.get("/coverage/demand")
@needs(Permission.SEE_COVERAGE)
def coverage_demand() -> str:
    """`ministry/coverage_demand.html` with `page`: DemandPage; `?by=all|sector|region`, `?kind=`."""
    at = context()
    return render_template("ministry/coverage_demand.html", page=demand_page(*demand_asked(request.args), at))


@blueprint.get("/coverage/report")
@needs(Permission.SEE_COVERAGE)
def coverage_report() -> str:
    """`ministry/coverage_report.html` with `report`: ReportPage, `page`: CoveragePage; `?part=`, and as `coverage`."""
    at = context()
    wanted = asked(request.args, at)
    report = report_page(parts_asked(request.args, PARTS), wanted, at)
    return render_template("ministry/coverage_report.html", report=report, page=coverage_page(wanted, at))


@blueprint.get("/coverage/report.xlsx")
@needs(Permission.SEE_COVERAGE)
def coverage_report_file() -> Response:
    """The same as a workbook."""
    at = context()
    return report_answer(parts_asked(request.args, PARTS), report_title(at), asked(request.args, at), at)
