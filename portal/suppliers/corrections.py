"""/firm/corrections: report an error in an official fact, with proof, and see what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.company import corrections
from portal.company.corrections import REPORTABLE, Reportable
from portal.company.files import Refused as FileRefused
from portal.company.files import Taken, attach
from portal.extensions import db
from portal.models import CaseKind, CaseState, ReviewCase, Supplier
from portal.notices import texts
from portal.reviews.cases import Desk, submit
from portal.reviews.kinds import Refused
from portal.reviews.reading import asked_by
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.correction_forms import CorrectionForm, form_of
from portal.suppliers.firm import own_firm
from portal.web.i18n import language
from portal.web.permissions import Permission, needs, takes
from portal.web.presenters.reviews import state_labels
from portal.web.proofs import ACCEPTED, fault_words, most_bytes, taken
from portal.web.reviewing import desk
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing

INVALID = 422


@dataclass(frozen=True, slots=True)
class FactView:
    """An official fact: what the register holds, and the address of the form that reports it as wrong."""

    label: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class AskedView:
    """A request, and where it stands."""

    case: ReviewCase
    label: str
    state: str


@blueprint.get("/corrections")
@needs(Permission.KEEP_PROFILE)
def all_corrections() -> str:
    """`suppliers/corrections.html`: `facts`: FactViews, `asked`: AskedViews, newest first."""
    session = db.session()
    firm = own_firm(session)
    rows = asked_by(session, signed_in().organisation_id, CaseKind.CORRECTION)
    return render_template(
        "suppliers/corrections.html",
        facts=[fact_view(one, firm) for one in REPORTABLE.values()],
        asked=[asked_view(case) for case in rows],
    )


@blueprint.route("/corrections/new", methods=["GET", "POST"])
@needs(Permission.KEEP_PROFILE)
@takes(most_bytes)
def new_correction() -> ResponseReturnValue:
    """`suppliers/correction_new.html`: `form` about the fact `?field=`; without one, on to the list of facts."""
    session, fact = db.session(), REPORTABLE.get(request.args.get("field", ""))
    firm = own_firm(session)
    if fact is None:
        return redirect(url_for("suppliers.all_corrections"))
    there = corrections.open_case(session, firm.id, fact.field)
    if there is not None and there.organisation_id == signed_in().organisation_id:
        flash(_("You have reported this already."), "warn")
        return redirect(url_for("suppliers.correction", identifier=there.id))
    form = form_of(fact)
    if not form.is_submitted():
        return _new_page(fact, firm, form)
    files = checked(form, needed=True)
    if files is None:
        return _new_page(fact, firm, form), INVALID

    def hand_in(at: Desk) -> ReviewCase:
        own = own_firm(at.act.session)
        corrections.require_room(at.act.session, own.id, fact.field)
        return submit(at, CaseKind.CORRECTION, own, payload(fact, form))

    problem = write(hand_in, files)
    if problem:
        return _new_page(fact, firm, form, problem), INVALID
    flash(_("Thank you. Staff look at it; you get a message when they have decided."))
    return redirect(url_for("suppliers.all_corrections"))


def _new_page(fact: Reportable, firm: Supplier, form: CorrectionForm, problem: str = "") -> str:
    return render_template(
        "suppliers/correction_new.html",
        fact=fact_view(fact, firm),
        form=form,
        problem=problem,
        accepted=ACCEPTED,
    )


def fact_view(fact: Reportable, firm: Supplier) -> FactView:
    """A fact as the register has it now."""
    value = getattr(firm, fact.field) if fact.settable else None
    shown = corrections.shown(fact, value, services().catalogue, language())
    return FactView(fact.label(texts(language())), shown, url_for("suppliers.new_correction", field=fact.field))


def asked_view(case: ReviewCase) -> AskedView:
    """A request in words."""
    fact = REPORTABLE[case.payload["field"]]
    return AskedView(case, fact.label(texts(language())), state_labels()[CaseState(case.state)])


def payload(fact: Reportable, form: CorrectionForm) -> dict[str, str]:
    """What a case keeps of the form."""
    return {
        "field": fact.field,
        "right": form.right.data or "",
        "why": form.why.data or "",
        "link": form.link.data or "",
    }


def checked(form: CorrectionForm, *, needed: bool) -> list[Taken] | None:
    """The files of a form that holds; None where it does not, and its fields say why. `needed`: a file or a link."""
    holds = form.validate()
    files, problems = taken()
    if needed and not (files or problems or form.link.data):
        problems = [_("Staff need to see it: add a file, or an address where it can be seen.")]
    form.files.errors = [*form.files.errors, *problems]
    return files if holds and not problems else None


def write(deed: Callable[[Desk], ReviewCase], files: Sequence[Taken]) -> str:
    """Do it and put the files to the case, all or nothing; why it was not done, "" if it was. Raises as the deed."""
    try:
        with writing() as session:
            at = desk(session)
            attach(session, at.user, deed(at).id, files, at.act.at)
    except Refused as refused:
        return refused.said(language())
    except FileRefused as refused:
        return fault_words(refused.fault)
    return ""
