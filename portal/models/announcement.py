"""Announcements (公告) of staff, with every version of each."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class AnnouncementLevel(StrEnum):
    """How it is shown."""

    NORMAL = "normal"
    URGENT = "urgent"


class Announcement(Base):
    """What it says is its newest version's, of the number `version`. Taken back, nobody is shown it any more."""

    __tablename__ = "announcement"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]


class AnnouncementVersion(Base):
    """What an announcement says from one edit to the next; never changed.

    `first_on`, `last_on`: the days in China on which it is shown, both included. `audience`: kinds of organisations
    whose people it is for; none: everyone, signed in or not.
    """

    __tablename__ = "announcement_version"
    __table_args__ = (UniqueConstraint("announcement_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"))
    number: Mapped[int]
    title_zh: Mapped[str] = mapped_column(String(200), default="")
    title_en: Mapped[str] = mapped_column(String(200), default="")
    text_zh: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    level: Mapped[str] = mapped_column(String(10), default=AnnouncementLevel.NORMAL)
    audience: Mapped[list[Any]] = mapped_column(default=list)
    first_on: Mapped[date]
    last_on: Mapped[date | None]
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
