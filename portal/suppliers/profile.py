"""GET, POST /firm/profile: the form of the profile, its draft kept by hand or by itself, and handing it in."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.company import profile as drafts
from portal.company.profile import Conflict, Hand, profile_of, writing_of
from portal.company.profile_publishing import HandedIn, hand_in, take_out
from portal.extensions import db
from portal.models import Supplier, now
from portal.profiles.content import GROUPS
from portal.profiles.joining import left_to_them, prints_of
from portal.profiles.reading import Read, read, typed_content, typed_of
from portal.profiles.words import group_words
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.suppliers.profile_conflict import conflict_page
from portal.suppliers.profile_form import Shown, faults_listed, official_facts, places_offered, sections
from portal.suppliers.profile_state import state_of
from portal.web.permissions import Permission, needs, takes
from portal.web.presenters.context import Context, context
from portal.web.reviewing import desk
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing

INVALID, CONFLICT = 422, 409
MAX_FORM = 2 * 1024 * 1024
"""Bytes of the form: a field of 100,000 characters still comes back to be made shorter."""


@blueprint.get("/profile")
@needs(Permission.KEEP_PROFILE)
def profile() -> ResponseReturnValue:
    """`suppliers/profile.html`: `sections`, `base`, `state`: State, `faults`, `places`; `?open=` unfolds a section."""
    session, at = db.session(), context()
    firm = own_firm(session)
    content = writing_of(session, firm, profile_of(session, firm.id))
    shown = Shown(typed_content(content, at.catalogue, at.lang), {}, request.args.get("open", ""))
    return _page(firm, shown, prints_of(content), at)


def _page(firm: Supplier, shown: Shown, base: str, at: Context, status: int = 200) -> ResponseReturnValue:
    made = sections(shown, official_facts(firm, at), at)
    page = render_template(
        "suppliers/profile.html",
        firm=firm,
        sections=made,
        base=base,
        faults=faults_listed(made),
        state=state_of(at.session, firm),
        places=places_offered(at),
    )
    return page, status


@blueprint.post("/profile")
@needs(Permission.KEEP_PROFILE)
@takes(MAX_FORM)
def save_profile() -> ResponseReturnValue:
    """Keep the draft; `do`: save, add-GROUP, preview or submit; `autosave=1` answers in JSON.

    Something wrong: 422 with everything typed, and nothing kept. Both changed the same since: 409, to choose.
    """
    at = context()
    given = read(typed_of(request.form.items()), at.catalogue)
    if given.faults:
        return _refused(given, at)
    left = [name for name in GROUPS if request.form.get(f"choose-{name}") == "theirs"]
    base = left_to_them(request.form.get("base", ""), given.content, left)
    try:
        with writing() as session:
            return _keep(session, base, given)
    except Conflict as conflict:
        if _by_itself():
            return jsonify(said=_("A colleague changed the same. Press “Save draft” to see both.")), CONFLICT
        return conflict_page(own_firm(db.session()), conflict, at), CONFLICT


def _by_itself() -> bool:
    return "autosave" in request.form


def _refused(given: Read, at: Context) -> ResponseReturnValue:
    if _by_itself():
        return jsonify(said=_("Not saved yet: something has to be corrected first.")), INVALID
    shown = Shown(given.typed, given.faults)
    return _page(own_firm(db.session()), shown, request.form.get("base", "")[:1000], at, INVALID)


def _keep(session: Session, base: str, given: Read) -> ResponseReturnValue:
    """Keep the draft and do what else was asked, in one transaction."""
    firm, hand = own_firm(session), Hand(signed_in().id, now())
    kept = drafts.save(session, firm, base, given.content, hand)
    if _by_itself():
        saved = profile_of(session, firm.id)
        return jsonify(base=prints_of(kept), saved=saved.saved if saved else 0, said=_("Draft saved."))
    do = request.form.get("do", "save")
    if do == "submit":
        _tell(hand_in(desk(session), firm, services().settings.profile_reviewed))
        return redirect(url_for("suppliers.profile"))
    if do == "preview":
        return redirect(url_for("suppliers.profile_preview"))
    if do.startswith("add-") and do.removeprefix("add-") in GROUPS:
        name = do.removeprefix("add-")
        return redirect(url_for("suppliers.profile", open=name, _anchor=name))
    flash(_("Draft saved. Buyers see it once you hand it in."))
    return redirect(url_for("suppliers.profile"))


def _tell(done: HandedIn) -> None:
    words: Mapping[str, str] = group_words(_)

    def named(groups: tuple[str, ...]) -> str:
        return str(_(", ")).join(words[name] for name in groups)

    if done.published:
        flash(_("Published at once: %(parts)s.", parts=named(done.published)))
    if done.reviewed:
        flash(_("Handed in. Staff look at it before buyers see it: %(parts)s.", parts=named(done.reviewed)))
    if not done.published and not done.reviewed:
        flash(_("Nothing has changed since what is published."))


@blueprint.post("/profile/withdraw")
@needs(Permission.KEEP_PROFILE)
def withdraw_profile() -> ResponseReturnValue:
    """Take back what was handed in and is not decided yet; the draft stays."""
    with writing() as session:
        done = take_out(desk(session), own_firm(session))
    if done:
        flash(_("Taken back. Your draft is still here."))
    else:
        flash(_("Nothing is waiting for a decision any more."), "warn")
    return redirect(url_for("suppliers.profile"))


@blueprint.post("/profile/discard")
@needs(Permission.KEEP_PROFILE)
def discard_profile() -> ResponseReturnValue:
    """Give the draft up, unless somebody has written on since; this can be undone."""
    saved = request.form.get("saved", type=int) or 0
    with writing() as session:
        done = drafts.discard(session, own_firm(session), saved, Hand(signed_in().id, now()))
    if done:
        undo = {"text": _("The draft is discarded."), "url": url_for("suppliers.undiscard_profile")}
        flash(undo, "undo")  # type: ignore[arg-type]
    else:
        flash(_("The draft has changed since, so it is still here."), "warn")
    return redirect(url_for("suppliers.profile"))


@blueprint.post("/profile/undiscard")
@needs(Permission.KEEP_PROFILE)
def undiscard_profile() -> ResponseReturnValue:
    """Have the draft again that was given up last."""
    with writing() as session:
        done = drafts.take_back(session, own_firm(session), Hand(signed_in().id, now()))
    if done:
        flash(_("Undone."))
    else:
        flash(_("This cannot be undone any more."), "warn")
    return redirect(url_for("suppliers.profile"))
