"""Alerts (变化提醒): what is watched, what firms were when they were last looked at, what was found, and its delivery.

What a buyer watches is no business of others, so none of it is in the operation log.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class FirmImage(Base):
    """A firm as the index has it (`portal.indexing.images`): what it will have been when it next changes."""

    __tablename__ = "firm_image"

    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
    image: Mapped[bytes] = mapped_column(LargeBinary)


class ChangeNote(Base):
    """A firm came into the index otherwise at `seq`, a change_seq; `before`: its image until then, None if it is new.

    Kept while some alert has not looked at it.
    """

    __tablename__ = "change_note"
    __table_args__ = (Index("ix_change_note_seq", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    before: Mapped[bytes | None] = mapped_column(LargeBinary)


class Cadence(StrEnum):
    """How often an alert looks."""

    DAILY = "daily"
    WEEKLY = "weekly"


class AlertChannel(StrEnum):
    """Where its digests go."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class Alert(Base):
    """Tells its owner what has changed of conditions or of a shortlist since `last_seq`, the change_seq it looked at.

    `members`: ids of the firms that were on the shortlist then. `uid` begins the ids of its deliveries. `secret` signs
    what a webhook is sent, so it must be readable. `trouble`: why it could not look, a code. Deleted ones wait for an
    undo.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("ix_alert_due_at", "due_at"),
        Index("ix_alert_organisation_id", "organisation_id", "deleted_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    conditions_id: Mapped[int | None] = mapped_column(ForeignKey("conditions.id", ondelete="CASCADE"), index=True)
    shortlist_id: Mapped[int | None] = mapped_column(ForeignKey("shortlist.id", ondelete="CASCADE"), index=True)
    cadence: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(10))
    url: Mapped[str] = mapped_column(String(500), default="")
    secret: Mapped[str] = mapped_column(String(64), default="")
    paused: Mapped[bool] = mapped_column(default=False)
    last_seq: Mapped[int]
    members: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    since: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime]
    digest_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(String(20), default="")
    deleted_at: Mapped[datetime | None]


class AlertDigest(Base):
    """What an alert found between two change_seq; `content`: the firms, as `portal.workspace.digests` writes them.

    The counts are of all firms, also of those beyond what `content` has room for.
    """

    __tablename__ = "alert_digest"
    __table_args__ = (Index("ix_alert_digest_alert_id", "alert_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    from_seq: Mapped[int]
    to_seq: Mapped[int]
    since: Mapped[datetime]
    at: Mapped[datetime]
    entered: Mapped[int]
    left: Mapped[int]
    changed: Mapped[int]
    content: Mapped[list[Any]]


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class AlertDelivery(Base):
    """A digest on its way, or a test (`digest_id` None). `uid` stays the same however often it is tried.

    A webhook's is sent from here when `due_at`; a mail waits as the message `message_id`. `reason`: why the last try
    failed.
    """

    __tablename__ = "alert_delivery"
    __table_args__ = (
        Index("ix_alert_delivery_state_due_at", "state", "due_at"),
        Index("ix_alert_delivery_alert_id", "alert_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), unique=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id", ondelete="CASCADE"))
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("alert_digest.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    message_id: Mapped[int | None] = mapped_column(index=True)
