"""Who may sign in: organisations, their people, and what proves who they are. Secrets are kept as hashes only.

One exception: the shared secret of an authenticator (TOTP) must be readable to check a code.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, now


class OrganisationKind(StrEnum):
    """What an organisation comes for."""

    BUYER = "buyer"
    SUPPLIER = "supplier"
    MINISTRY = "ministry"


class OrganisationState(StrEnum):
    """Staff approve an organisation; its people can do nothing of theirs before, and nobody signs in once disabled."""

    PENDING = "pending"
    APPROVED = "approved"
    DISABLED = "disabled"


class Role(StrEnum):
    """What a user is in the organisation; what that permits stands in `portal.web.permissions`."""

    BUYER = "buyer"
    BUYER_ADMIN = "buyer_admin"
    SUPPLIER_EDITOR = "supplier_editor"
    SUPPLIER_ADMIN = "supplier_admin"
    STAFF_VIEWER = "staff_viewer"
    STAFF_EDITOR = "staff_editor"
    STAFF_PUBLISHER = "staff_publisher"
    STAFF_ADMIN = "staff_admin"


ROLES: dict[OrganisationKind, tuple[Role, ...]] = {
    OrganisationKind.BUYER: (Role.BUYER, Role.BUYER_ADMIN),
    OrganisationKind.SUPPLIER: (Role.SUPPLIER_EDITOR, Role.SUPPLIER_ADMIN),
    OrganisationKind.MINISTRY: (Role.STAFF_VIEWER, Role.STAFF_EDITOR, Role.STAFF_PUBLISHER, Role.STAFF_ADMIN),
}
"""The roles there are in each kind of organisation; the last one administers it."""


class TokenKind(StrEnum):
    """What a single-use secret is for."""

    SIGN_UP = "sign_up"
    INVITATION = "invitation"
    RESET = "reset"
    AGREEMENT = "agreement"


class Organisation(Base):
    """A buyer, a supplier or a ministry, as it signed up; `scheme` and `number` as in the register of suppliers.

    Nothing says that it is the firm of that number until staff approve it, so two may claim one number; only one of
    them is approved (`portal.identity.organisations`). `supplier_id`: the firm of the register that it speaks for, once
    staff approved its claim (`portal.company`); one organisation a firm. `demo`: made for trying out, together with
    sample data.
    """

    __tablename__ = "organisation"
    __table_args__ = (Index("ix_organisation_scheme_number", "scheme", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    scheme: Mapped[str] = mapped_column(String(20), default="")
    number: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(20), default=OrganisationState.PENDING)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("supplier.id"), unique=True)
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)


class User(Base):
    """A person of one organisation. `sign_in`: an e-mail address or a phone number, normalised.

    `password_hash` is empty until one is chosen; then nobody can sign in. `totp_step`: the newest time step whose code
    was used, as a code counts once. `regions`, `sectors`: the part of the register that staff are limited to, codes of
    the catalogue; without any of a kind they are not limited by it (portal.register.territory). `reminders`: whether
    who speaks for a firm is written to before its certificates end. `erased_at`: since when the account is deleted; the
    row stays, as what the person did names it, without anything that tells who it was.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    sign_in: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(30))
    language: Mapped[str] = mapped_column(String(2), default="zh")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    totp_secret: Mapped[str] = mapped_column(String(64), default="")
    totp_step: Mapped[int] = mapped_column(default=0)
    regions: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    sectors: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_sign_in_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class UserSession(Base):
    """A browser that is signed in; its cookie holds the secret. Without its row nobody is signed in by that cookie."""

    __tablename__ = "user_session"
    __table_args__ = (Index("ix_user_session_seen_at", "seen_at"),)

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    address: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")


class Token(Base):
    """A secret that works once, until `expires_at`: the link of a message, or the code of an SMS.

    `payload` is what the link will do: of a sign-up the organisation and the person, of an invitation the role. Nothing
    of a sign-up exists before its link is opened, so nobody can occupy another's address.
    """

    __tablename__ = "token"
    __table_args__ = (Index("ix_token_expires_at", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    recipient: Mapped[str] = mapped_column(String(254), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in for the authenticator, once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class Lockout(Base):
    """How often something failed lately, by account or by address, and until when it is not tried at all."""

    __tablename__ = "lockout"
    __table_args__ = (Index("ix_lockout_last_at", "last_at"),)

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime | None]


class Message(Base):
    """A message to be sent: written with what it tells of, sent by the worker, and deleted once it is gone."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_due_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    due_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
