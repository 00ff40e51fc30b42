"""/ministry/targets: targets stated, changed, closed and taken back in the browser, by who publishes for everyone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound

from portal.coverage import stated
from portal.coverage.stated import Overtaken, StatedTarget
from portal.coverage.targets import is_closed, query_of
from portal.ministry.blueprint import blueprint
from portal.ministry.coverage_known import known_targets
from portal.ministry.coverage_table import LOOKUP
from portal.ministry.target_forms import TargetForm, filled
from portal.ministry.within import territory
from portal.models import CoverageTarget
from portal.register.catalogue import Target
from portal.services import services
from portal.web.addresses import Addresses, to_args
from portal.web.forms import ButtonForm
from portal.web.parameters import Search
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.templating import render_template
from portal.web.users import act_of, signed_in
from portal.web.writing import writing

INVALID = 422
NEW = "new"


@dataclass(frozen=True, slots=True)
class Row:
    """A target on the page. `own`: stated here; `version` 0 for one of the catalogue."""

    target: Target
    version: int
    own: bool
    closed: bool
    closed_on: date | None
    url: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What the search of a form finds: in all, and of it newly gained since the base day."""

    url: str
    stock: int
    done: int


def for_everyone() -> None:
    """Targets speak of the whole register. Raises Forbidden for who is limited to a part of it."""
    if territory().limited:
        raise Forbidden(_("Targets are of the whole register; your regions or sectors are a part of it."))


@blueprint.get("/targets")
@needs(Permission.PUBLISH)
def targets() -> str:
    """`ministry/targets.html` with `rows`, `removed`: those taken back, `token`: ButtonForm."""
    for_everyone()
    at = context()
    known = known_targets(at)
    versions = dict(known.stamp)
    rows = [
        Row(
            target,
            versions.get(target.code, 0),
            isinstance(target, StatedTarget),
            is_closed(target, at.today),
            target.closed_on if isinstance(target, StatedTarget) else None,
            Addresses(Search(query=query_of(target, at.today)), LOOKUP).of(),
        )
        for target in known.by_code.values()
    ]
    gone = [row for code in versions if (row := stated.find(at.session, code)) is not None and row.removed]
    return render_template("ministry/targets.html", rows=rows, removed=gone, token=ButtonForm(formdata=None))


@blueprint.get("/targets/<code>")
@needs(Permission.PUBLISH)
def target(code: str) -> ResponseReturnValue:
    """`ministry/target.html` with `form`, `code`, `counted`: Counted|None. `new`: an empty one."""
    for_everyone()
    at = context()
    row, found = _found(code, at)
    data = filled(found, _address(found, at)) if found else {}
    form = TargetForm(formdata=None, data={**data, "seen": str(row.version if row else 0)})
    return _page(form, code, None)


@blueprint.post("/targets/<code>")
@needs(Permission.PUBLISH)
def save_target(code: str) -> ResponseReturnValue:
    """Count what the search finds, and once that was looked at, keep the target."""
    for_everyone()
    at = context()
    row, _before = _found(code, at)
    form = TargetForm()
    form.at = at
    if not form.validate_on_submit() or form.search is None:
        return _page(form, code, None), INVALID
    counted = _count(form, at)
    if form.counted.data != form.address.data:
        form.counted.data = form.address.data
        return _page(form, code, counted), INVALID
    kept = stated.values(form.search.query, **form.stated()) | {"closed_on": row.closed_on if row else None}
    user = signed_in()
    try:
        with writing() as session:
            record = act_of(session, user).record
            stated.state(session, "" if code == NEW else code, kept, form.seen_version, record)
    except Overtaken:
        flash(_("Someone else has changed this target meanwhile; nothing was overwritten. Look at it anew."), "warn")
        return redirect(url_for("ministry.target", code=code))
    flash(_("The target was saved."))
    return redirect(url_for("ministry.targets"))


@blueprint.post("/targets/<code>/<act>")
@needs(Permission.PUBLISH)
def act_on_target(code: str, act: str) -> ResponseReturnValue:
    """`close` it today, `reopen` it, or `undo` its last change."""
    for_everyone()
    if act not in ("close", "reopen", "undo"):
        raise NotFound
    seen = request.form.get("seen", "")
    at = context()
    if not ButtonForm().validate_on_submit() or not (seen.isascii() and seen.isdigit()):
        flash(_("Nothing was changed."), "warn")
        return redirect(url_for("ministry.targets"))
    try:
        with writing() as session:
            done = _act(session, code, act, int(seen[:9]), at)
    except KeyError:
        raise NotFound from None
    except Overtaken:
        flash(_("Someone else has changed this target meanwhile; nothing was overwritten. Look at it anew."), "warn")
        return redirect(url_for("ministry.targets"))
    flash(_("Done.") if done else _("Nothing was changed."), "message" if done else "warn")
    return redirect(url_for("ministry.targets"))


def _act(session: Session, code: str, act: str, seen: int, at: Context) -> bool:
    record = act_of(session, signed_in()).record
    if act == "undo":
        return stated.undo(session, code, seen, record)
    closed = {"close": ("target.closed", at.today), "reopen": ("target.reopened", None)}
    action, day = closed[act]
    return stated.change(session, code, seen, record, action, closed_on=day)


def _found(code: str, at: Context) -> tuple[CoverageTarget | None, Target | None]:
    """The row, and the target as it stands. Raises NotFound."""
    if code == NEW:
        return None, None
    found = known_targets(at).by_code.get(code)
    if found is None:
        raise NotFound
    return stated.find(at.session, code), found


def _address(found: Target, at: Context) -> str:
    """The search without its days, which are fields of their own."""
    query = replace(query_of(found, at.today), certified_from=None, certified_to=None)
    return "&".join(f"{name}={quote(value, safe=',:')}" for name, value in to_args(Search(query=query)))


def _count(form: TargetForm, at: Context) -> Counted:
    """Raises EngineUnavailable: nothing is kept uncounted."""
    assert form.search is not None, "the form holds"  # noqa: S101
    stock, due = form.search.query, form.due.day
    done = replace(stock, certified_from=form.base.day, certified_to=due if due and due < at.today else None)
    numbers = services().engine().counts([stock, done])
    return Counted(Addresses(Search(query=done), LOOKUP).of(), *numbers)


def _page(form: TargetForm, code: str, counted: Counted | None) -> str:
    return render_template("ministry/target.html", form=form, code=code, counted=counted)
