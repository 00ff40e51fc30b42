"""Words about shortlists: statuses, and what changed of a firm."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from portal.models import EntryStatus
from portal.web.presenters.context import Context
from portal.web.presenters.labels import state_labels
from portal.workspace.changes import Change, What


def status_labels() -> dict[str, str]:
    """The statuses of an entry, in their order."""
    return {
        EntryStatus.NEW: _("new"),
        EntryStatus.CONTACTED: _("contacted"),
        EntryStatus.RECOMMENDED: _("recommended"),
        EntryStatus.NOT_RECOMMENDED: _("not recommended"),
    }


def sort_labels() -> dict[str, str]:
    """The orders of a list."""
    return {"added": _("Added last"), "changed": _("Changed most gravely"), "name": _("Name"), "status": _("Status")}


def change_words(change: Change, at: Context) -> str:
    """A change in a few words: what, old → new, when."""
    return str(_WORDS[change.what](change, at))


def _gone(change: Change, _at: Context) -> Any:
    return _("merged into another firm") if change.after == "merged" else _("withdrawn from the register")


def _risk(change: Change, at: Context) -> Any:
    kind = at.coded(change.subject, at.catalogue.risk_kinds).label
    return _("new risk: %(kind)s", kind=kind) if change.worse else _("no longer a risk: %(kind)s", kind=kind)


def _status(change: Change, at: Context) -> Any:
    before, after = (at.coded(code or "", at.catalogue.statuses).label for code in (change.before, change.after))
    return _("registration: %(before)s → %(after)s", before=before, after=after)


def _level(change: Change, at: Context) -> Any:
    scheme = at.catalogue.schemes.get(change.subject)
    name = _scheme(change, at)
    if scheme is None or not scheme.levels:
        if not change.worse:
            return _("%(scheme)s: new", scheme=name)
        return _("%(scheme)s: %(how)s", scheme=name, how=_how(change) or _("no longer valid"))
    known = {level.code: level for level in scheme.levels}
    before, after = (at.coded(code, known).label if code else _("none") for code in (change.before, change.after))
    text = _("%(scheme)s: %(before)s → %(after)s", scheme=name, before=before, after=after)
    return f"{text} ({how})" if (how := _how(change)) else str(text)


def _certificate(change: Change, at: Context) -> Any:
    return _("a certificate of %(scheme)s: %(how)s", scheme=_scheme(change, at), how=_how(change))


def _rank(change: Change, _at: Context) -> Any:
    before, after = (_("not ranked") if text is None else _place(text) for text in (change.before, change.after))
    return _("rank: %(before)s → %(after)s", before=before, after=after)


def _place(text: str) -> Any:
    position, _slash, peers = text.partition("/")
    return _("No. %(position)s of %(peers)s", position=f"{int(position):,}", peers=f"{int(peers):,}")


def _scheme(change: Change, at: Context) -> Any:
    scheme = at.catalogue.schemes.get(change.subject)
    short = (scheme.short_en if at.lang == "en" else scheme.short_zh) if scheme else ""
    return short or at.coded(change.subject, at.catalogue.schemes).label


def _how(change: Change) -> Any:
    """How and when a certificate ended."""
    state = change.cause or (change.after if change.what is What.CERTIFICATE else "")
    if not state:
        return ""
    label = state_labels()[state]
    return f"{label} {change.on.isoformat()}" if change.on else label


_WORDS = {
    What.GONE: _gone,
    What.RISK: _risk,
    What.STATUS: _status,
    What.LEVEL: _level,
    What.CERTIFICATE: _certificate,
    What.RANK: _rank,
}
