"""Whether a firm is the one that who is signed in speaks for."""

from __future__ import annotations

from portal.company.firm import firm_of
from portal.web.permissions import Permission
from portal.web.presenters.context import Context
from portal.web.users import current_user


def is_own(supplier_id: int, at: Context) -> bool:
    """Asked of the database for SMEs alone."""
    user = current_user()
    if user is None or Permission.KEEP_PROFILE not in user.permissions:
        return False
    firm = firm_of(at.session, user.organisation_id)
    return firm is not None and firm.id == supplier_id
