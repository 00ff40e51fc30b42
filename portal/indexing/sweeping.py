"""The sweep: firms whose certificates or recognitions began or ended since the last one become due (rules 1 and 12)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, and_, or_, select, union

from portal.indexing.facts import set_swept_on, swept_on
from portal.indexing.sessions import Sessions, writing
from portal.models import Certificate, Recognition, Supplier
from portal.register.versions import raise_versions


def sweep(sessions: Sessions, today: date) -> int:
    """Raise the versions of all firms that a midnight since the last sweep changed; how many.

    The day of the last sweep is in the database: the worker may have been down for days. Before the first sweep there
    is nothing to catch up with, as every document is made as of its day.
    """
    with writing(sessions) as session:
        last = swept_on(session)
        count = 0
        if last is not None and last < today:
            count = raise_versions(session, _changed(last, today))
        if last is None or last < today:
            set_swept_on(session, today)
    return count


def _changed(last: date, today: date) -> Select[int]:
    """Ids of firms with a first day in (last, today], or a last day in [last, today): it ended at the next midnight."""
    spans = (
        (Certificate.supplier_id, Certificate.issued_on, Certificate.expires_on),
        (Recognition.supplier_id, Recognition.recognised_on, Recognition.expires_on),
    )
    of_each = [
        select(firm).where(or_(and_(first > last, first <= today), and_(end >= last, end < today)))
        for firm, first, end in spans
    ]
    found = union(*of_each).subquery()
    return select(Supplier.id).where(Supplier.id.in_(select(found.c.supplier_id)), Supplier.withdrawn_at.is_(None))
