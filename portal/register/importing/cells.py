"""One column of a list: from its cell to the value of its field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from portal.register.catalogue import Catalogue
from portal.register.facts import CertificateState, Process, Result, Site
from portal.register.importing.cleaning import Cell, day, folded, number, registration, shown, text, whole
from portal.register.importing.mapping import Column, Mapping
from portal.register.importing.problems import CellError
from portal.register.importing.targets import Kind, Target, target
from portal.register.importing.words import NOT_ASSESSED, Words

_SUBCONTRACTED = re.compile(r"[（(]\s*(?:外协|外包|subcontracted)\s*[）)]$", re.IGNORECASE)
_UNTIL = re.compile(r"^(.*?)[（(](?:至|until)?\s*([\d年月日./-]+)[）)]$")
_CACHED = 10_000
"""Different cells of a column whose values are remembered; lists repeat their words."""


class CellReader:
    """Reads the cells of one column (or a constant) of a mapping. `place` is the column's index in the file."""

    def __init__(self, column: Column, heading: str, place: int, mapping: Mapping, words: Words) -> None:
        known = target(column.field) if column.field else None
        self.column, self.heading, self.place = column, heading, place
        self.field = column.field
        self._target = known or Target(Kind.TEXT)  # a column without a field is only looked at
        self._words = words
        self._empty = NOT_ASSESSED if self._target.kind is Kind.RESULT else frozenset(map(folded, ("", *mapping.empty)))
        self._values = {folded(word): value for word, value in column.values.items()}
        self._split = re.compile(f"[{re.escape(column.split)}\n]") if column.split else None
        self._match, self._refuse = re.compile(column.match), re.compile(column.refuse or r"(?!)")
        self._removed = dict.fromkeys(map(ord, column.remove))
        self._seen: dict[Cell, Any] = {}
        self._special: dict[Kind, Callable[[Cell], Any]] = {
            Kind.DATE: self._day,
            Kind.REGION: self._region,
            Kind.YES_NO: self._yes_no,
            Kind.RESULT: self._result,
            Kind.PROCESS: self._process,
            Kind.STATE: self._state,
            Kind.SITE: self._site,
        }

    def read(self, cell: Any) -> Any:
        """The field's value, None for a cell that says nothing. Raises CellError."""
        if cell is None or cell == "":
            return None
        if isinstance(cell, str | int | float) and not isinstance(cell, bool):
            if cell in self._seen and type(cell) is not bool:
                return self._seen[cell]
            value = self._read(cell)
            if len(self._seen) < _CACHED and len(str(cell)) < 80:
                self._seen[cell] = value
            return value
        return self._read(cell)

    def _read(self, cell: Any) -> Any:
        if isinstance(cell, dict):
            if self._target.kind is Kind.RESULTS:
                return cell
            raise CellError("an object where a text is expected")
        if isinstance(cell, str):
            cell = self._plain(cell)
            if folded(cell) in self._empty:
                return None
            if not self._match.search(cell) or self._refuse.search(cell):
                raise CellError(self.column.reason or "not in the form this list has")
        if self._target.many:
            values = [self._one(item) for item in self._items(cell) if self._says(item)]
            return tuple(dict.fromkeys(value for value in values if value is not None)) or None
        if isinstance(cell, list):
            raise CellError("a list where one value is expected")
        return self._one(cell)

    def _plain(self, cell: str) -> str:
        """The text cleaned; a list keeps the line breaks that part its items."""
        lines = cell.split("\n") if self._target.many else (cell,)
        found = "\n".join(map(text, lines)) if len(lines) > 1 else text(cell)
        return found.translate(self._removed).strip() if self._removed else found

    def _says(self, item: Any) -> bool:
        return item is not None and folded(shown(item)) not in self._empty

    def _items(self, cell: Any) -> Sequence[Any]:
        if isinstance(cell, list):
            return cell
        if isinstance(cell, str) and cell.startswith("["):  # as the report of rejected rows writes lists
            try:
                found = json.loads(cell)
            except ValueError:
                found = None
            if isinstance(found, list):
                return found
        if not isinstance(cell, str) or self._split is None:
            return (cell,)
        return self._split.split(cell)

    def _one(self, item: Any) -> Any:
        if isinstance(item, list | dict):
            raise CellError("a list or object inside a cell")
        if self._values and isinstance(item, str):
            known = self._values.get(folded(text(item)))
            if known is not None:
                item = known
                if not known:
                    return None
        try:
            return self._typed(item)
        except CellError:
            if self.column.unlisted == "drop":
                return None
            raise

    def _typed(self, item: Cell) -> Any:
        kind = self._target.kind
        if kind in _PLAIN:
            return _PLAIN[kind](item)
        special = self._special.get(kind)
        return special(item) if special else self._words.code(kind, text(item))

    def _day(self, item: Cell) -> date:
        return day(item, self.column.formats)

    def _region(self, item: Cell) -> str:
        return self._words.region(text(item))

    def _yes_no(self, item: Cell) -> bool:
        return item if isinstance(item, bool) else self._words.code(Kind.YES_NO, text(item)) == "yes"

    def _result(self, item: Cell) -> str:
        if isinstance(item, bool):
            return Result.MET if item else Result.NOT_MET
        return self._words.code(Kind.RESULT, text(item))

    def _state(self, item: Cell) -> CertificateState:
        return CertificateState(self._words.code(Kind.STATE, text(item)))

    def _process(self, item: Cell) -> Process:
        """A process, subcontracted where 外协 stands behind it in brackets."""
        word = text(item)
        code = self._words.code(Kind.PROCESS, _SUBCONTRACTED.sub("", word))
        return Process(code=code, subcontracted=bool(_SUBCONTRACTED.search(word)))

    def _site(self, item: Cell) -> Site:
        """A site written as "region|name|address", or as an address alone."""
        word = text(item)
        parts = [part.strip() for part in word.split("|")]
        if len(parts) == 1:
            return Site(address=parts[0])
        region, name, address = (*parts, "", "")[:3]
        return Site(region=self._words.region(region) if region else None, name=name, address=address)


def former_name(item: Cell) -> tuple[str, date | None]:
    """A former name and when it ended: "旧名（至2019-05-01）", or a name alone."""
    word = text(item)
    matched = _UNTIL.match(word)
    return (matched[1].strip(), day(matched[2])) if matched else (word, None)


def website(item: Cell) -> str:
    """An http(s) address; "www.…" gets its scheme. Raises CellError."""
    word = text(item)
    found = word if re.match(r"https?://", word, re.IGNORECASE) else f"http://{word}"
    try:
        host = urlsplit(found).hostname or ""
    except ValueError:
        host = ""
    if "." not in host or " " in found:
        raise CellError("not a web address")
    return found


def naics(item: Cell) -> str:
    """A NAICS code of 2 to 6 digits. Raises CellError."""
    word = text(item)
    if not re.fullmatch(r"\d{2,6}", word):
        raise CellError("not a NAICS code of 2 to 6 digits")
    return word


_PLAIN = {
    Kind.TEXT: text,
    Kind.LEVEL: text,
    Kind.FIELD: text,
    Kind.NUMBER: number,
    Kind.WHOLE: whole,
    Kind.REGISTRATION: registration,
    Kind.FORMER_NAME: former_name,
    Kind.WEBSITE: website,
    Kind.NAICS: naics,
    Kind.RESULTS: text,
}
"""Kinds that need no catalogue; a level is resolved with its scheme."""


def criterion_code(heading: str, catalogue: Catalogue) -> str | None:
    """The criterion that a heading names: its code, alone or before its name ("X01-05 导入卓越绩效评价准则")."""
    word = re.split(r"[\s:：]", heading.strip(), maxsplit=1)[0]
    return next((code for code in (word, word.upper()) if code in catalogue.criteria), None)
