"""GET, POST /shortlists/add: put firms on a list, from a card, a selection, a supplier's page or a comparison."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.buyers.blueprint import blueprint
from portal.buyers.shortlists import INVALID, reader_of, shortlist_of
from portal.buyers.words import refusal
from portal.extensions import db
from portal.models import Shortlist, Supplier, now
from portal.register.loading import by_keys
from portal.usage.notes import How
from portal.web.back import safe_next
from portal.web.counting import note_firms
from portal.web.forms import clean
from portal.web.numbers import whole
from portal.web.permissions import Permission, needs
from portal.web.presenters.context import context
from portal.web.templating import render_template
from portal.web.who import buyer, tell
from portal.web.writing import writing
from portal.workspace import entries, shortlists
from portal.workspace.buyer import Refused
from portal.workspace.entries import Done, Hand
from portal.workspace.shortlists import MAX_NAME

MAX_ADDED = 200
MAX_KEY = 100


def _keys() -> list[str]:
    """The firms asked for, once each."""
    texts = (text.strip()[:MAX_KEY] for text in request.values.getlist("id"))
    return list(dict.fromkeys(text for text in texts if text))[:MAX_ADDED]


def _next() -> str:
    """Where they came from: said by the form, else by the browser."""
    if said := safe_next(request.values.get("next")):
        return said
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or came.path.startswith("/shortlists/add"):
        return ""
    return safe_next(f"{came.path}?{came.query}".rstrip("?"))


@blueprint.get("/shortlists/add")
@needs(Permission.SOURCE)
def choose_shortlist() -> ResponseReturnValue:
    """`buyers/shortlist_add.html` with `firms`, `keys`, `lists`, `chosen`, `back`: to which list, or to a new one?"""
    return _choose()


def _choose(problem: str = "") -> ResponseReturnValue:
    keys, session = _keys(), db.session()
    if not keys:
        flash(_("Tick at least one firm first."), "warn")
        return redirect(_next() or url_for("buyers.all_shortlists"))
    named = select(Supplier.scheme, Supplier.number, Supplier.name_zh, Supplier.name_en).where(by_keys(keys))
    last = shortlists.used_last(session, buyer())
    page = render_template(
        "buyers/shortlist_add.html",
        keys=keys,
        firms=session.execute(named.order_by(Supplier.name_zh, Supplier.id)).all(),
        lists=shortlists.summaries(session, buyer()),
        chosen=request.form.get("list") or (str(last.id) if last else "new"),
        name=request.form.get("name", ""),
        back=_next(),
        problem=problem,
    )
    return page, INVALID if problem else 200


@blueprint.post("/shortlists/add")
@needs(Permission.SOURCE)
def add_to_shortlist() -> ResponseReturnValue:
    """Add firms (`id`) to `list` (an id, or "new" with `name`; without one the list used last), and go back.

    Who has no list yet, or does not name the new one, is asked.
    """
    keys = _keys()
    name = clean(request.form.get("name"))
    if request.form.get("list") == "new" and not 0 < len(name) <= MAX_NAME:
        return _choose(_("Give the new list a name of at most %(most)s characters.", most=MAX_NAME))
    if not keys:
        return _choose()
    try:
        with writing() as session:
            found = _list(session, name)
            if found is None:
                return redirect(url_for("buyers.choose_shortlist", id=keys, next=_next() or None))
            hand = Hand(session, buyer(), found, now())
            done = entries.add(hand, keys, reader_of(session, context()))
            list_id, list_name = found.id, found.name
    except Refused as refused:
        return _choose(refusal(refused))
    note_firms(How.SHORTLISTED, done.added)
    _tell(done, list_name)
    return redirect(_next() or url_for("buyers.shortlist", identifier=list_id))


def _list(session: Session, name: str) -> Shortlist | None:
    chosen = request.form.get("list", "")
    if chosen == "new":
        return shortlists.create(session, buyer(), now(), name=name, shared=request.form.get("shared") == "1")
    if chosen:
        return shortlist_of(session, whole(chosen) or 0)
    return shortlists.used_last(session, buyer())


def _tell(done: Done, name: str) -> None:
    said: dict[str, Any] = {"name": name}
    if done.changed:
        text = ngettext(
            "%(num)s firm was put on “%(name)s”.", "%(num)s firms were put on “%(name)s”.", done.changed, **said
        )
        tell(text, done.undo)
    if done.there:
        flash(
            ngettext(
                "%(num)s firm was on “%(name)s” already.",
                "%(num)s firms were on “%(name)s” already.",
                done.there,
                **said,
            )
        )
    for key in done.unknown:
        flash(_("%(id)s is not in the register or has been withdrawn.", id=quote(key, safe="/")), "warn")
