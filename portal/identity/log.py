"""An act on accounts: who does it, when, in which transaction; with its line of the operation log and its letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.identity.letters import Letters
from portal.models import AuditEntry
from portal.notices import Notice, post
from portal.register.audit import Actor


def user_subject(user_id: int) -> str:
    """How the log names a user."""
    return f"user/{user_id}"


def organisation_subject(organisation_id: int) -> str:
    """How the log names an organisation."""
    return f"organisation/{organisation_id}"


def user_actor(user_id: int, address: str) -> Actor:
    """A user at a browser."""
    return Actor(user_subject(user_id), address)


ANYONE = Actor("anyone")
"""Whoever is not known yet."""


@dataclass(frozen=True, slots=True)
class Act:
    """The transaction, which writes; who acts; when. The caller commits."""

    session: Session
    letters: Letters
    actor: Actor
    at: datetime

    def record(self, action: str, subject: str, **changes: Any) -> None:
        """Add a line to the operation log; `changes` are [before, after] by field."""
        self.session.execute(insert(AuditEntry).values(self.actor.entry(self.at, action, subject, changes)))

    def tell(self, recipient: str, notice: Notice) -> None:
        """Have a letter sent."""
        post(self.session, recipient, notice)

    def by(self, actor: Actor) -> Act:
        """The same act, of someone who has become known."""
        return Act(self.session, self.letters, actor, self.at)
