"""POST /shortlists/<id>/notes and /shortlists/notes/<id>/delete: what members write about a firm on a list."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.buyers.blueprint import blueprint
from portal.buyers.shortlists import shortlist_of
from portal.buyers.words import refusal
from portal.models import ShortlistEntry, ShortlistNote, now
from portal.web.back import safe_next
from portal.web.forms import clean_text
from portal.web.guard import owned
from portal.web.numbers import whole
from portal.web.permissions import Permission, needs
from portal.web.who import buyer, tell
from portal.web.writing import writing
from portal.workspace.buyer import Refused
from portal.workspace.entries import MAX_NOTE, Hand, delete_note, write_note


def _back(list_id: int, entry_id: int | str = "") -> ResponseReturnValue:
    """The page of the list they were on, at the entry."""
    page = url_for("buyers.shortlist", identifier=list_id)
    came = safe_next(request.form.get("next"))
    return redirect(f"{came if came.partition('?')[0] == page else page}#entry-{entry_id}")


@blueprint.post("/shortlists/<int:identifier>/notes")
@needs(Permission.SOURCE)
def add_note(identifier: int) -> ResponseReturnValue:
    """Write `text` about the entry `entry`."""
    text, entry = clean_text(request.form.get("text")), request.form.get("entry", "")
    entry_id = whole(entry) or 0
    with writing() as session:
        hand = Hand(session, buyer(), shortlist_of(session, identifier), now())
        if not text:
            flash(_("The note is empty."), "warn")
        elif len(text) > MAX_NOTE:
            flash(_("A note has at most %(most)s characters.", most=f"{MAX_NOTE:,}"), "warn")
        elif not write_note(hand, entry_id, text):
            flash(_("This firm is no longer on the list."), "warn")
    return _back(identifier, entry_id)


@blueprint.post("/shortlists/notes/<int:identifier>/delete")
@needs(Permission.SOURCE)
def remove_note(identifier: int) -> ResponseReturnValue:
    """Take an own note away; it can be taken back."""
    with writing() as session:
        note = owned(session, ShortlistNote, identifier)
        entry = session.get_one(ShortlistEntry, note.entry_id)
        list_id, entry_id = entry.shortlist_id, entry.id
        hand = Hand(session, buyer(), shortlist_of(session, list_id), now())
        try:
            tell(_("The note was deleted."), delete_note(hand, note))
        except Refused as refused:
            flash(refusal(refused), "warn")
    return _back(list_id, entry_id)
