"""GET /firm, where an SME begins: its firm and the parts of its workspace, by one table of groups."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from portal.company.claims import disputes, open_claim
from portal.company.firm import firm_of
from portal.company.inquiries import counted, received_by
from portal.extensions import db
from portal.models import Inquiry
from portal.suppliers.blueprint import blueprint
from portal.suppliers.profile_state import headline
from portal.web.permissions import Permission, needs
from portal.web.sections import Entries, Group, Section, shown
from portal.web.templating import render_template
from portal.web.users import signed_in

GROUPS: tuple[Group, ...] = (
    Group(
        "buyers",
        lambda: _("Profile and buyers"),
        (
            Section(
                "suppliers.profile",
                lambda: _("Public profile"),
                lambda: _("What you make and can do, in your own words: write, look at it as buyers do, hand it in."),
                Permission.KEEP_PROFILE,
            ),
            Section(
                "suppliers.inquiries",
                lambda: _("Inquiries"),
                lambda: _("Buyers who ask about your products: say yes, no, or ask back."),
                Permission.KEEP_PROFILE,
            ),
            Section(
                "suppliers.appearances",
                lambda: _("Appearances"),
                lambda: _("How often buyers were shown your firm, opened its page, shortlisted and exported it."),
                Permission.KEEP_PROFILE,
            ),
            Section(
                "suppliers.badge_page",
                lambda: _("Badge"),
                lambda: _("A picture for your website that always shows the state of today."),
                Permission.KEEP_PROFILE,
            ),
        ),
    ),
    Group(
        "standing",
        lambda: _("Where you stand"),
        (
            Section(
                "suppliers.why",
                lambda: _("Why don’t I appear?"),
                lambda: _(
                    "A search, condition by condition: what your firm meets, what not, and what would change it."
                ),
                Permission.KEEP_PROFILE,
            ),
            Section(
                "suppliers.standing",
                lambda: _("Standing"),
                lambda: _("Rank among your peers and over time; criteria that are not met or not assessed."),
                Permission.KEEP_PROFILE,
            ),
            Section(
                "suppliers.missed_searches",
                lambda: _("Near misses"),
                lambda: _("Searches that missed you by a single condition, and which."),
                Permission.KEEP_PROFILE,
            ),
        ),
    ),
    Group(
        "upkeep",
        lambda: _("Facts and rights"),
        (
            Section(
                "suppliers.all_corrections",
                lambda: _("Corrections"),
                lambda: _("Official facts about your firm: report what is wrong, and see what staff decided."),
                Permission.KEEP_PROFILE,
            ),
            Section(
                "suppliers.reminders",
                lambda: _("Reminders"),
                lambda: _("What ends soon or has grown old; whether you are written to in time."),
                Permission.KEEP_PROFILE,
            ),
            Section(
                "suppliers.speaking",
                lambda: _("Who speaks for the firm"),
                lambda: _("Colleagues, a new administrator, giving the firm up."),
                Permission.SPEAK_FOR_FIRM,
            ),
            Section(
                "suppliers.own_data",
                lambda: _("Own data"),
                lambda: _("All that is held about your firm and its people, as a file."),
                Permission.SPEAK_FOR_FIRM,
            ),
        ),
    ),
)
"""In the order of the menu. A new part of the workspace adds its line to the group it belongs to."""


def sections() -> tuple[Entries, ...]:
    """Those that the signed-in user may go to, in groups; none for whoever is no SME."""
    return shown(GROUPS)


@blueprint.app_context_processor
def menu() -> dict[str, Callable[[], tuple[Entries, ...]]]:
    """`firm_sections()` for the head of every page."""
    return {"firm_sections": sections}


@blueprint.get("")
@needs(Permission.KEEP_PROFILE)
def home() -> str:
    """`suppliers/home.html` with `firm` (None before a claim is approved), `sections`, and what is new.

    That is `unread` inquiries, `disputes` about the firm, and the Headline of its `profile`; before, the open `claim`.
    """
    session, mine = db.session(), signed_in().organisation_id
    firm = firm_of(session, mine)
    return render_template(
        "suppliers/home.html",
        firm=firm,
        profile=headline(session, firm) if firm else None,
        sections=sections(),
        unread=counted(session, received_by(mine), Inquiry.for_firm.is_(True)) if firm else 0,
        claim=None if firm else open_claim(session, mine),
        disputes=disputes(session, firm.id, mine) if firm else [],
    )
