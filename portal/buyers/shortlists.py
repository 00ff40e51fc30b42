"""GET, POST /shortlists, /shortlists/<id>, /edit and /delete: the lists, one of them, what is done on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from portal.buyers.blueprint import blueprint
from portal.buyers.shortlist_forms import ShortlistForm
from portal.buyers.shortlist_labels import sort_labels, status_labels
from portal.buyers.shortlist_page import Line, Shown, lines, matching, shortlist_page
from portal.buyers.words import refusal
from portal.extensions import db
from portal.models import EntryStatus, Shortlist, now
from portal.web.forms import clean
from portal.web.guard import owned
from portal.web.numbers import whole
from portal.web.permissions import Permission, needs
from portal.web.presenters.compare import compare_url
from portal.web.presenters.context import Context, context
from portal.web.templating import render_template
from portal.web.who import buyer, tell
from portal.web.writing import writing
from portal.workspace import entries, shortlists
from portal.workspace.buyer import Reason, Refused
from portal.workspace.entries import MAX_REASON, Done, Hand
from portal.workspace.facts import Reader

INVALID = 422


def shortlist_of(session: Session, identifier: int) -> Shortlist:
    """The list, if the signed-in buyer may see it. Raises NotFound."""
    return owned(session, Shortlist, identifier, shortlists.visible(buyer()))


def reader_of(session: Session, at: Context) -> Reader:
    """Reads facts in that transaction."""
    return Reader(session, at.catalogue, at.today)


@blueprint.get("/shortlists")
@needs(Permission.SOURCE)
def all_shortlists() -> ResponseReturnValue:
    """`buyers/shortlists.html` with `lists`: Summary of each, `form`: ShortlistForm, `statuses`."""
    return _all(ShortlistForm(formdata=None))


def _all(form: ShortlistForm, status: int = 200) -> ResponseReturnValue:
    lists = shortlists.summaries(db.session(), buyer())
    page = render_template("buyers/shortlists.html", lists=lists, form=form, statuses=status_labels())
    return page, status


@blueprint.post("/shortlists")
@needs(Permission.SOURCE)
def create_shortlist() -> ResponseReturnValue:
    """Make a list and go there."""
    form = ShortlistForm()
    if not form.validate_on_submit():
        return _all(form, INVALID)
    try:
        with writing() as session:
            made = shortlists.create(
                session, buyer(), now(), name=form.name.data, note=form.note.data, shared=form.shared.data
            ).id
    except Refused as refused:
        form.name.errors = [refusal(refused)]
        return _all(form, INVALID)
    return redirect(url_for("buyers.shortlist", identifier=made))


@blueprint.get("/shortlists/<int:identifier>")
@needs(Permission.SOURCE)
def shortlist(identifier: int) -> ResponseReturnValue:
    """`buyers/shortlist.html` with `list`, `shown`: Shown, `page`: ShortlistPage, `statuses`, `sorts`, `others`."""
    return _page(shortlist_of(db.session(), identifier))


def _page(found: Shortlist, problem: str = "") -> ResponseReturnValue:
    who, shown = buyer(), Shown.of(request.args)
    others = [each.shortlist for each in shortlists.summaries(db.session(), who) if each.shortlist.id != found.id]
    page = render_template(
        "buyers/shortlist.html",
        shortlist=found,
        shown=shown,
        page=shortlist_page(found, shown, who.id, context()),
        statuses=status_labels(),
        sorts=sort_labels(),
        others=others,
        manages=shortlists.may_manage(who, found),
        asked=request.form,
        ticked=set(request.form.getlist("entry")),
        problem=problem,
    )
    return page, INVALID if problem else 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done with which entries."""

    hand: Hand
    entries: list[int]
    reader: Reader


@blueprint.post("/shortlists/<int:identifier>")
@needs(Permission.SOURCE)
def act_on_entries(identifier: int) -> ResponseReturnValue:
    """Do `do` with the entries ticked (`entry`, or `all` that the filter shows); back to the same page of the list.

    `status` with `reason`, `move` and `copy` with `to`, `seen`, `remove`; `compare` leads to the comparison.
    """
    found = shortlist_of(db.session(), identifier)
    here = redirect(f"{request.path}?{Shown.of(request.args).query(page=Shown.of(request.args).page)}".rstrip("?"))
    action = _ACTIONS.get(request.form.get("do", ""))
    chosen = _chosen(found)
    if request.form.get("do") == "compare" and chosen:
        return redirect(compare_url(f"{line.row.scheme}/{line.row.number}" for line in chosen))
    if action is None or not chosen:
        flash(_("Tick at least one firm first."), "warn")
        return here
    try:
        with writing() as session:
            hand = Hand(session, buyer(), shortlist_of(session, identifier), now())
            done = action(Asked(hand, [line.row.id for line in chosen], reader_of(session, context())))
    except Refused as refused:
        if refused.reason is Reason.REASON_NEEDED:
            return _page(found, refusal(refused))
        flash(refusal(refused), "warn")
        return here
    _tell(done)
    return here


def _chosen(found: Shortlist) -> list[Line]:
    every = lines(found, context())
    if request.form.get("all") == "1":
        return matching(every, Shown.of(request.args))
    ticked = set(request.form.getlist("entry"))
    return [line for line in every if str(line.row.id) in ticked]


def _tell(done: Done) -> None:
    if done.changed:
        tell(ngettext("%(num)s firm changed.", "%(num)s firms changed.", done.changed), done.undo)
    if done.there:
        flash(ngettext("%(num)s firm was so already.", "%(num)s firms were so already.", done.there))


def _status(asked: Asked) -> Done:
    status = EntryStatus(text) if (text := request.form.get("status", "")) in set(EntryStatus) else EntryStatus.NEW
    return entries.set_status(asked.hand, asked.entries, status, clean(request.form.get("reason"))[:MAX_REASON])


def _to(asked: Asked) -> Shortlist:
    text = request.form.get("to", "")
    return shortlist_of(asked.hand.session, whole(text) or 0)


_ACTIONS: Mapping[str, Callable[[Asked], Done]] = {
    "status": _status,
    "seen": lambda asked: entries.take_note(asked.hand, asked.entries, asked.reader),
    "remove": lambda asked: entries.remove(asked.hand, asked.entries),
    "move": lambda asked: entries.move(asked.hand, asked.entries, _to(asked)),
    "copy": lambda asked: entries.copy(asked.hand, asked.entries, _to(asked)),
}


@blueprint.route("/shortlists/<int:identifier>/edit", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def edit_shortlist(identifier: int) -> ResponseReturnValue:
    """`buyers/shortlist_edit.html` with `shortlist`, `form`, `owns`: its name, note, and who sees it."""
    found = shortlist_of(db.session(), identifier)
    form = ShortlistForm(obj=found)
    if form.validate_on_submit():
        try:
            with writing() as session:
                values = {"name": form.name.data, "note": form.note.data, "shared": form.shared.data}
                shortlists.change(session, buyer(), shortlist_of(session, identifier), **values)
        except Refused as refused:
            form.name.errors = [refusal(refused)]
        else:
            return redirect(url_for("buyers.shortlist", identifier=identifier))
    page = render_template("buyers/shortlist_edit.html", shortlist=found, form=form, owns=found.owner_id == buyer().id)
    return page, INVALID if form.is_submitted() else 200


@blueprint.post("/shortlists/<int:identifier>/delete")
@needs(Permission.SOURCE)
def delete_shortlist(identifier: int) -> ResponseReturnValue:
    """Delete a list; it can be taken back."""
    try:
        with writing() as session:
            found = shortlist_of(session, identifier)
            undo = shortlists.delete(session, buyer(), found, now())
            name = found.name
    except Refused as refused:
        flash(refusal(refused), "warn")
        return redirect(url_for("buyers.shortlist", identifier=identifier))
    tell(_("The list “%(name)s” was deleted.", name=name), undo)
    return redirect(url_for("buyers.all_shortlists"))
