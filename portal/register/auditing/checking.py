"""A check of the chain as an entry of the log itself: who had it checked, and what was found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.models import AuditEntry, now, table_of
from portal.register.audit import Actor
from portal.register.auditing.reading import Filter, entries
from portal.register.auditing.verifying import Report

ACTION = "audit.checked"
SUBJECT = "audit"


def record_check(session: Session, actor: Actor, report: Report) -> None:
    """Add the entry. The transaction must be a writing one."""
    changes: dict[str, Any] = {
        "entries": report.entries,
        "faults": report.faults,
        "seal": report.end.seal,
        "hash": report.end.hash,
        "problems": [
            {"kind": found.kind.value, "seal": found.seal, "entry": found.entry_id, "last": found.last}
            for found in report.problems
        ],
    }
    row = actor.entry(now(), ACTION, SUBJECT, changes)
    session.execute(insert(table_of(AuditEntry)), [row])


def last_checks(session: Session, limit: int = 5) -> list[AuditEntry]:
    """The newest checks."""
    return entries(session, Filter(actions=(ACTION,)), limit)
