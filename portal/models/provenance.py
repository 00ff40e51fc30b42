"""Where an official fact comes from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class Provenance(Base):
    """The source of an official fact: who issued which document, in which batch, when, and where it can be read."""

    __tablename__ = "provenance"
    __table_args__ = (UniqueConstraint("issuing_body", "document_number", "batch", "issued_on", "link"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuing_body: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(300), default="")
    document_number: Mapped[str] = mapped_column(String(120), default="")
    batch: Mapped[str] = mapped_column(String(80), default="")
    issued_on: Mapped[date | None]
    link: Mapped[str] = mapped_column(String(500), default="")
