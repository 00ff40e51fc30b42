"""GET /ministry, where staff begin: what there is to do, by one table of sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from portal.ministry.blueprint import blueprint
from portal.web.permissions import Permission, needs
from portal.web.templating import render_template
from portal.web.users import current_user


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the workspace: where it is, what it is called, what it is for, and who may go there."""

    endpoint: str
    title: Callable[[], str]
    text: Callable[[], str]
    permission: Permission


SECTIONS: tuple[Section, ...] = (
    Section(
        "ministry.coverage",
        lambda: _("Coverage"),
        lambda: _("Goal, done, gap and where: targets, tables of any two dimensions, trend, criteria, report."),
        Permission.SEE_COVERAGE,
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


@dataclass(frozen=True, slots=True)
class Entry:
    """A section as pages show it."""

    endpoint: str
    url: str
    title: str
    text: str


def sections() -> tuple[Entry, ...]:
    """Those that the signed-in user may go to; none for whoever is no staff."""
    user = current_user()
    held = user.permissions if user is not None else frozenset()
    return tuple(
        Entry(one.endpoint, url_for(one.endpoint), one.title(), one.text())
        for one in SECTIONS
        if one.permission in held
    )


@blueprint.app_context_processor
def menu() -> dict[str, Callable[[], tuple[Entry, ...]]]:
    """`ministry_sections()` for the head of every page."""
    return {"ministry_sections": sections}


@blueprint.get("")
@needs(Permission.READ_REGISTER)
def home() -> str:
    """`ministry/home.html` with `sections`."""
    return render_template("ministry/home.html", sections=sections())
