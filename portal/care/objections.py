"""Objections 异议 to an edition under notice: made by anyone who is signed in, answered by staff, each once.

One that is upheld bars the publication for good: the notice is taken back, and a corrected draft begins anew
(portal.register.edition_life, 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import Edition, EditionState, Objection, Supplier, Verdict, now
from portal.register.audit import Actor
from portal.register.editions import note

LEAST, MOST = 10, 2000
"""Characters of an objection and of an answer (the least of an objection)."""
MOST_EACH = 5
"""Objections of one organisation to one edition."""


class Not(StrEnum):
    """Why an objection or an answer is not taken."""

    OVER = "over"
    TOO_MANY = "too_many"
    UNKNOWN_FIRM = "unknown_firm"
    ANSWERED = "answered"


class NotTaken(Exception):
    """An objection or an answer that is not taken."""

    def __init__(self, why: Not) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Maker:
    """Who objects."""

    user_id: int
    organisation_id: int
    actor: Actor


def takes_objections(row: Edition, today: date) -> bool:
    """Whether the notice runs."""
    return row.state == EditionState.NOTICE and row.notice_until is not None and today <= row.notice_until


def object_to(session: Session, maker: Maker, code: str, text: str, *, number: str, today: date) -> Objection:
    """Note an objection, in a transaction that writes; `number` "": to the list as a whole. Raises NotTaken.

    The log tells that there was one, and neither of whom nor what it says: that is between its maker and staff.
    """
    row = session.scalars(select(Edition).where(Edition.code == code).with_for_update()).one_or_none()
    if row is None or not takes_objections(row, today):
        raise NotTaken(Not.OVER)
    own = (Objection.edition_id == row.id, Objection.organisation_id == maker.organisation_id)
    if (session.scalar(select(func.count(Objection.id)).where(*own)) or 0) >= MOST_EACH:
        raise NotTaken(Not.TOO_MANY)
    firm = None
    if number:
        firm = session.scalars(select(Supplier).where(Supplier.number == number).limit(1)).first()
        if firm is None:
            raise NotTaken(Not.UNKNOWN_FIRM)
    made = Objection(
        edition_id=row.id,
        organisation_id=maker.organisation_id,
        user_id=maker.user_id,
        supplier_id=firm.id if firm else None,
        text=text,
    )
    session.add(made)
    session.flush()
    note(session, maker.actor, "edition.objection", row, {})
    return made


def answer(session: Session, identifier: int, verdict: Verdict, words: str, *, user_id: int, actor: Actor) -> Edition:
    """Answer an objection, in a transaction that writes; its edition. Raises NotTaken: someone has, or it is over."""
    found = session.get_one(Objection, identifier)
    row = session.scalars(select(Edition).where(Edition.id == found.edition_id).with_for_update()).one()
    session.refresh(found)
    if found.verdict:
        raise NotTaken(Not.ANSWERED)
    if row.state != EditionState.NOTICE:
        raise NotTaken(Not.OVER)
    found.verdict, found.answer, found.answered_at, found.answered_by = verdict, words, now(), user_id
    note(session, actor, "edition.answered", row, {"verdict": [None, verdict.value]})
    return row


def of_edition(session: Session, edition_id: int, organisation_id: int | None = None) -> Sequence[Objection]:
    """Those to an edition, of one organisation or of all; the open ones first."""
    wanted = select(Objection).where(Objection.edition_id == edition_id)
    if organisation_id is not None:
        wanted = wanted.where(Objection.organisation_id == organisation_id)
    return session.scalars(wanted.order_by(Objection.verdict != Verdict.OPEN, Objection.id)).all()
