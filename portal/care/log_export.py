"""The job that writes the operation log, as far as a filter lets through, to a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import AuditEntry, User, now
from portal.register.audit import Actor
from portal.register.auditing.reading import Filter, all_entries
from portal.register.clock import CHINA
from portal.workspace.export_files import Headed, Table
from portal.workspace.exporting import DONE, Exporter, Made
from portal.workspace.jobs import Handler, Run
from portal.workspace.sheets import MAX_CELL, Cell

KIND = "log_export"
BATCH = 1000
COLUMNS = ("number", "at", "actor", "name", "origin", "action", "action_name", "subject", "changes", "hash")
"""Codes of the columns; `changes` are as the log holds them, as JSON."""


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries, under which headings; `actions`: what each is called, `words` and `about` as of other exports."""

    export: int = 0
    filter: dict[str, Any]
    headings: tuple[str, ...]
    actions: dict[str, str]
    words: dict[str, str]
    about: tuple[tuple[str, str], ...]

    @property
    def wanted(self) -> Filter:
        """The filter."""
        return msgspec.convert(self.filter, Filter)

    @property
    def headed(self) -> Headed:
        """The columns."""
        return Headed(COLUMNS, self.headings, sheet=self.words["sheet"], about=self.words["about"])


def stored_filter(wanted: Filter) -> dict[str, Any]:
    """The filter as JSON."""
    built: dict[str, Any] = msgspec.to_builtins(wanted)
    return built


def count(session: Session, wanted: Filter, most: int) -> int:
    """How many entries there are, counted no further than `most`."""
    some = select(AuditEntry.id).where(*wanted.conditions()).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def handler(exporter: Exporter) -> Handler:
    """What does the job."""

    def export(run: Run) -> None:
        if DONE.issuperset(run.payload):
            return
        payload = msgspec.convert(run.payload, Payload)
        exporter.make(run, payload.export, payload.headed, lambda table: _write(run, payload, table))

    return export


def _write(run: Run, payload: Payload, table: Table) -> Made:
    rows = 0
    with run.sessions() as session:
        names = people(session)
        for some in all_entries(session, payload.wanted, BATCH):
            for entry in some:
                table.row(_cells(entry, payload.actions, names))
            rows += len(some)
            run.at(rows, max(rows, run.payload.get("total", 0)))
    time = now().astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S +08:00")
    table.state([*payload.about, (payload.words["time"], time), (payload.words["rows"], rows)])
    return Made(rows, None)


def people(session: Session) -> dict[str, str]:
    """Names of those whom entries name by number."""
    named = select(User.id, User.name).where(User.name != "")
    return {f"user/{identity}": name for identity, name in session.execute(named)}


def _cells(entry: AuditEntry, actions: Mapping[str, str], names: Mapping[str, str]) -> list[Cell]:
    changes = msgspec.json.encode(entry.changes).decode()
    return [
        entry.seal,
        entry.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"),
        entry.actor,
        names.get(entry.actor, ""),
        entry.origin,
        entry.action,
        actions.get(entry.action, ""),
        entry.subject,
        changes[: MAX_CELL - 1],
        entry.hash or "",
    ]


def record(actor: Actor, wanted: Filter, form: str) -> dict[str, Any]:
    """The entry that says that the log was exported: a row of `audit_entry`."""
    days = {name: day.isoformat() for name in ("first", "last") if isinstance(day := getattr(wanted, name), date)}
    lists = {name: list(value) for name in ("actors", "actions", "subjects") if (value := getattr(wanted, name))}
    return actor.entry(now(), "audit.exported", "audit", {"form": form} | days | lists)
