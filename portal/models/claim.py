"""Secrets with which an organisation shows that it may speak for a firm (portal.company)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class CodeKind(StrEnum):
    """LETTER: printed by staff, for whoever at the firm opens it. SENT: to the contact on record, for who asked."""

    LETTER = "letter"
    SENT = "sent"


class ClaimCode(Base):
    """A code that works once, until `expires_at`; of each kind only the newest one of a firm.

    `organisation_id`: who asked for it to be sent, and alone may enter it. `tries`: how often a wrong one was entered.
    """

    __tablename__ = "claim_code"
    __table_args__ = (Index("ix_claim_code_supplier_id_kind", "supplier_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    kind: Mapped[str] = mapped_column(String(10))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
