"""Sourcing conditions: the list, each with its numbers and versions, and what is done with the whole of one."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden, NotFound

from portal.buyers import conditions_listing as listing
from portal.buyers import conditions_page as reading
from portal.buyers.blueprint import blueprint
from portal.buyers.conditions_forms import NameForm, SentForm, VersionForm
from portal.extensions import db
from portal.models import Conditions, ConditionsVersion, now
from portal.web.guard import owned
from portal.web.kept import member_of
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing
from portal.workspace import conditions as store
from portal.workspace.conditions import Conflict, Draft, Hand, TooMany

INVALID = 422
CONFLICT = 409


def own(session: Session, identifier: int, *, deleted: bool = False) -> Conditions:
    """The conditions that the user may see and change. Raises NotFound."""
    return owned(session, Conditions, identifier, *store.visible_to(member_of(signed_in()), deleted=deleted))


def hand() -> Hand:
    """The user, now."""
    return Hand(member_of(signed_in()), now())


def own_version(row: Conditions, number: int | None = None) -> ConditionsVersion:
    """A version of them, the newest by default. Raises NotFound."""
    found = store.version_of(db.session(), row.id, number or row.version)
    if found is None:
        raise NotFound
    return found


def too_many() -> str:
    """That the organisation keeps as many as it may."""
    return str(_("Your organisation keeps %(most)s already. Delete some first.", most=store.MAX_CONDITIONS))


@blueprint.get("/conditions")
@needs(Permission.SOURCE)
def conditions_list() -> str:
    """`buyers/conditions_list.html` with `page`: ListPage and `sent`: a button's form; `?deleted=ID` offers undo."""
    page = listing.list_page(member_of(signed_in()), request.args.get("deleted", type=int), context())
    return render_template("buyers/conditions_list.html", page=page, sent=SentForm(formdata=None))


@blueprint.get("/conditions/<int:identifier>")
@needs(Permission.SOURCE)
def conditions_show(identifier: int) -> ResponseReturnValue:
    """`buyers/conditions.html` with `page`: ConditionsPage and forms; `?from=&to=` compares two versions."""
    return _page(own(db.session(), identifier))


@blueprint.get("/conditions/<int:identifier>/versions/<int:number>")
@needs(Permission.SOURCE)
def conditions_version(identifier: int, number: int) -> ResponseReturnValue:
    """The same page of an older version, to be opened in the search or restored."""
    return _page(own(db.session(), identifier), number)


def _page(
    row: Conditions, number: int | None = None, name: NameForm | None = None, status: int = 200
) -> ResponseReturnValue:
    version = own_version(row, number)
    compared = request.args.get("from", type=int), request.args.get("to", type=int)
    page = reading.conditions_page(row, version, compared, signed_in().id, context())
    filled = NameForm(formdata=None, name=version.name, note=version.note, version=row.version)
    shown = render_template("buyers/conditions.html", page=page, name_form=name or filled, sent=SentForm(formdata=None))
    return shown, status


@blueprint.get("/conditions/<int:identifier>/print")
@needs(Permission.SOURCE)
def conditions_print(identifier: int) -> str:
    """`buyers/conditions_print.html` with `sheet`: RequirementSheet; `?version=N` prints an older one."""
    row = own(db.session(), identifier)
    version = own_version(row, request.args.get("version", type=int))
    return render_template("buyers/conditions_print.html", sheet=reading.requirement_sheet(version, context()))


@blueprint.post("/conditions/<int:identifier>/rename")
@needs(Permission.SOURCE)
def conditions_rename(identifier: int) -> ResponseReturnValue:
    """Another name and note: a version as any other."""
    form = NameForm()
    row = own(db.session(), identifier)
    if not form.validate_on_submit():
        return _page(row, name=form, status=INVALID)
    before = store.draft_of(own_version(row))
    draft = Draft(form.name.data, form.note.data, before.address, before.query)
    try:
        with writing() as session:
            store.change(session, own(session, identifier), form.seen(), draft, hand())
    except Conflict:
        form.name.errors = [meanwhile()]
        form.version.data = row.version
        return _page(row, name=form, status=CONFLICT)
    flash(_("Saved."))
    return redirect(url_for("buyers.conditions_show", identifier=identifier))


def meanwhile() -> str:
    """To the second of two who saved at once."""
    return str(
        _("Somebody else saved a newer version meanwhile. What you entered is still here; saving again keeps it.")
    )


@blueprint.post("/conditions/<int:identifier>/versions/<int:number>/restore")
@needs(Permission.SOURCE)
def conditions_restore(identifier: int, number: int) -> ResponseReturnValue:
    """Make an older version the newest, as a version of its own."""
    form = VersionForm()
    try:
        with writing() as session:
            row = own(session, identifier)
            store.restore(session, row, form.seen(), number, hand())
        flash(_("Version %(number)s is the newest once more.", number=number))
    except KeyError:
        raise NotFound from None
    except Conflict:
        flash(_("Somebody else saved a newer version meanwhile. Nothing was changed; look at it first."), "warn")
    return redirect(url_for("buyers.conditions_show", identifier=identifier))


@blueprint.post("/conditions/<int:identifier>/duplicate")
@needs(Permission.SOURCE)
def conditions_duplicate(identifier: int) -> ResponseReturnValue:
    """A copy, shared as the original is."""
    try:
        with writing() as session:
            row = own(session, identifier)
            version = store.version_of(session, row.id, row.version)
            assert version is not None, "there is a newest version always"  # noqa: S101
            draft = store.draft_of(version)
            name = _("%(name)s (copy)", name=draft.name[: store.MAX_NAME - 10])
            copied = Draft(str(name), draft.note, draft.address, draft.query)
            made = store.keep(session, hand(), copied, shared=row.shared).id
    except TooMany:
        flash(too_many(), "warn")
        return redirect(url_for("buyers.conditions_show", identifier=identifier))
    flash(_("This is the copy. Edit it as you like; the other stays."))
    return redirect(url_for("buyers.conditions_show", identifier=made))


@blueprint.post("/conditions/<int:identifier>/share")
@needs(Permission.SOURCE)
def conditions_share(identifier: int) -> ResponseReturnValue:
    """Share in the organisation, or take that back: the owner alone may."""
    shared = request.form.get("shared") == "yes"
    with writing() as session:
        row = own(session, identifier)
        if row.owner_id != signed_in().id:
            raise Forbidden(_("Only who made these conditions can change who sees them."))
        row.shared = shared
    flash(
        _("Everyone in your organisation sees and edits these conditions.") if shared else _("Only you see them now.")
    )
    return redirect(url_for("buyers.conditions_show", identifier=identifier))


@blueprint.post("/conditions/<int:identifier>/delete")
@needs(Permission.SOURCE)
def conditions_delete(identifier: int) -> ResponseReturnValue:
    """Take away; the list offers to take that back."""
    with writing() as session:
        store.take_away(session, own(session, identifier), now())
    return redirect(url_for("buyers.conditions_list", deleted=identifier))


@blueprint.post("/conditions/<int:identifier>/undelete")
@needs(Permission.SOURCE)
def conditions_undelete(identifier: int) -> ResponseReturnValue:
    """Undo a deletion."""
    try:
        with writing() as session:
            store.take_back(session, own(session, identifier, deleted=True))
    except TooMany:
        flash(too_many(), "warn")
        return redirect(url_for("buyers.conditions_list"))
    flash(_("The conditions are back."))
    return redirect(url_for("buyers.conditions_show", identifier=identifier))
