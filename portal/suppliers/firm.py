"""The firm of who is signed in, for every view of the workspace."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.company.firm import firm_of
from portal.models import Supplier
from portal.web.users import signed_in


def own_firm(session: Session) -> Supplier:
    """The firm that the organisation of who is signed in speaks for.

    Without one the request ends at the workspace's first page, which says how to claim it.
    """
    found = firm_of(session, signed_in().organisation_id)
    if found is None:
        flash(_("Claim your firm first: then this page is yours."), "warn")
        abort(redirect(url_for("suppliers.home")))
    return found
