"""A list of suppliers as a buyer has it: a file or a pasted text → a table of texts, and which columns hold what.

Nothing is asked of its form: no headings need be there. What is guessed, a person sees and corrects before any match.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

from python_calamine import CalamineError, CalamineWorkbook

from portal.register.importing.cleaning import Cell, folded, text
from portal.register.importing.decoding import text_lines
from portal.register.importing.problems import CellError, ImportFileError
from portal.register.importing.reading import DELIMITERS, refuse_bombs
from portal.workspace.numbers import looks_like_number

MAX_ROWS = 10_000
MAX_COLUMNS = 30
MAX_CELL = 300
MAX_UNPACKED = 128 << 20
"""Bytes of a workbook unpacked; it is read while a visitor waits."""

SEARCHED = 20
"""Rows among which headings are looked for, and from which columns are guessed."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_NUMBER_WORDS = (
    *("统一社会信用代码", "社会信用代码", "信用代码", "统一代码", "注册号", "登记号", "纳税人识别号", "税号", "代码"),
    *("creditcode", "unifiedsocialcreditcode", "uscc", "registrationnumber", "registrationno", "number"),
    *("uei", "taxid", "code"),
)
_NAME_WORDS = (
    *("企业名称", "单位名称", "供应商名称", "公司名称", "厂商名称", "供应商", "企业", "公司", "名称", "厂商", "单位"),
    *("companyname", "suppliername", "firmname", "vendorname", "company", "supplier", "firm", "vendor", "name"),
)
_FIRM = re.compile(r"公司|集团|厂|企业|中心|合作社|\b(?:co|ltd|inc|llc|corp|company|limited|gmbh)\b", re.IGNORECASE)


class Unreadable(StrEnum):
    """Why a list cannot be taken."""

    EMPTY = "empty"
    NO_TABLE = "no_table"
    TOO_MANY_ROWS = "too_many_rows"


class UnreadableList(Exception):
    """The list cannot be taken; nothing of it was kept."""

    def __init__(self, why: Unreadable) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Guess:
    """Which columns hold the number and the name, from 0, and the row (from 1) that is the first of data."""

    number: int | None
    name: int | None
    first: int


Table = list[list[str]]


def read_table(path: Path) -> Table:
    """The rows that hold anything, all of one width, cells as clean text. Raises UnreadableList."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
        found = _workbook(path) if head.startswith((_ZIP, _OLE)) else _delimited(path)
        table: Table = []
        for row in found:
            cells = [_clean(cell) for cell in row[:MAX_COLUMNS]]
            if any(cells):
                table.append(cells)
            if len(table) > MAX_ROWS + SEARCHED:
                raise UnreadableList(Unreadable.TOO_MANY_ROWS)
    except ImportFileError as error:
        raise UnreadableList(Unreadable.NO_TABLE) from error
    if not table:
        raise UnreadableList(Unreadable.EMPTY)
    width = max(max((place + 1 for place, cell in enumerate(row) if cell), default=0) for row in table)
    return [(row + [""] * width)[:width] for row in table]


def guess(table: Table) -> Guess:
    """By headings where there are any, else by what the columns hold."""
    head, number, name = _headings(table)
    body = table[head : head + SEARCHED * 5]
    columns = [[row[place] for row in body] for place in range(len(table[0]))]
    if number is None:
        number = _best([_share(map(looks_like_number, column)) for column in columns])
    if name is None:
        name = _best(
            [0.0 if place == number else _share(map(_like_name, column)) for place, column in enumerate(columns)]
        )
    if name is None and number is None:
        name = max(range(len(columns)), key=lambda place: sum(map(len, columns[place])))
    return Guess(number, name, head + 1)


def _headings(table: Table) -> tuple[int, int | None, int | None]:
    """How many rows stand above the data, and the columns that headings name. A row with a number is one of data."""
    for place, row in enumerate(table[:SEARCHED]):
        if any(map(looks_like_number, row)):
            break
        words = [folded(cell) for cell in row]
        number, name = _named(words, _NUMBER_WORDS), _named(words, _NAME_WORDS)
        if number is not None or name is not None:
            return place + 1, number, name
    return 0, None, None


def _named(words: Sequence[str], known: Sequence[str]) -> int | None:
    return next((words.index(word) for word in known if word in words), None)


def _share(holds: Iterable[bool]) -> float:
    found = list(holds)
    return sum(found) / len(found) if found else 0.0


def _best(shares: Sequence[float]) -> int | None:
    place = max(range(len(shares)), key=lambda at: shares[at])
    return place if shares[place] >= 0.3 else None


def _like_name(cell: str) -> bool:
    return len(cell) > 3 and _FIRM.search(cell) is not None


def _clean(cell: object) -> str:
    try:
        return text(cast("Cell", cell))[:MAX_CELL]
    except CellError:
        return ""


def _workbook(path: Path) -> Iterator[Sequence[object]]:
    """The rows of the first sheet that holds any."""
    refuse_bombs(path, MAX_UNPACKED)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            rows = list(book.get_sheet_by_name(name).iter_rows())
            if any(cell not in {"", None} for row in rows for cell in row):
                yield from rows
                return
    except (CalamineError, OSError, ValueError) as error:
        raise ImportFileError(f"not a readable workbook: {error}") from None


def _delimited(path: Path) -> Iterator[Sequence[str]]:
    lines = text_lines(path)
    csv.field_size_limit(64 << 20)
    try:
        yield from csv.reader(iter(lines), delimiter=_delimiter(lines))
    except csv.Error as error:
        raise ImportFileError(f"not readable as CSV: {error}") from None


def _delimiter(lines: Iterable[str]) -> str:
    """The sign that cuts the first rows into the most alike parts. A comma before a space cuts none (Co., Ltd)."""
    some = [line for _place, line in zip(range(SEARCHED), (line for line in lines if line.strip()), strict=False)]
    best, delimiter = 0.0, "\t"
    for candidate in DELIMITERS:
        rows = list(csv.reader(some, delimiter=candidate))
        cut = [len(row) for row in rows if len(row) > 1 and not any(cell.startswith(" ") for cell in row[1:])]
        alike = max(map(cut.count, cut), default=0) / max(1, len(rows))
        if alike > max(best, 0.5):
            best, delimiter = alike, candidate
    return delimiter
