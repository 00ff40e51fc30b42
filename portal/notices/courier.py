"""Sending what waits: claimed first, so that several workers send each message once; tried again, ever later."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.models import AlertDelivery, DeliveryState, Message, now
from portal.models.database import begin_write
from portal.notices.channels import Channels, Undelivered

log = structlog.stdlib.get_logger("portal.notices")

POLL = 0.5
"""Seconds between looks for messages."""

AT_ONCE = 20
CLAIM = timedelta(minutes=5)
"""After which the messages of a sender that died are taken up again; longer than AT_ONCE slow ones take."""

FIRST_WAIT = timedelta(seconds=30)
MOST_ATTEMPTS = 11
"""The last one about 8 hours after the first; links in messages have an end."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process is to send now."""

    id: int
    recipient: str
    subject: str
    body: str
    attempts: int
    identifier: str


def deliver_due(sessions: Callable[[], Session], channels: Channels) -> int:
    """Send up to AT_ONCE messages that are due; how many went out. At least once: a sender may die before noting it."""
    sent = 0
    for message in _claim(sessions, now()):
        try:
            channels.send(message.recipient, message.subject, message.body, message.identifier)
        except Undelivered as error:
            _failed(sessions, message, str(error))
            continue
        with sessions() as session, session.begin():
            begin_write(session)
            session.execute(delete(Message).where(Message.id == message.id))
            _tell(session, message, state=DeliveryState.SENT, sent_at=now(), reason="")
        sent += 1
    return sent


def _claim(sessions: Callable[[], Session], at: datetime) -> list[Claimed]:
    due = select(Message).where(Message.due_at <= at).order_by(Message.due_at).limit(AT_ONCE)
    with sessions() as session:
        if session.scalar(due.with_only_columns(Message.id).limit(1)) is None:
            return []  # without having kept any writer waiting
    with sessions() as session, session.begin():
        begin_write(session)
        claimed = []
        for row in session.scalars(due.with_for_update(skip_locked=True)):
            row.attempts += 1
            row.due_at = at + CLAIM
            identifier = f"{row.created_at:%Y%m%dT%H%M%S}-{row.id}"
            claimed.append(Claimed(row.id, row.recipient, row.subject, row.body, row.attempts, identifier))
    return claimed


def _failed(sessions: Callable[[], Session], message: Claimed, reason: str) -> None:
    last = message.attempts >= MOST_ATTEMPTS
    log.warning("message given up" if last else "message not sent", id=message.id, tries=message.attempts, why=reason)
    with sessions() as session, session.begin():
        begin_write(session)
        row = session.get(Message, message.id)
        if row is None:
            return
        if last:
            session.delete(row)
            _tell(session, message, state=DeliveryState.FAILED, reason=reason)
        else:
            row.due_at = now() + FIRST_WAIT * 2 ** (message.attempts - 1)
            _tell(session, message, reason=reason)


def _tell(session: Session, message: Claimed, **values: Any) -> None:
    """What became of a message, to the delivery that it is, if it is one of an alert."""
    waits = update(AlertDelivery).where(
        AlertDelivery.message_id == message.id, AlertDelivery.state == DeliveryState.WAITING
    )
    session.execute(waits.values(attempts=message.attempts, **values))


class Courier:
    """Sends until `stop` is set, in a thread of the worker's process: a long rebuild of the index delays no message."""

    def __init__(self, sessions: Callable[[], Session], channels: Channels, stop: threading.Event) -> None:
        self._sessions = sessions
        self._channels = channels
        self._stop = stop

    def start(self) -> threading.Thread:
        """The running thread; it ends soon after `stop`."""
        thread = threading.Thread(target=self.run, name="courier", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Send what is due, again and again."""
        while not self._stop.is_set():
            try:
                sent = deliver_due(self._sessions, self._channels)
            except DBAPIError as error:
                log.warning("courier waits", kind=type(error).__name__)
                sent = 0
            self._stop.wait(0 if sent == AT_ONCE else POLL)
