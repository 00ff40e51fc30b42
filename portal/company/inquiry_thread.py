"""What each side does with an inquiry: the firm answers or asks, the buyer replies or withdraws. Callers commit.

Each act names the version that its page showed, and takes the inquiry under lock: of two at once (two colleagues who
answer, an answer and a withdrawal) the first counts and the second is told, with nothing of it written.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from portal.company.inquiries import Hand, Party, Reason, Refused, Standing, received_by, say, spoken_for, standing
from portal.models import Inquiry, InquiryAct, InquiryMessage, InquiryState, Organisation, Supplier

MAX_MESSAGES = 30
"""Of a thread; it is to make contact, not to replace it. Deciding and withdrawing stay possible."""

FIRM_MAY: dict[Standing, dict[InquiryAct, InquiryState]] = {
    Standing.SENT: {
        InquiryAct.INTERESTED: InquiryState.INTERESTED,
        InquiryAct.DECLINED: InquiryState.DECLINED,
        InquiryAct.ASKED: InquiryState.ASKED,
    },
    Standing.ASKED: {
        InquiryAct.INTERESTED: InquiryState.INTERESTED,
        InquiryAct.DECLINED: InquiryState.DECLINED,
        InquiryAct.ASKED: InquiryState.ASKED,
    },
    Standing.INTERESTED: {
        InquiryAct.REPLIED: InquiryState.INTERESTED,
        InquiryAct.DECLINED: InquiryState.DECLINED,
    },
    Standing.DECLINED: {InquiryAct.INTERESTED: InquiryState.INTERESTED},
}
"""What a firm may do, and what the state is then. A slip is mended by the other answer."""

BUYER_MAY: dict[Standing, dict[InquiryAct, InquiryState]] = {
    Standing.SENT: {InquiryAct.WITHDRAWN: InquiryState.WITHDRAWN},
    Standing.ASKED: {
        InquiryAct.REPLIED: InquiryState.SENT,
        InquiryAct.WITHDRAWN: InquiryState.WITHDRAWN,
    },
    Standing.INTERESTED: {
        InquiryAct.REPLIED: InquiryState.INTERESTED,
        InquiryAct.WITHDRAWN: InquiryState.WITHDRAWN,
    },
}
"""The same for the buyer."""

NEED_TEXT = frozenset({InquiryAct.ASKED, InquiryAct.REPLIED})


@dataclass(frozen=True, slots=True)
class Said:
    """What one side does with which inquiry, as it saw it."""

    inquiry_id: int
    version: int
    act: InquiryAct
    text: str = ""


def answer(hand: Hand, said: Said) -> None:
    """The firm's side. Raises Refused; LookupError for an inquiry that is none of this firm's."""
    inquiry = _take(hand, said, received_by(hand.party.organisation_id))
    inquiry.state = _next(hand, said, inquiry, FIRM_MAY)
    inquiry.for_buyer, inquiry.for_firm = True, False
    firm = hand.session.get_one(Supplier, inquiry.supplier_id)
    hand.letters.to_buyer(hand.session, inquiry, firm, said.act)


def ask_on(hand: Hand, said: Said) -> None:
    """The buyer's side. Raises Refused; LookupError for an inquiry of another organisation."""
    inquiry = _take(hand, said, Inquiry.organisation_id == hand.party.organisation_id)
    if said.act is InquiryAct.WITHDRAWN and not may_withdraw(hand.party, inquiry):
        raise Refused(Reason.NOT_YOURS)
    inquiry.state = _next(hand, said, inquiry, BUYER_MAY)
    inquiry.for_firm, inquiry.for_buyer = True, False
    buyer = hand.session.get_one(Organisation, inquiry.organisation_id)
    hand.letters.to_firm(hand.session, inquiry, buyer.name, said.act)


def may_withdraw(party: Party, inquiry: Inquiry) -> bool:
    """Whether they may: who sent it, and administrators."""
    return party.admin or inquiry.user_id == party.id


def note_read(session: Session, inquiry_id: int, version: int, *, by_firm: bool) -> None:
    """Someone of that side has looked at it as it was then; what came since stays unread."""
    done = {"for_firm": False} if by_firm else {"for_buyer": False}
    seen = update(Inquiry).where(Inquiry.id == inquiry_id, Inquiry.version == version)
    session.execute(seen.values(**done), execution_options={"synchronize_session": False})


def _take(hand: Hand, said: Said, mine: ColumnElement[bool]) -> Inquiry:
    """The inquiry, locked, as the page showed it."""
    wanted = select(Inquiry).where(Inquiry.id == said.inquiry_id, mine).with_for_update()
    inquiry = hand.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if inquiry is None:
        raise LookupError(said.inquiry_id)
    if inquiry.version != said.version:
        raise Refused(Reason.CHANGED)
    return inquiry


def _next(
    hand: Hand, said: Said, inquiry: Inquiry, may: dict[Standing, dict[InquiryAct, InquiryState]]
) -> InquiryState:
    """Check the act, write it into the thread; the state it leads to."""
    session = hand.session
    spoken = bool(session.scalar(select(spoken_for()).select_from(Inquiry).where(Inquiry.id == inquiry.id)))
    stands = standing(inquiry, hand.today, spoken=spoken)
    state = may.get(stands, {}).get(said.act)
    late = stands is Standing.DECLINED and inquiry.answer_by < hand.today
    if state is None or late or not spoken:
        raise Refused(Reason.CLOSED)
    if said.act in NEED_TEXT:
        if not said.text:
            raise Refused(Reason.TEXT_NEEDED)
        said_before = select(func.count(InquiryMessage.id)).where(InquiryMessage.inquiry_id == inquiry.id)
        if (session.scalar(said_before) or 0) >= MAX_MESSAGES:
            raise Refused(Reason.THREAD_FULL, most=MAX_MESSAGES)
    say(hand, inquiry, said.act, said.text)
    inquiry.version += 1
    inquiry.changed_at = hand.at
    return state
