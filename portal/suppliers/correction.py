"""/firm/corrections/<id>: one request: where it stands, what staff said, the answer to it, and taking it back."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.company.corrections import KIND, REPORTABLE
from portal.company.files import proofs_of
from portal.extensions import db
from portal.models import CaseKind, CaseState, ReviewCase, StepAction
from portal.reviews.cases import Stale, resubmit, withdraw
from portal.reviews.kinds import Refused
from portal.reviews.reading import steps_of
from portal.suppliers.blueprint import blueprint
from portal.suppliers.correction_forms import CorrectionForm, form_of
from portal.suppliers.corrections import INVALID, asked_view, checked, payload, write
from portal.web.forms import ButtonForm, SeenForm
from portal.web.guard import owned
from portal.web.i18n import language
from portal.web.permissions import Permission, needs, takes
from portal.web.presenters.reviews import step_labels
from portal.web.proofs import ACCEPTED, most_bytes
from portal.web.reviewing import desk, glass
from portal.web.templating import render_template
from portal.web.writing import writing

CONFLICT = 409
OF_STAFF = (StepAction.TAKEN, StepAction.RELEASED)
"""Deeds that are between staff alone."""


def _own(session: Session, identifier: int) -> ReviewCase:
    """The own organisation's. Raises NotFound."""
    return owned(session, ReviewCase, identifier, ReviewCase.kind == CaseKind.CORRECTION)


@blueprint.route("/corrections/<int:identifier>", methods=["GET", "POST"])
@needs(Permission.KEEP_PROFILE)
@takes(most_bytes)
def correction(identifier: int) -> ResponseReturnValue:
    """`suppliers/correction.html`; a POST answers a request that was returned."""
    session = db.session()
    case = _own(session, identifier)
    fact, given = REPORTABLE[case.payload["field"]], case.payload
    form = form_of(fact, data={name: given[name] for name in ("right", "why", "link")})
    if not form.is_submitted():
        return _page(case, form)
    files = checked(form, needed=False)
    if files is None:
        return _page(case, form), INVALID
    try:
        problem = write(lambda at: resubmit(at, identifier, form.seen, payload(fact, form)), files)
    except Stale:
        return _stale(identifier, form)
    if problem:
        return _page(case, form, problem), INVALID
    flash(_("Handed in again. Staff look at it."))
    return redirect(url_for("suppliers.correction", identifier=identifier))


@blueprint.post("/corrections/<int:identifier>/withdraw")
@needs(Permission.KEEP_PROFILE)
def withdraw_correction(identifier: int) -> ResponseReturnValue:
    """Take it back; staff then do not decide it any more."""
    _own(db.session(), identifier)
    form = SeenForm()
    try:
        with writing() as session:
            withdraw(desk(session), identifier, form.seen)
        flash(_("Taken back."))
    except Stale:
        flash(_("Something happened to it meanwhile. Look at it again."), "warn")
    except Refused as refused:
        flash(refused.said(language()), "warn")
    return redirect(url_for("suppliers.correction", identifier=identifier))


def _stale(identifier: int, form: CorrectionForm) -> ResponseReturnValue:
    session = db.session()
    session.rollback()
    problem = _("Something happened to it meanwhile; this is how it stands now. Nothing of yours was written.")
    return _page(_own(session, identifier), form, problem), CONFLICT


def _page(case: ReviewCase, form: CorrectionForm, problem: str = "") -> str:
    """`asked`: AskedView, `differences`, `proofs`, `steps`: (when, what, comment), `form` to answer, `problem`."""
    session = db.session()
    form.version.data = str(case.version)
    told = [step for step in steps_of(session, case.id) if step.action not in OF_STAFF]
    return render_template(
        "suppliers/correction.html",
        asked=asked_view(case),
        differences=KIND.differences(case, glass(session)),
        proofs=proofs_of(session, case.id),
        steps=[(step.at, step_labels()[StepAction(step.action)], step.comment) for step in reversed(told)],
        form=form,
        problem=problem,
        answers=case.state == CaseState.RETURNED,
        open=case.state in {CaseState.OPEN, CaseState.RETURNED},
        button=ButtonForm(formdata=None),
        accepted=ACCEPTED,
    )
