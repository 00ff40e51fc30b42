"""Inquiries as both sides' pages show them, and why something was not done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.company.inquiries import Reason, Refused, Seen, Standing, thread
from portal.identity.people import names_of
from portal.models import Inquiry, InquiryAct, Organisation, Supplier
from portal.web.i18n import once_a_language
from portal.web.jinja import minute
from portal.web.presenters.people import person
from portal.web.tree import Name, Struct

LARGEST = 2 * 1024 * 1024
"""Bytes of a form: a text that is far too long comes back with its field's message, and with all else kept."""


class MessageView(Struct, frozen=True, kw_only=True):
    """A part of the thread; `of`: the side's name, `buyer`: whether it is the buyer's."""

    of: str
    author: str
    buyer: bool
    what: str
    text: str
    at: datetime


class Line(Struct, frozen=True, kw_only=True):
    """An inquiry in a list, to one side; `label`: what stands with it. `todo`: this side is to act."""

    id: int
    firm: Name
    key: str
    buyer: str
    product: str
    standing: str
    label: str
    answer_by: str
    changed_at: datetime
    unread: bool
    todo: bool


@once_a_language
def for_buyers() -> Mapping[str, str]:
    """What stands with an inquiry, said to the buyer."""
    return {
        Standing.SENT: _("waits for the firm"),
        Standing.ASKED: _("the firm has a question"),
        Standing.INTERESTED: _("interested"),
        Standing.DECLINED: _("not interested"),
        Standing.WITHDRAWN: _("withdrawn"),
        Standing.EXPIRED: _("not answered in time"),
        Standing.LAPSED: _("cannot be answered: the firm changed hands"),
    }


@once_a_language
def for_firms() -> Mapping[str, str]:
    """The same, said to the firm."""
    return {
        **for_buyers(),
        Standing.SENT: _("to be answered"),
        Standing.ASKED: _("waits for the buyer"),
        Standing.INTERESTED: _("you are interested"),
        Standing.DECLINED: _("you are not interested"),
        Standing.WITHDRAWN: _("withdrawn by the buyer"),
        Standing.EXPIRED: _("the day to answer has passed"),
    }


@once_a_language
def act_words() -> Mapping[str, str]:
    """What someone did, in the thread."""
    return {
        InquiryAct.SENT: _("contact request"),
        InquiryAct.ASKED: _("question"),
        InquiryAct.REPLIED: _("message"),
        InquiryAct.INTERESTED: _("interested"),
        InquiryAct.DECLINED: _("not interested"),
        InquiryAct.WITHDRAWN: _("withdrawn"),
    }


def lines(session: Session, found: Sequence[Seen], *, to_firm: bool = False) -> tuple[Line, ...]:
    """Inquiries in a list, with the names of both sides; two statements for all."""
    of_firms = select(Supplier).where(Supplier.id.in_({one.inquiry.supplier_id for one in found}))
    firms = {row.id: row for row in session.scalars(of_firms)}
    buyers = select(Organisation).where(Organisation.id.in_({one.inquiry.organisation_id for one in found}))
    names = {row.id: row.name for row in session.scalars(buyers)}
    labels = for_firms() if to_firm else for_buyers()
    todo = {Standing.SENT} if to_firm else {Standing.ASKED}
    return tuple(
        Line(
            id=inquiry.id,
            firm=Name(zh=firms[inquiry.supplier_id].name_zh, en=firms[inquiry.supplier_id].name_en),
            key=firms[inquiry.supplier_id].key,
            buyer=names[inquiry.organisation_id],
            product=inquiry.product,
            standing=standing,
            label=labels[standing],
            answer_by=inquiry.answer_by.isoformat(),
            changed_at=inquiry.changed_at,
            unread=inquiry.for_firm if to_firm else inquiry.for_buyer,
            todo=standing in todo,
        )
        for inquiry, standing in found
    )


def conversation(session: Session, inquiry: Inquiry, firm: str) -> tuple[MessageView, ...]:
    """The thread in words; `firm`: what the firm is called."""
    said = thread(session, inquiry.id)
    people = names_of(session, (one.user_id for one in said))
    buyer = session.get_one(Organisation, inquiry.organisation_id).name
    return tuple(
        MessageView(
            of=buyer if one.organisation_id == inquiry.organisation_id else firm,
            author=person(people.get(one.user_id)),
            buyer=one.organisation_id == inquiry.organisation_id,
            what=act_words()[one.act],
            text=one.text,
            at=one.at,
        )
        for one in said
    )


def refusal(refused: Refused) -> str:
    """What to tell who asked."""
    most = f"{refused.most:,}"
    until = minute(refused.until) if refused.until else ""
    words: dict[Reason, str] = {
        Reason.NOBODY: _("Nobody speaks for this firm on the portal at present, so it cannot receive this."),
        Reason.BLOCKED: _("This firm takes no contact requests from your organisation."),
        Reason.STOPPED: _(
            "Staff have stopped the contact requests of your organisation until %(time)s. Its administrators were told"
            " why.",
            time=until,
        ),
        Reason.TOO_MANY_TODAY: _(
            "Your organisation has sent %(most)s contact requests today, which is the most. Go on tomorrow.", most=most
        ),
        Reason.TOO_MANY_OPEN: _(
            "%(most)s contact requests of your organisation wait for this firm, which is the most. Wait for an answer,"
            " or withdraw one.",
            most=most,
        ),
        Reason.DUPLICATE: _("Your organisation has asked this firm about this product already, and it is still open."),
        Reason.CHANGED: _(
            "Something was done here meanwhile, see below. Nothing of yours was sent; if it still fits, send it again."
        ),
        Reason.CLOSED: _("This cannot be done any more: see what stands with it."),
        Reason.THREAD_FULL: _(
            "There are %(most)s messages here, which is the most. Go on by telephone or mail.", most=most
        ),
        Reason.TEXT_NEEDED: _("Write what you want to say."),
        Reason.NOT_YOURS: _("Only who sent it, or an administrator of your organisation, may withdraw it."),
        Reason.REPORTED: _("This was reported already."),
        Reason.DECIDED: _("This was decided already."),
    }
    return str(words[refused.reason])
