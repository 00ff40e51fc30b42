"""What becomes of every row of an import."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.register.importing.problems import CellProblem
from portal.register.problems import Outcome


class FateKind(StrEnum):
    """`MERGED`: says the same as an earlier row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MERGED = "merged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Fate:
    """A row's: its line, and the firm as the row names it. `problems`: why it is refused."""

    line: int
    kind: FateKind
    number: str
    name: str
    problems: tuple[CellProblem, ...] = ()


class Fates:
    """The fates of a file's rows by their places, a byte each; a row that nothing is said of is unchanged."""

    def __init__(self, rows: int = 0) -> None:
        self._codes = bytearray([_CODES.index(FateKind.UNCHANGED)]) * rows

    def set(self, place: int, outcome: Outcome) -> None:
        """What writing a row did."""
        self._codes[place] = _CODES.index(FateKind(outcome.value))

    def __getitem__(self, place: int) -> FateKind:
        return _CODES[self._codes[place]]


_CODES = tuple(FateKind)
