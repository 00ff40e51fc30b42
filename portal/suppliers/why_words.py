"""Conditions of a search, and why a firm does not meet them, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from portal.company.reasons import Cause, Help, Reason
from portal.company.why import DATES, LEVELS, Condition
from portal.register.catalogue import Guided
from portal.web.grammar import TABLE
from portal.web.presenters.labels import state_labels
from portal.web.presenters.naming import Naming, level_label
from portal.workspace.funnel import START
from search.contract import LevelChoice

MOST_SAID = 5
"""Conditions of a search that are said in a line."""

PARAMETERS: Mapping[str, str] = {parameter.field: parameter.name for parameter in TABLE if parameter.field}
"""Field of a query → the parameter that fills it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What it takes to reach something, in the page's language."""

    label: str
    evidence: str
    assessed_by: str
    apply_at: str


class Words:
    """Says conditions and reasons, in the language of the answer."""

    def __init__(self, naming: Naming) -> None:
        self.naming = naming
        self.at = naming.at

    def label(self, condition: Condition) -> str:
        """What is spoken of: the parameter's name."""
        name = PARAMETERS.get(condition.name, "")
        return self.naming.parameters.get(name) or _("Firms named one by one")

    def value(self, condition: Condition) -> str:
        """What is asked of it."""
        name, asks = condition.name, condition.asks
        if name in LEVELS:
            return self._levels(condition)
        if name == "text":
            return f"“{asks[name]}”"
        if name == "top":
            return self.naming.best(asks[name])
        if "criteria_mode" in asks:
            return f"{self.naming.mode(condition.alone)}{_(': ')}{self._codes('criteria', asks['criteria'])}"
        if name in ("edition", "grades", "ids", "ids_not", *DATES, "assessed_since"):
            return self._plain(name, asks[name])
        return self._codes(PARAMETERS[name], asks[name])

    def said(self, conditions: Iterable[Condition]) -> str:
        """A search in a line; flags are told by what is asked of them, a certificate goes without saying."""
        named = {"has", "lacks", *DATES, "assessed_since"}
        parts = [
            f"{self.label(one)} {self.value(one)}" if one.name in named else self.value(one)
            for one in conditions
            if one.asks.get("has") != (START,)
        ]
        rest = len(parts) - MOST_SAID
        more = [_("%(count)s more", count=rest)] if rest > 0 else []
        return str(_(", ")).join([*filter(None, parts[:MOST_SAID]), *more])

    def _levels(self, condition: Condition) -> str:
        name = condition.name
        say = self.naming.level if name == "levels" else self.naming.least
        levels = self.naming.separator.join(say(choice) for choice in condition.asks[name])
        dates = [
            f"{self.naming.parameters[date]} {condition.asks[date].isoformat()}"
            for date in DATES
            if date in condition.asks
        ]
        return str(_("; ")).join([levels, *dates])

    def _plain(self, name: str, value: object) -> str:
        if name == "edition":
            return self.naming.code("edition", str(value))
        if name in ("ids", "ids_not"):
            return ""
        return self.naming.separator.join(value) if isinstance(value, tuple) else str(value)

    def _codes(self, name: str, codes: tuple[str, ...]) -> str:
        return self.naming.separator.join(self.naming.code(name, code) for code in codes)

    def reason(self, reason: Reason, condition: Condition) -> str:
        """A sentence."""
        return _SENTENCES[reason.cause](self, reason, condition)

    def level(self, choice: LevelChoice | None) -> str:
        """A level; "" for none."""
        return level_label(choice, self.at.catalogue, self.at.lang) if choice else ""

    def values(self, reason: Reason, condition: Condition) -> str:
        """The firm's own values of what is asked; of places with what they lie in."""
        name = PARAMETERS[condition.name]
        if name != "region":
            return self._codes(name, reason.codes)
        paths = (self.at.path(self.at.catalogue.region_path(code), self.at.catalogue.regions) for code in reason.codes)
        return self.naming.separator.join(" ".join(place.label for place in path) for path in paths)

    def advice(self, helps: tuple[Help, ...]) -> Iterator[Advice]:
        """What the catalogue says of each."""
        for kind, code in helps:
            guidance = self.at.catalogue.guide(kind, code)
            if guidance is not None:
                lang = self.at.lang
                yield Advice(
                    self._helped(kind, code),
                    guidance.evidence(lang),
                    guidance.assessed_by(lang),
                    guidance.apply_at(lang),
                )

    def _helped(self, kind: Guided, code: str) -> str:
        if kind is Guided.GROUP:
            return self.at.catalogue.groups[code].name(self.at.lang)
        scheme, _colon, level = code.partition(":")
        return self.level(LevelChoice(scheme, level or None))


def _state(words: Words, reason: Reason, _condition: Condition) -> str:
    """What became of a certificate; its level stands before it where several could be meant."""
    day = reason.on.isoformat() if reason.on else ""
    level = words.level(reason.level)
    if not day:
        return str(_("%(level)s: the certificate is %(state)s.", level=level, state=state_labels()[reason.cause]))
    sentences: Mapping[Cause, Callable[[], str]] = {
        Cause.EXPIRED: lambda: _("%(level)s: the certificate expired on %(day)s.", level=level, day=day),
        Cause.SUSPENDED: lambda: _(
            "%(level)s: the certificate has been suspended since %(day)s.", level=level, day=day
        ),
        Cause.REVOKED: lambda: _("%(level)s: the issuer revoked the certificate on %(day)s.", level=level, day=day),
        Cause.GIVEN_UP: lambda: _("%(level)s: the certificate was given up on %(day)s.", level=level, day=day),
        Cause.FUTURE: lambda: _("%(level)s: the certificate is valid from %(day)s on.", level=level, day=day),
    }
    return sentences[reason.cause]()


def _ends(_words: Words, reason: Reason, _condition: Condition) -> str:
    if reason.on is None:
        return str(_("The certificate has no end."))
    return str(_("The certificate ends on %(day)s.", day=reason.on))


def _none(words: Words, reason: Reason, _condition: Condition) -> str:
    if reason.level is None:
        return str(_("No valid certificate is on record."))
    return str(_("%(level)s: no certificate is on record.", level=words.level(reason.level)))


def _counted(words: Words, reason: Reason, _condition: Condition) -> str:
    codes = words.naming.separator.join(reason.codes)
    said = _("%(met)s of %(all)s are met. Not met or not assessed: %(codes)s.")
    return str(said % {"met": reason.number, "all": reason.of, "codes": codes or "—"})


Sentence = Callable[[Words, Reason, Condition], str]

_SENTENCES: Mapping[Cause, Sentence] = {
    Cause.NOTHING: lambda _w, _r, _c: _("Nothing of the kind is on record for your firm."),
    Cause.OTHERS: lambda w, r, c: _("Your firm: %(values)s.", values=w.values(r, c)),
    Cause.WORDS: lambda w, r, _c: _(
        "Not found in the names, products, processes, places, scopes and descriptions of your firm: %(words)s.",
        words=w.naming.separator.join(f"“{word}”" for word in r.codes),
    ),
    Cause.PHRASE: lambda _w, _r, _c: _(
        "All words are found, but not in a row as the search wants them, or beside one that it excludes."
    ),
    Cause.NO_CERTIFICATE: _none,
    **dict.fromkeys((Cause.EXPIRED, Cause.SUSPENDED, Cause.REVOKED, Cause.GIVEN_UP, Cause.FUTURE), _state),
    Cause.BASIS: lambda w, r, _c: _(
        "%(level)s: the certificate rests on a word that does not count towards this level.", level=w.level(r.level)
    ),
    Cause.LOWER: lambda w, r, _c: _("Your firm holds %(level)s.", level=w.level(r.level)),
    Cause.HIGHER: lambda w, r, _c: _(
        "Your firm holds a higher level, %(level)s; this search asks for just the one.", level=w.level(r.level)
    ),
    Cause.ENDS: _ends,
    Cause.SINCE: lambda _w, r, _c: _("Certified since %(day)s.", day=r.on),
    Cause.SEVERAL: lambda _w, _r, _c: _("No single certificate meets the level and all the dates."),
    Cause.NOT_MET: lambda _w, r, _c: _("Not met at the last assessment of %(day)s.", day=r.on),
    Cause.NOT_APPLICABLE: lambda _w, r, _c: _("Not applicable, by the last assessment of %(day)s.", day=r.on),
    Cause.NOT_ASSESSED: lambda _w, r, _c: _(
        "Not looked at in the last assessment of %(day)s, which is not the same as not met.", day=r.on
    ),
    Cause.NEVER_ASSESSED: lambda _w, _r, _c: _("Your firm has no assessment on record."),
    Cause.COUNT: _counted,
    Cause.MET: lambda _w, r, _c: _("Recorded as met on %(day)s; this search leaves such firms out.", day=r.on),
    Cause.NOT_RANKED: lambda _w, _r, _c: _("Your firm is not in this ranking."),
    Cause.RANK: lambda w, r, _c: _(
        "Rank %(position)s of %(peers)s (%(edition)s).",
        position=f"{r.number:,}",
        peers=f"{r.of:,}",
        edition=w.naming.code("edition", r.codes[0]),
    ),
    Cause.GRADE: lambda w, r, _c: _(
        "Your firm's grade is %(grade)s (%(edition)s).",
        grade=r.code or "—",
        edition=w.naming.code("edition", r.codes[0]),
    ),
    Cause.ASSESSED: lambda _w, r, _c: _("Last assessed on %(day)s.", day=r.on),
    Cause.LACKS: lambda _w, _r, _c: _("Your firm has none on record."),
    Cause.HAS: lambda _w, _r, _c: _("Your firm has it on record; this search leaves such firms out."),
    Cause.OTHER_FIRMS: lambda _w, _r, _c: _("This search looks among firms that were named one by one."),
}
