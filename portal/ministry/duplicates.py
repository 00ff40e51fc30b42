"""GET /ministry/duplicates: firms that may be one; searched for by the worker, told apart or merged by staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.care import duplicates as finding
from portal.ministry.act_forms import ReasonForm
from portal.ministry.blueprint import blueprint
from portal.ministry.operation_log import staff_actor
from portal.ministry.within import supplier_of, territory
from portal.models import DuplicatePair, JobState, PairState, Supplier
from portal.web.forms import ButtonForm
from portal.web.numbers import asked_page
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.paging import page_links
from portal.web.templating import render_template
from portal.web.tree import Name
from portal.web.users import signed_in
from portal.web.writing import writing

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Half:
    """A firm of a pair."""

    name: Name
    number: str
    scheme: str
    place: str
    url: str
    merge_url: str


@dataclass(frozen=True, slots=True)
class PairView:
    """Two firms that may be one."""

    id: int
    how: str
    near: bool
    first: Half
    second: Half
    reason: str


@blueprint.get("/duplicates")
@needs(Permission.CARE)
def duplicates() -> str:
    """`ministry/duplicates.html`: `pairs`, `total`, `pages`, `state`, `job`, `busy`, `form`, `button`."""
    at = context()
    state = PairState.DIFFERENT if request.args.get("state") == "different" else PairState.OPEN
    wanted = finding.listed(at.catalogue, (territory(),), state)
    total = at.session.scalar(select(func.count()).select_from(wanted.with_only_columns(DuplicatePair.id).subquery()))
    last = max(1, -(-(total or 0) // PER_PAGE))
    page = asked_page(last)
    rows = at.session.execute(wanted.limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    job = finding.newest(at.session)
    return render_template(
        "ministry/duplicates.html",
        pairs=[_view(pair, first, second, at) for pair, first, second in rows],
        total=total or 0,
        pages=page_links(page, last, lambda number: url_for("ministry.duplicates", state=state, page=number)),
        state=state,
        job=job,
        busy=job is not None and job.state in {JobState.WAITING, JobState.RUNNING},
        form=ReasonForm(formdata=None),
        button=ButtonForm(formdata=None),
    )


def _view(pair: DuplicatePair, first: Supplier, second: Supplier, at: Context) -> PairView:
    how = how_words()[pair.how]
    return PairView(pair.id, how, pair.near, _half(first, second, at), _half(second, first, at), pair.reason)


def _half(row: Supplier, other: Supplier, at: Context) -> Half:
    path = at.path(at.catalogue.region_path(row.region or ""), at.catalogue.regions)
    return Half(
        name=Name(zh=row.name_zh, en=row.name_en),
        number=row.number,
        scheme=row.scheme,
        place=" · ".join(part.label for part in path) or "—",
        url=url_for("ministry.supplier", scheme=row.scheme, number=row.number),
        merge_url=url_for("ministry.merge", identifier=row.id, other=other.key),
    )


def how_words() -> Mapping[str, str]:
    """How a pair was found."""
    return {"number": _("by number"), "name": _("by name"), "former": _("by a former name")}


@blueprint.post("/duplicates/search")
@needs(Permission.CARE)
def search_duplicates() -> ResponseReturnValue:
    """Have the worker look through the whole register."""
    with writing() as session:
        asked = finding.ask(session, signed_in(), staff_actor())
    if not asked:
        flash(_("A search is under way already."), "warn")
    return redirect(url_for("ministry.duplicates"))


@blueprint.get("/duplicates/search/progress")
@needs(Permission.CARE)
def duplicates_progress() -> dict[str, Any]:
    """How far the search is, for the page's script."""
    job = finding.newest(context().session)
    if job is None:
        return {"state": "done", "done": 0, "total": 0}
    return {"state": job.state, "done": job.done, "total": job.total}


@blueprint.post("/duplicates/<int:identifier>/different")
@needs(Permission.CARE)
def tell_apart(identifier: int) -> ResponseReturnValue:
    """Remember that these are two firms."""
    _pair(identifier)
    form = ReasonForm()
    if not form.validate():
        flash(_("Say why they are two firms."), "warn")
        return redirect(url_for("ministry.duplicates"))
    with writing() as session:
        done = finding.tell_apart(session, identifier, staff_actor(), signed_in().id, form.reason.data or "")
    if done:
        undo = url_for("ministry.reopen_pair", identifier=identifier)
        said = _("Noted: these are two firms. They are not offered again.")
        flash({"text": said, "url": undo}, "undo")  # type: ignore[arg-type]
    else:
        flash(_("Someone else has decided about this pair meanwhile."), "warn")
    return redirect(url_for("ministry.duplicates"))


@blueprint.post("/duplicates/<int:identifier>/reopen")
@needs(Permission.CARE)
def reopen_pair(identifier: int) -> ResponseReturnValue:
    """Offer the pair again."""
    _pair(identifier)
    with writing() as session:
        done = finding.reopen(session, identifier, staff_actor())
    if done:
        flash(_("Undone."))
    else:
        flash(_("Someone else has decided about this pair meanwhile."), "warn")
    return redirect(url_for("ministry.duplicates"))


def _pair(identifier: int) -> None:
    """Raises NotFound, and Forbidden for a pair of which a firm lies outside the territory."""
    at = context()
    pair = at.session.get(DuplicatePair, identifier)
    if pair is None:
        raise NotFound
    for one in (pair.first_id, pair.second_id):
        supplier_of(at.session, one)
