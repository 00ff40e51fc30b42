"""The table of what becomes of every row of an import: a CSV to download, read page by page for the screen.

Beside it lies, for each kind of fate and for all, the places of its rows in the file, eight bytes each.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from portal.register.importing.fates import Fate, FateKind
from portal.workspace.sheets import harmless

HEADINGS = ("line", "fate", "number", "name", "column", "value", "reason")
ALL = "all"
_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the table. A refused one has its problems as (column, value, reason)."""

    line: int
    fate: FateKind
    number: str
    name: str
    problems: tuple[tuple[str, str, str], ...]


class FateTable:
    """Writes the table; a context. Call it with each row's fate, in order."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places = {kind: array("Q") for kind in (ALL, *FateKind)}
        self._opened = ExitStack()

    def __enter__(self) -> FateTable:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._opened.enter_context(self._path.open("wb"))
        self._at = self._file.write("\ufeff".encode())
        self._write(HEADINGS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()
        for name, places in self._places.items():
            _index(self._path, name).write_bytes(places.tobytes())

    def __call__(self, fate: Fate) -> None:
        """Add a row."""
        self._places[ALL].append(self._at)
        self._places[fate.kind].append(self._at)
        told = zip(*((one.column, one.value, one.reason) for one in fate.problems), strict=True)
        columns = ["\n".join(cells) for cells in told] or ["", "", ""]
        self._write((str(fate.line), fate.kind.value, fate.number, fate.name, *columns))

    def _write(self, cells: Sequence[str]) -> None:
        out = io.StringIO()
        csv.writer(out).writerow([harmless(cell) for cell in cells])
        self._at += self._file.write(out.getvalue().encode("utf-8", "replace"))


def page_of(path: Path, fate: str, start: int, most: int) -> list[Shown]:
    """Some rows of a fate, or of ALL. Raises OSError where there is no table (any more)."""
    with _index(path, fate).open("rb") as index:
        index.seek(start * _WIDTH)
        places = array("Q", index.read(most * _WIDTH))
    with path.open("rb") as file:
        return [_read(file, place) for place in places]


def _read(file: io.BufferedReader, place: int) -> Shown:
    file.seek(place)
    [cells] = [row for row, _one in zip(csv.reader(_lines(file)), (1,), strict=False)]
    told = [cell.split("\n") for cell in cells[4:7]]
    problems = tuple(zip(*told, strict=False)) if any(cells[4:7]) else ()
    return Shown(int(cells[0]), FateKind(cells[1]), cells[2], cells[3], tuple((a, b, c) for a, b, c in problems))


def _lines(file: io.BufferedReader):  # type: ignore[no-untyped-def]
    while line := file.readline():
        yield line.decode()


def _index(path: Path, fate: str) -> Path:
    return path.with_name(f"rows-{fate}")
