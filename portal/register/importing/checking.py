"""The first pass: every row made into facts and checked, rows that speak of the same thing compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from portal.register.facts import SupplierRecord
from portal.register.importing.fates import Fates
from portal.register.importing.job import Progress
from portal.register.importing.problems import CellProblem, ImportFileError, RowError
from portal.register.importing.reading import Row, Table
from portal.register.importing.records import Facts, Ranked, RecordMaker
from portal.register.importing.targets import SourceKind
from portal.register.problems import FactProblem

MOST_REJECTED = 100_000
"""Refused rows at which an import is given up: it is not such a list."""

_FULL = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Name:
    """A firm's name in a list that is about something else."""

    text: str


@dataclass(slots=True)
class Checked:
    """What the first pass found, by the rows' places in the file (from 0); `fates`: what writing did to the others."""

    rows: int = 0
    problems: dict[int, tuple[CellProblem, ...]] = field(default_factory=dict)
    merged: set[int] = field(default_factory=set)
    fates: Fates = field(default_factory=Fates)


class Checker:
    """Checks the rows of a file. `check`: the writer's own checks of a record."""

    def __init__(self, maker: RecordMaker, check: Callable[[SupplierRecord], Sequence[FactProblem]]) -> None:
        self._maker, self._check = maker, check
        self._seen: dict[int, int] = {}

    def rows(self, table: Table, progress: Progress) -> Checked:
        """The first pass over a file. Raises ImportFileError when so many rows are refused that it is no such list."""
        found = Checked()
        for place, row in enumerate(table.rows()):
            found.rows += 1
            try:
                facts = self.facts(row)
            except RowError as error:
                found.problems[place] = error.problems
            else:
                self._compare(place, row, facts, found)
            if len(found.problems) > MOST_REJECTED:
                first = min(found.problems)
                raise ImportFileError(
                    f"more than {MOST_REJECTED} rows are refused, e.g. {found.problems[first][0].reason}"
                )
            if place % 1000 == 0:
                progress("check", place, max(table.about, place))
        progress("check", found.rows, found.rows)
        found.fates = Fates(found.rows)
        return found

    def make(self, row: Row) -> Facts:
        """The row's facts, not yet checked. Raises RowError."""
        return self._maker.make(row)

    def facts(self, row: Row) -> Facts:
        """The row's facts, checked. Raises RowError."""
        facts = self._maker.make(row)
        problems = self._check(facts.record if isinstance(facts, Ranked) else facts)
        if problems:
            raise RowError(*map(self._maker.blame, problems))
        return facts

    def blame(self, problem: FactProblem) -> CellProblem:
        """The cell that a refused fact came from."""
        return self._maker.blame(problem)

    def _compare(self, place: int, row: Row, facts: Facts, found: Checked) -> None:
        """Rows of one key merge if they say the same; if not, all of them are refused: which one is right?"""
        repeated = []
        for identity, told in statements(self._maker.mapping.kind, facts):
            content = _hash(told)
            packed = self._seen.setdefault(_hash(identity), content | row.line << 64 | place << 96)
            first_place, first_line, first_content = packed >> 96, packed >> 64 & 0xFFFFFFFF, packed & _FULL
            if first_content != content or first_place in found.problems:
                says = "says something else of the same, so all such rows are refused: which one is right?"
                found.problems.setdefault(first_place, (CellProblem("", identity, f"line {row.line} {says}"),))
                found.problems[place] = (CellProblem("", identity, f"line {first_line} {says}"),)
                return
            if not isinstance(told, Name):
                repeated.append(first_place != place)
        if all(repeated):
            found.merged.add(place)


def statements(kind: SourceKind, facts: Facts) -> Iterator[tuple[str, object]]:
    """What a row speaks of, and what it says of it.

    Of the firm everything; in other lists of each certificate, of the assessment (or its criterion), of the rank, and
    of the firm its name: two names of one firm would follow each other at every import of the list.
    """
    if isinstance(facts, Ranked):
        yield f"{facts.edition.code} {facts.ranking.supplier}", facts
        return
    firm = facts.supplier
    if kind is SourceKind.SUPPLIERS:
        yield firm.key, facts
        return
    for name in ("name_zh", "name_en"):
        if (value := getattr(firm, name)) is not None:
            yield f"{firm.key} {name}", Name(value)
    for certificate in facts.certificates:
        yield f"{firm.key} {certificate.scheme} {certificate.key}", certificate
    for assessment in facts.assessments:
        criterion = next(iter(assessment.results)) if len(assessment.results) == 1 else ""
        yield f"{firm.key} {assessment.assessed_on} {assessment.assessor} {criterion}".rstrip(), assessment


def _hash(value: object) -> int:
    data = value.encode() if isinstance(value, str) else msgspec.json.encode(value, order="deterministic")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")
