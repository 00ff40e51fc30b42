"""Sourcing conditions (寻源条件): a search that a buyer's organisation keeps, with every version of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class Conditions(Base):
    """A kept search of an organisation, `shared` in it or its owner's alone. What it asks is its newest version's.

    `version`: the number of the newest version; an edit names the one it was made from. `deleted_at`: taken away, and
    kept for a while so that it can be taken back.
    """

    __tablename__ = "conditions"
    __table_args__ = (Index("ix_conditions_organisation_id", "organisation_id", "deleted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    shared: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    deleted_at: Mapped[datetime | None]


class ConditionsVersion(Base):
    """What conditions were called and asked, from one edit to the next; rows are added and never changed.

    `address` is the canonical query string, `query` the same as a SearchQuery in JSON: who runs it need not know the
    grammar. Neither is changed when the catalogue changes. `restored`: the number of the version it repeats.
    """

    __tablename__ = "conditions_version"
    __table_args__ = (Index("ix_conditions_version_conditions_id", "conditions_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conditions_id: Mapped[int] = mapped_column(ForeignKey("conditions.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    address: Mapped[str] = mapped_column(Text)
    query: Mapped[dict[str, Any]]
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    restored: Mapped[int | None]
