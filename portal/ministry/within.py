"""The one place where views ask whether a firm lies in the territory of who is signed in."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import Forbidden, NotFound

from portal.models import Supplier
from portal.register.territory import Territory
from portal.services import services
from portal.web.users import signed_in


def territory() -> Territory:
    """Of who is signed in."""
    user = signed_in()
    return Territory(user.regions, user.sectors)


def supplier_of(session: Session, identifier: int) -> Supplier:
    """The firm with that id, withdrawn or not. Raises NotFound, and Forbidden for one outside the territory."""
    return _within(session.get(Supplier, identifier, options=[joinedload(Supplier.provenance)]))


def supplier_named(session: Session, scheme: str, number: str) -> Supplier:
    """The firm of that number. Raises as `supplier_of`."""
    wanted = select(Supplier).where(Supplier.scheme == scheme, Supplier.number == number)
    return _within(session.scalars(wanted.options(joinedload(Supplier.provenance))).one_or_none())


def _within(found: Supplier | None) -> Supplier:
    if found is None:
        raise NotFound
    if not territory().holds(found, services().catalogue):
        raise Forbidden(_("This firm lies outside your regions or sectors."))
    return found
