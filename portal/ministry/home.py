"""GET /ministry, where staff begin: what there is to do, by one table of sections."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from portal.ministry.blueprint import blueprint
from portal.ministry.reviews import queue
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.sections import Entry, Section, shown
from portal.web.templating import render_template
from portal.web.users import signed_in

SECTIONS: tuple[Section, ...] = (
    Section(
        "ministry.reviews",
        lambda: _("Cases to decide"),
        lambda: _("What firms ask: to speak for a firm, to publish a profile, to mend an official fact."),
        Permission.REVIEW,
    ),
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
        "ministry.all_editions",
        lambda: _("Ranking lists"),
        lambda: _("From draft through public notice and objections to publication by a second person."),
        Permission.PUBLISH,
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
        "ministry.duplicates",
        lambda: _("Duplicates"),
        lambda: _("Entries that may be one firm: look at them side by side, merge them, or tell them apart for good."),
        Permission.CARE,
    ),
    Section(
        "ministry.announcements",
        lambda: _("Announcements"),
        lambda: _("What is said at the head of the pages: in both languages, for everyone or for some."),
        Permission.PUBLISH,
    ),
    Section(
        "ministry.catalogues",
        lambda: _("Catalogue"),
        lambda: _("Every version of criteria, schemes, sectors and places, and what changed from one to the next."),
        Permission.READ_REGISTER,
    ),
    Section(
        "ministry.inquiry_reports",
        lambda: _("Reported inquiries"),
        lambda: _("What firms report of contact requests: dismiss it, or stop the buyer for a while."),
        Permission.CARE,
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
    """`ministry/home.html` with `sections`, and `waiting`: how many cases wait for who is signed in, if they decide."""
    waiting = None
    if Permission.REVIEW in signed_in().permissions:
        waiting = queue(context()).waiting(signed_in().id)
    return render_template("ministry/home.html", sections=sections(), waiting=waiting)
