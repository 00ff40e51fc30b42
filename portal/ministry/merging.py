"""GET, POST /ministry/suppliers/…/merge: another entry of the same firm chosen, seen side by side, merged."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from werkzeug.exceptions import Forbidden
from wtforms import HiddenField, StringField

from portal.care import merging
from portal.care.duplicates import of_firm
from portal.ministry.act_forms import ReasonForm
from portal.ministry.blueprint import blueprint
from portal.ministry.care import CONFLICT, INVALID, page_of
from portal.ministry.forms import AskForm
from portal.ministry.log_page import entry_views
from portal.ministry.merge_page import preview
from portal.ministry.operation_log import staff_actor
from portal.ministry.within import supplier_of, territory
from portal.models import Supplier
from portal.register.auditing.reading import later, newest_id
from portal.register.writer import Stale, WriteError, Writer
from portal.services import services
from portal.web.forms import at_most
from portal.web.numbers import whole
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import Context, context
from portal.web.templating import render_template
from portal.web.writing import writing
from portal.workspace.numbers import clean_number

OTHER = "other"


class OtherForm(AskForm):
    """Which firm is meant: its number, or its key."""

    other = StringField(lazy_gettext("Registration number of the other entry"), [at_most(90)])


class MergeForm(ReasonForm):
    """Why; and which states of both firms were seen."""

    seen_other = HiddenField()


@blueprint.route("/suppliers/<int:identifier>/merge", methods=["GET", "POST"])
@needs(Permission.CARE)
def merge(identifier: int) -> ResponseReturnValue:
    """`ministry/merge.html`: `row`, and without another firm `ask`, `candidates`; with it `other`, `view`, `form`."""
    at = context()
    row = supplier_of(at.session, identifier)
    if row.withdrawn_at is not None:
        flash(_("This cannot be done now: see what happened to the firm."), "warn")
        return redirect(page_of(row))
    other, problem = _other(row, request.args.get(OTHER, ""), at)
    if other is None:
        return _choose(row, problem, at)
    form = MergeForm()
    if not form.is_submitted():
        return _preview(row, other, form, at)
    return _merge(row, other, form, at) if form.validate() else (_preview(row, other, form, at), INVALID)


def _other(row: Supplier, text: str, at: Context) -> tuple[Supplier | None, str]:
    """The other firm, or what is wrong with what was given for it. Raises Forbidden outside the territory."""
    if not text.strip():
        return None, ""
    scheme, slash, number = text.strip().partition("/")
    wanted = select(Supplier).where(
        (Supplier.scheme == scheme) & (Supplier.number == number) if slash else Supplier.number == clean_number(text)
    )
    found = at.session.scalars(wanted.where(Supplier.id != row.id).order_by(Supplier.withdrawn_at.is_not(None))).first()
    if found is None:
        return None, _("No other entry of the register has this number.")
    if found.withdrawn_at is not None:
        return None, _("This entry was withdrawn or merged; it cannot be merged now.")
    if not territory().holds(found, services().catalogue):
        raise Forbidden(_("This firm lies outside your regions or sectors."))
    return found, ""


def _choose(row: Supplier, problem: str, at: Context) -> ResponseReturnValue:
    ask = OtherForm(request.args)
    if problem:
        ask.other.errors = [problem]
    candidates = [one for one in of_firm(at.session, row) if territory().holds(one, at.catalogue)]
    page = render_template("ministry/merge.html", row=row, ask=ask, candidates=candidates, back=page_of(row))
    return page, (INVALID if problem else 200)


def _preview(row: Supplier, other: Supplier, form: MergeForm, at: Context, **more: Any) -> str:
    if not form.is_submitted() or "newer" in more:
        form.seen.data, form.seen_other.data = (str(newest_id(at.session, one.key)) for one in (row, other))
    view = preview(row, other, at)
    swapped = url_for("ministry.merge", identifier=other.id, other=row.key)
    back = page_of(row)
    return render_template(
        "ministry/merge.html", row=row, other=other, view=view, form=form, swapped=swapped, back=back, **more
    )


def _merge(row: Supplier, other: Supplier, form: MergeForm, at: Context) -> ResponseReturnValue:
    asked = merging.Asked(row.key, other.key, _seen(form), form.reason.data or "", at.today)
    who = staff_actor()
    try:
        with writing() as session:
            writer = Writer(session, services().catalogue, actor=who.name, origin=who.origin)
            entry = merging.merge(session, writer, asked)
    except Stale as stale:
        newer = entry_views(later(at.session, stale.key, stale.seen), at)
        return _preview(row, other, form, at, newer=newer), CONFLICT
    except WriteError as error:
        return _preview(row, other, form, at, refused=[problem.message for problem in error.problems]), INVALID
    undo = url_for("ministry.undo_act", identifier=row.id, entry=entry)
    said = _("The two entries are one now; the address of the other one leads here.")
    flash({"text": said, "url": undo}, "undo")  # type: ignore[arg-type]
    return redirect(page_of(row))


def _seen(form: MergeForm) -> tuple[int, int]:
    other = form.seen_other.data or ""
    return form.seen_entry, whole(other) or 0


def merges_of(row: Supplier, at: Context) -> tuple[Supplier | None, list[Supplier]]:
    """The firm it was merged into, and those that were merged into it; newest entries of the register first."""
    into = at.session.get(Supplier, row.merged_into_id) if row.merged_into_id else None
    wanted = select(Supplier).where(Supplier.merged_into_id == row.id).order_by(Supplier.withdrawn_at.desc())
    return into, list(at.session.scalars(wanted.limit(50)))
