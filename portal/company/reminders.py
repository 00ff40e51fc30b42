"""Reminders: 90, 30 and 7 days before a certificate ends, and yearly when an assessment or an entry has grown old.

Each goes once to everybody who speaks for the firm and wants it: the message and the note that it was sent are written
in one transaction, so whoever dies in between has sent nothing, and a second worker finds the note. Who was away past a
day (the worker did not run) is told once of the nearest, not of each that was missed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from typing import Any

import structlog
from sqlalchemy import Select, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.company.due import due
from portal.company.reminder_letters import ReminderLetters
from portal.indexing import leases
from portal.indexing.leases import Keeper, LeaseLost
from portal.indexing.sessions import Sessions, writing
from portal.models import Organisation, OrganisationState, Reminder, Supplier, User
from portal.notices import post
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.loading import chunks

log = structlog.stdlib.get_logger("portal.reminders")

LEASE = "reminders"
POLL = 600.0
"""Seconds between looks."""

TOGETHER = 100
"""Firms of one transaction."""


def remind(sessions: Sessions, catalogue: Catalogue, public_url: str, today: date) -> int:
    """Write what is due to everyone who speaks for a firm and has not been told; how many messages."""
    with sessions() as session:
        firms = list(session.execute(_spoken_for()))
    letters, sent = ReminderLetters(catalogue, public_url, today), 0
    for some in chunks(firms, TOGETHER):
        with writing(sessions) as session:
            sent += _write(session, {row.id: row.supplier_id for row in some}, letters)
    return sent


def _spoken_for() -> Select[int, int | None]:
    return (
        select(Organisation.id, Organisation.supplier_id)
        .where(Organisation.supplier_id.is_not(None), Organisation.state == OrganisationState.APPROVED)
        .order_by(Organisation.id)
    )


def _write(session: Session, firms: dict[int, int], letters: ReminderLetters) -> int:
    found = due(session, letters.catalogue, list(firms.values()), letters.today)
    people = select(User).where(User.organisation_id.in_(firms), User.disabled_at.is_(None), User.reminders.is_(True))
    users = list(session.scalars(people.order_by(User.id)))
    told = _told(session, [user.id for user in users])
    names = {row.id: row for row in session.scalars(select(Supplier).where(Supplier.id.in_(firms.values())))}
    sent = 0
    for user in users:
        supplier = names[firms[user.organisation_id]]
        fresh = [one for one in found.get(supplier.id, ()) if (user.id, *one.key) not in told]
        if not fresh:
            continue
        session.add_all(
            Reminder(user_id=user.id, kind=one.kind, subject=one.subject, about=one.about, days=one.days)
            for one in fresh
        )
        post(session, user.sign_in, letters.letter(fresh, supplier, user.language))
        sent += 1
    return sent


def _told(session: Session, users: Sequence[int]) -> set[tuple[Any, ...]]:
    """What these people were told already."""
    columns = (Reminder.user_id, Reminder.kind, Reminder.subject, Reminder.about, Reminder.days)
    return {tuple(row) for row in session.execute(select(*columns).where(Reminder.user_id.in_(users)))}


class Reminding:
    """Reminds until `stop` is set, in a thread of the worker's process. Of several workers one does."""

    def __init__(self, sessions: Sessions, catalogue: Catalogue, public_url: str, stop: threading.Event) -> None:
        self._sessions = sessions
        self._catalogue = catalogue
        self._public_url = public_url
        self._stop = stop
        self._done: date | None = None
        self.holder = leases.new_holder()

    def start(self) -> threading.Thread:
        """The running thread."""
        thread = threading.Thread(target=self.run, name="reminders", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Look again and again. A fault is told, and the next look tries anew."""
        while not self._stop.is_set():
            try:
                self.step(today_china())
            except (DBAPIError, LeaseLost) as error:
                log.warning("reminders wait", kind=type(error).__name__)
            except Exception:  # the worker's other parts go on
                log.exception("reminders failed")
            self._stop.wait(POLL)

    def step(self, today: date) -> int:
        """Remind, once a day, if no other process does; how many messages."""
        if self._done == today or not leases.acquire(self._sessions, LEASE, self.holder):
            return 0
        with Keeper(self._sessions, LEASE, self.holder):
            sent = remind(self._sessions, self._catalogue, self._public_url, today)
        self._done = today
        log.info("reminded", day=today.isoformat(), messages=sent)
        return sent
