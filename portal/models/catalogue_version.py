"""Catalogues that were in use, whole: what a code meant in its day can be read when another one has taken its place."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class CatalogueVersion(Base):
    """A catalogue by the hash of its files. `content`: its tables as JSON, compressed (portal.care.catalogues)."""

    __tablename__ = "catalogue_version"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(60))
    title_zh: Mapped[str] = mapped_column(String(300), default="")
    title_en: Mapped[str] = mapped_column(String(300), default="")
    as_of: Mapped[date]
    first_seen_at: Mapped[datetime] = mapped_column(default=now, index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
