"""GET /ministry, where staff begin: what there is to do, by one table of sections."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from portal.ministry.blueprint import blueprint
from portal.web.permissions import Permission, needs
from portal.web.sections import Entry, Section, shown
from portal.web.templating import render_template

SECTIONS: tuple[Section, ...] = (
    Section(
        "ministry.coverage",
        lambda: _("Coverage"),
        lambda: _("Goal, done, gap and where: targets, tables of any two dimensions, trend, criteria, report."),
        Permission.SEE_COVERAGE,
    ),
    Section(
        "ministry.targets",
        lambda: _("Targets"),
        lambda: _("State, change and close the targets that coverage is measured by."),
        Permission.PUBLISH,
    ),
    Section(
        "ministry.all_imports",
        lambda: _("Imports"),
        lambda: _("Official lists into the register: each row looked at before anything is written."),
        Permission.IMPORT,
    ),
    Section(
        "ministry.expiring",
        lambda: _("Certificates that end soon"),
        lambda: _("Those that end within 30 or 90 days and were not renewed."),
        Permission.READ_REGISTER,
    ),
    Section(
        "ministry.assessments",
        lambda: _("Stale assessments"),
        lambda: _("Firms whose newest assessment is old."),
        Permission.READ_REGISTER,
    ),
    Section(
        "ministry.log",
        lambda: _("Operation log"),
        lambda: _("Who changed what, when, and from where; and whether the log is whole."),
        Permission.READ_LOG,
    ),
)
"""In the order of the menu. A new part of the workspace adds its line here."""


def sections() -> tuple[Entry, ...]:
    """Those that the signed-in user may go to; none for whoever is no staff."""
    return shown(SECTIONS)


@blueprint.app_context_processor
def menu() -> dict[str, Callable[[], tuple[Entry, ...]]]:
    """`ministry_sections()` for the head of every page."""
    return {"ministry_sections": sections}


@blueprint.get("")
@needs(Permission.READ_REGISTER)
def home() -> str:
    """`ministry/home.html` with `sections`."""
    return render_template("ministry/home.html", sections=sections())
