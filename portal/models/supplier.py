"""A supplier and what belongs to it alone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, now
from portal.models.provenance import Provenance


class ImportUndo(StrEnum):
    """Whether the undo of an import has to do with the firm.

    HELD: the undo is under way, and nothing else may change the firm. UNDONE: the firm was withdrawn because the import
    that had made it was undone; the next list that states it brings it back, as if it were new.
    """

    NONE = ""
    HELD = "held"
    UNDONE = "undone"


class Supplier(Base):
    """One firm (供应商), identified by registration scheme and number.

    Short lists that are read and written only with the firm are JSON in its row:

    - `industries`: GB/T 4754 codes, the main one first; `processes`: [{"code", "subcontracted"}]
    - `products_zh`, `products_en`: what it makes, main product first; `former_names`: [{"name", "until"}], ISO dates
    - `sites`: [{"region", "name", "address"}], production sites
    - `risks`: {kind: {"answer": "yes"|"no", "source", "checked_on"}}; a kind that is absent was not checked
    - `self_declared`: names of the fields above that the firm declared itself; all others are official

    `profile_hidden_at`: since when staff keep all that it declared itself from being shown (portal.register.showing).
    """

    __tablename__ = "supplier"
    __table_args__ = (
        UniqueConstraint("scheme", "number"),
        Index("ix_supplier_name_zh", "name_zh"),
        Index("ix_supplier_name_en", "name_en"),
        Index(
            "ix_supplier_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(64))
    name_zh: Mapped[str] = mapped_column(String(200), default="")
    name_en: Mapped[str] = mapped_column(String(300), default="")
    former_names: Mapped[list[Any]] = mapped_column(default=list)
    sector: Mapped[str] = mapped_column(String(40))
    size: Mapped[str | None] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), default="unknown")
    status_on: Mapped[date | None]
    established_on: Mapped[date | None]
    region: Mapped[str | None] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(400), default="")
    legal_representative: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    description_zh: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    industries: Mapped[list[Any]] = mapped_column(default=list)
    processes: Mapped[list[Any]] = mapped_column(default=list)
    products_zh: Mapped[list[Any]] = mapped_column(default=list)
    products_en: Mapped[list[Any]] = mapped_column(default=list)
    sites: Mapped[list[Any]] = mapped_column(default=list)
    risks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    self_declared: Mapped[list[Any]] = mapped_column(default=list)
    provenance_id: Mapped[int | None] = mapped_column(ForeignKey("provenance.id"))
    listed_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(400), default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"))
    profile_hidden_at: Mapped[datetime | None]
    profile_hidden_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    import_undo: Mapped[str] = mapped_column(String(10), default=ImportUndo.NONE)
    index_version: Mapped[int] = mapped_column(default=0)

    provenance: Mapped[Provenance | None] = relationship(lazy="raise_on_sql")

    @property
    def key(self) -> str:
        """The id used in addresses and in the index: "<scheme>/<number>"."""
        return f"{self.scheme}/{self.number}"


class Certificate(Base):
    """A certificate (证书). `key` tells a firm's certificates of one scheme apart: the number, else level and date.

    `state`: valid, suspended, revoked (by the issuer), given_up; expired follows from `expires_on`.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("supplier_id", "scheme", "key"),
        Index("ix_certificate_expires_on", "expires_on"),
        Index("ix_certificate_issued_on", "issued_on"),
        Index("ix_certificate_number", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    scheme: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    level: Mapped[str | None] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(100), default="")
    issuer: Mapped[str] = mapped_column(String(200), default="")
    scope: Mapped[str] = mapped_column(Text, default="")
    sites: Mapped[list[Any]] = mapped_column(default=list)
    basis: Mapped[str] = mapped_column(String(20), default="third_party")
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20), default="valid")
    state_on: Mapped[date | None]
    state_reason: Mapped[str] = mapped_column(String(400), default="")
    provenance_id: Mapped[int | None] = mapped_column(ForeignKey("provenance.id"))

    provenance: Mapped[Provenance | None] = relationship(lazy="raise_on_sql")


class Assessment(Base):
    """An assessment (评价) of a firm's criteria on a day by an assessor.

    `results`: {criterion code: {"result": "met"|"not_met"|"not_applicable", "value"?, "evidence"?}}; the unit is the
    catalogue's. A code that is absent was not assessed, which never counts as not met.
    `current`: the newest of the firm. `marks`: the results alone, derived from them by the writer for lists of firms:
    " X01-05= X01-06! X01-07~", = met, ! not met, ~ not applicable (portal.register.marks).
    """

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("supplier_id", "assessed_on", "assessor"),
        Index("ix_assessment_supplier_id_current", "supplier_id", "current"),
        Index("ix_assessment_current_assessed_on", "current", "assessed_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    assessed_on: Mapped[date]
    assessor: Mapped[str] = mapped_column(String(200))
    results: Mapped[dict[str, Any]] = mapped_column(default=dict)
    marks: Mapped[str] = mapped_column(Text, default="")
    current: Mapped[bool] = mapped_column(default=True)
    provenance_id: Mapped[int | None] = mapped_column(ForeignKey("provenance.id"))

    provenance: Mapped[Provenance | None] = relationship(lazy="raise_on_sql")


class Recognition(Base):
    """A firm's tier (梯度类型): a dated recognition."""

    __tablename__ = "recognition"
    __table_args__ = (
        UniqueConstraint("supplier_id", "tier", "recognised_on"),
        Index("ix_recognition_expires_on", "expires_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    tier: Mapped[str] = mapped_column(String(40))
    recognised_on: Mapped[date]
    expires_on: Mapped[date]
    provenance_id: Mapped[int | None] = mapped_column(ForeignKey("provenance.id"))

    provenance: Mapped[Provenance | None] = relationship(lazy="raise_on_sql")


class Achievement(Base):
    """A scientific or technological result (科技成果): `kind` in_use, on_offer or wanted (技术需求)."""

    __tablename__ = "achievement"
    __table_args__ = (Index("ix_achievement_supplier_id", "supplier_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    kind: Mapped[str] = mapped_column(String(20))
    title_zh: Mapped[str] = mapped_column(String(300), default="")
    title_en: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    dated: Mapped[date | None]
    self_declared: Mapped[bool] = mapped_column(default=False)
    provenance_id: Mapped[int | None] = mapped_column(ForeignKey("provenance.id"))

    provenance: Mapped[Provenance | None] = relationship(lazy="raise_on_sql")
