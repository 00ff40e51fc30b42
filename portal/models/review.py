"""Cases that staff decide: what a firm asks of the register, and who said what to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now


class CaseKind(StrEnum):
    """What is asked: to speak for a firm, to publish a profile, to mend an official fact."""

    CLAIM = "claim"
    PROFILE = "profile"
    CORRECTION = "correction"


class CaseState(StrEnum):
    """OPEN: staff are to decide. RETURNED: whoever asked is to answer a comment, and may hand it in again.

    WITHDRAWN: by whoever asked. Only an open or returned case can still change.
    """

    OPEN = "open"
    RETURNED = "returned"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CaseStage(StrEnum):
    """Who decides now (县/市初审 → 省级审核 → 部级). Which of them a case passes is a setting."""

    LOCAL = "local"
    PROVINCE = "province"
    MINISTRY = "ministry"


class StepAction(StrEnum):
    """What was done to a case."""

    SUBMITTED = "submitted"
    PASSED = "passed"
    RETURNED = "returned"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TAKEN = "taken"
    RELEASED = "released"


class ReviewCase(Base):
    """Something that an organisation asks about a firm. `payload` is what its kind needs (portal.reviews).

    `version` rises with everything that is done to it, so that of two people at one case the second is told.
    `owner_id`: the member of staff who took it. `since`: when it came to its present stage and state, for its age.
    """

    __tablename__ = "review_case"
    __table_args__ = (
        Index("ix_review_case_state_kind_since", "state", "kind", "since"),
        Index("ix_review_case_supplier_id_kind", "supplier_id", "kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default=CaseState.OPEN)
    stage: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    since: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]


class ReviewStep(Base):
    """One thing that was done to a case, by whom and with which comment; never changed afterwards."""

    __tablename__ = "review_step"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("review_case.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)
