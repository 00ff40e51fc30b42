"""Shortlists (候选供应商名单), what they say of a firm, and how the last change of one is taken back.

None of it is in the operation log: whom a buyer looks at is no business of others, ministry staff included. So every
row says itself who made it and when.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class EntryStatus(StrEnum):
    """How far the buyer has come with a firm; not recommended needs a reason."""

    NEW = "new"
    CONTACTED = "contacted"
    RECOMMENDED = "recommended"
    NOT_RECOMMENDED = "not_recommended"


class Shortlist(Base):
    """A list of an organisation: its maker's own, or `shared` with everyone there. Deleted ones wait for an undo."""

    __tablename__ = "shortlist"
    __table_args__ = (Index("ix_shortlist_organisation_id_deleted_at", "organisation_id", "deleted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]


class ShortlistEntry(Base):
    """A firm on a list, once. `facts`: what was public of it when it was added, or last taken note of.

    `facts` as `portal.workspace.facts` writes them: {"status", "gone", "levels", "certificates", "risks", "rank"}.
    `changed_at`: the last change of status or notes, by which an undo knows whether it would undo another's.
    """

    __tablename__ = "shortlist_entry"
    __table_args__ = (UniqueConstraint("shortlist_id", "supplier_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    shortlist_id: Mapped[int] = mapped_column(ForeignKey("shortlist.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    added_at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[str] = mapped_column(String(20), default=EntryStatus.NEW)
    reason: Mapped[str] = mapped_column(String(500), default="")
    status_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    status_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    facts_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class ShortlistNote(Base):
    """What someone wrote about a firm on a list; never changed, but its author may take it away."""

    __tablename__ = "shortlist_note"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012  (SQLAlchemy's)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("shortlist_entry.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    text: Mapped[str] = mapped_column(Text)


class Undo(Base):
    """How something that a user did is taken back, once: `kind` says by which rule, `payload` holds what was."""

    __tablename__ = "undo"
    __table_args__ = (Index("ix_undo_organisation_id_at", "organisation_id", "at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]
