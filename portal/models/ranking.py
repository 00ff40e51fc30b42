"""Published rankings."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base
from portal.models.provenance import Provenance


class Edition(Base):
    """A published ranking (榜单) of a sector (or of an industry in it) for a period; never changes once published.

    `official`: 官方发布, else 门户试算, computed by the portal. `current`: the one meant when none is named: the newest
    of its sector that is not tied to an industry, an official one before a computed one of the same period.
    """

    __tablename__ = "edition"
    __table_args__ = (Index("ix_edition_sector_current", "sector", "current"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    sector: Mapped[str] = mapped_column(String(40))
    industry: Mapped[str | None] = mapped_column(String(8))
    period: Mapped[str] = mapped_column(String(20))
    title_zh: Mapped[str] = mapped_column(String(200), default="")
    title_en: Mapped[str] = mapped_column(String(200), default="")
    official: Mapped[bool] = mapped_column(default=False)
    method: Mapped[str] = mapped_column(String(60), default="")
    method_version: Mapped[str] = mapped_column(String(20), default="")
    peers: Mapped[int] = mapped_column(default=0)
    as_of: Mapped[date]
    published_at: Mapped[datetime]
    current: Mapped[bool] = mapped_column(default=False)
    provenance_id: Mapped[int | None] = mapped_column(ForeignKey("provenance.id"))

    provenance: Mapped[Provenance | None] = relationship(lazy="raise_on_sql")


class Ranking(Base):
    """A firm's place in an edition. `score`: thousandths of a point (0 to 100,000); None where the list has none."""

    __tablename__ = "ranking"
    __table_args__ = (UniqueConstraint("edition_id", "supplier_id"), Index("ix_ranking_supplier_id", "supplier_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    position: Mapped[int]
    score: Mapped[int | None]
    grade: Mapped[str] = mapped_column(String(10), default="")

    edition: Mapped[Edition] = relationship(lazy="raise_on_sql")
