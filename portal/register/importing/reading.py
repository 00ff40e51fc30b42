"""From a file to rows: CSV, XLSX (XLS, ODS) and NDJSON, told apart by content, each row with its line.

Rows stream; only a workbook is held whole, as its format needs. Headings are found among the first rows (official
lists begin with a title). What is wrong with one row the row says (`broken`), what with all an ImportFileError.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from portal.register.importing.cleaning import MAX_CELL, Cell, folded
from portal.register.importing.decoding import TextLines, text_lines
from portal.register.importing.problems import ImportFileError

SEARCHED = 30
"""Rows among which the headings are looked for."""

DELIMITERS = (",", ";", "\t", "|")
MAX_WORKBOOK = 1 << 30
"""Bytes of a workbook unpacked: more is a bomb, or a case for CSV."""

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the file. `cells` in the order of the table's headings; `broken`: why it is no row."""

    line: int
    cells: tuple[Any, ...]
    broken: str = ""


class Table(Protocol):
    """A file's rows. `rows()` begins anew each time; `about` is roughly how many there are."""

    headings: tuple[str, ...]
    form: str
    about: int

    def rows(self) -> Iterator[Row]:
        """The rows below the headings, empty ones left out. Raises ImportFileError."""


def open_table(path: Path, known: Iterable[str]) -> Table:
    """The table in a file whose headings are (some of) `known`.

    Raises ImportFileError for a file that is missing, empty, no table, or has none of the headings.
    """
    words = frozenset(map(folded, known))
    try:
        with path.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise ImportFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    if not head.strip():
        raise ImportFileError(f"{path.name}: the file is empty")
    if head.startswith((_ZIP, _OLE)):
        return Workbook(path, words)
    lines = text_lines(path)
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("{"):
        return JsonLines(path, lines)
    if first.lstrip().startswith("["):
        raise ImportFileError(f"{path.name}: a JSON array; NDJSON has one object on each line")
    return Delimited(path, lines, words)


def _recognised(cells: Sequence[object], words: frozenset[str]) -> int:
    return len({folded(cell) for cell in cells if isinstance(cell, str)} & words)


def _no_headings(path: Path) -> ImportFileError:
    return ImportFileError(f"{path.name}: none of the source's headings in the first {SEARCHED} rows: not such a list")


class Delimited:
    """A CSV file: comma, semicolon, tab or bar, whichever yields most of the known headings."""

    def __init__(self, path: Path, lines: TextLines, words: frozenset[str]) -> None:
        csv.field_size_limit(64 << 20)  # the default ends reading for good; long cells are refused by row instead
        self._lines = lines
        self.delimiter, self._start = self._find(path, words)
        self.headings, self._skip = self._read_headings()
        self.form = f"CSV ({lines.encoding}, {self.delimiter!r})"
        self.about = max(0, sum(1 for _ in lines) - self._start)

    def _find(self, path: Path, words: frozenset[str]) -> tuple[str, int]:
        best, delimiter, start = 0, ",", 0
        for candidate in DELIMITERS:
            for place, row in enumerate(self._csv(candidate)):
                found = _recognised(row.cells, words) if not row.broken else 0
                if found > best:
                    best, delimiter, start = found, candidate, place
                if place >= SEARCHED:
                    break
        if not best:
            raise _no_headings(path)
        return delimiter, start

    def _read_headings(self) -> tuple[tuple[str, ...], int]:
        for place, row in enumerate(self._csv(self.delimiter)):
            if place == self._start:
                cells = [str(cell).strip() for cell in row.cells]
                while cells and not cells[-1]:
                    cells.pop()
                return tuple(cells), len(row.cells) - len(cells)
        raise AssertionError("the headings were there a moment ago")

    def rows(self) -> Iterator[Row]:
        """The rows below the headings."""
        self._lines.strange.clear()
        width = len(self.headings)
        for place, row in enumerate(self._csv(self.delimiter)):
            if place <= self._start or not any(row.cells):
                continue
            if row.broken:
                yield row
                continue
            cells = row.cells
            if len(cells) > width and not any(cells[width:]):
                cells = cells[:width]
            if len(cells) == width:
                yield row if cells is row.cells else Row(row.line, cells)
            else:
                problem = f"{len(cells)} cells below {width} headings: columns shifted or the row cut off"
                yield Row(row.line, cells, problem)

    def _csv(self, delimiter: str) -> Iterator[Row]:
        """Every record with the line it begins on; a record in a strange encoding or with broken quotes is broken."""
        reader = csv.reader(iter(self._lines), delimiter=delimiter)
        strange = self._lines.strange
        while True:
            begins = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(begins, ("?",), f"not readable as CSV: {error}")
                continue
            broken = ""
            if strange and any(line in strange for line in range(begins, reader.line_num + 1)):
                broken = f"in another encoding than the rest of the file ({self._lines.encoding})"
            elif reader.line_num - begins > 500 or any(len(cell) > MAX_CELL for cell in cells):
                longest = max(map(len, cells))
                broken = f"a cell of {longest} characters, to line {reader.line_num}: a quotation mark not closed?"
            yield Row(begins, tuple(cells), broken)


class Workbook:
    """The first sheet with known headings of an XLSX, XLS or ODS file."""

    def __init__(self, path: Path, words: frozenset[str]) -> None:
        refuse_bombs(path)
        try:
            self._book = CalamineWorkbook.from_path(str(path))
            names = self._book.sheet_names
        except (CalamineError, OSError, ValueError) as error:
            raise ImportFileError(f"{path.name}: not a readable workbook: {error}") from None
        self._path = path
        self._name, self._start = self._find(names, words)
        sheet = self._book.get_sheet_by_name(self._name)
        self.headings = self._headings()
        self.form = f"workbook, sheet {self._name}"
        self.about = max(0, sheet.total_height - self._start - 1)

    def _find(self, names: Sequence[str], words: frozenset[str]) -> tuple[str, int]:
        best, sheet, start = 0, "", 0
        for name in names:
            for line, cells in self._sheet(name):
                found = _recognised(cells, words)
                if found > best:
                    best, sheet, start = found, name, line
                if line > SEARCHED:
                    break
        if not best:
            raise _no_headings(self._path)
        return sheet, start

    def _headings(self) -> tuple[str, ...]:
        for line, cells in self._sheet(self._name):
            if line == self._start:
                found = [str(cell).strip() for cell in cells]
                while found and not found[-1]:
                    found.pop()
                return tuple(found)
        raise AssertionError("the headings were there a moment ago")

    def _sheet(self, name: str) -> Iterator[tuple[int, list[Cell]]]:
        """Rows with their numbers as a spreadsheet shows them."""
        try:
            sheet = self._book.get_sheet_by_name(name)
            first = sheet.start[0] + 1 if sheet.start else 1
            for place, cells in enumerate(sheet.iter_rows()):
                yield first + place, cast("list[Cell]", cells)
        except (CalamineError, ValueError) as error:
            raise ImportFileError(f"{self._path.name}: sheet {name} cannot be read: {error}") from None

    def rows(self) -> Iterator[Row]:
        """The rows below the headings."""
        width = len(self.headings)
        for line, cells in self._sheet(self._name):
            if line <= self._start or all(cell in {"", None} for cell in cells):
                continue
            found = tuple(None if cell == "" else cell for cell in cells)
            extra = [cell for cell in found[width:] if cell is not None]
            broken = "cells to the right of the last heading: columns shifted" if extra else ""
            yield Row(line, found if broken else found[:width] + (None,) * (width - len(found)), broken)


def refuse_bombs(path: Path, most: int = MAX_WORKBOOK) -> None:
    """Refuse a workbook that unpacks to more bytes than these. Raises ImportFileError."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise ImportFileError(f"{path.name}: not a readable workbook: {error}") from None
    if size > most:
        raise ImportFileError(f"{path.name}: unpacked it has {size >> 20} MB: save it as CSV")


class JsonLines:
    """NDJSON: an object a line; its keys are the headings."""

    form = "NDJSON"

    def __init__(self, path: Path, lines: TextLines) -> None:
        self._lines = lines
        keys: dict[str, None] = {}
        self.about = 0
        for line in lines:
            self.about += 1
            found = self._object(line)
            if isinstance(found, dict):
                keys.update(dict.fromkeys(found))
        if not keys:
            raise ImportFileError(f"{path.name}: no line holds a JSON object")
        self.headings = tuple(keys)

    def rows(self) -> Iterator[Row]:
        """A row for each line that is not empty."""
        self._lines.strange.clear()
        for number, line in enumerate(self._lines, start=1):
            if not line.strip():
                continue
            found = self._object(line)
            if not isinstance(found, dict):
                yield Row(number, (line.strip()[:200],), found)
            elif number in self._lines.strange:
                yield Row(number, self._cells(found), "in another encoding than the rest of the file")
            else:
                yield Row(number, self._cells(found))

    def _cells(self, found: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(found.get(heading) for heading in self.headings)

    @staticmethod
    def _object(line: str) -> dict[str, Any] | str:
        """The line's object, or why there is none. Keys that stand twice are refused: which is meant?"""
        if len(line) > 50 * MAX_CELL:
            return "the line is far too long"
        try:
            found = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            return f"not JSON: {error}" if line.strip() else ""
        if not isinstance(found, dict):
            return "not a JSON object"
        if line.count('":') > len(found) and _repeats(line):
            return "a key stands twice"
        return found


def _repeats(line: str) -> bool:
    twice: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in found}) < len(found):
            twice.append("")

    json.loads(line, object_pairs_hook=pairs)
    return bool(twice)
