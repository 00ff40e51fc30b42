"""Against abuse: a firm blocks a buyer's organisation, or reports an inquiry to staff; staff stop a buyer for a while.

The operation log names the buyer's organisation and what was decided: not the firm, nor what was asked. Callers commit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from portal.company.inquiries import Hand, Reason, Refused, is_open, say
from portal.identity.log import organisation_subject
from portal.models import (
    AuditEntry,
    Inquiry,
    InquiryAct,
    InquiryBlock,
    InquiryReport,
    InquiryState,
    Organisation,
    ReportState,
    Supplier,
    User,
)
from portal.register.audit import Actor
from portal.register.clock import CHINA

MAX_REASON = 1000
DAYS = (7, 30, 180)
"""For how long staff can stop a buyer."""


def block(hand: Hand, inquiry: Inquiry) -> int:
    """Take nothing more from the buyer of an inquiry; what it has open here is declined. How many those were."""
    session, mine = hand.session, hand.party.organisation_id
    session.execute(select(Organisation.id).where(Organisation.id == mine).with_for_update())
    there = select(InquiryBlock.id).where(
        InquiryBlock.organisation_id == mine, InquiryBlock.buyer_id == inquiry.organisation_id
    )
    if session.scalar(there) is None:
        session.add(
            InquiryBlock(organisation_id=mine, buyer_id=inquiry.organisation_id, user_id=hand.party.id, at=hand.at)
        )
    from_buyer = (Inquiry.firm_id == mine, Inquiry.organisation_id == inquiry.organisation_id, is_open(hand.today))
    open_ones = session.scalars(select(Inquiry).where(*from_buyer).order_by(Inquiry.id).with_for_update()).all()
    for one in open_ones:
        say(hand, one, InquiryAct.DECLINED)
        one.state, one.changed_at = InquiryState.DECLINED, hand.at
        one.version += 1
        one.for_buyer, one.for_firm = True, False
    return len(open_ones)


def blocked(session: Session, organisation_id: int) -> list[tuple[InquiryBlock, str]]:
    """Whom a firm's organisation has blocked, with names, the newest first."""
    mine = (
        select(InquiryBlock, Organisation.name)
        .join(Organisation, Organisation.id == InquiryBlock.buyer_id)
        .where(InquiryBlock.organisation_id == organisation_id)
    )
    return [(row, name) for row, name in session.execute(mine.order_by(InquiryBlock.id.desc()))]


def unblock(session: Session, organisation_id: int, block_id: int) -> bool:
    """Take inquiries again; False where there is no such block of this organisation."""
    mine = (InquiryBlock.id == block_id, InquiryBlock.organisation_id == organisation_id)
    return session.scalar(delete(InquiryBlock).where(*mine).returning(InquiryBlock.id)) is not None


def report(hand: Hand, inquiry: Inquiry, reason: str) -> None:
    """Tell staff of it. Raises Refused: it was reported before."""
    taken = select(Inquiry.id).where(Inquiry.id == inquiry.id).with_for_update()
    hand.session.execute(taken)
    if report_of(hand.session, inquiry.id) is not None:
        raise Refused(Reason.REPORTED)
    hand.session.add(
        InquiryReport(
            inquiry_id=inquiry.id,
            organisation_id=hand.party.organisation_id,
            buyer_id=inquiry.organisation_id,
            user_id=hand.party.id,
            reason=reason,
            at=hand.at,
        )
    )


def report_of(session: Session, inquiry_id: int) -> InquiryReport | None:
    """What was reported of an inquiry."""
    return session.scalars(select(InquiryReport).where(InquiryReport.inquiry_id == inquiry_id)).one_or_none()


class Reported(NamedTuple):
    """A report with its inquiry, the firm that made it, the buyer's name, and who sent the inquiry."""

    report: InquiryReport
    inquiry: Inquiry
    firm: Supplier
    buyer: str
    sender: User


def reports(session: Session, *wanted: ColumnElement[bool], most: int, first: int = 0) -> list[Reported]:
    """Those to be decided first, then the newest."""
    asked = (
        select(InquiryReport, Inquiry, Supplier, Organisation.name, User)
        .join(Inquiry, Inquiry.id == InquiryReport.inquiry_id)
        .join(Supplier, Supplier.id == Inquiry.supplier_id)
        .join(Organisation, Organisation.id == InquiryReport.buyer_id)
        .join(User, User.id == Inquiry.user_id)
        .where(*wanted)
        .order_by(InquiryReport.state != ReportState.OPEN, InquiryReport.at.desc(), InquiryReport.id.desc())
    )
    return [Reported(*row) for row in session.execute(asked.limit(most).offset(first))]


def undecided(session: Session, *wanted: ColumnElement[bool]) -> int:
    """How many of them are to be decided."""
    asked = select(func.count(InquiryReport.id)).join(Inquiry, Inquiry.id == InquiryReport.inquiry_id)
    firms = asked.join(Supplier, Supplier.id == Inquiry.supplier_id)
    return session.scalar(firms.where(InquiryReport.state == ReportState.OPEN, *wanted)) or 0


def decide(hand: Hand, row: InquiryReport, actor: Actor, comment: str, days: int) -> None:
    """Dismiss a report (`days` 0), or stop its buyer for so many days. Raises Refused: it is decided already."""
    taken = _locked(hand.session, row)
    if taken.state != ReportState.OPEN:
        raise Refused(Reason.DECIDED)
    taken.state = ReportState.STOPPED if days else ReportState.DISMISSED
    taken.comment, taken.decided_by_id, taken.decided_at = comment, hand.party.id, hand.at
    if not days:
        _record(hand, actor, "inquiry report dismissed", taken)
        return
    taken.stopped_until = hand.at + timedelta(days=days)
    _record(hand, actor, "inquiries stopped", taken, until=[None, _day(taken.stopped_until)])
    hand.letters.stopped(hand.session, taken.buyer_id, taken.stopped_until, comment)


def lift(hand: Hand, row: InquiryReport, actor: Actor) -> None:
    """Let the buyer send again. Raises Refused: it may already."""
    taken = _locked(hand.session, row)
    until = taken.stopped_until
    if until is None or until <= hand.at:
        raise Refused(Reason.DECIDED)
    taken.state, taken.stopped_until = ReportState.LIFTED, None
    _record(hand, actor, "inquiries allowed", taken, until=[_day(until), None])


def _day(at: datetime) -> str:
    return at.astimezone(CHINA).date().isoformat()


def _locked(session: Session, row: InquiryReport) -> InquiryReport:
    wanted = select(InquiryReport).where(InquiryReport.id == row.id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def _record(hand: Hand, actor: Actor, action: str, row: InquiryReport, **changes: list[str | None]) -> None:
    entry = actor.entry(hand.at, action, organisation_subject(row.buyer_id), changes)
    hand.session.add(AuditEntry(**entry))


def is_stopped(row: InquiryReport, at: datetime) -> bool:
    """Whether the buyer sends nothing because of it."""
    return row.stopped_until is not None and row.stopped_until > at
