"""Sourcing records (寻源记录): what was found, judged and relied on, fixed on a day, for an award file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class SourcingRecord(Base):
    """A record that never changes, but may be withdrawn, or replaced by a later one. Nothing of it is deleted.

    The file lies below DATA_DIR/records by its hash `sha256`. `private`: of something that only its maker sees.
    `organisation`: its name as it stands in the file. `shortlist_id`: a list that may be gone by now. `facts`: what was
    public of each firm (`portal.workspace.records.Public`), to tell later what has changed.
    """

    __tablename__ = "sourcing_record"
    __table_args__ = (Index("ix_sourcing_record_organisation_id_made_at", "organisation_id", "made_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    shortlist_id: Mapped[int] = mapped_column(index=True)
    private: Mapped[bool] = mapped_column(default=False)
    code: Mapped[str] = mapped_column(String(25), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(120), default="")
    organisation: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    firms: Mapped[int]
    data_version: Mapped[int]
    valid_on: Mapped[date]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    facts: Mapped[list[Any]]
    made_at: Mapped[datetime] = mapped_column(default=now)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("sourcing_record.id"), unique=True)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")


class RecordPart(Base):
    """A file of a record, or the whole, by its hash: whoever has just that one can ask whose it is."""

    __tablename__ = "record_part"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("sourcing_record.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
