"""Inquiries (询盘): what a buyer asks of a firm, the short thread about it, and what a firm does against abuse.

None of it is in the operation log: whom a buyer asks is no business of others. An inquiry belongs to two organisations:
the buyer's, and the one that spoke for the firm when it was sent.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class InquiryState(StrEnum):
    """SENT: the firm is to answer. ASKED: the firm asked something, the buyer is to answer.

    That the day to answer by has passed follows from the date, and that the firm changed hands from its organisation
    (`portal.company.inquiries.standing`).
    """

    SENT = "sent"
    ASKED = "asked"
    INTERESTED = "interested"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class InquiryAct(StrEnum):
    """What a part of the thread is."""

    SENT = "sent"
    ASKED = "asked"
    REPLIED = "replied"
    INTERESTED = "interested"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ReportState(StrEnum):
    """What staff decided about a report."""

    OPEN = "open"
    DISMISSED = "dismissed"
    STOPPED = "stopped"
    LIFTED = "lifted"


class Inquiry(Base):
    """A contact request, never a bid: no field for a price. `organisation_id`, `user_id`: the buyer.

    `firm_id`: the organisation that spoke for the firm; whoever speaks for it later does not see it. `version` rises
    with everything that is done, so that of two at once the second is told. `for_buyer`, `for_firm`: something in it
    that nobody of that side has looked at.
    """

    __tablename__ = "inquiry"
    __table_args__ = (
        Index("ix_inquiry_organisation_id_supplier_id", "organisation_id", "supplier_id"),
        Index("ix_inquiry_organisation_id_created_at", "organisation_id", "created_at"),
        Index("ix_inquiry_firm_id_changed_at", "firm_id", "changed_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), index=True)
    firm_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    product: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[str] = mapped_column(String(100), default="")
    needed_by: Mapped[date | None]
    answer_by: Mapped[date]
    state: Mapped[str] = mapped_column(String(20), default=InquiryState.SENT)
    version: Mapped[int] = mapped_column(default=1)
    for_buyer: Mapped[bool] = mapped_column(default=False)
    for_firm: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class InquiryMessage(Base):
    """A part of the thread, never changed afterwards; `organisation_id`: of which side."""

    __tablename__ = "inquiry_message"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiry.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    act: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)


class InquiryBlock(Base):
    """A firm's organisation wants nothing more from a buyer's (`buyer_id`)."""

    __tablename__ = "inquiry_block"
    __table_args__ = (UniqueConstraint("organisation_id", "buyer_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    buyer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class InquiryReport(Base):
    """A firm tells staff of an inquiry, once; what they decided. `stopped_until`: the buyer sends nothing before."""

    __tablename__ = "inquiry_report"
    __table_args__ = (Index("ix_inquiry_report_state_at", "state", "at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiry.id"), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[str] = mapped_column(String(20), default=ReportState.OPEN)
    comment: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    stopped_until: Mapped[datetime | None]
