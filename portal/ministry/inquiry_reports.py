"""GET /ministry/inquiry-reports: what firms report of inquiries; dismissed, or the buyer stopped for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice

from portal.company.inquiries import Refused
from portal.company.inquiry_reports import DAYS, MAX_REASON, Reported, decide, is_stopped, lift, reports
from portal.extensions import db
from portal.ministry.blueprint import blueprint
from portal.ministry.operation_log import staff_actor
from portal.ministry.within import supplier_of, territory
from portal.models import Inquiry, InquiryReport, ReportState, now
from portal.services import services
from portal.web.choices import Select
from portal.web.forms import REQUIRED, ButtonForm, Form, at_most, clean_text
from portal.web.inquiring import hand
from portal.web.numbers import asked_page
from portal.web.permissions import Permission, needs, takes
from portal.web.presenters.inquiries import LARGEST, MessageView, conversation, refusal
from portal.web.presenters.people import person
from portal.web.templating import render_template
from portal.web.writing import writing

PER_PAGE = 20
INVALID = 422


class DismissForm(Form):
    """Why nothing is done."""

    comment = TextAreaField(lazy_gettext("Reason"), filters=[clean_text], validators=[REQUIRED, at_most(MAX_REASON)])


class StopForm(DismissForm):
    """Why the buyer is stopped, and for how long."""

    days = Select(lazy_gettext("For how long"), default=str(DAYS[1]))

    def offer(self) -> StopForm:
        """The same form with days to choose from."""
        self.days.choices = [SelectChoice(str(days), ngettext("%(num)s day", "%(num)s days", days)) for days in DAYS]
        return self


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report as staff see it; `state` in words, `stopped`: the buyer still is, because of it."""

    row: InquiryReport
    inquiry: Inquiry
    firm: str
    firm_url: str
    buyer: str
    sender: str
    thread: tuple[MessageView, ...]
    stopped: bool
    state: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was refused, of which report and for which verdict."""

    report_id: int
    verdict: str
    form: DismissForm


@blueprint.get("/inquiry-reports")
@needs(Permission.CARE)
def inquiry_reports() -> str:
    """`ministry/inquiry_reports.html` with `reported`, `more`, forms, `sent`; those of the own territory."""
    return _page()


def _page(sent: Sent | None = None) -> str:
    page = asked_page()
    session = db.session()
    mine = territory().condition(services().catalogue)
    found = reports(session, mine, most=PER_PAGE + 1, first=(page - 1) * PER_PAGE)
    at = now()
    return render_template(
        "ministry/inquiry_reports.html",
        reported=[_reported(session, row, at) for row in found[:PER_PAGE]],
        more=page + 1 if len(found) > PER_PAGE else None,
        dismiss=DismissForm(formdata=None),
        stop=StopForm(formdata=None).offer(),
        sent=sent,
        button=ButtonForm(formdata=None),
    )


def _reported(session: Session, found: Reported, at: datetime) -> ReportView:
    row, inquiry, firm, buyer, sender = found
    name = firm.name_zh or firm.name_en
    states = {
        ReportState.OPEN: _("to be decided"),
        ReportState.DISMISSED: _("dismissed"),
        ReportState.STOPPED: _("buyer stopped"),
        ReportState.LIFTED: _("stop lifted"),
    }
    return ReportView(
        row=row,
        inquiry=inquiry,
        firm=name,
        firm_url=url_for("ministry.supplier", scheme=firm.scheme, number=firm.number),
        buyer=buyer,
        sender=person(sender.name),
        thread=conversation(session, inquiry, name),
        stopped=is_stopped(row, at),
        state=str(states[ReportState(row.state)]),
    )


@blueprint.post("/inquiry-reports/<int:identifier>/<any(dismiss, stop, lift):verdict>")
@needs(Permission.CARE)
@takes(LARGEST)
def decide_report(identifier: int, verdict: str) -> ResponseReturnValue:
    """Dismiss a report with a reason, stop its buyer for `days`, or let it send again before that."""
    row = db.session.get(InquiryReport, identifier)
    if row is None:
        raise NotFound
    supplier_of(db.session(), db.session.get_one(Inquiry, row.inquiry_id).supplier_id)
    form = StopForm().offer() if verdict == "stop" else DismissForm()
    if verdict != "lift" and not form.validate():
        return _page(Sent(identifier, verdict, form)), INVALID
    try:
        with writing() as session:
            taken = session.get_one(InquiryReport, identifier)
            if verdict == "lift":
                lift(hand(session), taken, staff_actor())
            else:
                days = int(form.days.data) if isinstance(form, StopForm) else 0
                decide(hand(session), taken, staff_actor(), form.comment.data, days)
        flash(_("Decided.") if verdict != "lift" else _("The organisation can send contact requests again."))
    except Refused as refused:
        flash(refusal(refused), "warn")
    return redirect(url_for("ministry.inquiry_reports"))
