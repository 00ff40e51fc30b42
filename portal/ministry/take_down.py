"""Taking a firm's own profile down in one click, and putting it back: for what must not stay up while one asks why."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.ministry.blueprint import blueprint
from portal.ministry.care import page_of
from portal.ministry.log_words import field_labels, take_down_reasons
from portal.ministry.operation_log import staff_actor
from portal.ministry.within import supplier_of
from portal.models import Supplier
from portal.register.auditing.reading import newest_id
from portal.register.showing import hidden_fields
from portal.register.writer import Outcome, WriteError, Writer
from portal.services import services
from portal.web.forms import clean
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.writing import writing

OTHER = "other"


def reason_words(reason: str) -> str:
    """A reason as it was kept: one of those of one click, or the words of whoever gave it."""
    return take_down_reasons().get(reason, reason)


@blueprint.post("/suppliers/<int:identifier>/take-down")
@needs(Permission.CARE)
def take_down(identifier: int) -> ResponseReturnValue:
    """Show nothing any more that the firm declared itself. `reason`: a code, or `other` with `words`."""
    row = supplier_of(context().session, identifier)
    code = request.form.get("reason", "")
    reason = clean(request.form.get("words", "")) if code == OTHER else code
    if not reason or (code != OTHER and code not in take_down_reasons()):
        flash(_("Nothing was taken down: choose a reason, or write one."), "warn")
        return redirect(page_of(row))
    done = _("The profile was taken down: pages, search and API show only official facts of the firm.")
    return _write(row, lambda writer, key: writer.hide_profile(key, reason), done)


@blueprint.post("/suppliers/<int:identifier>/put-back")
@needs(Permission.CARE)
def put_back(identifier: int) -> ResponseReturnValue:
    """Show it again."""
    row = supplier_of(context().session, identifier)
    return _write(row, lambda writer, key: writer.show_profile(key), _("The profile is shown again."))


def _write(row: Supplier, write: Callable[[Writer, str], Outcome], done: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            entry = _entry(session, row, write)
    except WriteError as error:
        flash(" ".join(problem.message for problem in error.problems), "warn")
        return redirect(page_of(row))
    if entry:
        undo = url_for("ministry.undo_act", identifier=row.id, entry=entry)
        flash({"text": done, "url": undo}, "undo")  # type: ignore[arg-type]
    else:
        flash(_("Nothing was changed: it was so already."))
    return redirect(page_of(row))


def _entry(session: Session, row: Supplier, write: Callable[[Writer, str], Outcome]) -> int:
    who = staff_actor()
    writer = Writer(session, services().catalogue, actor=who.name, origin=who.origin)
    return newest_id(session, row.key) if write(writer, row.key) is Outcome.CHANGED else 0


def field_words(name: str) -> str:
    """What a field is called."""
    return field_labels().get(name, name)


@blueprint.app_context_processor
def words() -> dict[str, Callable[..., object]]:
    """For the pages that hold the buttons."""
    return {
        "field_words": field_words,
        "hidden_fields": hidden_fields,
        "take_down_reasons": take_down_reasons,
        "take_down_words": reason_words,
    }
