"""Which column holds what: guessed by the headings of known sources and fields, else by what the first cells hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass
from datetime import date

from portal.register.catalogue import Catalogue
from portal.register.importing.cells import criterion_code
from portal.register.importing.cleaning import day, folded, registration
from portal.register.importing.mapping import Mapping
from portal.register.importing.naming import fields_of, words_of
from portal.register.importing.peeking import Peek
from portal.register.importing.problems import CellError
from portal.register.importing.targets import NEEDED, Kind, SourceKind
from portal.register.importing.words import Words
from portal.register.registration import USCC, number_problem

ENOUGH = 0.8
"""Share of a column's cells that must be of a kind for it to be guessed."""

_ASIDE = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]|[*＊:：]|^\d+[.、]")
_FIRM = re.compile(r"(?:公司|厂|集团|合作社)$|(?i:\b(?:co\.?,? ?ltd|inc|llc|gmbh|corp|limited)\.?$)")
_WEBSITE = re.compile(r"(?i)(?:https?://|www\.)\S+")
_PHONE = re.compile(r"(?:\+?86[- ]?)?(?:1\d{10}|0\d{2,3}[- ]?\d{7,8})(?:[-转]\d+)?")
_ENDS = re.compile(r"(?i)至|止|到期|expir|until|失效")


@dataclass(frozen=True, slots=True)
class Guessed:
    """`source`: the source whose list it seems to be, "" for none; `fields`: of each column, "" where nothing fits.

    `constants`: what the same seems to hold of every row.
    """

    kind: SourceKind
    source: str
    fields: tuple[str, ...]
    constants: Map[str, str]


def guess(found: Peek, sources: Map[str, Mapping], catalogue: Catalogue) -> Guessed:
    """What each column holds."""
    source = fitting(found.headings, sources, catalogue)
    if source:
        return of_source(found.headings, source, sources[source])
    contents = _Contents(found, catalogue)
    every = [_of_kind(found, kind, contents, sources, catalogue) for kind in SourceKind]
    return max(every, key=_merit)


def fitting(headings: Sequence[str], sources: Map[str, Mapping], catalogue: Catalogue) -> str:
    """The source whose headings these are: it has all it requires, and knows at least half of them; "" for none."""
    there = {folded(heading) for heading in headings if heading}
    best, most = "", len(there) / 2
    for name, source in sources.items():
        known = {folded(heading) for heading in source.headings()}
        required = [set(map(folded, column.headings)) for column in source.column if column.required]
        if not all(words & there for words in required):
            continue
        matched = len(there & known)
        if source.criteria_columns:
            matched += sum(1 for heading in headings if criterion_code(heading, catalogue))
        if matched > most or (matched == most and not best):
            best, most = name, matched
    return best


def of_source(headings: Sequence[str], name: str, source: Mapping) -> Guessed:
    """What each column holds by a source."""
    field_of = {folded(word): column.field for column in source.column for word in column.headings}
    return Guessed(source.kind, name, _once([field_of.get(folded(heading), "") for heading in headings]), {})


def _once(fields: Sequence[str]) -> tuple[str, ...]:
    """A field that two columns would fill is the first one's."""
    return tuple("" if field in fields[:place] else field for place, field in enumerate(fields))


def _merit(guessed: Guessed) -> tuple[int, int]:
    filled = {field for field in guessed.fields if field} | set(guessed.constants)
    needed = NEEDED[guessed.kind]
    return sum(map(bool, guessed.fields)) + 2 * len(filled.intersection(needed)) - len(needed), -len(needed)


def _of_kind(
    found: Peek, kind: SourceKind, contents: _Contents, sources: Map[str, Mapping], catalogue: Catalogue
) -> Guessed:
    lexicon = _lexicon(kind, sources, catalogue)
    criteria = [kind is SourceKind.ASSESSMENTS and bool(criterion_code(name, catalogue)) for name in found.headings]
    fields = [
        "" if criterion else lexicon.get(_plain(name), "")
        for name, criterion in zip(found.headings, criteria, strict=True)
    ]
    for place, name in enumerate(found.headings):
        if not fields[place] and not criteria[place]:
            part = _by_part(_plain(name), lexicon)
            fields[place] = part if part not in fields else ""
    fields = list(_once(fields))
    constants = contents.fill(kind, fields)
    if any(criteria):
        fields = [field if not criteria[place] else "" for place, field in enumerate(fields)]
    return Guessed(kind, "", tuple(fields), constants)


def _plain(heading: str) -> str:
    return folded(_ASIDE.sub("", heading))


def _lexicon(kind: SourceKind, sources: Map[str, Mapping], catalogue: Catalogue) -> dict[str, str]:
    """Words to fields of a kind of list; sources of that kind know best."""
    words: dict[str, str] = {}
    for source in sources.values():
        if source.kind is kind:
            for column in source.column:
                for word in column.headings if column.field else ():
                    words.setdefault(_plain(word), column.field)
    for field in fields_of(kind, catalogue):
        for word in words_of(field, catalogue):
            words.setdefault(_plain(word), field)
    words.pop("", None)
    return words


def _by_part(heading: str, lexicon: Map[str, str]) -> str:
    """The field of the longest word that the heading holds; short Latin words say too little."""
    held = [word for word in lexicon if word in heading and (len(word) > 5 or (len(word) > 1 and not word.isascii()))]
    return lexicon[max(held, key=len)] if held else ""


class _Contents:
    """What columns hold by their first cells."""

    def __init__(self, found: Peek, catalogue: Catalogue) -> None:
        self._found, self._catalogue = found, catalogue
        self._words = Words(catalogue)
        self._cells = [found.column(place) for place in range(len(found.headings))]
        self._shares: dict[tuple[str, int], float] = {}
        self._tests: dict[str, Callable[[str], object]] = {
            "supplier.number": lambda cell: number_problem(USCC, registration(cell)) == "",
            "supplier.website": _WEBSITE.fullmatch,
            "supplier.phone": _PHONE.fullmatch,
            "supplier.name_zh": _FIRM.search,
            "supplier.sector": lambda cell: self._words.code(Kind.SECTOR, cell),
            "supplier.size": lambda cell: self._words.code(Kind.SIZE, cell),
            "supplier.status": lambda cell: self._words.code(Kind.STATUS, cell),
            "supplier.region": self._words.region,
            "recognition.tier": lambda cell: self._words.code(Kind.TIER, cell),
            "certificate.scheme": lambda cell: self._words.code(Kind.SCHEME, cell),
            "certificate.level": lambda cell: any(self._is_level(scheme, cell) for scheme in catalogue.schemes),
            "certificate.state": lambda cell: self._words.code(Kind.STATE, cell),
            "assessment.result": lambda cell: self._words.code(Kind.RESULT, cell),
        }

    def fill(self, kind: SourceKind, fields: list[str]) -> dict[str, str]:
        """Fill in the columns that have no field yet; the constants that follow."""
        allowed = set(fields_of(kind, self._catalogue))
        for field, test in self._tests.items():
            if field in allowed and field not in fields:
                self._put(fields, field, test)
        self._put_days(kind, fields)
        return self._constants(kind, fields)

    def _put(self, fields: list[str], field: str, test: Callable[[str], object]) -> None:
        free = [place for place, taken in enumerate(fields) if not taken and self._named(place)]
        shares = {place: self._share(field, place, test) for place in free}
        best = max(shares, key=lambda place: shares[place], default=None)
        if best is not None and shares[best] >= ENOUGH:
            fields[best] = field

    def _named(self, place: int) -> bool:
        return bool(self._found.headings[place])

    def _share(self, name: str, place: int, test: Callable[[str], object]) -> float:
        if (name, place) not in self._shares:
            cells = self._cells[place]
            self._shares[name, place] = sum(map(bool, (_holds(test, cell) for cell in cells))) / max(1, len(cells))
        return self._shares[name, place]

    def _put_days(self, kind: SourceKind, fields: list[str]) -> None:
        """Days that no heading tells of: of certificates and assessments it can be told which they are."""
        wanted = {
            SourceKind.CERTIFICATES: ("certificate.issued_on", "certificate.expires_on"),
            SourceKind.ASSESSMENTS: ("assessment.assessed_on",),
        }.get(kind, ())
        free = [place for place, field in enumerate(fields) if not field and self._named(place)]
        free = [place for place in free if self._share("day", place, day) >= ENOUGH]
        free.sort(key=lambda place: (bool(_ENDS.search(self._found.headings[place])), self._middle_day(place)))
        for field, place in zip([field for field in wanted if field not in fields], free, strict=False):
            fields[place] = field

    def _middle_day(self, place: int) -> date:
        days = sorted(found for cell in self._cells[place] if isinstance(found := _holds(day, cell), date))
        return days[len(days) // 2]

    def _is_level(self, scheme: str, cell: str) -> bool:
        return bool(_holds(lambda word: self._words.level(scheme, word), cell))

    def _constants(self, kind: SourceKind, fields: Sequence[str]) -> dict[str, str]:
        """The one scheme whose levels a list of certificates names."""
        if kind is not SourceKind.CERTIFICATES or "certificate.scheme" in fields or "certificate.level" not in fields:
            return {}
        cells = self._cells[fields.index("certificate.level")]
        for scheme in self._catalogue.schemes:
            if cells and sum(self._is_level(scheme, cell) for cell in cells) >= ENOUGH * len(cells):
                return {"certificate.scheme": scheme}
        return {}


def _holds(test: Callable[[str], object], cell: str) -> object:
    try:
        return test(cell)
    except CellError:
        return None
