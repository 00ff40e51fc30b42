"""GET /by-number?number=…: to a supplier by its number alone, from the database: works without the engine."""

from __future__ import annotations

import unicodedata

from flask import redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.extensions import db
from portal.lookup.views import blueprint
from portal.models import Supplier
from portal.web.errors import SupplierNotFound
from portal.web.permissions import Access, needs
from portal.web.presenters.cards import supplier_url

MAX_NUMBER = 64


@blueprint.get("/by-number")
@needs(Access.LOOKUP)
def by_number() -> ResponseReturnValue:
    """302 to the supplier; of several with that number in different schemes, the first. Raises SupplierNotFound (404).

    The number may be typed with spaces, in small letters or full width, or as "<scheme>/<number>".
    """
    typed = "".join(unicodedata.normalize("NFKC", request.args.get("number", "")).split())
    scheme, _slash, number = typed.rpartition("/")
    spellings = {number[:MAX_NUMBER], number[:MAX_NUMBER].upper(), number[:MAX_NUMBER].lower()}
    asked = select(Supplier.scheme, Supplier.number).where(Supplier.number.in_(spellings)).order_by(Supplier.scheme)
    if scheme:
        asked = asked.where(Supplier.scheme == scheme.upper())
    found = db.session.execute(asked).first()
    if found is None:
        raise SupplierNotFound(typed[:100])
    return redirect(supplier_url(f"{found.scheme}/{found.number}"))
