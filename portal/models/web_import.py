"""Imports that staff do in the browser: the file, how it is read, how far it is; and what one did to each firm."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class ImportState(StrEnum):
    """How far an import in the browser has come; while it is CHECKING, RUNNING or UNDOING a job is at it."""

    MAPPING = "mapping"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class WebImport(Base):
    """A list that was handed in. The file lies below DATA_DIR/uploads, named by `file_hash`; `file_name` is shown only.

    `mapping`: how it is read, as `register.importing.Mapping`; `source`: the source that came from, "" for none.
    `look`: what was seen of the file when it came, and guessed of its columns (`portal.workspace.imports.Look`).
    `report`: counts of the check or, once it ran, of the import. `problem`: why the last step did not succeed.
    `run_id`: the run of the register's own import, known once its first row is written.
    """

    __tablename__ = "web_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    look: Mapped[dict[str, Any]] = mapped_column(default=dict)
    source: Mapped[str] = mapped_column(String(60), default="")
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default=ImportState.MAPPING)
    problem: Mapped[str] = mapped_column(Text, default="")
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id"))
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]


class ImportSource(Base):
    """A mapping that staff saved under a name, a source besides those of config/sources."""

    __tablename__ = "import_source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    saved_at: Mapped[datetime] = mapped_column(default=now)


class ImportTouch(Base):
    """What one batch of an import did to a firm, so that it can be undone.

    `at`: the firm's `updated_at` from then on, by which one sees whether anything touched it later. `before`: what was
    there (`portal.register.importing.images`); None for a firm that the import made.
    """

    __tablename__ = "import_touch"
    __table_args__ = (Index("ix_import_touch_run_id_supplier_id", "run_id", "supplier_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    at: Mapped[datetime]
    before: Mapped[dict[str, Any] | None]
