"""Inquiries that a firm gets: /firm/inquiries, one of them, its answer; block and report."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from wtforms import TextAreaField

from portal.company import inquiry_reports
from portal.company.inquiries import Refused, counted, received_by, seen
from portal.company.inquiry_reports import MAX_REASON
from portal.company.inquiry_thread import FIRM_MAY, Said, answer, note_read
from portal.extensions import db
from portal.models import Inquiry, InquiryAct, Organisation, User
from portal.register.clock import today_china
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.web.forms import REQUIRED, ButtonForm, Form, at_most, clean_text
from portal.web.inquiring import ThreadForm, hand
from portal.web.numbers import asked_page
from portal.web.permissions import Permission, needs, takes
from portal.web.presenters.inquiries import LARGEST, conversation, for_firms, lines, refusal
from portal.web.presenters.paging import page_links
from portal.web.presenters.people import person
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing

PER_PAGE = 50
INVALID, CONFLICT = 422, 409


class ReportForm(Form):
    """What is wrong with an inquiry."""

    reason = TextAreaField(
        lazy_gettext("What is wrong with it?"), filters=[clean_text], validators=[REQUIRED, at_most(MAX_REASON)]
    )


def received(session: Session, identifier: int) -> Inquiry:
    """The inquiry, if the firm of who is signed in got it. Raises NotFound for all others alike."""
    wanted = select(Inquiry).where(Inquiry.id == identifier, received_by(signed_in().organisation_id))
    found = session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound
    return found


@blueprint.get("/inquiries")
@needs(Permission.KEEP_PROFILE)
def inquiries() -> str:
    """`suppliers/inquiries.html` with `lines`, `unread`, `pages`, `blocked`, `button`."""
    session, mine = db.session(), received_by(signed_in().organisation_id)
    own_firm(session)
    total = counted(session, mine)
    last = max(1, -(-total // PER_PAGE))
    page = asked_page(last)
    found = seen(session, today_china(), mine, most=PER_PAGE, first=(page - 1) * PER_PAGE)
    return render_template(
        "suppliers/inquiries.html",
        lines=lines(session, found, to_firm=True),
        total=total,
        unread=counted(session, mine, Inquiry.for_firm.is_(True)),
        pages=page_links(page, last, lambda number: url_for("suppliers.inquiries", page=number)),
        blocked=inquiry_reports.blocked(session, signed_in().organisation_id),
        button=ButtonForm(formdata=None),
    )


@blueprint.get("/inquiries/<int:identifier>")
@needs(Permission.KEEP_PROFILE)
def inquiry(identifier: int) -> str:
    """`suppliers/inquiry.html` with `inquiry`, `buyer`, `sender`, `thread`, `label`, `may`, forms; then it is read."""
    own_firm(db.session())
    page, found = _page(identifier, ThreadForm(formdata=None)), received(db.session(), identifier)
    if found.for_firm:
        with suppress(OperationalError), writing() as session:  # a busy database keeps nobody from reading
            note_read(session, found.id, found.version, by_firm=True)
    return page


def _page(identifier: int, form: ThreadForm, problem: str = "", reporting: ReportForm | None = None) -> str:
    session = db.session()
    firm = own_firm(session)
    found = received(session, identifier)
    stands = seen(session, today_china(), Inquiry.id == found.id)[0].standing
    form.version.data = str(found.version)
    return render_template(
        "suppliers/inquiry.html",
        inquiry=found,
        buyer=session.get_one(Organisation, found.organisation_id).name,
        sender=person(session.get_one(User, found.user_id).name),
        thread=conversation(session, found, firm.name_zh or firm.name_en),
        standing=stands,
        label=for_firms()[stands],
        may=_possible(found, FIRM_MAY.get(stands, {})),
        form=form,
        report_form=reporting or ReportForm(formdata=None),
        reported=inquiry_reports.report_of(session, found.id),
        button=ButtonForm(formdata=None),
        problem=problem,
    )


def _possible(found: Inquiry, may: dict[InquiryAct, Any]) -> list[InquiryAct]:
    late = found.state == "declined" and found.answer_by < today_china()
    return [] if late else list(may)


@blueprint.post("/inquiries/<int:identifier>")
@needs(Permission.KEEP_PROFILE)
@takes(LARGEST)
def answer_inquiry(identifier: int) -> ResponseReturnValue:
    """`do`: interested, declined, asked (with `text`), replied (with `text`)."""
    done = {
        InquiryAct.INTERESTED: _("The buyer is told that you are interested."),
        InquiryAct.DECLINED: _("The buyer is told that you are not interested."),
        InquiryAct.ASKED: _("Your question was sent."),
        InquiryAct.REPLIED: _("Your message was sent."),
    }
    form = ThreadForm()
    own_firm(db.session())
    received(db.session(), identifier)
    act = request.form.get("do", "")
    if act not in done or not form.validate():
        return _page(identifier, form, "" if form.errors else _("Choose an answer.")), INVALID
    try:
        with writing() as session:
            answer(hand(session), Said(identifier, form.seen, InquiryAct(act), form.text.data))
    except LookupError:
        raise NotFound from None
    except Refused as refused:
        db.session.rollback()  # what others did meanwhile is to be seen
        return _page(identifier, form, refusal(refused)), CONFLICT
    flash(done[InquiryAct(act)])
    return redirect(url_for("suppliers.inquiry", identifier=identifier))


@blueprint.post("/inquiries/<int:identifier>/report")
@needs(Permission.KEEP_PROFILE)
@takes(LARGEST)
def report_inquiry(identifier: int) -> ResponseReturnValue:
    """Tell staff, with `reason`; they then read the whole thread."""
    form = ReportForm()
    own_firm(db.session())
    received(db.session(), identifier)
    if not form.validate():
        return _page(identifier, ThreadForm(formdata=None), reporting=form), INVALID
    try:
        with writing() as session:
            inquiry_reports.report(hand(session), received(session, identifier), form.reason.data)
        flash(_("Thank you. Staff of the portal will look at it."))
    except Refused as refused:
        flash(refusal(refused), "warn")
    return redirect(url_for("suppliers.inquiry", identifier=identifier))


@blueprint.post("/inquiries/<int:identifier>/block")
@needs(Permission.KEEP_PROFILE)
def block_buyer(identifier: int) -> ResponseReturnValue:
    """Take nothing more from the buyer's organisation."""
    own_firm(db.session())
    with writing() as session:
        declined = inquiry_reports.block(hand(session), received(session, identifier))
    flash(_("This organisation can send you nothing any more. You can allow it again at the foot of the list."))
    if declined:
        flash(
            ngettext(
                "%(num)s open contact request of it was answered with “not interested”.",
                "%(num)s open contact requests of it were answered with “not interested”.",
                declined,
            )
        )
    return redirect(url_for("suppliers.inquiries"))


@blueprint.post("/inquiries/blocks/<int:identifier>/remove")
@needs(Permission.KEEP_PROFILE)
def unblock_buyer(identifier: int) -> ResponseReturnValue:
    """Take contact requests of a blocked organisation again."""
    with writing() as session:
        if not inquiry_reports.unblock(session, signed_in().organisation_id, identifier):
            raise NotFound
    flash(_("This organisation can send you contact requests again."))
    return redirect(url_for("suppliers.inquiries"))
