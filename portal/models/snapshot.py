"""What the register was on a day: tables of coverage as they were counted then."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class Snapshot(Base):
    """One table of a day in China: `name` says of what (`portal.coverage.snapshots`), `numbers` are those above 0."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("day", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(60))
    numbers: Mapped[dict[str, Any]]
    data_version: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(default=now)
