"""What can be wrong with a file to import: with the file as a whole, or with one of its rows."""

from __future__ import annotations

from dataclasses import dataclass


class ImportFileError(Exception):
    """The file (or its mapping) cannot be imported at all; the message says why, nothing was written."""


class CellError(ValueError):
    """A cell that cannot be understood; the message is the reason, for whoever mends the file."""


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell of a row. `column` is the file's heading ("" when the row as a whole is at fault)."""

    column: str
    value: str
    reason: str


class RowError(Exception):
    """A row that is refused, with everything that is wrong with it."""

    def __init__(self, *problems: CellProblem) -> None:
        super().__init__("; ".join(f"{problem.column} {problem.value!r}: {problem.reason}" for problem in problems))
        self.problems = problems
