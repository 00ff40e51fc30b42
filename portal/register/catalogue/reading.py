"""From a file of the catalogue to its rows: CSV and TOML alike become `Row`s that know their file and line.

Nothing here raises for what stands in a file: every fault is noted as a `Problem` and reading goes on with a default,
so that one run names them all.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

LIST_SEPARATOR = ";"
# Codes stand in addresses ("a,b", "scheme:level") and in index tokens ("edition|grade"): none of `, : |` or spaces.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_DECODE_ERROR_LINE = re.compile(r"at line (\d+)")
_TOML_HEADER = re.compile(r"\[{1,2}\s*([\w.-]+)\s*\]{1,2}\s*(?:#.*)?$")
_TOML_KEY = re.compile(r"([\w-]+)\s*=")

_Kind = TypeVar("_Kind", bound=StrEnum)
_Value = TypeVar("_Value")
_NO_LINES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in the catalogue. `line` counts from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class CatalogueError(Exception):
    """The catalogue cannot be used; `problems` names every reason by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(slots=True)
class Row:
    """One record of a file: its cells as text, where it stands, and where its faults are noted.

    `lines` has the lines of single cells where a record spans several: "rank", "weights.brand", "grade.0".
    """

    file: str
    line: int
    cells: Mapping[str, str]
    problems: list[Problem]
    lines: Mapping[str, int] = field(default_factory=lambda: _NO_LINES)

    def complain(self, message: str, column: str = "") -> None:
        """Note a fault of this row, at the line of `column` where a record spans several."""
        self.problems.append(Problem(self.file, self.lines.get(column, self.line), message))

    def optional(self, column: str) -> str:
        """The cell's text, perhaps empty."""
        return self.cells.get(column, "")

    def text(self, column: str) -> str:
        """The cell's text; a fault if empty."""
        value = self.optional(column)
        if not value:
            self.complain(f"{column} is missing", column)
        return value

    def code(self, column: str = "code") -> str:
        """A code; a fault if it is empty or has signs that addresses and index tokens use."""
        value = self.text(column)
        if value and not _CODE.fullmatch(value):
            self.complain(f"{column} {value!r} may only have letters, digits, '_', '.' and '-'", column)
        return value

    def items(self, column: str) -> tuple[str, ...]:
        """A list cell, its items stripped; a fault for an empty or repeated item."""
        raw = self.optional(column)
        if not raw:
            return ()
        found = tuple(item.strip() for item in raw.split(LIST_SEPARATOR))
        if not all(found):
            self.complain(f"{column} has an empty item", column)
        if len(set(found)) < len(found):
            self.complain(f"{column} repeats an item", column)
        return tuple(dict.fromkeys(filter(None, found)))

    def whole(self, column: str, default: int = 0) -> int:
        """A whole number; a fault and `default` if it is not one."""
        return self._parsed(column, int, default, "a whole number")

    def number(self, column: str, default: float = 0.0) -> float:
        """A number; a fault and `default` if it is not one."""
        return self._parsed(column, float, default, "a number")

    def number_or_none(self, column: str) -> float | None:
        """A number, None for an empty cell."""
        return self.number(column) if self.optional(column) else None

    def day(self, column: str) -> date:
        """An ISO date; a fault and the earliest date if it is not one."""
        return self._parsed(column, date.fromisoformat, date.min, "a date like 2025-01-31")

    def flag(self, column: str) -> bool:
        """Yes or no; a fault and False for anything else."""
        return self._parsed(column, {"yes": True, "no": False}.__getitem__, False, "yes or no")

    def choice(self, column: str, kind: type[_Kind], default: _Kind) -> _Kind:
        """A member of `kind`; a fault and `default` if it is not one."""
        return self._parsed(column, kind, default, "one of " + ", ".join(kind))

    def _parsed(self, column: str, parse: Callable[[str], _Value], default: _Value, wanted: str) -> _Value:
        value = self.text(column)
        if not value:
            return default
        try:
            return parse(value)
        except (ValueError, KeyError):
            self.complain(f"{column} {value!r} is not {wanted}", column)
            return default


class Folder:
    """A catalogue directory being read; `problems` gathers what is wrong in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problems: list[Problem] = []

    def complain(self, file: str, line: int, message: str) -> None:
        """Note a fault."""
        self.problems.append(Problem(file, line, message))

    def table(self, file: str, columns: Sequence[str]) -> list[Row]:
        """The rows of a CSV file whose header is exactly `columns`; none if the file or its header is unusable."""
        text = self._text(file)
        if text is None:
            return []
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows: list[Row] = []
        begins = 1
        try:
            for cells in reader:
                line, begins = begins, reader.line_num + 1
                if line == 1:
                    if cells != list(columns):
                        self.complain(file, 1, f"the header must be {','.join(columns)}")
                        return []
                elif cells:
                    rows.extend(self._row(file, line, columns, cells))
        except csv.Error as error:
            self.complain(file, reader.line_num, f"not valid CSV: {error}")
        if begins == 1:
            self.complain(file, 1, f"the header must be {','.join(columns)}")
        return rows

    def _row(self, file: str, line: int, columns: Sequence[str], cells: list[str]) -> list[Row]:
        if len(cells) != len(columns):
            self.complain(file, line, f"{len(cells)} cells where the header has {len(columns)}")
            return []
        row = Row(file, line, dict(zip(columns, cells, strict=True)), self.problems)
        if [cell.strip() for cell in cells] != cells:
            for column, value in row.cells.items():
                if value != value.strip():
                    row.complain(f"{column} has spaces around it")
        return [row]

    def document(self, file: str) -> Document:
        """A TOML file; empty if it is unusable."""
        text = self._text(file) or ""
        try:
            return Document(file, tomllib.loads(text), toml_lines(text), self)
        except tomllib.TOMLDecodeError as error:
            found = _DECODE_ERROR_LINE.search(str(error))
            self.complain(file, int(found.group(1)) if found else text.count("\n") + 1, f"not valid TOML: {error}")
            return Document(file, {}, {}, self)

    def _text(self, file: str) -> str | None:
        try:
            data = (self.directory / file).read_bytes()
        except OSError as error:
            self.complain(file, 1, f"cannot be read: {error.strerror or error}")
            return None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self.complain(file, data.count(b"\n", 0, error.start) + 1, "not UTF-8")
            return None
        if text.startswith("\ufeff"):
            self.complain(file, 1, "begins with a byte order mark")
            return text[1:]
        return text


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed TOML file and the lines of its tables and keys."""

    file: str
    values: Mapping[str, Any]
    lines: Mapping[tuple[str | int, ...], int]
    folder: Folder

    def row(self, table: object, *path: str | int, known: Iterable[str]) -> Row:
        """A table as a Row: plain values as text, lists joined, nested tables left out; a fault for unknown keys."""
        values: Mapping[str, Any] = table if isinstance(table, dict) else {}
        cells = {key: _as_text(value) for key, value in values.items() if not _is_nested(value)}
        row = Row(self.file, self.line(*path), cells, self.folder.problems, self._lines_within(values, path))
        for key in sorted(set(values) - set(known)):
            row.complain(f"unknown key {key!r}", key)
        return row

    def head(self, known: Iterable[str]) -> Row:
        """The file's own keys, outside any table."""
        return self.row(self.values, known=known)

    def tables(self, name: str) -> list[dict[str, Any]]:
        """The file's array of tables `name`; a fault if there is none."""
        return self.nested(self.values, name, required=True)

    def nested(
        self, table: Mapping[str, Any], name: str, *path: str | int, required: bool = False
    ) -> list[dict[str, Any]]:
        """The tables under key `name` of `table`; a fault if they are something else, or missing where required."""
        found = table.get(name, [])
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found) or (required and not found):
            self.folder.complain(self.file, self.line(*path, name), f"expected tables [[{name}]]")
            return []
        return found

    def _lines_within(self, values: Mapping[str, Any], path: tuple[str | int, ...]) -> dict[str, int]:
        lines: dict[str, int] = {}
        for key, value in values.items():
            lines[key] = self.line(*path, key)
            below: Iterable[str | int] = value if isinstance(value, dict) else ()
            if isinstance(value, list) and _is_nested(value):
                below = range(len(value))
            lines.update({f"{key}.{item}": self.line(*path, key, item) for item in below})
        return lines

    def line(self, *path: str | int) -> int:
        """The line of a table or key, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def _is_nested(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return LIST_SEPARATOR.join(_as_text(item) for item in value)
    return str(value)


def toml_lines(text: str) -> dict[tuple[str | int, ...], int]:
    """The line of each table header and key of a TOML text (tomllib tells none), as ("scheme", 2, "level", 0, "rank").

    Reads the plain layout a catalogue has; what it does not see is reported at the line of the table around it.
    """
    lines: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if header := _TOML_HEADER.match(line):
            table = _header_path(header.group(1).split("."), line.startswith("[["), counts)
            lines.setdefault(table, number)
        elif key := _TOML_KEY.match(line):
            lines.setdefault((*table, key.group(1)), number)
    return lines


def _header_path(names: list[str], repeats: bool, counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
    path: tuple[str | int, ...] = ()
    for position, name in enumerate(names):
        path = (*path, name)
        if repeats and position == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
