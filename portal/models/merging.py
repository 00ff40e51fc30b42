"""Firms that may be one, and firms that were made one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class PairState(StrEnum):
    """What became of a pair of firms that may be one. A merged one is not kept as a pair that is open."""

    OPEN = "open"
    DIFFERENT = "different"
    MERGED = "merged"


class DuplicatePair(Base):
    """Two firms that may be one, the one with the lower id first; `how` they were found: number, name or former.

    `near`: they are registered in one place. `reason`, `by_id`, `at`: of who said that they are different firms.
    """

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        Index("ix_duplicate_pair_state_how", "state", "how"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    how: Mapped[str] = mapped_column(String(10))
    near: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=PairState.OPEN)
    found_at: Mapped[datetime] = mapped_column(default=now)
    reason: Mapped[str] = mapped_column(String(400), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime | None]


class SupplierMerge(Base):
    """The firm `merged_id` went into `kept_id`, as the log's entry `entry_id` tells; with all that an undo needs.

    `before`: images of both (`portal.register.images`). `moved`: {table: ids} of what else followed the firm; part of
    it is what buyers keep, so it is here and not in the log.
    """

    __tablename__ = "supplier_merge"

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    entry_id: Mapped[int] = mapped_column(unique=True)
    before: Mapped[dict[str, Any]]
    moved: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]
