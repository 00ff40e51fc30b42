"""Targets (目标任务) that staff state in the browser, beside those of the catalogue."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class CoverageTarget(Base):
    """A target as it stands; earlier versions are the operation log's. `code`: one of the catalogue's takes its place.

    `address` is the search as pages have it, `query` the same as JSON. `units`: goals of units of report. `closed_on`:
    the day up to which it is counted, if it was closed before it is due. `removed`: as if it had never been stated.
    """

    __tablename__ = "coverage_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    name_zh: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(300), default="")
    document: Mapped[str] = mapped_column(String(400), default="")
    address: Mapped[str] = mapped_column(Text)
    query: Mapped[dict[str, Any]]
    goal: Mapped[int]
    base_on: Mapped[date]
    due_on: Mapped[date]
    units: Mapped[dict[str, Any]] = mapped_column(default=dict)
    closed_on: Mapped[date | None]
    removed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
