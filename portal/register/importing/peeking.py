"""A first look at a list of which nothing is known: its headings and its first rows."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from portal.register.importing.cleaning import registration, shown
from portal.register.importing.decoding import text_lines
from portal.register.importing.problems import CellError, ImportFileError
from portal.register.importing.reading import DELIMITERS, SEARCHED, open_table, refuse_bombs
from portal.register.registration import USCC, number_problem

LOOKED_AT = 200
"""Rows whose cells are looked at."""

_PACKED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Peek:
    """`rows`: the first ones below the headings, as the file has them; `about`: roughly how many there are in all."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    form: str
    about: int

    def column(self, place: int) -> list[str]:
        """The first cells of a column that say something, as texts."""
        cells = (shown(row[place]) for row in self.rows if place < len(row) and not isinstance(row[place], list | dict))
        return [cell for cell in map(str.strip, cells) if cell]


def peek(path: Path, known: Iterable[str]) -> Peek:
    """Look at a list; `known` are headings that lists have. Raises ImportFileError for what is no list."""
    try:
        table = open_table(path, known)
    except ImportFileError:
        headings = _likely_headings(path)
        if not headings:
            raise
        table = open_table(path, headings)
    rows = [row.cells for row in islice(table.rows(), LOOKED_AT) if not row.broken]
    return Peek(table.headings, tuple(rows), table.form, table.about)


def _likely_headings(path: Path) -> Sequence[str]:
    """The first row that is as wide as most, and names rather than holds data."""
    rows = [[cell.strip() for cell in row] for row in _first_rows(path)]
    widths = Counter(sum(map(bool, row)) for row in rows if any(row))
    if not widths:
        return ()
    usual = max(widths, key=lambda width: (widths[width], width))
    for row in rows:
        filled = [cell for cell in row if cell]
        if len(filled) >= max(1, usual * 0.8) and not any(map(_is_data, filled)):
            return filled
    return ()


def _is_data(cell: str) -> bool:
    if cell.replace(".", "").replace("-", "").replace("/", "").isdigit() or len(cell) > 60:
        return True
    try:
        return not number_problem(USCC, registration(cell))
    except CellError:
        return False


def _first_rows(path: Path) -> list[list[str]]:
    with path.open("rb") as file:
        packed = file.read(4).startswith(_PACKED)
    return _of_workbook(path) if packed else _of_text(path)


def _of_workbook(path: Path) -> list[list[str]]:
    refuse_bombs(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            rows = [[shown(cell) for cell in row] for row in islice(book.get_sheet_by_name(name).iter_rows(), SEARCHED)]  # type: ignore[arg-type]
            if sum(1 for row in rows if any(row)) > 1:
                return rows
    except (CalamineError, OSError, ValueError) as error:
        raise ImportFileError(f"{path.name}: not a readable workbook: {error}") from None
    return []


def _of_text(path: Path) -> list[list[str]]:
    lines = list(islice((line for line in text_lines(path) if line.strip()), SEARCHED))
    best: list[list[str]] = []
    for delimiter in DELIMITERS:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        if _regular(rows) > _regular(best):
            best = rows
    return best


def _regular(rows: Sequence[Sequence[str]]) -> int:
    """How many cells stand in rows of the most usual width."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max((width * count for width, count in widths.items()), default=0)
