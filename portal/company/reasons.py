"""What keeps a firm out, condition by condition: the fact at fault with its date and number, and where help stands.

Facts only; words are the pages'. What the register says of the firm is read as the index reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.company.why import DATES, LEVELS, Judged
from portal.indexing.firms import FirmRows
from portal.register.catalogue import Catalogue, Guided
from portal.register.marks import NOT_APPLICABLE, NOT_MET
from portal.register.validity import counts, state_on
from search.contract import LevelChoice, SupplierDocument


class Cause(StrEnum):
    """Why a condition is not met."""

    NOTHING = "nothing"
    """Nothing of the kind is on record."""
    OTHERS = "others"
    """The firm has other values: `codes`."""
    WORDS = "words"
    """`codes` are not found in the firm's texts."""
    PHRASE = "phrase"
    """All words are found, but not so as the search wants them: in a row, or without one that is excluded."""
    NO_CERTIFICATE = "no_certificate"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    GIVEN_UP = "given_up"
    FUTURE = "future"
    BASIS = "basis"
    """The certificate rests on a word that does not count towards the scheme's level."""
    LOWER = "lower"
    HIGHER = "higher"
    ENDS = "ends"
    """The certificate ends `on`; None: never."""
    SINCE = "since"
    """The firm has been certified since `on`."""
    SEVERAL = "several"
    """No certificate meets all dates at once."""
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASSESSED = "not_assessed"
    NEVER_ASSESSED = "never_assessed"
    COUNT = "count"
    """`number` of the criteria are met; `codes` are not."""
    MET = "met"
    NOT_RANKED = "not_ranked"
    RANK = "rank"
    """`number` of `of`."""
    GRADE = "grade"
    ASSESSED = "assessed"
    """The newest assessment is of `on`."""
    LACKS = "lacks"
    HAS = "has"
    OTHER_FIRMS = "other_firms"
    """The search names the firms it looks among."""


Help = tuple[Guided, str]
"""What a guidance of the catalogue speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A fact that keeps the firm out. `level`: which one is meant; `code`: the value, `codes`: several of them."""

    cause: Cause
    level: LevelChoice | None = None
    code: str = ""
    codes: tuple[str, ...] = ()
    on: date | None = None
    number: int = 0
    of: int = 0
    help: tuple[Help, ...] = ()


@dataclass(frozen=True, slots=True)
class Firm:
    """What is known of the firm on a day."""

    rows: FirmRows
    document: SupplierDocument
    catalogue: Catalogue
    today: date

    @property
    def marks(self) -> dict[str, str]:
        """Criterion → the mark of the current assessment."""
        marks = self.rows.assessments[0].marks.split() if self.rows.assessments else ()
        return {mark[:-1]: mark[-1] for mark in marks}


def reasons(judged: Judged, firm: Firm) -> tuple[Reason, ...]:
    """Why the condition is not met; of one that is met none."""
    return () if judged.met else tuple(_REASONS[judged.condition.name](judged, firm))


Finder = Callable[[Judged, Firm], Iterator[Reason]]


def _text(judged: Judged, _firm: Firm) -> Iterator[Reason]:
    yield Reason(cause=Cause.WORDS if judged.failing else Cause.PHRASE, codes=judged.failing)


def _values(read: Callable[[SupplierDocument], Sequence[str]]) -> Finder:
    """Of a field of codes: which ones the firm has instead."""

    def find(_judged: Judged, firm: Firm) -> Iterator[Reason]:
        codes = tuple(dict.fromkeys(read(firm.document)))
        yield Reason(cause=Cause.OTHERS if codes else Cause.NOTHING, codes=codes)

    return find


def _levels(judged: Judged, firm: Firm) -> Iterator[Reason]:
    name = judged.condition.name
    for choice in judged.condition.asks[name]:
        yield from _level(choice, judged, firm, exact=name == "levels")


def _level(choice: LevelChoice, judged: Judged, firm: Firm, *, exact: bool) -> Iterator[Reason]:
    ranks = firm.catalogue.ranks
    wanted = ranks.get((choice.scheme, choice.level), 0) if choice.level else 0
    held = [ranks[one.scheme, one.level] for one in firm.document.certificates if one.scheme == choice.scheme]
    best = max(held, default=-1)
    if best >= wanted and not (exact and choice.level and best > wanted):
        yield from _dated(choice, wanted, judged, firm)
        return
    helps = ((Guided.LEVEL if choice.level else Guided.SCHEME, _code(choice)),)
    if best > wanted:
        yield Reason(cause=Cause.HIGHER, level=_held(choice.scheme, best, firm))
    elif lost := _lost(choice, wanted, firm):
        yield Reason(cause=lost[0], level=choice, on=lost[1], help=helps)
    elif best >= 0:
        yield Reason(cause=Cause.LOWER, level=_held(choice.scheme, best, firm), help=helps)
    else:
        yield Reason(cause=Cause.NO_CERTIFICATE, level=choice, help=helps)


def _code(choice: LevelChoice) -> str:
    return f"{choice.scheme}:{choice.level}" if choice.level else choice.scheme


def _held(scheme: str, rank: int, firm: Firm) -> LevelChoice:
    levels = firm.catalogue.schemes[scheme].levels
    return LevelChoice(scheme, next((level.code for level in levels if level.rank == rank), None))


def _lost(choice: LevelChoice, wanted: int, firm: Firm) -> tuple[Cause, date | None] | None:
    """What became of the newest certificate at that level or above that does not count."""
    found = [
        row
        for row in firm.rows.certificates
        if row.scheme == choice.scheme and firm.catalogue.ranks.get((row.scheme, row.level), -1) >= wanted
    ]
    for row in sorted(found, key=lambda row: row.expires_on or date.max, reverse=True):
        if not counts(row, firm.catalogue):
            return Cause.BASIS, None
        state = state_on(row, firm.today)
        if state != "valid":
            days: Mapping[str, date | None] = {"expired": row.expires_on, "future": row.issued_on}
            return Cause(state), days.get(state, row.state_on)
    return None


def _dated(choice: LevelChoice, wanted: int, judged: Judged, firm: Firm) -> Iterator[Reason]:
    """The level is held: which of the dates its certificate does not meet."""
    held = [
        one
        for one in firm.document.certificates
        if one.scheme == choice.scheme and firm.catalogue.ranks[one.scheme, one.level] >= wanted
    ]
    until, since = _last(one.until for one in held), min(one.since for one in held)
    before = len(judged.condition.asks)
    for name in DATES:
        if (day := judged.condition.asks.get(name)) is None or _in_time(name, day, until, since):
            continue
        before = 0
        ends = name in ("valid_through", "expires_before")
        yield Reason(cause=Cause.ENDS if ends else Cause.SINCE, level=choice, code=name, on=until if ends else since)
    if before > 1:
        yield Reason(cause=Cause.SEVERAL, level=choice)


def _last(ends: Iterator[date | None]) -> date | None:
    found = list(ends)
    return None if None in found else max(day for day in found if day is not None)


def _in_time(name: str, asked: date, until: date | None, since: date) -> bool:
    end = until or date.max
    return {
        "valid_through": end >= asked,
        "expires_before": end < asked,
        "certified_from": since >= asked,
        "certified_to": since <= asked,
    }[name]


def _date(judged: Judged, firm: Firm) -> Iterator[Reason]:
    """A date of all certificates together."""
    name, held = judged.condition.name, firm.document.certificates
    if not held:
        yield Reason(cause=Cause.NO_CERTIFICATE)
    elif name in ("valid_through", "expires_before"):
        yield Reason(cause=Cause.ENDS, code=name, on=_last(one.until for one in held))
    else:
        yield Reason(cause=Cause.SINCE, code=name, on=min(one.since for one in held))


def _criteria(judged: Judged, firm: Firm) -> Iterator[Reason]:
    codes: tuple[str, ...] = judged.condition.asks["criteria"]
    if "criteria_mode" not in judged.condition.asks:
        yield _criterion(codes[0], firm)
        return
    unmet = tuple(code for code in codes if code not in firm.document.criteria_met)
    yield Reason(
        cause=Cause.COUNT, codes=unmet, number=len(codes) - len(unmet), of=len(codes), help=_groups(unmet, firm)
    )


def _criterion(code: str, firm: Firm) -> Reason:
    helps = _groups((code,), firm)
    if not firm.rows.assessments:
        return Reason(cause=Cause.NEVER_ASSESSED, code=code, help=helps)
    causes = {NOT_MET: Cause.NOT_MET, NOT_APPLICABLE: Cause.NOT_APPLICABLE}
    cause = causes.get(firm.marks.get(code, ""), Cause.NOT_ASSESSED)
    return Reason(cause=cause, code=code, on=firm.document.assessed_on, help=helps)


def _groups(codes: Sequence[str], firm: Firm) -> tuple[Help, ...]:
    known = firm.catalogue.criteria
    return tuple(dict.fromkeys((Guided.GROUP, known[code].group) for code in codes if code in known))


def _excluded(judged: Judged, firm: Firm) -> Iterator[Reason]:
    yield Reason(cause=Cause.MET, code=judged.condition.asks["criteria_not"][0], on=firm.document.assessed_on)


def _ranked(judged: Judged, firm: Firm) -> Iterator[Reason]:
    edition = judged.condition.alone.edition
    for one in firm.document.standings:
        if one.current if edition is None else one.edition == edition:
            cause = Cause.GRADE if judged.condition.name == "grades" else Cause.RANK
            yield Reason(cause=cause, code=one.grade, codes=(one.edition,), number=one.position, of=one.peers)
            return
    yield Reason(cause=Cause.NOT_RANKED)


def _assessed(_judged: Judged, firm: Firm) -> Iterator[Reason]:
    on = firm.document.assessed_on
    yield Reason(cause=Cause.ASSESSED if on else Cause.NEVER_ASSESSED, on=on)


def _flag(cause: Cause) -> Finder:
    def find(judged: Judged, _firm: Firm) -> Iterator[Reason]:
        yield Reason(cause=cause, code=judged.condition.asks[judged.condition.name][0])

    return find


def _named(_judged: Judged, _firm: Firm) -> Iterator[Reason]:
    yield Reason(cause=Cause.OTHER_FIRMS)


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


_REASONS: Mapping[str, Finder] = {
    "text": _text,
    "sectors": _values(lambda document: (document.sector,)),
    "industries": _values(lambda document: [path[-1] for path in document.industries]),
    "processes": _values(lambda document: document.processes),
    "tiers": _values(lambda document: document.tiers),
    "sizes": _values(lambda document: _one(document.size)),
    "statuses": _values(lambda document: _one(document.status)),
    "regions": _values(lambda document: [path[-1] for path in document.regions]),
    **dict.fromkeys(LEVELS, _levels),
    **dict.fromkeys(DATES, _date),
    "criteria": _criteria,
    "criteria_not": _excluded,
    **dict.fromkeys(("edition", "grades", "top"), _ranked),
    "assessed_since": _assessed,
    "has": _flag(Cause.LACKS),
    "lacks": _flag(Cause.HAS),
    **dict.fromkeys(("ids", "ids_not"), _named),
}
"""By the first field that a condition fills."""


def next_levels(firm: Firm) -> Iterator[tuple[LevelChoice, Help]]:
    """Of each scheme with levels, in which the firm holds any, or the first one: the level above what it holds."""
    laddered = [scheme for scheme in firm.catalogue.schemes.values() if scheme.levels]
    for place, scheme in enumerate(laddered):
        ranks = [
            firm.catalogue.ranks[one.scheme, one.level]
            for one in firm.document.certificates
            if one.scheme == scheme.code
        ]
        if not ranks and place:
            continue
        above = [level for level in scheme.levels if level.rank > max(ranks, default=0)]
        if above:
            choice = LevelChoice(scheme.code, above[0].code)
            yield choice, (Guided.LEVEL, _code(choice))
