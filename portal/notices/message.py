"""A message before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.models import Message


@dataclass(frozen=True, slots=True)
class Notice:
    """What to tell: `subject` and `body` by mail, `sms` to a phone."""

    subject: str
    body: str
    sms: str


def post(session: Session, recipient: str, notice: Notice) -> Message:
    """Have a notice sent to an e-mail address or a phone number; it goes out when the transaction is committed."""
    if "@" in recipient:
        message = Message(recipient=recipient, subject=notice.subject[:200], body=notice.body)
    else:
        message = Message(recipient=recipient, body=notice.sms)
    session.add(message)
    return message
