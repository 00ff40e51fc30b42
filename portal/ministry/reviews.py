"""GET /ministry/reviews: the cases of one's territory, those that wait longest first; many approved at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal.company.kinds import KINDS
from portal.ministry.blueprint import blueprint
from portal.ministry.due import offer_places
from portal.ministry.review_forms import QueueForm
from portal.ministry.review_rows import CaseRow, case_rows
from portal.ministry.within import territory
from portal.models import CaseKind, CaseStage, CaseState, ReviewCase
from portal.register.territory import Territory
from portal.reviews.cases import Decision, NotYours, Stale, decide
from portal.reviews.kinds import Refused
from portal.reviews.reading import Asked, Queue
from portal.web.forms import ButtonForm
from portal.web.i18n import language
from portal.web.numbers import asked_page, whole
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.paging import page_links
from portal.web.presenters.reviews import kind_labels, stage_labels, state_labels
from portal.web.reviewing import desk, stages
from portal.web.screens import PageLink
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing

PER_PAGE = 50
MINE, UNOWNED = "mine", "nobody"
ANY = "any"
"""Of states: settled cases too."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of the queue."""

    rows: tuple[CaseRow, ...]
    total: int
    pages: tuple[PageLink, ...]


def queue(at: Context) -> Queue:
    """The cases of the territory of who is signed in."""
    return Queue(at.session, at.catalogue, stages(), territory())


@blueprint.get("/reviews")
@needs(Permission.REVIEW)
def reviews() -> str:
    """`ministry/reviews.html`: `screen`, `form`, `waiting`: how many wait for who is signed in, `kept`, `button`."""
    at, form = context(), queue_form()
    kept = {name: value for name, value in form.data.items() if value}
    return render_template(
        "ministry/reviews.html",
        screen=_screen(at, form, kept),
        form=form,
        kept=kept,
        waiting=queue(at).waiting(signed_in().id),
        button=ButtonForm(formdata=None),
    )


@blueprint.post("/reviews/approve")
@needs(Permission.REVIEW)
def approve_reviews() -> ResponseReturnValue:
    """Approve the cases that were ticked, each by itself: what cannot be is told, and the others are."""
    done, problems = 0, []
    ticked = sorted({pair for text in request.form.getlist("case") if (pair := _ticked(text)) is not None})
    for case_id, version in ticked[:PER_PAGE]:
        problem = _approve(case_id, version)
        if problem:
            problems.append(_("No. %(id)s: %(problem)s", id=case_id, problem=problem))
        else:
            done += 1
    for problem in problems:
        flash(problem, "warn")
    if done:
        flash(ngettext("%(num)s case was approved.", "%(num)s cases were approved.", done))
    elif not problems:
        flash(_("Tick the cases first."), "warn")
    return redirect(f"{url_for('ministry.reviews')}?{request.query_string.decode()}".rstrip("?"))


def _approve(case_id: int, version: int) -> str:
    """Why the case was not approved, "" if it was."""
    try:
        with writing() as session:
            case = session.get(ReviewCase, case_id)
            if case is None or not KINDS[CaseKind(case.kind)].bulk:
                return str(_("This case must be looked at by itself."))
            decide(desk(session), case_id, version, Decision.APPROVE)
    except Stale:
        return str(_("Someone was quicker. Look at it again."))
    except NotYours:
        return str(_("It is not yours to decide."))
    except Refused as refused:
        return str(refused.said(language()))
    return ""


def _ticked(text: str) -> tuple[int, int] | None:
    case_id, _dot, version = text.partition(".")
    good = all(part.isascii() and part.isdigit() and len(part) < 10 for part in (case_id, version))
    return (int(case_id), int(version)) if good else None


def queue_form() -> QueueForm:
    """The filters as the address has them; what is none of the choices counts as not chosen."""
    form = QueueForm(request.args)
    _offer(form.kind, kind_labels(), _("all"))
    _offer(form.state, {**state_labels(), ANY: _("all")}, "")
    _offer(form.stage, stage_labels(), _("all"))
    _offer(form.owner, {MINE: _("me"), UNOWNED: _("nobody yet")}, _("anyone"))
    offer_places(form.region, form.sector)
    form.state.data = form.state.data or CaseState.OPEN
    return form


def _offer(field: SelectField, labels: Any, everything: str) -> None:
    choices = [SelectChoice("", everything)] if everything else []
    field.choices = [*choices, *(SelectChoice(str(code), label) for code, label in labels.items())]
    if field.data not in labels:
        field.data = ""


def asked(form: QueueForm) -> Asked:
    """Which cases the filters let through."""
    places = Territory(tuple(filter(None, [form.region.data])), tuple(filter(None, [form.sector.data])))
    return Asked(
        kind=CaseKind(form.kind.data) if form.kind.data else None,
        state=None if form.state.data == ANY else CaseState(form.state.data),
        stage=CaseStage(form.stage.data) if form.stage.data else None,
        owner=signed_in().id if form.owner.data == MINE else None,
        unowned=form.owner.data == UNOWNED,
        within=places,
        supplier_id=_firm(),
    )


def _firm() -> int | None:
    return whole(request.args.get("firm"))


def _screen(at: Context, form: QueueForm, kept: dict[str, Any]) -> Screen:
    found, wanted = queue(at), asked(form)
    total = found.count(wanted)
    last = max(1, -(-total // PER_PAGE))
    page = asked_page(last)
    rows = found.page(wanted, PER_PAGE, (page - 1) * PER_PAGE)
    pages = page_links(page, last, lambda one: url_for("ministry.reviews", **kept, page=one))
    return Screen(case_rows(rows, at), total, pages)
