"""What changed of a firm, in words: of entries of shortlists, of news, and of alerts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from portal.register.catalogue import Named
from portal.web.presenters.context import Context
from portal.web.presenters.labels import state_labels
from portal.workspace.changes import Change, What

SHOWN = 8
"""Codes of one change that are named."""


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


def _until(change: Change, at: Context) -> Any:
    before, after = (day or _("no end") for day in (change.before, change.after))
    return _("%(scheme)s valid until: %(before)s → %(after)s", scheme=_scheme(change, at), before=before, after=after)


def _tier(change: Change, at: Context) -> Any:
    if change.worse:
        return _("tier no longer valid: %(tiers)s", tiers=_listed(change.before, at.catalogue.tiers, at))
    return _("new tier: %(tiers)s", tiers=_listed(change.after, at.catalogue.tiers, at))


def _criteria(change: Change, _at: Context) -> Any:
    codes = _some((change.before or change.after or "").split(","))
    if change.worse:
        return _("criteria no longer met: %(codes)s", codes=codes)
    return _("criteria met now: %(codes)s", codes=codes)


def _name(change: Change, _at: Context) -> Any:
    before, after = (text or _("none") for text in (change.before, change.after))
    if change.subject == "en":
        return _("English name: %(before)s → %(after)s", before=before, after=after)
    return _("Chinese name: %(before)s → %(after)s", before=before, after=after)


def _field(change: Change, at: Context) -> Any:
    """Codes of one of the catalogue's lists."""
    label, names = {
        What.SECTOR: (_("Sector"), at.catalogue.sectors),
        What.INDUSTRY: (_("Industry"), at.catalogue.industries),
        What.PROCESS: (_("Process"), at.catalogue.processes),
        What.REGION: (_("Region"), at.catalogue.regions),
        What.SIZE: (_("Size"), at.catalogue.sizes),
    }[change.what]
    before, after = (_listed(codes, names, at) for codes in (change.before, change.after))
    return _("%(field)s: %(before)s → %(after)s", field=label, before=before, after=after)


def _listed(codes: str | None, names: Mapping[str, Named], at: Context) -> str:
    """Codes with a comma between them, as labels."""
    labels = [at.coded(code, names).label for code in codes.split(",")] if codes else [str(_("none"))]
    return _some(labels)


def _some(labels: Sequence[str]) -> str:
    """The first few, and how many more."""
    shown = str(_(", ")).join(labels[:SHOWN])
    return shown if len(labels) <= SHOWN else str(_("%(some)s and %(more)s more", some=shown, more=len(labels) - SHOWN))


_WORDS: Mapping[What, Callable[[Change, Context], Any]] = {
    What.GONE: _gone,
    What.RISK: _risk,
    What.STATUS: _status,
    What.LEVEL: _level,
    What.CERTIFICATE: _certificate,
    What.RANK: _rank,
    What.UNTIL: _until,
    What.TIER: _tier,
    What.CRITERIA: _criteria,
    What.NAME: _name,
    What.SECTOR: _field,
    What.INDUSTRY: _field,
    What.PROCESS: _field,
    What.REGION: _field,
    What.SIZE: _field,
}
