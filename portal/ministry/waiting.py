"""What waits in the ministry's workspace for who is signed in: a line for each part where something does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import ngettext
from sqlalchemy import func, select

from portal.care import duplicates as finding
from portal.care.due import Queue, expiring
from portal.company.inquiry_reports import undecided
from portal.ministry.editions import UNDER_WAY
from portal.ministry.reviews import queue
from portal.ministry.within import territory
from portal.models import DuplicatePair, Edition, Organisation, OrganisationState, PairState
from portal.web.permissions import Permission
from portal.web.presenters.context import Context
from portal.web.users import signed_in

SOON = 30
"""Days until a certificate ends."""


def waiting(at: Context) -> Mapping[str, str]:
    """Endpoint → the line, of what the signed-in user has a hand in; nothing where nothing waits."""
    counted = {
        endpoint: count(at) for endpoint, (need, count, _say) in PARTS.items() if need in signed_in().permissions
    }
    return {endpoint: PARTS[endpoint][2](number) for endpoint, number in counted.items() if number}


def _cases(at: Context) -> int:
    return queue(at).waiting(signed_in().id)


def _ending(at: Context) -> int:
    return expiring(Queue(at.session, at.catalogue, at.today, (territory(),)), SOON, 1).total


def _reports(at: Context) -> int:
    return undecided(at.session, territory().condition(at.catalogue))


def _pairs(at: Context) -> int:
    found = finding.listed(at.catalogue, (territory(),), PairState.OPEN).order_by(None)
    return (
        at.session.scalar(select(func.count()).select_from(found.with_only_columns(DuplicatePair.id).subquery())) or 0
    )


def _lists(at: Context) -> int:
    return at.session.scalar(select(func.count(Edition.id)).where(Edition.state.in_(UNDER_WAY))) or 0


def _organisations(at: Context) -> int:
    pending = Organisation.state == OrganisationState.PENDING
    return at.session.scalar(select(func.count(Organisation.id)).where(pending)) or 0


PARTS: Mapping[str, tuple[Permission, Callable[[Context], int], Callable[[int], str]]] = {
    "ministry.reviews": (
        Permission.REVIEW,
        _cases,
        lambda n: ngettext("%(num)s case waits for you", "%(num)s cases wait for you", n),
    ),
    "ministry.expiring": (
        Permission.READ_REGISTER,
        _ending,
        lambda n: ngettext("%(num)s within 30 days", "%(num)s within 30 days", n),
    ),
    "ministry.inquiry_reports": (
        Permission.CARE,
        _reports,
        lambda n: ngettext("%(num)s to be decided", "%(num)s to be decided", n),
    ),
    "ministry.duplicates": (
        Permission.CARE,
        _pairs,
        lambda n: ngettext("%(num)s pair to look at", "%(num)s pairs to look at", n),
    ),
    "ministry.all_editions": (
        Permission.PUBLISH,
        _lists,
        lambda n: ngettext("%(num)s list on its way", "%(num)s lists on their way", n),
    ),
    "accounts.organisations": (
        Permission.MANAGE_ORGANISATIONS,
        _organisations,
        lambda n: ngettext("%(num)s waits for approval", "%(num)s wait for approval", n),
    ),
}
