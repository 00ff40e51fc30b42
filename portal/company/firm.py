"""Which firm of the register an organisation speaks for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Organisation, Supplier


def firm_of(session: Session, organisation_id: int) -> Supplier | None:
    """The firm that the organisation speaks for, withdrawn or not; None for one whose claim is not approved."""
    held = select(Supplier).join(Organisation, Organisation.supplier_id == Supplier.id)
    return session.scalars(held.where(Organisation.id == organisation_id)).one_or_none()
