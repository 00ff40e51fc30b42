"""Tables as files for spreadsheets: CSV that Excel opens right, XLSX. No cell runs as a formula, whoever wrote it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import IO

import xlsxwriter

Cell = str | int | float | date | None
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a program take a text for a formula, when it stands in front; in full width too."""

MAX_CELL = 32_767
"""Characters that Excel takes in a cell."""


def harmless(cell: Cell) -> str | int | float:
    """The cell, a text that would run behind an apostrophe; days as ISO texts, nothing as an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, bool) or not isinstance(cell, str):
        return cell if isinstance(cell, int | float) else cell.isoformat()
    text = cell[: MAX_CELL - 1]
    return f"'{text}" if text.startswith(FORMULA) else text


def write_csv(file: IO[bytes], rows: Iterable[Sequence[Cell]]) -> None:
    """UTF-8 with the mark by which Excel knows it."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()


def write_xlsx(file: IO[bytes], rows: Iterable[Sequence[Cell]], sheet: str) -> None:
    """One sheet, its first row the headings. Row by row, so memory stays small."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": False}
    with xlsxwriter.Workbook(file, options) as book:
        page = book.add_worksheet(sheet[:31])
        bold = book.add_format({"bold": True})
        for line, row in enumerate(rows):
            page.write_row(line, 0, [harmless(cell) for cell in row], bold if line == 0 else None)
        page.freeze_panes(1, 0)


WRITERS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Form → its content type."""
