"""Alerts look when they are due, and write what they found with its delivery.

They look at one state of the database, without keeping any writer waiting. What one found is then written together with
how far it has looked: whoever dies in between finds all as it was and looks again; whoever was overtaken (the alert was
paused, or begins anew, or another process was first) writes nothing of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.indexing import leases
from portal.indexing.facts import data_version
from portal.indexing.leases import Keeper, LeaseLost
from portal.indexing.sessions import Sessions, snapshot, writing
from portal.models import (
    Alert,
    AlertChannel,
    AlertDelivery,
    AlertDigest,
    ChangeNote,
    Conditions,
    ConditionsVersion,
    Organisation,
    OrganisationState,
    Shortlist,
    User,
    now,
)
from portal.notices import Notice, post
from portal.register.catalogue import Catalogue
from portal.register.loading import chunks
from portal.workspace import alerts
from portal.workspace.alert_windows import Question, Result, results
from portal.workspace.buyer import Buyer
from portal.workspace.conditions import mine_of, query_of
from portal.workspace.digests import Kind, Told, delivery_uid, stored
from search.contract import SearchError

log = structlog.stdlib.get_logger("portal.alerts")

LEASE = "alerts"
POLL = 5.0
"""Seconds between looks for alerts that are due."""

TOGETHER = 200
"""Alerts written in one transaction."""

KEPT = timedelta(days=180)
"""How long digests are kept."""

GONE = "gone"
"""The trouble of an alert whose owner does not see what it watches any more."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail tells: of which alert, in which language, between which days, how many firms and some of them."""

    language: str
    alert_id: int
    name: str
    to_seq: int
    since: datetime
    at: datetime
    counts: dict[Kind, int]
    told: Sequence[Told]


Compose = Callable[[Letter], Notice]


@dataclass(frozen=True, slots=True)
class _Due:
    """An alert that is to look."""

    id: int
    channel: str
    since: datetime
    name: str
    recipient: str
    language: str
    question: Question | None


def run_due(sessions: Sessions, catalogue: Catalogue, compose: Compose, at: datetime, *, every: bool = False) -> int:
    """Let those that are due look, or `every` one; how many found something. Raises SearchError, the database's."""
    with snapshot(sessions) as session:
        due = list(_due(session, at, every=every))
        if not due:
            return 0
        seq = data_version(session)
        asking = [one for one in due if one.question is not None]
        questions = [one.question for one in asking if one.question is not None]
        answers = results(session, catalogue, questions) if questions else []
    found = {one.id: answer for one, answer in zip(asking, answers, strict=True)}
    written = 0
    for some in chunks(due, TOGETHER):
        letters = {one.id: compose(_letter(one, found[one.id], seq, at)) for one in some if _by_mail(one, found)}
        with writing(sessions) as session:
            written += _write(session, some, found, letters, (seq, at))
    return written


def _is_due(at: datetime, *, every: bool) -> ColumnElement[bool]:
    due = and_(Alert.paused.is_(False), Alert.deleted_at.is_(None))
    return due if every else and_(due, Alert.due_at <= at)


def _due(session: Session, at: datetime, *, every: bool) -> Iterator[_Due]:
    newest = and_(ConditionsVersion.conditions_id == Conditions.id, ConditionsVersion.number == Conditions.version)
    able = and_(alerts.watchable(), User.disabled_at.is_(None), Organisation.state == OrganisationState.APPROVED)
    asked: Any = (
        select(
            *(Alert.id, Alert.organisation_id, Alert.owner_id, Alert.channel, Alert.last_seq, Alert.since),
            *(Alert.shortlist_id, Alert.members, ConditionsVersion.query, ConditionsVersion.address),
            *(ConditionsVersion.name, Shortlist.name.label("list_name"), User.sign_in, User.language),
            able.label("able"),
        )
        .join(User, User.id == Alert.owner_id)
        .join(Organisation, Organisation.id == Alert.organisation_id)
        .outerjoin(Conditions, Conditions.id == Alert.conditions_id)
        .outerjoin(ConditionsVersion, newest)
        .outerjoin(Shortlist, Shortlist.id == Alert.shortlist_id)
        .where(_is_due(at, every=every))
        .order_by(Alert.id)
    )
    for row in session.execute(asked):
        yield _Due(
            id=row.id,
            channel=row.channel,
            since=row.since,
            name=row.name or row.list_name or "",
            recipient=row.sign_in,
            language=row.language,
            question=_question(row) if row.able else None,
        )


def _question(row: Any) -> Question:
    owner = Buyer(row.owner_id, row.organisation_id)
    if row.shortlist_id is not None:
        return Question(owner, row.last_seq, shortlist_id=row.shortlist_id, members=frozenset(row.members))
    return Question(owner, row.last_seq, query=query_of(row.query), mine=mine_of(row.address))


def _by_mail(one: _Due, found: dict[int, Result]) -> bool:
    return one.channel == AlertChannel.MAIL and one.id in found and bool(found[one.id].found)


def _letter(one: _Due, result: Result, seq: int, at: datetime) -> Letter:
    found = result.found
    return Letter(one.language, one.id, one.name, seq, one.since, at, found.counts, found.told)


def _write(
    session: Session,
    due: Sequence[_Due],
    found: dict[int, Result],
    letters: dict[int, Notice],
    now_at: tuple[int, datetime],
) -> int:
    """What these found, and how far they have looked; how many found something."""
    seq, at = now_at
    wanted = select(Alert).where(
        Alert.id.in_([one.id for one in due]), Alert.paused.is_(False), Alert.deleted_at.is_(None)
    )
    present = {alert.id: alert for alert in session.scalars(wanted.with_for_update())}
    made: list[tuple[_Due, Alert, AlertDigest]] = []
    for one in due:
        alert = present.get(one.id)
        if alert is None or (one.question is not None and alert.last_seq != one.question.last_seq):
            continue
        result = found.get(one.id)
        if result is not None and result.found:
            made.append((one, alert, _digest(alert, result, seq, at)))
            alert.digest_at = at
        alert.trouble = GONE if result is None else result.trouble
        alert.members = [] if result is None else sorted(result.members)
        alert.last_seq, alert.since, alert.due_at = seq, at, alerts.next_due(alert.cadence, at)
    session.add_all(digest for _, _, digest in made)
    messages = {one.id: post(session, one.recipient, letters[one.id]) for one, _, _ in made if one.id in letters}
    session.flush()
    for one, alert, digest in made:
        message = messages.get(one.id)
        uid = delivery_uid(alert.uid, digest.from_seq, seq)
        session.add(delivery(alert, uid, at, digest, message.id if message else None))
    return len(made)


def delivery(
    alert: Alert, uid: str, at: datetime, digest: AlertDigest | None = None, message_id: int | None = None
) -> AlertDelivery:
    """A delivery that waits; without a digest it is a test."""
    return AlertDelivery(
        uid=uid,
        alert_id=alert.id,
        digest_id=digest.id if digest else None,
        channel=alert.channel,
        made_at=at,
        due_at=at if alert.channel == AlertChannel.WEBHOOK else None,
        message_id=message_id,
    )


def _digest(alert: Alert, result: Result, seq: int, at: datetime) -> AlertDigest:
    found = result.found
    return AlertDigest(
        alert_id=alert.id,
        from_seq=alert.last_seq,
        to_seq=seq,
        since=alert.since,
        at=at,
        entered=found.counts[Kind.ENTERED],
        left=found.counts[Kind.LEFT],
        changed=found.counts[Kind.CHANGED],
        content=stored(found.told),
    )


def prune(sessions: Sessions, at: datetime) -> None:
    """Notes that every alert has looked at, alerts that can be taken back no more, and old digests."""
    with writing(sessions) as session:
        alerts.forget(session, at)
        session.execute(delete(ChangeNote).where(ChangeNote.seq <= alerts.looked_at(session)))
        session.execute(delete(AlertDigest).where(AlertDigest.at < at - KEPT))
        tests = (AlertDelivery.digest_id.is_(None), AlertDelivery.made_at < at - KEPT)
        session.execute(delete(AlertDelivery).where(*tests))


class AlertRunner:
    """Lets alerts look until `stop` is set, in a thread of the worker's process: it delays no indexing."""

    HOUSEKEEPING = 600.0
    """Seconds between one housekeeping and the next."""

    def __init__(self, sessions: Sessions, catalogue: Catalogue, compose: Compose, stop: threading.Event) -> None:
        self._sessions = sessions
        self._catalogue = catalogue
        self._compose = compose
        self._stop = stop
        self._kept_house = float("-inf")
        self.holder = leases.new_holder()

    def start(self) -> threading.Thread:
        """The running thread; it ends after `stop`, once a look is done."""
        thread = threading.Thread(target=self.run, name="alerts", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Look again and again."""
        while not self._stop.is_set():
            try:
                self.step(now())
            except (DBAPIError, LeaseLost, SearchError) as error:
                log.warning("alerts wait", kind=type(error).__name__)
            except Exception:  # a fault in one look must not end all that follow
                log.exception("alerts could not look")
            self._stop.wait(POLL)

    def step(self, at: datetime, *, every: bool = False) -> int:
        """Let those that are due look, if no other process does; how many found something."""
        with self._sessions() as session:
            idle = session.scalar(select(Alert.id).where(_is_due(at, every=every)).limit(1)) is None
        if idle and time.monotonic() < self._kept_house + self.HOUSEKEEPING:
            return 0
        if not leases.acquire(self._sessions, LEASE, self.holder):
            return 0
        with Keeper(self._sessions, LEASE, self.holder):
            started = time.monotonic()
            found = run_due(self._sessions, self._catalogue, self._compose, at, every=every)
            prune(self._sessions, at)
            self._kept_house = time.monotonic()
            log.info("alerts looked", found=found, seconds=round(time.monotonic() - started, 1))
        return found
