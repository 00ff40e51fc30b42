"""Inquiries (询盘) as they are sent and found: to whom, how many, what stands with each. Callers commit.

An inquiry is a request for contact: what, how much, by when, a message; never a price. Only a firm that an organisation
speaks for can receive one, and it belongs to that organisation: whoever speaks for the firm later does not read it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from portal.company.inquiry_letters import InquiryLetters
from portal.models import (
    Inquiry,
    InquiryAct,
    InquiryBlock,
    InquiryMessage,
    InquiryReport,
    InquiryState,
    Organisation,
    OrganisationState,
    Supplier,
)
from portal.register.clock import CHINA

MAX_A_DAY = 30
"""Inquiries of an organisation in one day, China time; withdrawn ones count."""

MAX_OPEN_AT_FIRM = 3
"""Of one organisation at one firm, unanswered, at once."""

MAX_PRODUCT, MAX_QUANTITY, MAX_MESSAGE = 200, 100, 2000
LATEST = timedelta(days=366)
"""How far away the day to answer by may be; of what is needed, ten times that."""


class Standing(StrEnum):
    """What stands with an inquiry today. LAPSED: the firm has changed hands, so nobody can answer it."""

    SENT = "sent"
    ASKED = "asked"
    INTERESTED = "interested"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    LAPSED = "lapsed"


UNANSWERED = (InquiryState.SENT, InquiryState.ASKED)


class Reason(StrEnum):
    """Why something was not done."""

    NOBODY = "nobody"
    BLOCKED = "blocked"
    STOPPED = "stopped"
    TOO_MANY_TODAY = "too_many_today"
    TOO_MANY_OPEN = "too_many_open"
    DUPLICATE = "duplicate"
    CHANGED = "changed"
    CLOSED = "closed"
    THREAD_FULL = "thread_full"
    TEXT_NEEDED = "text_needed"
    NOT_YOURS = "not_yours"
    REPORTED = "reported"
    DECIDED = "decided"


class Refused(Exception):
    """What was asked would break a rule. `most`: the bound met; `inquiry`: the one that is there; `until`: how long."""

    def __init__(self, reason: Reason, *, most: int = 0, inquiry: int = 0, until: datetime | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.most = most
        self.inquiry = inquiry
        self.until = until


@dataclass(frozen=True, slots=True)
class Party:
    """Who acts for one of the two sides; `admin`: may also withdraw what a colleague sent."""

    id: int
    organisation_id: int
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Hand:
    """Someone at work, in a transaction that writes."""

    session: Session
    party: Party
    letters: InquiryLetters
    at: datetime

    @property
    def today(self) -> date:
        """In China."""
        return self.at.astimezone(CHINA).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a buyer asks."""

    product: str
    message: str
    answer_by: date
    quantity: str = ""
    needed_by: date | None = None


class Seen(NamedTuple):
    """An inquiry, and what stands with it today."""

    inquiry: Inquiry
    standing: Standing


def spoken_for() -> ColumnElement[bool]:
    """Whether the organisation that an inquiry was sent to still speaks for the firm; of a statement on Inquiry."""
    return exists().where(
        Organisation.id == Inquiry.firm_id,
        Organisation.supplier_id == Inquiry.supplier_id,
        Organisation.state == OrganisationState.APPROVED,
    )


def received_by(organisation_id: int) -> ColumnElement[bool]:
    """The condition for what a firm's organisation may read."""
    return and_(Inquiry.firm_id == organisation_id, spoken_for())


def is_open(today: date) -> ColumnElement[bool]:
    """The condition for what the firm can still answer."""
    return and_(Inquiry.state.in_(UNANSWERED), Inquiry.answer_by >= today, spoken_for())


def standing(inquiry: Inquiry, today: date, *, spoken: bool) -> Standing:
    """What stands with it; `spoken`: `spoken_for` of it."""
    if inquiry.state in UNANSWERED:
        if not spoken:
            return Standing.LAPSED
        if inquiry.answer_by < today:
            return Standing.EXPIRED
    return Standing(inquiry.state)


def seen(session: Session, today: date, *wanted: ColumnElement[bool], most: int = -1, first: int = 0) -> list[Seen]:
    """The inquiries under these conditions, changed last first."""
    asked = select(Inquiry, spoken_for()).where(*wanted).order_by(Inquiry.changed_at.desc(), Inquiry.id.desc())
    if most >= 0:
        asked = asked.limit(most).offset(first)
    rows = session.execute(asked)
    return [Seen(inquiry, standing(inquiry, today, spoken=spoken)) for inquiry, spoken in rows]


def newest(session: Session, organisation_id: int, supplier_ids: Iterable[int], today: date) -> Mapping[int, Seen]:
    """The newest inquiry of a buyer's organisation at each of these firms."""
    ids = list(supplier_ids)
    if not ids:
        return {}
    mine = (Inquiry.organisation_id == organisation_id, Inquiry.supplier_id.in_(ids))
    last = select(func.max(Inquiry.id)).where(*mine).group_by(Inquiry.supplier_id)
    return {one.inquiry.supplier_id: one for one in seen(session, today, Inquiry.id.in_(last))}


def counted(session: Session, *wanted: ColumnElement[bool]) -> int:
    """How many under these conditions there are."""
    return session.scalar(select(func.count(Inquiry.id)).where(*wanted)) or 0


def speaker(session: Session, supplier_id: int) -> Organisation | None:
    """The organisation that speaks for a firm; None where nobody does, or not at present."""
    speaks = (Organisation.supplier_id == supplier_id, Organisation.state == OrganisationState.APPROVED)
    return session.scalars(select(Organisation).where(*speaks)).one_or_none()


def stopped_until(session: Session, organisation_id: int, at: datetime) -> datetime | None:
    """Until when staff have stopped a buyer's inquiries; None if they have not."""
    of_buyer = (InquiryReport.buyer_id == organisation_id, InquiryReport.stopped_until > at)
    return session.scalar(select(func.max(InquiryReport.stopped_until)).where(*of_buyer))


def thread(session: Session, inquiry_id: int) -> list[InquiryMessage]:
    """All that was said, in order."""
    of_it = select(InquiryMessage).where(InquiryMessage.inquiry_id == inquiry_id)
    return list(session.scalars(of_it.order_by(InquiryMessage.id)))


def send(hand: Hand, firm: Supplier, asked: Asked) -> Inquiry:
    """Send it and tell the firm. Raises Refused.

    The buyer's organisation is locked, so that two colleagues, or two presses, keep to the limits.
    """
    session, party = hand.session, hand.party
    mine = select(Organisation).where(Organisation.id == party.organisation_id).with_for_update()
    buyer = session.scalars(mine).one()
    to = None if firm.withdrawn_at else speaker(session, firm.id)
    if to is None:
        raise Refused(Reason.NOBODY)
    _may_send(hand, to, firm, asked)
    made = Inquiry(
        organisation_id=party.organisation_id,
        user_id=party.id,
        supplier_id=firm.id,
        firm_id=to.id,
        product=asked.product,
        quantity=asked.quantity,
        needed_by=asked.needed_by,
        answer_by=asked.answer_by,
        created_at=hand.at,
        changed_at=hand.at,
    )
    session.add(made)
    session.flush()
    say(hand, made, InquiryAct.SENT, asked.message)
    hand.letters.received(session, made, buyer.name)
    return made


def say(hand: Hand, inquiry: Inquiry, act: InquiryAct, text: str = "") -> None:
    """Add to the thread."""
    hand.session.add(
        InquiryMessage(
            inquiry_id=inquiry.id,
            organisation_id=hand.party.organisation_id,
            user_id=hand.party.id,
            act=act,
            text=text,
            at=hand.at,
        )
    )


def _may_send(hand: Hand, to: Organisation, firm: Supplier, asked: Asked) -> None:
    session, buyer_id = hand.session, hand.party.organisation_id
    if until := stopped_until(session, buyer_id, hand.at):
        raise Refused(Reason.STOPPED, until=until)
    blocked = select(InquiryBlock.id).where(InquiryBlock.organisation_id == to.id, InquiryBlock.buyer_id == buyer_id)
    if session.scalar(blocked) is not None:
        raise Refused(Reason.BLOCKED)
    at_firm = (Inquiry.organisation_id == buyer_id, Inquiry.supplier_id == firm.id, is_open(hand.today))
    there = session.execute(select(Inquiry.id, Inquiry.product).where(*at_firm)).all()
    same = [row.id for row in there if _folded(row.product) == _folded(asked.product)]
    if same:
        raise Refused(Reason.DUPLICATE, inquiry=max(same))
    if len(there) >= MAX_OPEN_AT_FIRM:
        raise Refused(Reason.TOO_MANY_OPEN, most=MAX_OPEN_AT_FIRM)
    midnight = datetime.combine(hand.today, time(), CHINA)
    if counted(session, Inquiry.organisation_id == buyer_id, Inquiry.created_at >= midnight) >= MAX_A_DAY:
        raise Refused(Reason.TOO_MANY_TODAY, most=MAX_A_DAY)


def _folded(product: str) -> str:
    """The same for two spellings of one product."""
    return "".join(unicodedata.normalize("NFKC", product).casefold().split())
