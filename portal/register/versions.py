"""Many firms' documents made due at once: versions raised and outbox rows written by the database itself."""

from __future__ import annotations

from sqlalchemy import Select, func, insert, literal, select, update
from sqlalchemy.orm import Session

from portal.models import Instant, OutboxRow, Supplier, now


def raise_versions(session: Session, supplier_ids: Select[int], *, touch: bool = False) -> int:
    """Raise `index_version` of these firms by one and write an outbox row for each; how many there were.

    `touch`: their facts changed, so `updated_at` moves too. Rows are locked in the order of ids, as the writer does.
    """
    wanted = Supplier.id.in_(supplier_ids)
    locked = select(Supplier.id).where(wanted).order_by(Supplier.id).with_for_update().subquery()
    count = session.scalar(select(func.count()).select_from(locked)) or 0
    if not count:
        return 0
    values = {"index_version": Supplier.index_version + 1} | ({"updated_at": now()} if touch else {})
    session.execute(update(Supplier).where(wanted).values(values), execution_options={"synchronize_session": False})
    columns = (Supplier.id, Supplier.index_version, literal(now(), Instant()), literal(False), literal(""))
    names = ["supplier_id", "version", "at", "live", "covered_by"]
    due = insert(OutboxRow).from_select(names, select(*columns).where(wanted), include_defaults=False)
    session.execute(due)
    return count
