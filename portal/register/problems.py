"""What can be wrong with facts, and what became of those that were written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Outcome(StrEnum):
    """What writing a record did to its firm."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class FactProblem:
    """A fact that cannot be written.

    `field` is a path from the record, e.g. "supplier.name_zh", "certificates[0].level", "provenance.link".
    `index` is the record's place in the batch that was written (from 0), None from `Writer.check`.
    """

    field: str
    value: str
    message: str
    index: int | None = None

    def at(self, index: int) -> FactProblem:
        """The same problem of the record at `index` of a batch."""
        return replace(self, index=index)

    def __str__(self) -> str:
        place = "" if self.index is None else f"record {self.index}: "
        return f"{place}{self.field} {self.value!r}: {self.message}"


class Stale(Exception):
    """Someone changed the firm `key` after it was read: entries of the log newer than `seen` tell what."""

    def __init__(self, key: str, seen: int) -> None:
        super().__init__(f"{key} was changed after entry {seen}")
        self.key = key
        self.seen = seen


class WriteError(Exception):
    """Facts that were refused; nothing of their batch was written. `problems` names every one."""

    def __init__(self, problems: Iterable[FactProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems[:5]))
