"""Files that prove what a case says: seen by those who decide it, and by nobody else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class Proof(Base):
    """A file that an organisation handed in for a case; it lies below DATA_DIR/proofs by its hash.

    `name`: what its owner calls it, to be shown and never to be used as a path. `type`: what it is by its content.
    """

    __tablename__ = "proof"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(20))
    pages: Mapped[int] = mapped_column(default=1)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
