"""Targets stated by staff: kept as rows, each change a version in the operation log that can be taken back.

One of the catalogue's code takes that target's place. What changes is written to the log as [before, after] by field;
to take the last change back is to write what was before, which is a change like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEntry, CoverageTarget
from portal.register.catalogue import Catalogue, Target
from portal.workspace.conditions import query_of, stored_query
from search.contract import SearchQuery

FIELDS = (
    "name_zh",
    "name_en",
    "document",
    "address",
    "query",
    "goal",
    "base_on",
    "due_on",
    "units",
    "closed_on",
    "removed",
)
DAYS = frozenset({"base_on", "due_on", "closed_on"})
PREFIX = "stated-"

Record = Callable[..., None]
"""`record(action, subject, **changes)`: a line of the operation log."""


class Overtaken(Exception):
    """Someone else has changed the target meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTarget(Target):
    """A target that staff stated: `query` is what it asks, whatever the grammar has."""

    query: SearchQuery
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Targets:
    """All targets by code; `stamp` differs when any of them was changed."""

    by_code: Mapping[str, Target]
    stamp: tuple[tuple[str, int], ...] = ()


def targets_of(session: Session, catalogue: Catalogue) -> Targets:
    """Those of the catalogue, and those that staff stated, some in their place."""
    rows = list(session.scalars(select(CoverageTarget).order_by(CoverageTarget.id)))
    stated = {row.code: stated_target(row) for row in rows if not row.removed}
    return Targets({**catalogue.targets, **stated}, tuple((row.code, row.version) for row in rows))


def stated_target(row: CoverageTarget) -> StatedTarget:
    """The target of a row."""
    return StatedTarget(
        code=row.code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        document=row.document,
        search=(),
        goal=row.goal,
        base=row.base_on,
        due=row.due_on,
        units=row.units,
        query=query_of(row.query),
        closed_on=row.closed_on,
    )


def values(query: SearchQuery, **stated: Any) -> dict[str, Any]:
    """What is kept of a target with this search."""
    return {"query": stored_query(query), "closed_on": None, "removed": False, **stated}


def state(session: Session, code: str, stated: Mapping[str, Any], seen: int, record: Record) -> CoverageTarget:
    """Keep a target as stated: a new one (`code` ""), or another version of one. Raises Overtaken.

    `seen`: the version that was looked at; 0 for none.
    """
    row = _locked(session, code) if code else None
    if (row.version if row else 0) != seen:
        raise Overtaken
    if row is None:
        row = CoverageTarget(code=code or f"{PREFIX}?", **stated)
        session.add(row)
        session.flush()
        if not code:
            row.code = f"{PREFIX}{row.id}"
        record("target.stated", _subject(row), **_changes({}, _values(row)), version=[0, 1])
        return row
    _write(row, stated, "target.changed", record)
    return row


def change(session: Session, code: str, seen: int, record: Record, action: str, **stated: Any) -> bool:
    """Change some fields of a stated target; False where they are so already. Raises Overtaken, KeyError."""
    row = _locked(session, code)
    if row is None:
        raise KeyError(code)
    if row.version != seen:
        raise Overtaken
    return _write(row, stated, action, record)


def last_change(session: Session, row: CoverageTarget) -> AuditEntry | None:
    """The entry of the newest version."""
    newest = (
        select(AuditEntry)
        .where(AuditEntry.subject == _subject(row))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    return session.scalars(newest.limit(1)).first()


def undo(session: Session, code: str, seen: int, record: Record) -> bool:
    """Take the last change back; False where there is nothing to take back. Raises Overtaken, KeyError.

    Of one that had just been stated nothing is left but the log; to take that back brings it again.
    """
    row = _locked(session, code)
    if row is None:
        raise KeyError(code)
    if row.version != seen:
        raise Overtaken
    entry = last_change(session, row)
    if entry is None or entry.changes.get("version", [0, 0])[1] != row.version:
        return False
    if entry.action == "target.stated":
        return _write(row, {"removed": True}, "target.undone", record)
    before = {name: pair[0] for name, pair in entry.changes.items() if name in FIELDS}
    return _write(row, {name: _read(name, value) for name, value in before.items()}, "target.undone", record)


def find(session: Session, code: str) -> CoverageTarget | None:
    """The row of a target that was stated, removed or not."""
    return session.scalars(select(CoverageTarget).where(CoverageTarget.code == code)).one_or_none()


def _locked(session: Session, code: str) -> CoverageTarget | None:
    return session.scalars(select(CoverageTarget).where(CoverageTarget.code == code).with_for_update()).one_or_none()


def _write(row: CoverageTarget, stated: Mapping[str, Any], action: str, record: Record) -> bool:
    before = _values(row)
    for name, value in stated.items():
        setattr(row, name, value)
    changes = _changes(before, _values(row))
    if not changes:
        return False
    row.version += 1
    record(action, _subject(row), **changes, version=[row.version - 1, row.version])
    return True


def _subject(row: CoverageTarget) -> str:
    return f"target/{row.code}"


def _values(row: CoverageTarget) -> dict[str, Any]:
    """As the log keeps them: days as text."""
    found = {name: getattr(row, name) for name in FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def _read(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in DAYS and value else value


def searched(target: StatedTarget, today: date) -> SearchQuery:
    """The search whose total is what is done: of a closed one up to that day, of one past its due day up to that."""
    end = target.closed_on or (target.due if today > target.due else None)
    return replace(target.query, certified_from=target.base, certified_to=end)
