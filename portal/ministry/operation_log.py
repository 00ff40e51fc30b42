"""GET /ministry/log and what staff do with the operation log: filter it, have it checked, take it out as a file."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import insert
from wtforms.fields.choices import SelectChoice

from portal.care import log_check, log_export
from portal.extensions import db
from portal.identity.log import user_actor
from portal.ministry.blueprint import blueprint
from portal.ministry.forms import LogForm
from portal.ministry.log_asking import filter_of
from portal.ministry.log_page import entry_views
from portal.ministry.log_words import action_labels, kind_labels
from portal.ministry.within import territory
from portal.models import AuditEntry, JobState, now, table_of
from portal.register.audit import Actor
from portal.register.auditing.chain import HEAD, read_end
from portal.register.auditing.checking import last_checks
from portal.register.auditing.reading import Filter, Place, entries
from portal.register.auditing.sealing import waiting
from portal.services import services
from portal.web.forms import ButtonForm
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing
from portal.workspace import exports
from portal.workspace.buyer import Buyer, Refused
from portal.workspace.export_files import FORMS

PER_PAGE = 25
INVALID = 422
MOST_COUNTED = 1_000_000


def staff_actor() -> Actor:
    """The signed-in staff, as the log names them."""
    return user_actor(signed_in().id, request.remote_addr or "")


def log_form() -> LogForm:
    """The filter as the address has it."""
    form = LogForm(request.args)
    labels = action_labels().items()
    form.action.choices = [SelectChoice("", _("anything")), *(SelectChoice(*pair) for pair in labels)]
    if form.action.data not in dict(labels):
        form.action.data = ""
    return form


@blueprint.get("/log")
@needs(Permission.READ_LOG)
def log() -> ResponseReturnValue:
    """`ministry/log.html` with `form`, `entries`: EntryView, `older`: the next page's address, …"""
    form, at = log_form(), context()
    holds = form.validate()
    asked = {name: value for name, value in form.data.items() if value}
    rows = entries(at.session, filter_of(form, at.session), PER_PAGE + 1, _place()) if holds else []
    older = None
    if len(rows) > PER_PAGE:
        last = rows[PER_PAGE - 1]
        older = url_for("ministry.log", **asked, after=str(Place(last.at, last.id)))
    page = render_template(
        "ministry/log.html",
        form=form,
        entries=entry_views(rows[:PER_PAGE], at),
        older=older,
        deeper="after" in request.args,
        asked=asked,
        limited=territory().limited,
        button=ButtonForm(formdata=None),
    )
    return page, 200 if holds else INVALID


def _place() -> Place | None:
    return Place.of(request.args.get("after", ""))


@blueprint.post("/log/export/<any(xlsx, csv):form>")
@needs(Permission.READ_LOG)
def export_log(form: str) -> ResponseReturnValue:
    """Have what the address's filter lets through written to a file; then to the exports."""
    asked = log_form()
    if not asked.validate() or form not in FORMS:
        return redirect(_here())
    user = signed_in()
    wanted = filter_of(asked, db.session())
    total = log_export.count(db.session(), wanted, MOST_COUNTED)
    try:
        with writing() as session:
            exports.ask(session, Buyer(user.id, user.organisation_id), now(), _order(asked, wanted, form, total))
            entry = log_export.record(staff_actor(), wanted, form)
            session.execute(insert(table_of(AuditEntry)), [entry])
    except Refused as refused:
        flash(_("You keep %(most)s exports, which is the most. Remove one first.", most=refused.most), "warn")
        return redirect(_here())
    return redirect(url_for("buyers.all_exports"))


def _here() -> str:
    """The log with the filter of the present address."""
    return f"{url_for('ministry.log')}?{request.query_string.decode()}".rstrip("?")


def _order(asked: LogForm, wanted: Filter, form: str, total: int) -> exports.Order:
    said = [(str(field.label.text), _said(field)) for field in asked if field.data]
    payload = {
        "filter": log_export.stored_filter(wanted),
        "headings": _headings(),
        "actions": dict(action_labels()),
        "words": {
            "sheet": _("Operation log"),
            "about": _("About"),
            "time": _("Time of the export"),
            "rows": _("Rows"),
        },
        "about": [(_("Operation log"), services().settings.public_url), *said],
        "total": total,
    }
    return exports.Order(_("Operation log"), form, payload, private=True, total=total, kind=log_export.KIND)


def _said(field: Any) -> str:
    return action_labels().get(field.data, field.data) if field.name == "action" else field.data


def _headings() -> tuple[str, ...]:
    """Of `log_export.COLUMNS`."""
    return (
        _("Number in the chain"),
        _("Time (China)"),
        _("Done by"),
        _("Name"),
        _("From where"),
        _("Action"),
        _("What was done"),
        _("About"),
        _("Changes: before, after"),
        _("Hash"),
    )


@blueprint.get("/log/verify")
@needs(Permission.READ_LOG)
def log_state() -> str:
    """`ministry/log_verify.html`: `head`, `waits`, `oldest`, `checks`: (EntryView, sentences), `job`, `busy`."""
    at = context()
    waits, oldest = waiting(at.session)
    rows = last_checks(at.session)
    said = [[_sentence(problem) for problem in row.changes.get("problems", ())] for row in rows]
    job = log_check.newest(at.session)
    return render_template(
        "ministry/log_verify.html",
        head=read_end(at.session, HEAD),
        waits=waits,
        oldest=oldest,
        checks=list(zip(rows, entry_views(rows, at), said, strict=True)),
        job=job,
        busy=job is not None and job.state in {JobState.WAITING, JobState.RUNNING},
        button=ButtonForm(formdata=None),
    )


def _sentence(problem: dict[str, Any]) -> str:
    words = kind_labels().get(problem["kind"], "%(kind)s")
    return words % problem


@blueprint.post("/log/verify")
@needs(Permission.READ_LOG)
def check_log() -> ResponseReturnValue:
    """Have the worker check the chain."""
    with writing() as session:
        log_check.ask(session, signed_in(), staff_actor())
    return redirect(url_for("ministry.log_state"))


@blueprint.get("/log/verify/progress")
@needs(Permission.READ_LOG)
def check_progress() -> dict[str, Any]:
    """How far the newest check is, for the page's script."""
    job = log_check.newest(db.session())
    if job is None:
        return {"state": "done", "done": 0, "total": 0}
    return {"state": job.state, "done": job.done, "total": job.total}
