"""GET /firm/profile/history: every version that was published, what each changed, and having one again as the draft."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from portal.company import profile as drafts
from portal.company.profile import Hand, version_of
from portal.extensions import db
from portal.models import ProfileVersion, Supplier, User, now
from portal.profiles.content import NOTHING, changed_parts, decoded
from portal.profiles.lines import part_lines
from portal.profiles.words import group_words
from portal.services import services
from portal.suppliers.blueprint import blueprint
from portal.suppliers.firm import own_firm
from portal.web.permissions import Permission, needs
from portal.web.reviewing import glass
from portal.web.templating import render_template
from portal.web.users import signed_in
from portal.web.writing import writing


@dataclass(frozen=True, slots=True)
class Change:
    """A section of a version that differs from the one before."""

    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A version: who wrote it, and the sections it changed."""

    version: ProfileVersion
    writer: str
    parts: tuple[str, ...]


@blueprint.get("/profile/history")
@needs(Permission.KEEP_PROFILE)
def profile_history() -> ResponseReturnValue:
    """`suppliers/profile_history.html`: `entries`, newest first."""
    session = db.session()
    found = drafts.versions(session, own_firm(session).id)
    words = group_words(_)
    contents = [decoded(one.content) for one in found] + [NOTHING]
    entries = [
        Entry(one, _writer(session, one), tuple(words[name] for name in changed_parts(earlier, content)))
        for one, content, earlier in zip(found, contents, contents[1:], strict=False)
    ]
    return render_template("suppliers/profile_history.html", entries=entries)


@blueprint.get("/profile/history/<int:number>")
@needs(Permission.KEEP_PROFILE)
def profile_version(number: int) -> ResponseReturnValue:
    """`suppliers/profile_version.html`: `version`, `changes` since the one before. Another firm's: 404."""
    session = db.session()
    firm = own_firm(session)
    version = _version(session, firm, number)
    earlier = version_of(session, firm.id, number - 1)
    before, after = decoded(earlier.content) if earlier else NOTHING, decoded(version.content)
    words, look, catalogue = group_words(_), glass(session), services().catalogue
    changes = [
        Change(
            words[name],
            tuple(part_lines(before, name, catalogue, look)),
            tuple(part_lines(after, name, catalogue, look)),
        )
        for name in changed_parts(before, after)
    ]
    return render_template(
        "suppliers/profile_version.html", version=version, changes=changes, writer=_writer(session, version)
    )


@blueprint.post("/profile/history/<int:number>/restore")
@needs(Permission.KEEP_PROFILE)
def restore_profile(number: int) -> ResponseReturnValue:
    """Make it the draft, which is handed in like any other."""
    with writing() as session:
        firm = own_firm(session)
        done = drafts.restore(session, firm, _version(session, firm, number), Hand(signed_in().id, now()))
    if done:
        flash(_("Version %(number)s is your draft now. Hand it in to publish it.", number=number))
    else:
        flash(_("Your draft says just that already."))
    return redirect(url_for("suppliers.profile"))


def _version(session: Session, firm: Supplier, number: int) -> ProfileVersion:
    found = version_of(session, firm.id, number)
    if found is None:
        raise NotFound
    return found


def _writer(session: Session, version: ProfileVersion) -> str:
    user = session.get(User, version.user_id)
    return user.name if user else ""
