"""Changed firms written in bulk: rows, versions, log entries and outbox rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from portal.models import AuditEntry, OutboxRow, Supplier, now, table_of
from portal.register.audit import Actor, changes_of
from portal.register.loading import chunks
from portal.register.state import Firm, Row


def save(session: Session, actor: Actor, firms: Sequence[Firm], action: str = "", **more: Any) -> None:
    """Write what changed of these firms, all of which have something to write.

    `action` names it in the log (else supplier.created or supplier.changed), `more` goes into every entry's changes.
    """
    at = now()
    entries = []
    for firm in firms:
        named = action or ("supplier.created" if firm.supplier.id is None else "supplier.changed")
        entries.append(actor.entry(at, named, firm.key, changes_of(firm) | more))
    write_firms(session, firms, at)
    session.execute(insert(table_of(AuditEntry)), entries)
    session.expire_all()


def write_firms(session: Session, firms: Sequence[Firm], at: datetime) -> None:
    """Write them without an entry of the log, which the caller adds: rows, versions and outbox rows."""
    for firm in firms:
        firm.supplier.set({"updated_at": at, "index_version": firm.supplier.values["index_version"] + 1})
    _insert_suppliers(session, [firm for firm in firms if firm.supplier.id is None])
    _update(session, table_of(Supplier), [firm.supplier for firm in firms if firm.supplier.before])
    _save_children(session, firms)
    due = [
        {"supplier_id": firm.supplier.id, "version": firm.supplier.values["index_version"], "at": at} for firm in firms
    ]
    session.execute(insert(table_of(OutboxRow)), due)


def _insert_suppliers(session: Session, firms: Sequence[Firm]) -> None:
    if not firms:
        return
    table = table_of(Supplier)
    by_scheme: dict[str, dict[str, Firm]] = {}
    for firm in firms:
        by_scheme.setdefault(firm.supplier.values["scheme"], {})[firm.supplier.values["number"]] = firm
    # without RETURNING: one long statement with a thousand rows costs psycopg three times what the rows cost
    session.execute(insert(table), [firm.supplier.values for firm in firms])
    for scheme, by_number in by_scheme.items():
        for some in chunks(by_number):
            wanted = select(table.c.id, table.c.number).where(table.c.scheme == scheme, table.c.number.in_(some))
            for identity, number in session.execute(wanted):
                by_number[number].supplier.id = identity


def _save_children(session: Session, firms: Sequence[Firm]) -> None:
    new: dict[Table, list[dict[str, Any]]] = {}
    changed: dict[Table, list[Row]] = {}
    for firm in firms:
        for model, _, row in firm.dirty_children():
            row.values["supplier_id"] = firm.supplier.id
            if row.id is None:
                new.setdefault(table_of(model), []).append(row.values)
            else:
                changed.setdefault(table_of(model), []).append(row)
    for table, rows in new.items():
        session.execute(insert(table), rows)
    for table, existing in changed.items():
        _update(session, table, [row for row in existing if not row.gone])
        for some in chunks(row.id for row in existing if row.gone):
            session.execute(delete(table).where(table.c.id.in_(some)))


def _update(session: Session, table: Table, rows: Iterable[Row]) -> None:
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        columns = tuple(sorted(row.before))
        by_columns.setdefault(columns, []).append({f"_{name}": row.values[name] for name in columns} | {"_id": row.id})
    for columns, parameters in by_columns.items():
        values = {name: bindparam(f"_{name}", type_=table.c[name].type) for name in columns}
        session.execute(update(table).where(table.c.id == bindparam("_id")).values(values), parameters)
