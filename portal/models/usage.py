"""What is counted of the portal's use: conditions that buyers search by, and how often firms appear. Never who."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class AskedQuery(Base):
    """Conditions that somebody searched by, once however often: what of a query is not as usual, as JSON.

    No words, no firms, no order. `whole`: the search asked nothing beyond them, so that who meets them was found.
    """

    __tablename__ = "asked_query"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(32), unique=True)
    query: Mapped[dict[str, Any]]
    whole: Mapped[bool]


class SearchCount(Base):
    """Searches of a day in China by these conditions. `organisation`: "<quarter>:<pseudonym>" (usage.pseudonyms)."""

    __tablename__ = "search_count"
    __table_args__ = (Index("ix_search_count_query_id", "query_id"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("asked_query.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(30), primary_key=True)
    searches: Mapped[int] = mapped_column(default=0)


class Appearance(Base):
    """How often signed-in buyers met a firm in a week; `week` is its Monday, in China."""

    __tablename__ = "appearance"

    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    shown: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
    shortlisted: Mapped[int] = mapped_column(default=0)
    exported: Mapped[int] = mapped_column(default=0)


class CountedFile(Base):
    """A file of counts that is in the tables, until the file is gone: nothing is added twice."""

    __tablename__ = "counted_file"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
