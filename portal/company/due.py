"""What a firm is to be reminded of on a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Assessment, Certificate, Profile, ReminderKind, Supplier
from portal.register.catalogue import Catalogue
from portal.register.clock import CHINA
from portal.workspace.expiring import ending

DAYS = (7, 30, 90)
"""Before a certificate ends, the nearest first."""

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be reminded of. `scheme` and `level` of a certificate; the others as in `Reminder`."""

    kind: ReminderKind
    about: date
    days: int = 0
    subject: str = ""
    scheme: str = ""
    level: str | None = None

    @property
    def key(self) -> tuple[str, str, date, int]:
        """By what a note of it is known."""
        return self.kind, self.subject, self.about, self.days


def due(session: Session, catalogue: Catalogue, suppliers: Sequence[int], today: date) -> dict[int, list[Due]]:
    """What is due of each of the firms, the first certificate to end first. Three statements."""
    found: dict[int, list[Due]] = {}
    for supplier_id, one in (
        *_certificates(session, catalogue, suppliers, today),
        *_assessments(session, suppliers, today),
        *_entries(session, suppliers, today),
    ):
        found.setdefault(supplier_id, []).append(one)
    return found


def _certificates(
    session: Session, catalogue: Catalogue, suppliers: Sequence[int], today: date
) -> Iterator[tuple[int, Due]]:
    wanted = (
        select(Certificate)
        .join(Supplier, Supplier.id == Certificate.supplier_id)
        .where(Supplier.id.in_(suppliers), *ending(catalogue, today, today + timedelta(days=DAYS[-1])))
        .order_by(Certificate.expires_on, Certificate.id)
    )
    for row in session.scalars(wanted):
        if row.expires_on is not None:
            days = next(days for days in DAYS if (row.expires_on - today).days <= days)
            about = Due(ReminderKind.CERTIFICATE, row.expires_on, days, str(row.id), row.scheme, row.level)
            yield row.supplier_id, about


def _assessments(session: Session, suppliers: Sequence[int], today: date) -> Iterator[tuple[int, Due]]:
    wanted = select(Assessment.supplier_id, Assessment.assessed_on).where(
        Assessment.supplier_id.in_(suppliers), Assessment.current.is_(True), Assessment.assessed_on <= today - YEAR
    )
    for supplier_id, assessed_on in session.execute(wanted.order_by(Assessment.supplier_id)):
        yield supplier_id, Due(ReminderKind.ASSESSMENT, _anniversary(assessed_on, today))


def _entries(session: Session, suppliers: Sequence[int], today: date) -> Iterator[tuple[int, Due]]:
    """Profiles that were published a year ago or more; where there is none, entries that nobody has touched since."""
    wanted = (
        select(Supplier.id, Profile.published_at, Supplier.updated_at)
        .outerjoin(Profile, Profile.supplier_id == Supplier.id)
        .where(Supplier.id.in_(suppliers), Supplier.withdrawn_at.is_(None))
    )
    for supplier_id, published_at, updated_at in session.execute(wanted.order_by(Supplier.id)):
        day = (published_at or updated_at).astimezone(CHINA).date()
        if day <= today - YEAR:
            yield supplier_id, Due(ReminderKind.PROFILE, _anniversary(day, today))


def _anniversary(since: date, today: date) -> date:
    """The last day that is whole years of 365 days after `since`: each asks once."""
    return since + YEAR * ((today - since) // YEAR)
