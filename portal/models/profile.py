"""What a firm says of itself: its draft, what of it is published, every version of that, and who agreed to be named.

None of it is an official fact, and none of it stands in the tables of the register (portal.profiles says what of it is
shown to whom).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, now

Content = dict[str, Any]


class Profile(Base):
    """A firm's profile. `published`: the content that is up, None before the first; `version`: its number.

    `draft`: what is being written, None when nothing is; `saved`: rises with everything that is done to the draft.
    `discarded`: the draft that was given up last, until another one begins. `case_id`: the case that staff are to
    decide about what was handed in, or that they returned.
    """

    __tablename__ = "profile"

    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), primary_key=True, autoincrement=False)
    published: Mapped[Content | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    draft: Mapped[Content | None] = mapped_column(JSON(none_as_null=True))
    saved: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime | None]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    discarded: Mapped[Content | None] = mapped_column(JSON(none_as_null=True))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"))


class ProfileVersion(Base):
    """A content that was published, by whom; never changed afterwards. `user_id`: whose words they are."""

    __tablename__ = "profile_version"
    __table_args__ = (UniqueConstraint("supplier_id", "number"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("review_case.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class ContactAgreement(Base):
    """A person agreed that a firm shows this phone number, written as sign-in names are."""

    __tablename__ = "contact_agreement"

    supplier_id: Mapped[int] = mapped_column(ForeignKey("supplier.id"), primary_key=True, autoincrement=False)
    phone: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
