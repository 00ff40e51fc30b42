"""GET /ministry/editions…: ranking lists on their way to publication; one with its preview and objections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.care import objections
from portal.care.edition_preview import Preview, preview
from portal.extensions import db
from portal.identity.people import names_of
from portal.ministry.blueprint import blueprint
from portal.ministry.edition_forms import AnswerForm, DraftForm
from portal.ministry.edition_words import refusal, state_labels, verdict_labels
from portal.ministry.within import territory
from portal.models import Edition, EditionState, Job, JobState, Objection, Organisation, Supplier, Verdict
from portal.register.edition_life import by_state, obstacle
from portal.services import services
from portal.web.forms import ButtonForm
from portal.web.numbers import asked_page
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.paging import page_links
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.workspace.edition_jobs import importing

PER_PAGE = 30
UNDER_WAY = (EditionState.MAKING, EditionState.DRAFT, EditionState.NOTICE)
SETTLED = (EditionState.PUBLISHED, EditionState.TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class EditionScreen:
    """A list as its page shows it. `busy`: the worker is at it; `stuck`: it gave up; `obstacle`: why not to publish."""

    row: Edition
    label: str
    state: str
    job: Job | None
    busy: bool
    stuck: bool
    preview: Preview | None
    objections: list[tuple[Objection, str, Supplier | None, AnswerForm]]
    open: int
    obstacle: str
    people: dict[int, str]
    may: bool
    importing: bool


def edition_of(identifier: int) -> Edition:
    """The edition. Raises NotFound."""
    found = db.session.get(Edition, identifier)
    if found is None:
        raise NotFound
    return found


def may_act() -> bool:
    """Lists cover the whole country: whoever is limited to a part of it reads them, and decides nothing."""
    return not territory().limited


@blueprint.get("/editions")
@needs(Permission.PUBLISH)
def all_editions() -> ResponseReturnValue:
    """The lists on their way, and the settled ones; `?page=` of those."""
    form = DraftForm(formdata=None)
    at = context()
    form.offer(at)
    return list_page(form, at)


def list_page(form: DraftForm, at: Context, problem: str = "") -> ResponseReturnValue:
    """`ministry/editions.html`: `groups` of (Edition, label, open objections), `states`, `form`, `pages`, `problem`."""
    session = at.session
    count = session.scalar(select(func.count(Edition.id)).where(Edition.state.in_(SETTLED))) or 0
    last = max(1, -(-count // PER_PAGE))
    number = asked_page(last)
    under_way = by_state(session, UNDER_WAY, 200)
    settled = by_state(session, SETTLED, PER_PAGE, (number - 1) * PER_PAGE)
    page = render_template(
        "ministry/editions.html",
        under_way=[(row, at.edition_label(row)) for row in under_way],
        settled=[(row, at.edition_label(row)) for row in settled],
        open=_open([row.id for row in under_way]),
        people=_people([*under_way, *settled]),
        states=state_labels(),
        form=form,
        may=may_act(),
        pages=page_links(number, last, lambda one: url_for("ministry.all_editions", page=one)),
        problem=problem,
    )
    return page, 422 if problem or form.errors else 200


@blueprint.get("/editions/<int:identifier>")
@needs(Permission.PUBLISH)
def one_edition(identifier: int) -> ResponseReturnValue:
    """`ministry/edition.html` with `page`: EditionScreen."""
    return edition_page(edition_of(identifier))


def edition_page(row: Edition, answered: tuple[int, AnswerForm] | None = None) -> ResponseReturnValue:
    """The page; `answered`: an objection's form that was refused."""
    at = context()
    job = at.session.get(Job, row.job_id) if row.job_id else None
    found = [_objection(one, answered) for one in objections.of_edition(at.session, row.id)]
    page = EditionScreen(
        row=row,
        label=at.edition_label(row),
        state=state_labels()[row.state],
        job=job,
        busy=job is not None and job.state in {JobState.WAITING, JobState.RUNNING},
        stuck=job is not None and job.state == JobState.FAILED,
        preview=preview(at.session, row, at.today) if row.state in {EditionState.DRAFT, EditionState.NOTICE} else None,
        objections=found,
        open=sum(1 for one, *_rest in found if one.verdict == Verdict.OPEN),
        obstacle=_obstacle(row, at),
        people=_people([row]) | _answerers(found),
        may=may_act(),
        importing=importing(at.session),
    )
    answer = render_template(
        "ministry/edition.html",
        page=page,
        verdicts=verdict_labels(),
        days=services().settings.notice_days,
        button=ButtonForm(formdata=None),
        today=at.today,
    )
    return answer, 422 if answered else 200


def _obstacle(row: Edition, at: Context) -> str:
    if row.state != EditionState.NOTICE:
        return ""
    why = obstacle(at.session, row, signed_in().id, at.today)
    return refusal(why, EditionState.NOTICE) if why else ""


def _objection(
    one: Objection, answered: tuple[int, AnswerForm] | None
) -> tuple[Objection, str, Supplier | None, AnswerForm]:
    organisation = db.session.get(Organisation, one.organisation_id)
    firm = db.session.get(Supplier, one.supplier_id) if one.supplier_id else None
    mine = answered is not None and answered[0] == one.id
    form = answered[1] if mine and answered is not None else AnswerForm(formdata=None, prefix=f"o{one.id}-")
    return one, organisation.name if organisation else "", firm, form


def _open(ids: list[int]) -> dict[int, int]:
    wanted = select(Objection.edition_id, func.count()).where(
        Objection.edition_id.in_(ids), Objection.verdict == Verdict.OPEN
    )
    return {row[0]: row[1] for row in db.session.execute(wanted.group_by(Objection.edition_id))}


def _people(rows: Iterable[Edition]) -> dict[int, str]:
    return names_of(
        db.session(),
        {who for row in rows for who in (row.made_by, row.noticed_by, row.published_by, row.taken_back_by)},
    )


def _answerers(found: Iterable[tuple[Objection, Any, Any, Any]]) -> dict[int, str]:
    return names_of(db.session(), {who for one, *_rest in found for who in (one.user_id, one.answered_by)})


@blueprint.get("/editions/<int:identifier>/progress")
@needs(Permission.PUBLISH)
def edition_progress(identifier: int) -> dict[str, Any]:
    """How far the worker is, for the page's script."""
    row = edition_of(identifier)
    job = db.session.get(Job, row.job_id) if row.job_id else None
    if job is None:
        raise NotFound
    return {"state": job.state, "done": job.done, "total": job.total}
