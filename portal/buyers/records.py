"""GET /records, /records/<id>, its file, and POST …/withdraw: sourcing records that are fixed."""

from __future__ import annotations

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.buyers.blueprint import blueprint
from portal.buyers.exports import SANDBOX
from portal.buyers.record_forms import WithdrawForm
from portal.buyers.record_making import qr_of
from portal.buyers.record_words import labels
from portal.buyers.words import refusal
from portal.extensions import db
from portal.models import SourcingRecord, User, now
from portal.register.clock import CHINA
from portal.services import services
from portal.web.guard import owned
from portal.web.numbers import asked_page
from portal.web.permissions import Permission, needs
from portal.web.presenters.paging import page_links
from portal.web.templating import render_template
from portal.web.who import buyer
from portal.web.writing import writing
from portal.workspace import record_files, records
from portal.workspace.buyer import Refused
from portal.workspace.record_codes import written
from portal.workspace.record_files import JSON
from portal.workspace.record_tree import decoded

INVALID = 422
PER_PAGE = 50


def record_of(session: Session, identifier: int) -> SourcingRecord:
    """The record, if the signed-in buyer may see it. Raises NotFound."""
    return owned(session, SourcingRecord, identifier, records.visible(buyer()))


@blueprint.get("/records")
@needs(Permission.SOURCE)
def all_records() -> str:
    """`buyers/records.html` with `listed`: Listed of each, `pages`; `?page=`."""
    last = max(1, -(-records.held(db.session(), buyer()) // PER_PAGE))
    number = asked_page(last)
    return render_template(
        "buyers/records.html",
        listed=records.listed(db.session(), buyer(), PER_PAGE, (number - 1) * PER_PAGE),
        pages=page_links(number, last, lambda page: f"/records?page={page}"),
        written=written,
    )


@blueprint.get("/records/<int:identifier>")
@needs(Permission.SOURCE)
def record(identifier: int) -> ResponseReturnValue:
    """`buyers/record.html` with the row `kept`, its `content` (None: the file is damaged), `parts`, `form` and more."""
    return _page(record_of(db.session(), identifier), WithdrawForm(formdata=None))


def _page(kept: SourcingRecord, form: WithdrawForm, status: int = 200) -> ResponseReturnValue:
    session = db.session()
    whole = _file(kept)
    content = decoded(record_files.unpacked(whole, JSON)) if whole else None
    withdrawer = session.get(User, kept.withdrawn_by_id) if kept.withdrawn_by_id else None
    page = render_template(
        "buyers/record.html",
        kept=kept,
        content=content,
        code=written(kept.code),
        qr=qr_of(content.verify) if content else "",
        parts=records.parts(session, kept),
        later=records.replaced_by(session, kept),
        earlier=session.get(SourcingRecord, kept.replaces_id) if kept.replaces_id else None,
        manages=records.may_manage(buyer(), kept),
        withdrawer=withdrawer.name if withdrawer else "",
        labels=labels(),
        form=form,
    )
    return page, status


def _file(kept: SourcingRecord) -> bytes | None:
    return record_files.load(services().settings.records_dir, kept.sha256)


@blueprint.get("/records/<int:identifier>/file")
@needs(Permission.SOURCE)
def record_file(identifier: int) -> ResponseReturnValue:
    """The ZIP; a damaged one is not handed out."""
    kept = record_of(db.session(), identifier)
    whole = _file(kept)
    if whole is None:
        return redirect(url_for("buyers.record", identifier=identifier))
    day = kept.made_at.astimezone(CHINA).date().isoformat()
    answer = Response(whole, mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"sourcing-record-{day}-{kept.code[:5]}.zip")
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


@blueprint.post("/records/<int:identifier>/withdraw")
@needs(Permission.SOURCE)
def withdraw_record(identifier: int) -> ResponseReturnValue:
    """Say that it holds no longer, and why."""
    kept, form = record_of(db.session(), identifier), WithdrawForm()
    if not form.validate_on_submit():
        return _page(kept, form, INVALID)
    try:
        with writing() as session:
            records.withdraw(buyer(), record_of(session, identifier), form.reason.data, now())
    except Refused as refused:
        form.reason.errors = [refusal(refused)]
        return _page(kept, form, INVALID)
    flash(_("The record is withdrawn: whoever verifies it is told so."))
    return redirect(url_for("buyers.record", identifier=identifier))
