"""POST /ministry/editions…: make a draft, open its notice, publish, take back, discard; answer an objection."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden, NotFound

from portal.care import objections
from portal.care.objections import Not, NotTaken
from portal.extensions import db
from portal.ministry.blueprint import blueprint
from portal.ministry.edition_forms import AnswerForm, DraftForm, TakeBackForm
from portal.ministry.edition_words import refusal
from portal.ministry.editions import edition_of, edition_page, list_page, may_act
from portal.ministry.import_reasons import told
from portal.ministry.operation_log import staff_actor
from portal.models import Edition, Objection, Verdict
from portal.register.clock import today_china
from portal.register.edition_life import Refused, Step
from portal.register.problems import WriteError
from portal.register.ranking import RankingRequest
from portal.services import services
from portal.web.i18n import language
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing
from portal.workspace import edition_jobs

INVALID = 422


def require_whole() -> None:
    """Raises Forbidden for staff who are limited to a territory."""
    if not may_act():
        raise Forbidden(_("Ranking lists cover all regions: only staff without a territory of their own decide them."))


@blueprint.post("/editions")
@needs(Permission.PUBLISH)
def make_edition() -> ResponseReturnValue:
    """Have a draft computed by the worker."""
    require_whole()
    form, at = DraftForm(), context()
    form.offer(at)
    if not form.validate() or form.as_of.day is None:
        return list_page(form, at)
    request = RankingRequest(
        sector=form.sector.data, period=form.period.data or "", method=form.method.data, as_of=form.as_of.day
    )
    try:
        with writing() as session:
            made = edition_jobs.ask(session, signed_in(), at.catalogue, request, staff_actor()).id
    except WriteError as error:
        [problem] = error.problems
        return list_page(form, at, f"{problem.value}: {told(problem.message, language(), at.catalogue)}")
    return redirect(url_for("ministry.one_edition", identifier=made))


@blueprint.post("/editions/<int:identifier>/notice")
@needs(Permission.PUBLISH)
def open_notice(identifier: int) -> ResponseReturnValue:
    """Begin the public notice of a draft."""

    def step(by: Step, row: Edition) -> str:
        by.open_notice(row, services().settings.notice_days)
        return str(_("The list is under public notice until %(day)s.", day=row.notice_until))

    return _stepped(identifier, step)


@blueprint.post("/editions/<int:identifier>/publish")
@needs(Permission.PUBLISH)
def publish_edition(identifier: int) -> ResponseReturnValue:
    """Publish after the notice; its firms are shown anew by the worker, some thousands at a time."""

    def step(by: Step, row: Edition) -> str:
        edition_jobs.ask_due(by.session, signed_in(), row, by.publish(row))
        said = str(_("The list is published and in force; the search shows it as the worker gets on."))
        if edition_jobs.importing(by.session):
            said += " " + str(_("An import is under way: it goes on, and changes nothing in this list."))
        return said

    return _stepped(identifier, step)


@blueprint.route("/editions/<int:identifier>/take-back", methods=["GET", "POST"])
@needs(Permission.PUBLISH)
def take_back_edition(identifier: int) -> ResponseReturnValue:
    """`ministry/edition_take_back.html` asks why; then take back what is published, or under notice."""
    require_whole()
    row, form = edition_of(identifier), TakeBackForm()
    if not form.is_submitted() or not form.validate():
        page = render_template(
            "ministry/edition_take_back.html", row=row, form=form, label=context().edition_label(row)
        )
        return page, INVALID if form.is_submitted() else 200

    def step(by: Step, found: Edition) -> str:
        edition_jobs.ask_due(by.session, signed_in(), found, by.take_back(found, form.reason.data or ""))
        return str(_("The list was taken back; its address says why."))

    return _stepped(identifier, step)


@blueprint.post("/editions/<int:identifier>/discard")
@needs(Permission.PUBLISH)
def discard_edition(identifier: int) -> ResponseReturnValue:
    """Remove a draft."""

    def step(by: Step, row: Edition) -> str:
        by.discard(row)
        return str(_("The draft “%(code)s” was discarded.", code=row.code))

    return _stepped(identifier, step, away=True)


def _stepped(identifier: int, step: Callable[[Step, Edition], str], *, away: bool = False) -> ResponseReturnValue:
    """Take a step on the edition as it is now, or tell why it cannot be taken."""
    require_whole()
    try:
        with writing() as session:
            by = Step(session, signed_in().id, staff_actor(), today_china())
            row = by.locked(identifier)
            if row is None:
                raise NotFound
            said = step(by, row)
        flash(said)
    except Refused as refused:
        flash(refusal(refused.why, refused.state), "warn")
        away = False
    return redirect(
        url_for("ministry.all_editions") if away else url_for("ministry.one_edition", identifier=identifier)
    )


@blueprint.post("/objections/<int:identifier>")
@needs(Permission.PUBLISH)
def answer_objection(identifier: int) -> ResponseReturnValue:
    """Answer an objection, once."""
    require_whole()
    found = db.session.get(Objection, identifier)
    if found is None:
        raise NotFound
    row = edition_of(found.edition_id)
    form = AnswerForm(prefix=f"o{identifier}-")
    if not form.validate():
        return edition_page(row, (identifier, form))
    verdict, words = Verdict(form.verdict.data), (form.answer.data or "").strip()
    try:
        with writing() as session:
            objections.answer(session, identifier, verdict, words, user_id=signed_in().id, actor=staff_actor())
        flash(_("The objection was answered."))
    except NotTaken as refused:
        over = _("The notice is over; nothing of yours was written.")
        done = _("Someone else has answered this objection meanwhile; nothing of yours was written.")
        flash(done if refused.why is Not.ANSWERED else over, "warn")
    back = url_for("ministry.one_edition", identifier=row.id, _anchor=f"objection-{identifier}")
    return redirect(back)
