"""/firm/claims/<id>: a claim as its claimant sees it; /firm/disputes/<id>: as who speaks for the firm sees it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.company import claims
from portal.company.claim_notices import firm_name
from portal.company.claims import is_disputed
from portal.company.files import Refused as NotTaken
from portal.company.files import attach, proofs_of
from portal.extensions import db
from portal.models import CaseKind, CaseState, Organisation, Proof, ReviewCase, ReviewStep, Supplier, User, now
from portal.reviews import cases
from portal.reviews.cases import PENDING, Stale
from portal.reviews.kinds import Refused
from portal.reviews.reading import steps_of
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.claim_forms import AnswerForm, FilesForm, ReplyForm
from portal.suppliers.claim_words import stage_labels, step_labels, way_labels
from portal.suppliers.firm import own_firm
from portal.web.forms import ButtonForm
from portal.web.guard import owned
from portal.web.i18n import language
from portal.web.permissions import Permission, needs, takes
from portal.web.presenters.reviews import state_labels
from portal.web.proofs import ACCEPTED, fault_words, most_bytes
from portal.web.reviewing import desk
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing

INVALID = 422
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Told:
    """Something that was done to a claim, as its claimant is told; `by`: staff's names stay theirs."""

    step: ReviewStep
    label: str
    by: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A claim. `files`: of the organisation that looks; `other`: the claimant's name, to who holds the firm."""

    case: ReviewCase
    firm: Supplier
    name: str
    state: str
    stage: str
    way: str
    open: bool
    disputed: bool
    files: list[Proof]
    steps: list[Told]
    other: str


def view_of(case: ReviewCase, session: Session) -> CaseView:
    """For whoever is signed in."""
    firm, mine = session.get_one(Supplier, case.supplier_id), signed_in().organisation_id
    pending = case.state in PENDING
    return CaseView(
        case=case,
        firm=firm,
        name=firm_name(firm, language()),
        state=state_labels()[case.state],
        stage=stage_labels()[case.stage],
        way=way_labels()[case.payload["way"]],
        open=pending,
        disputed=pending and is_disputed(session, case),
        files=[proof for proof in proofs_of(session, case.id) if proof.organisation_id == mine],
        steps=_steps(case, session),
        other=session.get_one(Organisation, case.organisation_id).name,
    )


def _steps(case: ReviewCase, session: Session) -> list[Told]:
    labels = step_labels()
    mine = select(User.id, User.name).where(User.organisation_id == case.organisation_id)
    own = dict(session.execute(mine).all())
    staff = _("staff")
    found = steps_of(session, case.id)
    return [Told(step, labels[step.action], own.get(step.user_id, staff)) for step in found if step.action in labels]


def _own(session: Session, identifier: int) -> ReviewCase:
    return owned(session, ReviewCase, identifier, ReviewCase.kind == CaseKind.CLAIM)


@blueprint.get("/claims/<int:identifier>")
@needs(Permission.SPEAK_FOR_FIRM)
def claim_case(identifier: int) -> ResponseReturnValue:
    """The claim: what is looked at, since when, what was said; files can be added, and it can be withdrawn."""
    case = _own(db.session(), identifier)
    form = ReplyForm(formdata=None)
    form.seen.data = seen(db.session(), case)
    return _case_page(case, form)


def _case_page(case: ReviewCase, form: ReplyForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "suppliers/claim_case.html",
        page=view_of(case, db.session()),
        form=form,
        button=ButtonForm(formdata=None),
        most=services().settings.proof_limit,
        accept=ACCEPTED,
    )
    return page, status


@blueprint.post("/claims/<int:identifier>/reply")
@needs(Permission.SPEAK_FOR_FIRM)
@takes(most_bytes)
def claim_reply(identifier: int) -> ResponseReturnValue:
    """Answer a comment and add files; it is then handed in again."""
    case, form = _own(db.session(), identifier), ReplyForm()
    valid = form.validate()
    good = form.take() and valid
    if good and not (form.taken or form.comment.data):
        form.comment.errors = [_("Write an answer, or add a file.")]
        good = False
    if not good:
        return _case_page(case, form, INVALID)
    try:
        with writing() as session:
            current = _current(session, identifier, form.seen.data)
            cases.resubmit(desk(session), identifier, current, comment=form.comment.data)
            attach(session, signed_in(), identifier, form.taken, now())
    except NotTaken as refused:
        form.files.errors = [fault_words(refused.fault)]
        return _case_page(case, form, INVALID)
    except (Stale, Refused) as error:
        return _stale(error, identifier, form)
    flash(_("Handed in. Staff will look at it; you get a message."))
    return redirect(url_for("suppliers.claim_case", identifier=identifier))


def _stale(error: Stale | Refused, identifier: int, form: ReplyForm) -> ResponseReturnValue:
    """Show the claim as it is now, with what was written."""
    db.session().expire_all()
    case = _own(db.session(), identifier)
    form.seen.data = seen(db.session(), case)
    form.comment.errors = [
        error.said(language())
        if isinstance(error, Refused)
        else _("The claim has changed meanwhile. Look at it, and send your answer again.")
    ]
    return _case_page(case, form, CONFLICT)


@blueprint.post("/claims/<int:identifier>/withdraw")
@needs(Permission.SPEAK_FOR_FIRM)
def claim_withdraw(identifier: int) -> ResponseReturnValue:
    """Take the claim back."""
    _own(db.session(), identifier)
    try:
        with writing() as session:
            cases.withdraw(desk(session), identifier, _current(session, identifier, request.form.get("seen", "")))
        flash(_("The claim was withdrawn."))
    except Stale:
        flash(_("The claim has changed meanwhile. Look at it first."), "warn")
    except Refused as refused:
        flash(refused.said(language()), "warn")
    return redirect(url_for("suppliers.claim_case", identifier=identifier))


def seen(session: Session, case: ReviewCase) -> str:
    """Stands for what the claimant sees of a claim; what the holder says to staff, and staff among themselves, does not
    change it.
    """
    told = [step.id for step in steps_of(session, case.id) if step.action in step_labels()]
    return str(told[-1])


def _current(session: Session, identifier: int, before: str | None) -> int:
    """The version of a claim, now locked, which the claimant has seen as it is. Raises Stale."""
    wanted = select(ReviewCase).where(ReviewCase.id == identifier).with_for_update()
    case = session.scalars(wanted.execution_options(populate_existing=True)).one()
    if seen(session, case) != before:
        raise Stale(case.id, case.version)
    return case.version


@blueprint.get("/disputes/<int:identifier>")
@needs(Permission.SPEAK_FOR_FIRM)
def dispute(identifier: int) -> ResponseReturnValue:
    """Another's claim on the own firm: who, since when, and what the own side says to it."""
    case, form = _against_us(identifier), AnswerForm(formdata=None)
    form.comment.data = case.payload.get("answer", "")
    return _dispute_page(case, form)


def _dispute_page(case: ReviewCase, form: FilesForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "suppliers/dispute.html",
        page=view_of(case, db.session()),
        form=form,
        most=services().settings.proof_limit,
        accept=ACCEPTED,
    )
    return page, status


@blueprint.post("/disputes/<int:identifier>")
@needs(Permission.SPEAK_FOR_FIRM)
@takes(most_bytes)
def answer_dispute(identifier: int) -> ResponseReturnValue:
    """What staff should know, with files."""
    case, form = _against_us(identifier), AnswerForm()
    valid = form.validate()
    if not (form.take() and valid):
        return _dispute_page(case, form, INVALID)
    try:
        with writing() as session:
            claims.answer(desk(session), identifier, form.comment.data)
            attach(session, signed_in(), identifier, form.taken, now())
        flash(_("Staff will read your answer before they decide."))
    except NotTaken as refused:
        form.files.errors = [fault_words(refused.fault)]
        return _dispute_page(case, form, INVALID)
    except Refused as refused:
        flash(refused.said(language()), "warn")
    return redirect(url_for("suppliers.dispute", identifier=identifier))


def _against_us(identifier: int) -> ReviewCase:
    """A claim of others on the own firm, decided or not. Raises NotFound for any other."""
    session = db.session()
    firm, case = own_firm(session), session.get(ReviewCase, identifier)
    theirs = case is not None and case.kind == CaseKind.CLAIM and case.organisation_id != signed_in().organisation_id
    if case is None or not theirs or case.supplier_id != firm.id or case.state == CaseState.WITHDRAWN:
        raise NotFound
    return case
