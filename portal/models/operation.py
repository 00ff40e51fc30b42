"""What the portal keeps about its own work: the log, the outbox, imports, leases and small facts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now

SEALED, UNSEALED = "seal IS NOT NULL", "seal IS NULL"


class AuditEntry(Base):
    """A line of the operation log (操作日志): who did what to which firm or object, before → after, and from where.

    Written without `seal` and `hash`; soon afterwards the worker gives it its number in the chain and the hash of all
    up to it (portal.register.auditing). Lists are read newest first, hence the instant at the end of each index.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_subject", "subject", "at"),
        Index("ix_audit_entry_actor", "actor", "at"),
        Index("ix_audit_entry_action", "action", "at"),
        Index("ix_audit_entry_seal", "seal", unique=True, sqlite_where=text(SEALED), postgresql_where=text(SEALED)),
        Index("ix_audit_entry_unsealed", "id", sqlite_where=text(UNSEALED), postgresql_where=text(UNSEALED)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str] = mapped_column(String(120))
    origin: Mapped[str] = mapped_column(String(200), default="")
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seal: Mapped[int | None]
    hash: Mapped[str | None] = mapped_column(String(64))


class OutboxRow(Base):
    """A firm whose index document must be written again, at `version` at least. Only the worker and a rebuild delete.

    While an index is being built beside the live one, a row stays until both have it (notes/search.md, rule 4):
    `live` says that the live one has; `covered_by` names the build that began to read the register after the row came.
    Ids are never used again (SQLite would), as rows are deleted by the ids that were read.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_live_id", "live", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
    live: Mapped[bool] = mapped_column(default=False)
    covered_by: Mapped[str] = mapped_column(String(80), default="")


class DeadLetter(Base):
    """A change the engine refused for good: it blocks nothing and is shown by `flask index status`."""

    __tablename__ = "dead_letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    version: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)


class ImportRun(Base):
    """An import of one file by one source mapping; `next_row` is where an interrupted one is taken up."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_file_hash", "file_hash", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    file_name: Mapped[str] = mapped_column(String(300))
    file_hash: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    next_row: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Lease(Base):
    """A named right that one process holds until `expires_at` (the drain, a rebuild); a dead holder's runs out."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    expires_at: Mapped[datetime]
    detail: Mapped[str] = mapped_column(String(200), default="")


class Fact(Base):
    """A small fact by name: `data_version`, `swept_on`, `fictional` (the register holds sample firms), …"""

    __tablename__ = "fact"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    on: Mapped[date | None]
