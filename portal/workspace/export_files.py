"""Files of an export: rows written as they come, then what the file says of itself; memory stays flat.

CSV and NDJSON come in a ZIP with the statement beside them, XLSX has it on its first sheet. Cells of tables are those
of `portal.workspace.sheets`: none runs. NDJSON is for programs: its values stand as they are.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import msgspec
import xlsxwriter

from portal.workspace.sheets import Cell, harmless

Statement = Sequence[Sequence[Cell]]
"""Rows of (label, value)."""

MAX_SHEET = 1_048_576
"""Rows of a sheet; a longer table goes on on the next one."""


class Table(Protocol):
    """A file being written."""

    def row(self, cells: Sequence[Cell]) -> None:
        """Add a row."""

    def state(self, statement: Statement) -> None:
        """Say what it is, after the last row."""


class Headed(msgspec.Struct, frozen=True):
    """The columns of a file: a code for programs and a heading for people each; the names of the two sheets."""

    codes: tuple[str, ...]
    headings: tuple[str, ...]
    sheet: str
    about: str


class _Csv:
    def __init__(self, archive: zipfile.ZipFile, headed: Headed) -> None:
        self._archive = archive
        self._file = archive.open("data.csv", "w", force_zip64=True)
        self._text = io.TextIOWrapper(self._file, encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._text)
        self.row(headed.headings)

    def row(self, cells: Sequence[Cell]) -> None:
        self._writer.writerow([harmless(cell) for cell in cells])

    def state(self, statement: Statement) -> None:
        self._text.close()
        beside = io.StringIO(newline="")
        csv.writer(beside).writerows([[harmless(cell) for cell in line] for line in statement])
        self._archive.writestr("about.csv", beside.getvalue().encode("utf-8-sig"))

    def let_go(self) -> None:
        self._text.close()


class _Ndjson:
    def __init__(self, archive: zipfile.ZipFile, headed: Headed) -> None:
        self._archive = archive
        self._file = archive.open("data.ndjson", "w", force_zip64=True)
        self._headed = headed
        self._encoder = msgspec.json.Encoder()

    def row(self, cells: Sequence[Cell]) -> None:
        self._file.write(self._encoder.encode(dict(zip(self._headed.codes, cells, strict=True))) + b"\n")

    def state(self, statement: Statement) -> None:
        self._file.close()
        columns = dict(zip(self._headed.codes, self._headed.headings, strict=True))
        beside = msgspec.json.encode({"about": statement, "columns": columns})
        self._archive.writestr("about.json", msgspec.json.format(beside))

    def let_go(self) -> None:
        self._file.close()


class _Xlsx:
    def __init__(self, book: xlsxwriter.Workbook, headed: Headed) -> None:
        self._book = book
        self._headed = headed
        self._bold = book.add_format({"bold": True})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._about = book.add_worksheet(headed.about[:31])
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        name = self._headed.sheet[:26]
        self._page = self._book.add_worksheet(name if self._sheets == 1 else f"{name} {self._sheets}")
        self._page.freeze_panes(1, 0)
        self._page.write_row(0, 0, [harmless(heading) for heading in self._headed.headings], self._bold)
        self._line = 1

    def row(self, cells: Sequence[Cell]) -> None:
        if self._line == MAX_SHEET:
            self._begin()
        page, line = self._page, self._line
        # By kind, not by `write`, which guesses at each cell: a third of the time.
        for column, cell in enumerate(cells):
            value = harmless(cell)
            if isinstance(value, str):
                if value:
                    page.write_string(line, column, value)
            else:
                page.write_number(line, column, value)
        self._line += 1

    def state(self, statement: Statement) -> None:
        self._about.set_column(0, 0, 24)
        self._about.set_column(1, 1, 90)
        for line, (label, value) in enumerate(statement):
            self._about.write_string(line, 0, str(harmless(label)), self._bold)
            self._about.write(line, 1, harmless(value), self._wrapped)


@contextmanager
def _zipped(path: Path, make: type[_Csv | _Ndjson], headed: Headed) -> Iterator[Table]:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        table = make(archive, headed)
        try:
            yield table
        finally:
            table.let_go()  # an archive with an open file cannot be closed


@contextmanager
def _workbook(path: Path, headed: Headed) -> Iterator[Table]:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        yield _Xlsx(book, headed)


FORMS = ("xlsx", "csv", "ndjson")
SUFFIXES = {"xlsx": "xlsx", "csv": "csv.zip", "ndjson": "ndjson.zip"}
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "application/zip",
    "ndjson": "application/zip",
}


def opened(form: str, path: Path, headed: Headed) -> AbstractContextManager[Table]:
    """A new file of that form. Its folder is to be thrown away should it not become whole."""
    if form == "xlsx":
        return _workbook(path, headed)
    return _zipped(path, _Csv if form == "csv" else _Ndjson, headed)
