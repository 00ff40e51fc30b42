"""What became of an import: counts, the rows that were refused and why, and these rows as a file to mend."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from portal.register.importing.cleaning import shown
from portal.register.importing.problems import CellProblem
from portal.register.problems import Outcome

NOTES = ("#line", "#column", "#value", "#reason")
"""Columns that a file of refused rows has besides the original ones; no source reads them."""

KEPT = 1000
"""Refused rows that the report itself holds; the file has them all."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A refused row: its line in the file and everything that is wrong with it."""

    line: int
    problems: tuple[CellProblem, ...]


@dataclass(slots=True)
class ImportReport:
    """The counts of an import are rows: `merged` say the same as an earlier row. For rankings see `editions`.

    `resumed_at`: how many rows an interrupted import of the same file had dealt with already (their outcomes are
    counted as well). `unused`: columns of the file that the source does not read. A dry run also tells of how many
    `firms` it would make and change, and of how many of the latter each of the `fields`. `run_id`: of the run.
    """

    source: str
    file: str
    form: str
    rule: str
    dry_run: bool = False
    rows: int = 0
    merged: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    samples: list[Rejected] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    unused: tuple[str, ...] = ()
    resumed_at: int = 0
    editions: dict[str, str] = field(default_factory=dict)
    firms: dict[str, int] = field(default_factory=dict)
    fields: Counter[str] = field(default_factory=Counter)
    run_id: int | None = None

    @property
    def created(self) -> int:
        """Rows that made a new firm."""
        return self.outcomes[Outcome.CREATED]

    @property
    def changed(self) -> int:
        """Rows that changed a firm."""
        return self.outcomes[Outcome.CHANGED]

    @property
    def unchanged(self) -> int:
        """Rows that say what the register holds already."""
        return self.outcomes[Outcome.UNCHANGED]

    def reject(self, line: int, problems: Sequence[CellProblem]) -> None:
        """Count a refused row."""
        self.rejected += 1
        self.reasons.update({problem.reason for problem in problems})
        if len(self.samples) < KEPT:
            self.samples.append(Rejected(line, tuple(problems)))


class RejectedFile:
    """A CSV (UTF-8 with byte order mark, which Excel reads) of refused rows: original columns, then NOTES.

    Mended, it can be imported by the same source. Without a path nothing is written; made when the first row comes.
    """

    def __init__(self, path: Path | None, headings: Sequence[str]) -> None:
        self._path, self._headings = path, headings
        self._file: Any = None
        self._writer: Any = None

    def __enter__(self) -> RejectedFile:
        if self._path is not None:
            self._file = self._path.open("w", encoding="utf-8-sig", newline="", errors="replace")
            self._writer = csv.writer(self._file)
            self._writer.writerow([*(name for name in self._headings if name not in NOTES), *NOTES])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, line: int, cells: Sequence[Any], problems: Iterable[CellProblem]) -> None:
        """A refused row."""
        if self._writer is None:
            return
        found = list(problems)
        padded = [*cells, *[None] * max(0, len(self._headings) - len(cells))]
        kept = [_plain(cell) for place, cell in enumerate(padded) if self._headings[place : place + 1] not in _NOTED]
        notes = (
            str(line),
            "; ".join(problem.column for problem in found),
            "; ".join(problem.value for problem in found),
            "; ".join(problem.reason for problem in found),
        )
        self._writer.writerow([*kept[: len(self._headings)], *notes])


_NOTED = [(name,) for name in NOTES]


def _plain(cell: Any) -> str:
    return json.dumps(cell, ensure_ascii=False) if isinstance(cell, list | dict | bool) else shown(cell)
