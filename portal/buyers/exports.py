"""GET, POST …/export and /exports…: results and lists as files, asked for, waited for, fetched, removed."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.buyers.blueprint import blueprint
from portal.buyers.export_sources import Source, of_own_list, of_search, of_shortlist
from portal.buyers.export_words import USUAL, column_labels, form_labels, words
from portal.buyers.own_fit import view_of
from portal.buyers.own_lists import own_list_of
from portal.buyers.shortlist_page import Shown
from portal.buyers.shortlists import shortlist_of
from portal.buyers.words import refusal
from portal.extensions import db
from portal.models import Export, Job, now
from portal.register.clock import CHINA
from portal.services import services
from portal.web.guard import owned
from portal.web.kept import asked
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.marks import with_mine
from portal.web.templating import render_template
from portal.web.who import buyer
from portal.web.writing import writing
from portal.workspace import exports
from portal.workspace.buyer import Refused
from portal.workspace.export_files import FORMS, SUFFIXES, TYPES

INVALID = 422
SANDBOX = "sandbox"
"""The policy of a file: should a browser show it after all, it runs nothing and is nobody's page."""


def export_of(session: Session, identifier: int) -> Export:
    """The export, if the signed-in buyer may have it. Raises NotFound."""
    return owned(session, Export, identifier, exports.visible(buyer()))


@blueprint.get("/exports")
@needs(Permission.EXPORT)
def all_exports() -> str:
    """`buyers/exports.html` with `kept`: (Export, Job, whether it is under way), `busy`: whether any is."""
    kept = [(export, job, exports.busy(job)) for export, job in exports.own(db.session(), buyer())]
    return render_template("buyers/exports.html", kept=kept, busy=any(busy for _export, _job, busy in kept))


@blueprint.route("/exports/new", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def export_search() -> ResponseReturnValue:
    """All hits of the search that the address asks for, as `/suppliers` would."""
    at = context()
    search, mine = with_mine(asked(request.args, at), at)
    return _asking(of_search(search, mine, at), at)


@blueprint.route("/shortlists/<int:identifier>/export", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def export_shortlist(identifier: int) -> ResponseReturnValue:
    """All entries that the address's filter lets through."""
    at = context()
    return _asking(of_shortlist(shortlist_of(db.session(), identifier), Shown.of(request.args), buyer().id, at), at)


@blueprint.route("/own-suppliers/<int:identifier>/export", methods=["GET", "POST"])
@needs(Permission.SOURCE)
def export_own_list(identifier: int) -> ResponseReturnValue:
    """All rows that the address's filter lets through."""
    at = context()
    own = own_list_of(db.session(), identifier)
    return _asking(of_own_list(own, view_of(own, at), at), at)


def _asking(source: Source, at: Context) -> ResponseReturnValue:
    """`buyers/export_new.html` with `source`, `forms`, `columns`, `ticked`, `form`, `problem`; then to the exports."""
    offered = {code: label for code, label in column_labels().items() if code not in source.without}
    form, ticked, problem = "xlsx", USUAL, ""
    if request.method == "POST":
        form, ticked = request.form.get("form", ""), frozenset(request.form.getlist("column"))
        chosen = {code: label for code, label in offered.items() if code in ticked}
        problem = _problem(form, chosen)
        if not problem:
            try:
                with writing() as session:
                    exports.ask(session, buyer(), now(), _order(source, form, chosen, at))
                return redirect(url_for("buyers.all_exports"))
            except Refused as refused:
                problem = refusal(refused)
    page = render_template(
        "buyers/export_new.html",
        source=source,
        forms=form_labels(),
        columns=offered,
        ticked=ticked,
        form=form,
        problem=problem,
    )
    return page, INVALID if problem else 200


def _problem(form: str, chosen: dict[str, str]) -> str:
    if form not in FORMS:
        return str(_("Choose a form of file."))
    return "" if chosen else str(_("Tick at least one column."))


def _order(source: Source, form: str, chosen: dict[str, str], at: Context) -> exports.Order:
    origin = services().settings.public_url
    payload = {
        **source.payload,
        "lang": at.lang,
        "origin": origin,
        "columns": list(chosen.items()),
        "words": words(),
        "about": [*source.said, (_("Address"), f"{origin}{source.path}")],
    }
    return exports.Order(source.title, form, payload, private=source.private, total=source.total)


@blueprint.get("/exports/<int:identifier>/progress")
@needs(Permission.EXPORT)
def export_progress(identifier: int) -> dict[str, Any]:
    """How far it is, for the page's script."""
    job = db.session.get(Job, export_of(db.session(), identifier).job_id)
    if job is None:
        raise NotFound
    return {"state": job.state, "done": job.done, "total": job.total}


@blueprint.get("/exports/<int:identifier>/file")
@needs(Permission.EXPORT)
def export_file(identifier: int) -> Response:
    """The file, once it is whole."""
    export = export_of(db.session(), identifier)
    path = exports.file_of(services().settings.exports_dir, export)
    if export.finished_at is None or not path.is_file():
        raise NotFound
    day = export.finished_at.astimezone(CHINA).date().isoformat()
    name = f"{export.title}-{day}.{SUFFIXES[export.form]}"
    answer = send_file(path, mimetype=TYPES[export.form], as_attachment=True, download_name=name, max_age=0)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer


@blueprint.post("/exports/<int:identifier>/delete")
@needs(Permission.EXPORT)
def delete_export(identifier: int) -> ResponseReturnValue:
    """Remove one's own, the file too."""
    with writing() as session:
        export = owned(session, Export, identifier, exports.visible(buyer()), Export.user_id == buyer().id)
        title = export.title
        exports.remove(session, services().settings.exports_dir, export)
    flash(_("The export “%(title)s” was removed.", title=title))
    return redirect(url_for("buyers.all_exports"))
