"""Reminders that were sent to people who speak for a firm."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class ReminderKind(StrEnum):
    """What a reminder is about: a certificate that ends soon, an assessment or an entry that has grown old."""

    CERTIFICATE = "certificate"
    ASSESSMENT = "assessment"
    PROFILE = "profile"


class Reminder(Base):
    """One thing that a person was reminded of; the row is written with the message, so nothing is told twice.

    `subject`: the certificate's id, "" of the others. `about`: the day that it ends, or the anniversary that has come.
    `days`: before the end (90, 30, 7), 0 of the others.
    """

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("user_id", "kind", "subject", "about", "days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(20), default="")
    about: Mapped[date]
    days: Mapped[int]
    sent_at: Mapped[datetime] = mapped_column(default=now)
