"""What pages and mails show of alerts: frozen trees in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.buyers.alert_words import cadence_words, counts_words, kind_labels, reason_words, trouble_words, why_words
from portal.buyers.change_words import change_words
from portal.models import Alert, AlertChannel, AlertDelivery, AlertDigest
from portal.web.presenters.cards import supplier_url
from portal.web.presenters.context import Context
from portal.web.tree import Name, Struct
from portal.workspace.alerts import Kept, may_pause
from portal.workspace.buyer import Buyer
from portal.workspace.digests import Kind, Told, counts_of, loaded

SHOWN = 20
"""Digests and deliveries on an alert's page."""


class ChangeLine(Struct, frozen=True, kw_only=True):
    """A change in words; `tone`: worse, better or neither ("")."""

    text: str
    tone: str


class FirmView(Struct, frozen=True, kw_only=True):
    """A firm of a digest."""

    key: str
    name: Name
    url: str
    why: str
    changes: tuple[ChangeLine, ...]


class GroupView(Struct, frozen=True, kw_only=True):
    """The firms that entered, left or changed: all are counted, some are shown."""

    kind: str
    label: str
    count: int
    firms: tuple[FirmView, ...]


class DigestLine(Struct, frozen=True, kw_only=True):
    """A digest among others."""

    number: int
    at: datetime
    since: datetime
    text: str


class DeliveryLine(Struct, frozen=True, kw_only=True):
    """A delivery: its state, when it goes or went, why it did not arrive. `digest`: the number of what it carries."""

    id: int
    uid: str
    digest: int | None
    state: str
    made_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    attempts: int
    reason: str


class AlertView(Struct, frozen=True, kw_only=True):
    """An alert. `target`: where it sends, of a colleague's webhook only the host; `next_at` None while it is paused."""

    id: int
    name: str
    source: str
    watches: str
    owner: str
    mine: bool
    may_pause: bool
    cadence: str
    webhook: bool
    target: str
    paused: bool
    since: datetime
    digest_at: datetime | None
    next_at: datetime | None
    trouble: str


def alert_view(kept: Kept, who: Buyer) -> AlertView:
    """What a member sees of an alert."""
    alert = kept.alert
    mine = alert.owner_id == who.id
    webhook = alert.channel == AlertChannel.WEBHOOK
    return AlertView(
        id=alert.id,
        name=kept.name,
        source=_source(alert) if kept.name else "",
        watches="conditions" if alert.conditions_id else "shortlist",
        owner=kept.owner,
        mine=mine,
        may_pause=may_pause(who, alert),
        cadence=cadence_words(alert.cadence),
        webhook=webhook,
        target=alert.url if mine else urlsplit(alert.url).hostname or "",
        paused=alert.paused,
        since=alert.since,
        digest_at=alert.digest_at,
        next_at=None if alert.paused else alert.due_at,
        trouble=trouble_words(alert),
    )


def _source(alert: Alert) -> str:
    if alert.conditions_id:
        return url_for("buyers.conditions_show", identifier=alert.conditions_id)
    return url_for("buyers.shortlist", identifier=alert.shortlist_id)


def digest_lines(session: Session, alert: Alert) -> list[DigestLine]:
    """The newest digests."""
    newest = select(AlertDigest).where(AlertDigest.alert_id == alert.id).order_by(AlertDigest.id.desc()).limit(SHOWN)
    return [
        DigestLine(number=one.to_seq, at=one.at, since=one.since, text=counts_words(counts_of(one)))
        for one in session.scalars(newest)
    ]


def delivery_lines(session: Session, alert: Alert) -> list[DeliveryLine]:
    """The newest deliveries."""
    wanted = (
        select(AlertDelivery, AlertDigest.to_seq)
        .outerjoin(AlertDigest, AlertDigest.id == AlertDelivery.digest_id)
        .where(AlertDelivery.alert_id == alert.id)
        .order_by(AlertDelivery.id.desc())
        .limit(SHOWN)
    )
    return [_delivery(row, number) for row, number in session.execute(wanted)]


def _delivery(row: AlertDelivery, number: int | None) -> DeliveryLine:
    return DeliveryLine(
        id=row.id,
        uid=row.uid,
        digest=number,
        state=row.state,
        made_at=row.made_at,
        due_at=row.due_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        reason=reason_words(row.reason) if row.reason else "",
    )


def digest_groups(digest: AlertDigest, at: Context) -> tuple[GroupView, ...]:
    """A whole digest."""
    return groups(counts_of(digest), loaded(digest.content), at)


def groups(
    counts: dict[Kind, int], told: Sequence[Told], at: Context, most: int | None = None
) -> tuple[GroupView, ...]:
    """Firms by what became of them; kinds of which there are none are left out. At most `most` of each."""
    labels = kind_labels()
    return tuple(
        GroupView(
            kind=kind,
            label=labels[kind],
            count=counts[kind],
            firms=tuple(_firm(one, at) for one in [one for one in told if one.kind is kind][:most]),
        )
        for kind in Kind
        if counts[kind]
    )


def _firm(told: Told, at: Context) -> FirmView:
    return FirmView(
        key=told.key,
        name=Name(zh=told.name_zh, en=told.name_en),
        url=supplier_url(told.key),
        why=why_words(told.why) if told.why else "",
        changes=tuple(
            ChangeLine(
                text=change_words(change, at), tone="" if change.neutral else "worse" if change.worse else "better"
            )
            for change in told.changes
        ),
    )
