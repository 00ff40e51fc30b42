"""The forms of care: shown, checked against what others did meanwhile, written, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload
from werkzeug.exceptions import NotFound
from wtforms.fields.choices import SelectChoice

from portal.care import merging
from portal.care.states import NEXT
from portal.ministry.act_forms import CertificateForm, DatedForm, ReasonForm
from portal.ministry.acts import ACTS
from portal.ministry.blueprint import blueprint
from portal.ministry.log_page import entry_views
from portal.ministry.log_words import state_acts
from portal.ministry.operation_log import staff_actor
from portal.ministry.within import supplier_of
from portal.models import Certificate, Supplier
from portal.register.auditing.reading import later, newest_id
from portal.register.facts import CertificateState
from portal.register.writer import Outcome, Stale, WriteError, Writer
from portal.services import services
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.presenters.supplier import certificate_view
from portal.web.templating import render_template
from portal.web.writing import writing

INVALID, CONFLICT = 422, 409
Write = Callable[[Writer, str], Outcome]


@blueprint.route(f"/suppliers/<int:identifier>/<any({', '.join(ACTS)}):act>", methods=["GET", "POST"])
@needs(Permission.CARE)
def act(identifier: int, act: str) -> ResponseReturnValue:
    """`ministry/act.html`: one act with a firm."""
    at, chosen = context(), ACTS[act]
    row = supplier_of(at.session, identifier)
    if not chosen.possible(row):
        flash(_("This cannot be done now: see what happened to the firm."), "warn")
        return redirect(page_of(row))
    form = chosen.form()
    chosen.offer(form, row, at, not form.is_submitted())
    said = {"title": chosen.title(), "button": chosen.button()}
    return _handle(_Asked(form, row, lambda writer, key: chosen.write(writer, key, form), chosen.done(), said), at)


@blueprint.route("/certificates/<int:identifier>", methods=["GET", "POST"])
@needs(Permission.CARE)
def certificate(identifier: int) -> ResponseReturnValue:
    """`ministry/act.html`: the state of a certificate."""
    at = context()
    held = at.session.get(Certificate, identifier, options=[joinedload(Certificate.provenance)])
    if held is None:
        raise NotFound
    row = supplier_of(at.session, held.supplier_id)
    form = CertificateForm()
    words = state_acts()
    form.state.choices = [SelectChoice(state.value, words[state]) for state in NEXT[CertificateState(held.state)]]
    scheme, key = held.scheme, held.key

    def write(writer: Writer, firm: str) -> Outcome:
        assert form.on.day is not None, "the form holds"  # noqa: S101
        state, reason = CertificateState(form.state.data), form.reason.data or ""
        return writer.set_certificate_state(firm, scheme, key, state, reason=reason, on=form.on.day)

    said = {"title": _("State of the certificate"), "button": _("Save the state")}
    view = certificate_view(held, at)
    done = _("The state of the certificate was changed.")
    return _handle(_Asked(form, row, write, done, said | {"held": view}), at)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A form of a firm, how it is written, what to say when that is done, and what else its page shows."""

    form: ReasonForm
    row: Supplier
    write: Write
    done: str
    said: dict[str, Any]

    def page(self, **more: Any) -> str:
        """`ministry/act.html`."""
        said = self.said | more
        return render_template("ministry/act.html", form=self.form, row=self.row, back=page_of(self.row), **said)


def _handle(asked: _Asked, at: Context) -> ResponseReturnValue:
    """The form, or after it was written the firm's page; 409 with what others did since the form was made."""
    form, row = asked.form, asked.row
    if not form.is_submitted():
        form.seen.data = str(newest_id(at.session, row.key))
        return asked.page()
    if not form.validate():
        return asked.page(), INVALID
    try:
        with writing() as session:
            entry = _written(session, asked)
    except Stale as stale:
        newer = later(at.session, row.key, stale.seen)
        form.seen.data = str(max(entry.id for entry in newer))
        return asked.page(newer=entry_views(newer, at)), CONFLICT
    except WriteError as error:
        return asked.page(refused=[problem.message for problem in error.problems]), INVALID
    if entry:
        undo = url_for("ministry.undo_act", identifier=row.id, entry=entry)
        flash({"text": asked.done, "url": undo}, "undo")  # type: ignore[arg-type]
    else:
        flash(_("Nothing was changed: it was so already."))
    return redirect(page_of(row))


def _written(session: Session, asked: _Asked) -> int:
    """Write, unless the firm was changed meanwhile; the entry of the log, 0 if nothing changed. Raises Stale."""
    form, key = asked.form, asked.row.key
    document = form.provenance if isinstance(form, DatedForm) else None
    who = staff_actor()
    writer = Writer(session, services().catalogue, actor=who.name, origin=who.origin, provenance=document)
    writer.require_unchanged(key, form.seen_entry)
    return newest_id(session, key) if asked.write(writer, key) is Outcome.CHANGED else 0


def page_of(row: Supplier) -> str:
    """The firm's page for staff."""
    return url_for("ministry.supplier", scheme=row.scheme, number=row.number)


@blueprint.post("/suppliers/<int:identifier>/undo/<int:entry>")
@needs(Permission.CARE)
def undo_act(identifier: int, entry: int) -> ResponseReturnValue:
    """Take back what an entry tells of, if nothing followed it."""
    at = context()
    row = supplier_of(at.session, identifier)
    who = staff_actor()
    try:
        with writing() as session:
            writer = Writer(session, services().catalogue, actor=who.name, origin=who.origin)
            if merging.is_merge(session, entry):
                merging.take_back(session, writer, row.key, entry)
            else:
                writer.undo(row.key, entry)
        flash(_("Undone."))
    except (Stale, WriteError):
        flash(_("This cannot be undone any more: the firm was changed meanwhile."), "warn")
    return redirect(page_of(row))
