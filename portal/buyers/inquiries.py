"""Inquiries of a buyer: /workspace/inquiries, one of them, and a new one. They are the whole organisation's."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.buyers.blueprint import blueprint
from portal.company.inquiries import Reason, Refused, counted, is_open, seen, send, speaker, stopped_until
from portal.company.inquiry_thread import BUYER_MAY, Said, ask_on, may_withdraw, note_read
from portal.extensions import db
from portal.models import Inquiry, InquiryAct, Supplier, now
from portal.register.clock import today_china
from portal.web.back import safe_next
from portal.web.errors import SupplierNotFound
from portal.web.forms import ButtonForm
from portal.web.guard import owned
from portal.web.inquiring import InquiryForm, ThreadForm, hand, party
from portal.web.numbers import asked_page
from portal.web.permissions import Permission, needs, takes
from portal.web.presenters import supplier as firms
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.context import context
from portal.web.presenters.inquiries import LARGEST, conversation, for_buyers, lines, refusal
from portal.web.presenters.paging import page_links
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing

PER_PAGE = 50
INVALID, CONFLICT = 422, 409
USUAL = timedelta(days=10)
"""To answer in, unless the buyer says otherwise."""


@blueprint.get("/workspace/inquiries")
@needs(Permission.SOURCE)
def all_inquiries() -> str:
    """`buyers/inquiries.html` with `lines`: Line of each, `total`, `unread`, `pages`, `stopped`."""
    session, mine = db.session(), Inquiry.organisation_id == signed_in().organisation_id
    total = counted(session, mine)
    last = max(1, -(-total // PER_PAGE))
    page = asked_page(last)
    found = seen(session, today_china(), mine, most=PER_PAGE, first=(page - 1) * PER_PAGE)
    return render_template(
        "buyers/inquiries.html",
        lines=lines(session, found),
        total=total,
        unread=counted(session, mine, Inquiry.for_buyer.is_(True)),
        pages=page_links(page, last, lambda number: url_for("buyers.all_inquiries", page=number)),
        stopped=stopped_until(session, signed_in().organisation_id, now()),
    )


@blueprint.route("/workspace/inquiries/new", methods=["GET", "POST"])
@needs(Permission.SOURCE)
@takes(LARGEST)
def new_inquiry() -> ResponseReturnValue:
    """`buyers/inquiry_new.html` with `firm`, `form`, `to`, `open`, `stopped`; `?id=` says which firm.

    `to`: the organisation that would get it; None: nobody would, and the page shows what contact is public.
    """
    firm = _firm(request.args.get("id", "")[:100])
    form = InquiryForm()
    if not form.is_submitted():
        form.answer_by.data = (today_china() + USUAL).isoformat()
        return _new(firm, form)
    if not form.validate():
        return _new(firm, form), INVALID
    try:
        with writing() as session:
            made = send(hand(session), session.get_one(Supplier, firm.id), form.asked()).id
    except Refused as refused:
        if refused.reason is Reason.DUPLICATE:
            flash(refusal(refused), "warn")
            return redirect(url_for("buyers.inquiry", identifier=refused.inquiry))
        return _new(firm, form, refusal(refused)), INVALID
    flash(_("Your contact request was sent. You will be told when the firm answers."))
    return redirect(url_for("buyers.inquiry", identifier=made))


def _firm(key: str) -> Supplier:
    """The firm; one that has gone ends the request at its page, which says why."""
    found = firms.find(key, context())
    if found is None:
        raise SupplierNotFound(key)
    if isinstance(found, firms.Moved):
        abort(redirect(url_for("buyers.new_inquiry", id=found.key)))
    if isinstance(found, firms.Withdrawn):
        abort(redirect(supplier_url(found.key)))
    return found


def _new(firm: Supplier, form: InquiryForm, problem: str = "") -> str:
    session, mine = db.session(), signed_in().organisation_id
    at_firm = (Inquiry.organisation_id == mine, Inquiry.supplier_id == firm.id, is_open(today_china()))
    return render_template(
        "buyers/inquiry_new.html",
        firm=firm,
        url=supplier_url(firm.key),
        form=form,
        to=speaker(session, firm.id),
        open=lines(session, seen(session, today_china(), *at_firm)),
        stopped=stopped_until(session, mine, now()),
        back=safe_next(request.args.get("next")) or supplier_url(firm.key),
        problem=problem,
    )


def _inquiry(session: Session, identifier: int) -> Inquiry:
    return owned(session, Inquiry, identifier)


@blueprint.get("/workspace/inquiries/<int:identifier>")
@needs(Permission.SOURCE)
def inquiry(identifier: int) -> str:
    """`buyers/inquiry.html` with `inquiry`, `firm`, `thread`, `standing`, `label`, `form`, `may`; then it is read."""
    found = _inquiry(db.session(), identifier)
    page = _page(identifier, ThreadForm(formdata=None))
    if found.for_buyer:
        with suppress(OperationalError), writing() as session:  # a busy database keeps nobody from reading
            note_read(session, found.id, found.version, by_firm=False)
    return page


def _page(identifier: int, form: ThreadForm, problem: str = "") -> str:
    session = db.session()
    found = _inquiry(session, identifier)
    stands = seen(session, today_china(), Inquiry.id == found.id)[0].standing
    firm = session.get_one(Supplier, found.supplier_id)
    form.version.data = str(found.version)
    may = BUYER_MAY.get(stands, {})
    return render_template(
        "buyers/inquiry.html",
        inquiry=found,
        firm=firm,
        url=supplier_url(firm.key),
        thread=conversation(session, found, firm.name_zh or firm.name_en),
        standing=stands,
        label=for_buyers()[stands],
        form=form,
        button=ButtonForm(formdata=None),
        may_reply=InquiryAct.REPLIED in may,
        may_withdraw=InquiryAct.WITHDRAWN in may and may_withdraw(party(), found),
        problem=problem,
    )


@blueprint.post("/workspace/inquiries/<int:identifier>")
@needs(Permission.SOURCE)
@takes(LARGEST)
def reply_to_firm(identifier: int) -> ResponseReturnValue:
    """Answer the firm's question, or write to a firm that is interested."""
    return _act(identifier, InquiryAct.REPLIED, _("Your message was sent."))


@blueprint.post("/workspace/inquiries/<int:identifier>/withdraw")
@needs(Permission.SOURCE)
def withdraw_inquiry(identifier: int) -> ResponseReturnValue:
    """Take it back; the firm is told, and nothing more can be said."""
    return _act(identifier, InquiryAct.WITHDRAWN, _("The contact request was withdrawn, and the firm is told so."))


def _act(identifier: int, act: InquiryAct, done: str) -> ResponseReturnValue:
    form = ThreadForm()
    _inquiry(db.session(), identifier)
    if not form.validate():
        return _page(identifier, form), INVALID
    try:
        with writing() as session:
            ask_on(hand(session), Said(identifier, form.seen, act, form.text.data))
    except LookupError:
        raise NotFound from None
    except Refused as refused:
        db.session.rollback()  # what others did meanwhile is to be seen
        return _page(identifier, form, refusal(refused)), CONFLICT
    flash(done)
    return redirect(url_for("buyers.inquiry", identifier=identifier))
