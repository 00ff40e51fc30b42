"""What a buyer searched for last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class RecentSearch(Base):
    """A search of one user, whom alone it is shown to. `address`: its canonical query string; `total`: hits then."""

    __tablename__ = "recent_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    address: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)
