"""Published rankings."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, now
from portal.models.provenance import Provenance


class EditionState(StrEnum):
    """How far an edition has come."""

    MAKING = "making"
    """The worker computes it; it has no places yet, or some of them only."""
    DRAFT = "draft"
    NOTICE = "notice"
    """公示: everyone may read it and object; not yet in force."""
    PUBLISHED = "published"
    TAKEN_BACK = "taken_back"
    """With a reason, which stands at its address; from the notice (never in force: no `published_at`), or later."""


class Edition(Base):
    """A ranking (榜单) of a sector (or of an industry in it) for a period; never changes once published.

    Only published ones are in force: in the index, in the API, on a firm's page. `official`: 官方发布, else 门户试算,
    computed by the portal. `current`: the one meant when none is named: the newest of its sector that is not tied to an
    industry, an official one before a computed one of the same period.

    `made_by`, `noticed_by`, `published_by`, `taken_back_by`: None where a command did it. `notice_until`: the last day
    of the notice, China time. `remark`: what there is to say of its making (`portal.register.edition_life`).
    """

    __tablename__ = "edition"
    __table_args__ = (
        Index("ix_edition_sector_current", "sector", "current"),
        CheckConstraint("NOT current OR state = 'published'", name="current_is_published"),
    )

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
    current: Mapped[bool] = mapped_column(default=False)
    provenance_id: Mapped[int | None] = mapped_column(ForeignKey("provenance.id"))
    state: Mapped[str] = mapped_column(String(20), default=EditionState.PUBLISHED)
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    remark: Mapped[str] = mapped_column(String(20), default="")
    noticed_at: Mapped[datetime | None]
    noticed_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    notice_until: Mapped[date | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    taken_back_at: Mapped[datetime | None]
    taken_back_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(String(400), default="")

    provenance: Mapped[Provenance | None] = relationship(lazy="raise_on_sql")


class Ranking(Base):
    """A firm's place in an edition. `score`: thousandths of a point (0 to 100,000); None where the list has none."""

    __tablename__ = "ranking"
    __table_args__ = (
        UniqueConstraint("edition_id", "supplier_id"),
        Index("ix_ranking_supplier_id", "supplier_id"),
        Index("ix_ranking_edition_id_position", "edition_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    position: Mapped[int]
    score: Mapped[int | None]
    grade: Mapped[str] = mapped_column(String(10), default="")

    edition: Mapped[Edition] = relationship(lazy="raise_on_sql")


class Verdict(StrEnum):
    """What staff said to an objection."""

    OPEN = ""
    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"


class Objection(Base):
    """An objection 异议 to an edition under notice, perhaps to a firm's place in it; read by staff and by its maker."""

    __tablename__ = "objection"
    __table_args__ = (Index("ix_objection_edition_id_verdict", "edition_id", "verdict"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)
    verdict: Mapped[str] = mapped_column(String(20), default=Verdict.OPEN)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
