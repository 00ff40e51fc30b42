"""Alerts (变化提醒) as they are kept: who sees which, made, changed, paused, removed. Callers commit.

An alert is its maker's. Colleagues see those of conditions and shortlists that are shared, and what they found; where
digests go, and all else, is for the maker to change; an administrator may pause and remove.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal.indexing.facts import data_version, raise_data_version
from portal.models import (
    Alert,
    AlertChannel,
    Cadence,
    Conditions,
    ConditionsVersion,
    Organisation,
    Shortlist,
    ShortlistEntry,
    User,
)
from portal.register.clock import CHINA
from portal.workspace import undoing
from portal.workspace.buyer import Buyer, Reason, Refused

MAX_ALERTS = 500
"""Of an organisation, deleted ones apart."""

HOUR = time(8, 0)
"""When alerts look, China time; weekly ones on Mondays."""


class Watched(NamedTuple):
    """What an alert watches: conditions, or a shortlist."""

    conditions_id: int | None = None
    shortlist_id: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How often an alert looks, and where it tells; `url` of a webhook."""

    cadence: Cadence
    channel: AlertChannel
    url: str = ""


class Kept(NamedTuple):
    """An alert with the name of what it watches ("" if that is gone) and of who made it."""

    alert: Alert
    name: str
    owner: str


def next_due(cadence: str, after: datetime) -> datetime:
    """The next time that an alert looks."""
    local = after.astimezone(CHINA)
    due = datetime.combine(local.date(), HOUR, CHINA)
    if due <= local:
        due += timedelta(days=1)
    return due if cadence == Cadence.DAILY else due + timedelta(days=-due.weekday() % 7)


def new_secret() -> str:
    """What signs a webhook's deliveries."""
    return secrets.token_urlsafe(32)


def visible(buyer: Buyer, *, deleted: bool = False) -> ColumnElement[bool]:
    """The condition for the alerts that a member may see."""
    conditions = select(Conditions.id).where(Conditions.shared, Conditions.deleted_at.is_(None))
    lists = select(Shortlist.id).where(Shortlist.shared, Shortlist.deleted_at.is_(None))
    return and_(
        Alert.organisation_id == buyer.organisation_id,
        or_(Alert.owner_id == buyer.id, Alert.conditions_id.in_(conditions), Alert.shortlist_id.in_(lists)),
        Alert.deleted_at.is_not(None) if deleted else Alert.deleted_at.is_(None),
    )


def may_pause(buyer: Buyer, alert: Alert) -> bool:
    """Whether they may pause and remove it."""
    return alert.owner_id == buyer.id or buyer.admin


def watchable() -> ColumnElement[bool]:
    """Whether an alert's owner still sees what it watches; of a statement that joins Conditions and Shortlist."""
    return or_(
        and_(Conditions.deleted_at.is_(None), or_(Conditions.shared, Conditions.owner_id == Alert.owner_id)),
        and_(Shortlist.deleted_at.is_(None), or_(Shortlist.shared, Shortlist.owner_id == Alert.owner_id)),
    )


def listed(session: Session, *wanted: ColumnElement[bool]) -> list[Kept]:
    """The alerts under these conditions, the newest first."""
    owner = aliased(User)
    newest = and_(ConditionsVersion.conditions_id == Conditions.id, ConditionsVersion.number == Conditions.version)
    name = func.coalesce(ConditionsVersion.name, Shortlist.name, "")
    asked = (
        select(Alert, name, owner.name, watchable())
        .join(owner, owner.id == Alert.owner_id)
        .outerjoin(Conditions, Conditions.id == Alert.conditions_id)
        .outerjoin(ConditionsVersion, newest)
        .outerjoin(Shortlist, Shortlist.id == Alert.shortlist_id)
        .where(*wanted)
        .order_by(Alert.id.desc())
    )
    return [Kept(alert, found if seen else "", who) for alert, found, who, seen in session.execute(asked)]


def create(session: Session, buyer: Buyer, watched: Watched, way: Way, at: datetime) -> Alert:
    """A new alert, which looks for what changes from now on. Raises Refused: too many."""
    session.execute(select(Organisation.id).where(Organisation.id == buyer.organisation_id).with_for_update())
    mine = (Alert.organisation_id == buyer.organisation_id, Alert.deleted_at.is_(None))
    if (session.scalar(select(func.count(Alert.id)).where(*mine)) or 0) >= MAX_ALERTS:
        raise Refused(Reason.TOO_MANY_ALERTS, MAX_ALERTS)
    made = Alert(
        uid=str(uuid.uuid4()),
        organisation_id=buyer.organisation_id,
        owner_id=buyer.id,
        conditions_id=watched.conditions_id,
        shortlist_id=watched.shortlist_id,
        cadence=way.cadence,
        channel=way.channel,
        url=way.url,
        secret=new_secret() if way.channel == AlertChannel.WEBHOOK else "",
        last_seq=raise_data_version(session, 0),  # what comes into the index from here on waits for this transaction
        members=members(session, watched.shortlist_id),
        created_at=at,
        since=at,
        due_at=next_due(way.cadence, at),
    )
    session.add(made)
    session.flush()
    return made


def members(session: Session, shortlist_id: int | None) -> list[int]:
    """The ids of the firms on a shortlist."""
    of_list = select(ShortlistEntry.supplier_id).where(ShortlistEntry.shortlist_id == shortlist_id)
    return list(session.scalars(of_list.order_by(ShortlistEntry.supplier_id))) if shortlist_id else []


def change(alert: Alert, way: Way, at: datetime) -> None:
    """Another rhythm, another channel or address; a webhook that is new gets a secret of its own."""
    if way.cadence != alert.cadence:
        alert.due_at = next_due(way.cadence, at)
    if way.channel == AlertChannel.WEBHOOK and way.channel != alert.channel:
        alert.secret = new_secret()
    alert.cadence, alert.channel, alert.url = way.cadence, way.channel, way.url


def pause(alert: Alert) -> None:
    """Look no more for the time being; what changes meanwhile is not kept."""
    alert.paused = True


def resume(session: Session, alert: Alert, at: datetime) -> None:
    """Look again, for what changes from now on."""
    alert.paused = False
    _begin_anew(session, alert, at)


def remove(session: Session, buyer: Buyer, alert: Alert, at: datetime) -> int:
    """Remove it; the id of the undo."""
    alert.deleted_at = at
    return undoing.record(session, buyer, undoing.Kind.DELETE_ALERT, {"alert": alert.id}, at)


def rebase(session: Session, conditions_id: int, at: datetime) -> None:
    """Conditions ask something else now: what is told of them begins anew, or the edit itself would be news."""
    if session.scalar(select(Alert.id).where(Alert.conditions_id == conditions_id).limit(1)) is None:
        return
    values = {"last_seq": raise_data_version(session, 0), "since": at, "trouble": ""}
    anew = update(Alert).where(Alert.conditions_id == conditions_id).values(values)
    session.execute(anew, execution_options={"synchronize_session": False})


def _begin_anew(session: Session, alert: Alert, at: datetime) -> None:
    alert.last_seq = raise_data_version(session, 0)
    alert.members = members(session, alert.shortlist_id)
    alert.since, alert.due_at, alert.trouble = at, next_due(alert.cadence, at), ""


def forget(session: Session, at: datetime) -> None:
    """Remove for good what can be taken back no more."""
    session.execute(delete(Alert).where(Alert.deleted_at <= at - undoing.KEPT))


def looked_at(session: Session) -> int:
    """The change_seq up to which every alert has looked; the newest if there is none."""
    oldest = session.scalar(select(func.min(Alert.last_seq)).where(Alert.paused.is_(False)))
    return data_version(session) if oldest is None else oldest


def of_object(session: Session, buyer: Buyer, watched: Watched) -> Sequence[Kept]:
    """The alerts of conditions or of a shortlist that a member sees."""
    of = (
        Alert.conditions_id == watched.conditions_id
        if watched.conditions_id
        else Alert.shortlist_id == watched.shortlist_id
    )
    return listed(session, visible(buyer), of)
