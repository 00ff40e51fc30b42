"""The operation log (操作日志): entries and what they say of a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.models import Assessment
from portal.register.state import CHILDREN, Firm, Key, Row

DERIVED = frozenset({"marks", "import_undo"})
"""Columns that follow from others, or only say what may be done with the row."""

UNLOGGED = DERIVED | frozenset(
    {"scheme", "number", "supplier_id", "key", "listed_at", "updated_at", "index_version", "current"}
)
"""Columns of a new row that say nothing by themselves, or that the entry names anyway."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, and from where: a file and its line, or a request."""

    name: str
    origin: str = ""

    def entry(self, at: datetime, action: str, subject: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """A row of `audit_entry`."""
        return {
            "at": at,
            "actor": self.name,
            "origin": self.origin,
            "action": action,
            "subject": subject,
            "changes": changes,
        }


def changes_of(firm: Firm) -> dict[str, Any]:
    """What must be written of the firm: {field: [before, after]}, and for what belongs to it {kind: {which: {…}}}."""
    changes: dict[str, Any] = row_changes(firm.supplier)
    for model, key, row in firm.dirty_children():
        of_kind = changes.setdefault(CHILDREN[model], {})
        of_kind[label(key)] = _results_changes(row) if model is Assessment else row_changes(row)
    return changes


def row_changes(row: Row) -> dict[str, list[Any]]:
    """{column: [before, after]} of the changed columns; of a new row, [None, value] of all that is stated.

    Of a row that goes, [value, None] of the same.
    """
    if row.gone:
        stated = row_changes(Row(None, row.values | row.before))
        return {name: [value, None] for name, (_none, value) in stated.items()}
    if row.id is not None:
        before = {name: old for name, old in row.before.items() if name not in DERIVED}
        return {name: [_plain(old), _plain(row.values[name])] for name, old in before.items()}
    return {
        name: [None, _plain(value)]
        for name, value in row.values.items()
        if name not in UNLOGGED and value not in (None, "", [], {})
    }


def label(key: Key) -> str:
    """What the log calls a row that belongs to a firm."""
    return "/".join(str(part) for part in key)


def _results_changes(row: Row) -> dict[str, Any]:
    """Of an assessment's results only the criteria that differ.

    A new assessment is logged by how many results of each kind it has: the row holds them, and every later change logs
    what was there before, so nothing of the trace is lost and the log is not twice the register.
    """
    changes: dict[str, Any] = row_changes(row)
    if "results" in changes:
        before, after = changes.pop("results")
        if row.gone:
            changes["results"] = [before, None]
        elif before is None:
            changes["results"] = [None, dict(Counter(result["result"] for result in after.values()))]
        else:
            differ = {code: [before.get(code), result] for code, result in after.items() if before.get(code) != result}
            changes["results"] = differ
    return changes


def _plain(value: object) -> object:
    """Dates as text, for JSON."""
    return value.isoformat() if isinstance(value, date | datetime) else value
