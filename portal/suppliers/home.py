"""GET /firm, where an SME begins: its firm and the parts of its workspace, by one table of sections."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from portal.company.firm import firm_of
from portal.extensions import db
from portal.suppliers.blueprint import blueprint
from portal.web.permissions import Permission, needs
from portal.web.sections import Entry, Section, shown
from portal.web.templating import render_template
from portal.web.users import signed_in

SECTIONS: tuple[Section, ...] = (
    Section(
        "suppliers.why",
        lambda: _("Why don’t I appear?"),
        lambda: _("A search, condition by condition: what your firm meets, what not, and what would change it."),
        Permission.KEEP_PROFILE,
    ),
    Section(
        "suppliers.standing",
        lambda: _("Standing"),
        lambda: _("Rank among your peers and over time; criteria that are not met or not assessed."),
        Permission.KEEP_PROFILE,
    ),
    Section(
        "suppliers.badge_page",
        lambda: _("Badge"),
        lambda: _("A picture for your website that always shows the state of today."),
        Permission.KEEP_PROFILE,
    ),
    Section(
        "suppliers.reminders",
        lambda: _("Reminders"),
        lambda: _("What ends soon or has grown old; whether you are written to in time."),
        Permission.KEEP_PROFILE,
    ),
)
"""In the order of the menu. A new part of the workspace adds its line here."""


def sections() -> tuple[Entry, ...]:
    """Those that the signed-in user may go to; none for whoever is no SME."""
    return shown(SECTIONS)


@blueprint.app_context_processor
def menu() -> dict[str, Callable[[], tuple[Entry, ...]]]:
    """`firm_sections()` for the head of every page."""
    return {"firm_sections": sections}


@blueprint.get("")
@needs(Permission.KEEP_PROFILE)
def home() -> str:
    """`suppliers/home.html` with `firm` (None before a claim is approved) and `sections`."""
    firm = firm_of(db.session(), signed_in().organisation_id)
    return render_template("suppliers/home.html", firm=firm, sections=sections())
