"""Making and editing sourcing conditions: from a search, from the catalogue, from pasted codes, like a supplier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.buyers.blueprint import blueprint
from portal.buyers.conditions import CONFLICT, INVALID, hand, meanwhile, own, own_version, too_many
from portal.buyers.conditions_building import asks_of, builder, posted, with_codes
from portal.buyers.conditions_forms import ConditionsForm
from portal.buyers.conditions_reading import Change, changes
from portal.buyers.like_supplier import like_supplier
from portal.extensions import db
from portal.models import Conditions
from portal.web.grammar import BY_NAME
from portal.web.kept import asked, read_address
from portal.web.parameters import Search
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.criteria import MAX_FIND
from portal.web.presenters.naming import Naming
from portal.web.stored import NAMES
from portal.web.templating import render_template
from portal.web.writing import writing
from portal.workspace import conditions as store
from portal.workspace.conditions import Conflict, Draft, TooMany
from portal.workspace.pasting import Pasted


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page says beside the form: what became of pasted codes, what the catalogue lost, whose version it is.

    `meanwhile`: what somebody else changed since the version that this form was made from.
    """

    pasted: Pasted | None = None
    stale: tuple[tuple[str, str], ...] = ()
    meanwhile: tuple[Change, ...] = ()
    like: str = ""
    row: Conditions | None = None


@blueprint.get("/conditions/new")
@needs(Permission.SOURCE)
def conditions_new() -> ResponseReturnValue:
    """`buyers/conditions_form.html` with `form`, `builder`: Builder, `shown`: Shown; filled with the search given."""
    at = context()
    return _page(ConditionsForm(formdata=None), asked(request.args, at), at, Shown())


@blueprint.get("/conditions/like/<scheme>/<path:number>")
@needs(Permission.SOURCE)
def conditions_like(scheme: str, number: str) -> ResponseReturnValue:
    """The same, filled with what a supplier is and meets. Raises SupplierNotFound."""
    at = context()
    search, name = like_supplier(f"{scheme}/{number}", at)
    return _page(ConditionsForm(formdata=None), search, at, Shown(like=name))


@blueprint.get("/conditions/<int:identifier>/edit")
@needs(Permission.SOURCE)
def conditions_edit(identifier: int) -> ResponseReturnValue:
    """The same for conditions that are there; filled with a search, if one is given, instead of what they ask."""
    at = context()
    row = own(db.session(), identifier)
    version = own_version(row)
    reading = read_address(version.address, at)
    given = any(name in BY_NAME or name in NAMES for name in request.args if name != "lang")
    search = asked(request.args, at) if given else reading.search
    form = ConditionsForm(formdata=None, name=version.name, note=version.note, version=row.version)
    return _page(form, search, at, Shown(row=row, stale=_worded(reading.stale, at)))


def _worded(stale: tuple[tuple[str, str], ...], at: Context) -> tuple[tuple[str, str], ...]:
    labels = Naming(at).parameters
    return tuple((labels.get(name, name), value) for name, value in stale)


def _page(form: ConditionsForm, search: Search, at: Context, shown: Shown, status: int = 200) -> ResponseReturnValue:
    find = " ".join(request.form.get("find", "").split())[:MAX_FIND]
    made = builder(search, find, at)
    return render_template("buyers/conditions_form.html", form=form, builder=made, shown=shown), status


@blueprint.post("/conditions/new")
@needs(Permission.SOURCE)
def conditions_create() -> ResponseReturnValue:
    """Keep them; or another step of the builder, which keeps nothing."""
    at = context()
    form = ConditionsForm()
    search, shown, saving = _step(Shown(like=request.form.get("like", "")[:200]), at)
    if not saving:
        return _page(form, search, at, shown)
    if not form.validate_on_submit():
        return _page(form, search, at, shown, INVALID)
    try:
        with writing() as session:
            made = store.keep(session, hand(), _draft(form, search), shared=form.shared.data).id
    except TooMany:
        form.name.errors = [too_many()]
        return _page(form, search, at, shown, INVALID)
    flash(_("The sourcing conditions are kept."))
    return redirect(url_for("buyers.conditions_show", identifier=made))


@blueprint.post("/conditions/<int:identifier>/edit")
@needs(Permission.SOURCE)
def conditions_save(identifier: int) -> ResponseReturnValue:
    """Make a version of them; or another step of the builder. The second of two who save at once is told so."""
    at = context()
    row = own(db.session(), identifier)
    form = ConditionsForm()
    search, shown, saving = _step(Shown(row=row), at)
    if not saving:
        return _page(form, search, at, shown)
    if not form.validate_on_submit():
        return _page(form, search, at, shown, INVALID)
    try:
        with writing() as session:
            store.change(session, own(session, identifier), form.seen(), _draft(form, search), hand())
    except Conflict:
        return _conflict(form, row, search, at)
    flash(_("Saved."))
    return redirect(url_for("buyers.conditions_show", identifier=identifier))


def _conflict(form: ConditionsForm, row: Conditions, search: Search, at: Context) -> ResponseReturnValue:
    """The form once more, with what was entered and what the other one changed; saving it again is on purpose."""
    seen = store.version_of(db.session(), row.id, form.seen())
    newest = own_version(row)
    form.name.errors = [meanwhile()]
    form.version.data = newest.number
    form.version.raw_data = None
    return _page(form, search, at, Shown(row=row, meanwhile=changes(seen, newest, at) if seen else ()), CONFLICT)


def _step(shown: Shown, at: Context) -> tuple[Search, Shown, bool]:
    """The search that the form asks for; what to show; whether it is to be saved. Raises ParameterError."""
    search = posted(request.form, at)
    step = request.form.get("step", "save")
    more: dict[str, Any] = {}
    if step == "paste":
        search, more["pasted"] = with_codes(search, request.form.get("codes", ""), request.form.get("usual", ""), at)
    known = {name: getattr(shown, name) for name in ("like", "row")}
    return search, Shown(**known, **more), step == "save"


def _draft(form: ConditionsForm, search: Search) -> Draft:
    return Draft(form.name.data, form.note.data, asks_of(search), search.query)
