"""GET, POST /own-suppliers…: lists of suppliers one has already, handed in, matched, looked at."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.buyers.blueprint import blueprint
from portal.buyers.own_fit import choices, shows, view_of
from portal.buyers.own_labels import unreadable
from portal.buyers.own_page import own_page
from portal.buyers.words import refusal
from portal.extensions import db
from portal.models import Job, JobState, OwnList, OwnRow, now
from portal.register.clock import today_china
from portal.web.back import safe_next
from portal.web.forms import clean
from portal.web.guard import owned
from portal.web.numbers import asked_page, whole
from portal.web.permissions import Permission, needs, takes
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.who import buyer, tell
from portal.web.writing import writing
from portal.workspace import own_lists
from portal.workspace.buyer import Refused
from portal.workspace.facts import Reader
from portal.workspace.own_reading import MAX_ROWS, Guess, Table, Unreadable, UnreadableList, guess, read_table

INVALID = 422
MAX_UPLOAD = 16 << 20
"""Bytes of a list: 10,000 rows of a spreadsheet with room to spare."""

PREVIEWED = 12


def own_list_of(session: Session, identifier: int) -> OwnList:
    """The list, if it is the signed-in buyer's organisation's. Raises NotFound."""
    return owned(session, OwnList, identifier, own_lists.visible(buyer()))


@blueprint.get("/own-suppliers")
@needs(Permission.SOURCE)
def all_own_lists() -> ResponseReturnValue:
    """`buyers/own_lists.html` with `lists`: (OwnList, rows) of each, `most` rows, `problem`, `asked`."""
    return _all()


def _all(problem: str = "") -> ResponseReturnValue:
    page = render_template(
        "buyers/own_lists.html",
        lists=own_lists.lists(db.session(), buyer()),
        most=MAX_ROWS,
        problem=problem,
        asked=request.form,
    )
    return page, INVALID if problem else 200


@blueprint.post("/own-suppliers")
@needs(Permission.SOURCE)
@takes(MAX_UPLOAD)
def hand_in() -> ResponseReturnValue:
    """Take a `file` or a pasted `text`; on to its columns."""
    file = request.files.get("file")
    given = file.filename if file else ""
    name = clean(request.form.get("name")) or Path(given or "").stem or _("Pasted on %(day)s", day=today_china())
    try:
        table = _table()
        with writing() as session:
            made = own_lists.create(session, buyer(), now(), name=name[:120], table=table, guessed=guess(table)).id
    except UnreadableList as error:
        return _all(unreadable(error.why))
    except Refused as refused:
        return _all(refusal(refused))
    return redirect(url_for("buyers.own_columns", identifier=made))


def _table() -> Table:
    """The file, else the text. Raises UnreadableList."""
    file = request.files.get("file")
    with NamedTemporaryFile() as kept:
        if file is not None and file.filename:
            file.save(kept)
            file.close()
        else:
            kept.write((request.form.get("text") or "").encode("utf-8", "replace"))
        kept.flush()
        if not Path(kept.name).stat().st_size:
            raise UnreadableList(Unreadable.EMPTY)
        return read_table(Path(kept.name))


@blueprint.route("/own-suppliers/<int:identifier>/columns", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def own_columns(identifier: int) -> ResponseReturnValue:
    """`buyers/own_columns.html` with `own`, `rows`, `size`, `problem`: which column holds what? Then it is matched."""
    own = own_list_of(db.session(), identifier)
    problem = ""
    if request.method == "POST":
        number, name = _column("number_column"), _column("name_column")
        first = _column("first") or own.first
        if number is None and name is None:
            problem = _("Say which column holds the number, or the name.")
        elif number == name:
            problem = _("One column cannot hold both.")
        else:
            with writing() as session:
                found = own_list_of(session, identifier)
                own_lists.set_columns(session, found, Guess(number, name, first))
                own_lists.check(session, buyer(), found)
            return redirect(url_for("buyers.own_list", identifier=identifier))
    of_list = select(OwnRow).where(OwnRow.own_list_id == own.id).order_by(OwnRow.line)
    rows = db.session.scalars(of_list.limit(PREVIEWED)).all()
    size = db.session.scalar(select(func.count(OwnRow.id)).where(OwnRow.own_list_id == own.id))
    page = render_template("buyers/own_columns.html", own=own, rows=rows, size=size, problem=problem)
    return page, INVALID if problem else 200


def _column(name: str) -> int | None:
    return whole(request.form.get(name), 3)


@blueprint.get("/own-suppliers/<int:identifier>")
@needs(Permission.SOURCE)
def own_list(identifier: int) -> ResponseReturnValue:
    """`buyers/own_list.html` with `own`, `job` (None: never checked), `page`: OwnPage, `view`, `shows`, `choices`.

    `?show=…` lets some rows through; `?conditions=…` holds the firms against sourcing conditions.
    """
    own = own_list_of(db.session(), identifier)
    job = db.session.get(Job, own.job_id) if own.job_id else None
    if job is None:
        return redirect(url_for("buyers.own_columns", identifier=identifier))
    at = context()
    view = view_of(own, at)
    place = asked_page()
    return render_template(
        "buyers/own_list.html",
        own=own,
        job=job,
        busy=job.state in {JobState.WAITING, JobState.RUNNING},
        page=own_page(own, view, max(1, place), at),
        view=view,
        shows=shows(view.chosen),
        choices=choices(at),
    )


@blueprint.get("/own-suppliers/<int:identifier>/progress")
@needs(Permission.SOURCE)
def own_progress(identifier: int) -> dict[str, Any]:
    """How far the check is, for the page's script."""
    own = own_list_of(db.session(), identifier)
    job = db.session.get(Job, own.job_id) if own.job_id else None
    if job is None:
        raise NotFound
    return {"state": job.state, "done": job.done, "total": job.total}


@blueprint.post("/own-suppliers/<int:identifier>/check")
@needs(Permission.SOURCE)
def check_own_list(identifier: int) -> ResponseReturnValue:
    """Have it matched again."""
    with writing() as session:
        own_lists.check(session, buyer(), own_list_of(session, identifier))
    return redirect(url_for("buyers.own_list", identifier=identifier))


@blueprint.post("/own-suppliers/<int:identifier>/delete")
@needs(Permission.SOURCE)
def delete_own_list(identifier: int) -> ResponseReturnValue:
    """Delete it; it can be taken back."""
    with writing() as session:
        own = own_list_of(session, identifier)
        undo = own_lists.delete_list(session, buyer(), own, now())
        name = own.name
    tell(_("The list “%(name)s” was deleted.", name=name), undo)
    return redirect(url_for("buyers.all_own_lists"))


@blueprint.post("/own-suppliers/rows/<int:identifier>")
@needs(Permission.SOURCE)
def choose_own(identifier: int) -> ResponseReturnValue:
    """Say which `firm` a row is: one of its candidates, or "none"."""
    firm = request.form.get("firm", "")
    chosen = whole(firm)
    with writing() as session:
        row = owned(session, OwnRow, identifier)
        own = own_list_of(session, row.own_list_id)
        if chosen is None and firm != "none":
            flash(_("Choose one of the firms, or “none of these”."), "warn")
        else:
            at = context()
            own_lists.choose(session, row, chosen, Reader(session, at.catalogue, at.today))
        page = url_for("buyers.own_list", identifier=own.id)
    came = safe_next(request.form.get("next"))
    return redirect(came if came.partition("?")[0] == page else page)
