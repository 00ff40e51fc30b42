"""Digests sent to webhooks: claimed first, so that several workers send each once; tried again, ever later; given up.

At least once: a sender may die before it notes that it has sent. The receiver tells by the id, which stays the same.
What is sent is signed: HMAC-SHA256 by the alert's secret over "<timestamp>.<body>".
"""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, writing
from portal.models import Alert, AlertChannel, AlertDelivery, AlertDigest, DeliveryState, now
from portal.notices.guarded import Guard, Refused, Unanswered
from portal.workspace import alerts
from portal.workspace.digests import Kind, Told, counts_of, loaded

log = structlog.stdlib.get_logger("portal.deliveries")

POLL = 1.0
AT_ONCE, THREADS = 16, 8
CLAIM = timedelta(minutes=5)
"""After which the deliveries of a sender that died are taken up again; longer than AT_ONCE slow ones take."""

FIRST_WAIT = timedelta(seconds=30)
MOST_ATTEMPTS = 10
"""The last one about 4 hours after the first."""

ID_HEADER, TIME_HEADER, SIGNATURE_HEADER = "X-Xunyuan-Delivery", "X-Xunyuan-Timestamp", "X-Xunyuan-Signature"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process is to send now."""

    id: int
    uid: str
    attempts: int
    url: str
    secret: str
    body: bytes


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the receiver works out too, and compares."""
    return "sha256=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def deliver_due(sessions: Sessions, guard: Guard, public_url: str) -> int:
    """Send up to AT_ONCE deliveries that are due; how many there were."""
    claimed = _claim(sessions, public_url, now())
    if not claimed:
        return 0
    with ThreadPoolExecutor(min(THREADS, len(claimed)), thread_name_prefix="webhook") as pool:
        reasons = list(pool.map(lambda one: send(one, guard), claimed))
    for one, reason in zip(claimed, reasons, strict=True):
        _note(sessions, one, reason)
    return len(claimed)


def send(one: Claimed, guard: Guard) -> str:
    """Send it; why it did not arrive, "" if it did."""
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Xunyuan",
        ID_HEADER: one.uid,
        TIME_HEADER: timestamp,
        SIGNATURE_HEADER: signature(one.secret, timestamp, one.body),
    }
    try:
        status = guard.post(one.url, one.body, headers)
    except Refused as refused:
        return refused.fault.value
    except Unanswered as unanswered:
        return str(unanswered)
    if 200 <= status < 300:
        return ""
    return "redirect" if 300 <= status < 400 else f"status {status}"


def _claim(sessions: Sessions, public_url: str, at: datetime) -> list[Claimed]:
    hook = (AlertDelivery.state == DeliveryState.WAITING, AlertDelivery.channel == AlertChannel.WEBHOOK)
    due = (
        select(AlertDelivery)
        .where(*hook, AlertDelivery.due_at <= at)
        .order_by(AlertDelivery.due_at, AlertDelivery.id)
        .limit(AT_ONCE)
    )
    with sessions() as session:
        if session.scalar(due.with_only_columns(AlertDelivery.id).limit(1)) is None:
            return []  # without having kept any writer waiting
    claimed = []
    with writing(sessions) as session:
        for row in session.scalars(due.with_for_update(skip_locked=True)).all():
            alert = session.get_one(Alert, row.alert_id)
            row.attempts += 1
            row.due_at = at + CLAIM
            if alert.deleted_at is not None or alert.channel != AlertChannel.WEBHOOK:
                row.state, row.reason = DeliveryState.FAILED, "removed"
                continue
            body = payload(session, alert, row, public_url)
            claimed.append(Claimed(row.id, row.uid, row.attempts, alert.url, alert.secret, body))
    return claimed


def _note(sessions: Sessions, one: Claimed, reason: str) -> None:
    with writing(sessions) as session:
        row = session.get(AlertDelivery, one.id)
        if row is None or row.state == DeliveryState.SENT:
            return
        row.reason = reason
        if not reason:
            row.state, row.sent_at = DeliveryState.SENT, now()
        elif one.attempts >= MOST_ATTEMPTS:
            row.state = DeliveryState.FAILED
            log.warning("delivery given up", id=one.uid, tries=one.attempts, why=reason)
        else:
            row.due_at = now() + FIRST_WAIT * 2 ** (one.attempts - 1)


def payload(session: Session, alert: Alert, delivery: AlertDelivery, public_url: str) -> bytes:
    """The JSON that a webhook is sent. Codes are the catalogue's; addresses are the portal's pages."""
    kept = alerts.listed(session, Alert.id == alert.id)
    about = {
        "id": delivery.uid,
        "event": "alert.digest" if delivery.digest_id else "alert.test",
        "alert": {
            "id": alert.uid,
            "name": kept[0].name if kept else "",
            "watches": "conditions" if alert.conditions_id else "shortlist",
            "cadence": alert.cadence,
            "url": f"{public_url}/alerts/{alert.id}",
        },
    }
    digest = session.get(AlertDigest, delivery.digest_id) if delivery.digest_id else None
    return msgspec.json.encode(about | (_told(digest, public_url) if digest else {}))


def _told(digest: AlertDigest, public_url: str) -> dict[str, Any]:
    counts, told = counts_of(digest), loaded(digest.content)
    return {
        "from_version": digest.from_seq,
        "to_version": digest.to_seq,
        "since": digest.since,
        "at": digest.at,
        "counts": counts,
        "complete": len(told) == sum(counts.values()),
        **{kind.value: [_firm(one, public_url) for one in told if one.kind is kind] for kind in Kind},
    }


def _firm(told: Told, public_url: str) -> dict[str, Any]:
    return {
        "id": told.key,
        "name": {"zh": told.name_zh, "en": told.name_en},
        "url": f"{public_url}/suppliers/{told.key}",
        "reason": told.why,
        "changes": [
            {
                "field": change.what,
                "subject": change.subject,
                "before": change.before,
                "after": change.after,
                "worse": change.worse,
                "cause": change.cause or None,
                "on": change.on,
            }
            for change in told.changes
        ],
    }


def add_test(session: Session, alert: Alert, at: datetime) -> AlertDelivery:
    """Have a test sent, which says that it is one."""
    made = AlertDelivery(uid=str(uuid.uuid4()), alert_id=alert.id, channel=alert.channel, made_at=at, due_at=at)
    session.add(made)
    return made


def again(delivery: AlertDelivery, at: datetime, message_id: int | None = None) -> None:
    """Send one again, by the same id: at once, and then as often as the first time."""
    delivery.state, delivery.attempts, delivery.reason = DeliveryState.WAITING, 0, ""
    delivery.due_at = at if delivery.channel == AlertChannel.WEBHOOK else None
    delivery.message_id = message_id


class Dispatcher:
    """Sends until `stop` is set, in a thread of the worker's process."""

    def __init__(self, sessions: Sessions, guard: Guard, public_url: str, stop: threading.Event) -> None:
        self._sessions = sessions
        self._guard = guard
        self._public_url = public_url
        self._stop = stop

    def start(self) -> threading.Thread:
        """The running thread; it ends soon after `stop`."""
        thread = threading.Thread(target=self.run, name="webhooks", daemon=True)
        thread.start()
        return thread

    def run(self) -> None:
        """Send what is due, again and again."""
        while not self._stop.is_set():
            try:
                sent = deliver_due(self._sessions, self._guard, self._public_url)
            except DBAPIError as error:
                log.warning("webhooks wait", kind=type(error).__name__)
                sent = 0
            except Exception:  # a fault with one delivery must not end all that follow
                log.exception("webhooks could not be sent")
                sent = 0
            self._stop.wait(0 if sent == AT_ONCE else POLL)
