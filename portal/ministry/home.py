"""GET /ministry, where staff begin: what there is to do, by one table of groups."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from portal.ministry.blueprint import blueprint
from portal.ministry.waiting import waiting
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.sections import Entries, Group, Section, shown
from portal.web.templating import render_template

GROUPS: tuple[Group, ...] = (
    Group(
        "work",
        lambda: _("Work to do"),
        (
            Section(
                "ministry.reviews",
                lambda: _("Cases to decide"),
                lambda: _("What firms ask: to speak for a firm, to publish a profile, to mend an official fact."),
                Permission.REVIEW,
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
                "ministry.inquiry_reports",
                lambda: _("Reported inquiries"),
                lambda: _("What firms report of contact requests: dismiss it, or stop the buyer for a while."),
                Permission.CARE,
            ),
        ),
    ),
    Group(
        "register",
        lambda: _("Register"),
        (
            Section(
                "ministry.all_imports",
                lambda: _("Imports"),
                lambda: _("Official lists into the register: each row looked at before anything is written."),
                Permission.IMPORT,
            ),
            Section(
                "ministry.duplicates",
                lambda: _("Duplicates"),
                lambda: _(
                    "Entries that may be one firm: look at them side by side, merge them, or tell them apart for good."
                ),
                Permission.CARE,
            ),
            Section(
                "ministry.catalogues",
                lambda: _("Catalogue"),
                lambda: _(
                    "Every version of criteria, schemes, sectors and places, and what changed from one to the next."
                ),
                Permission.READ_REGISTER,
            ),
        ),
    ),
    Group(
        "coverage",
        lambda: _("Coverage"),
        (
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
        ),
    ),
    Group(
        "lists",
        lambda: _("Publication"),
        (
            Section(
                "ministry.all_editions",
                lambda: _("Ranking lists"),
                lambda: _("From draft through public notice and objections to publication by a second person."),
                Permission.PUBLISH,
            ),
            Section(
                "ministry.announcements",
                lambda: _("Announcements"),
                lambda: _("What is said at the head of the pages: in both languages, for everyone or for some."),
                Permission.PUBLISH,
            ),
        ),
    ),
    Group(
        "accounts",
        lambda: _("Accounts and log"),
        (
            Section(
                "accounts.organisations",
                lambda: _("Organisations"),
                lambda: _("Who signed up: approve, disable, and see who belongs to whom."),
                Permission.MANAGE_ORGANISATIONS,
            ),
            Section(
                "accounts.people",
                lambda: _("People"),
                lambda: _("Find whoever signs in: roles, last sign-in, a lost authenticator, disabling."),
                Permission.MANAGE_ORGANISATIONS,
            ),
            Section(
                "ministry.log",
                lambda: _("Operation log"),
                lambda: _("Who changed what, when, and from where; and whether the log is whole."),
                Permission.READ_LOG,
            ),
        ),
    ),
)
"""In the order of the menu. A new part of the workspace adds its line to the group it belongs to."""


def sections() -> tuple[Entries, ...]:
    """Those that the signed-in user may go to, in groups; none for whoever is no staff."""
    return shown(GROUPS)


@blueprint.app_context_processor
def menu() -> dict[str, Callable[[], tuple[Entries, ...]]]:
    """`ministry_sections()` for the head of every page."""
    return {"ministry_sections": sections}


@blueprint.get("")
@needs(Permission.READ_REGISTER)
def home() -> str:
    """`ministry/home.html` with `sections`, and `waiting`: endpoint → what waits there for who is signed in."""
    return render_template("ministry/home.html", sections=sections(), waiting=waiting(context()))
