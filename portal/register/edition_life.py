"""The life of an edition: draft → 公示 (notice) → 公布 (publication) → taken back, with a reason, if need be.

1. A draft is computed by the portal or imported. Only staff see it. It can be discarded: nobody was told of it.
2. The notice is public, for so many days, China time, the day it begins not counted (民法典 art. 201): the list can be
   read and objected to, and is not in force: not in the index, the API, on a firm's page, or anyone's current edition.
3. It is published by someone who has neither made it nor opened its notice; no setting turns that off. That is possible
   from the day after the notice, if every objection was answered and none upheld.
4. A list with an objection that was upheld is not corrected in place, as others relied on what they read: it is taken
   back with a reason, and a corrected draft, with an address of its own, begins anew.
5. What was published never changes. It can be taken back with a reason, which then stands at its address; the edition
   that was current before is so again. An address never means two lists.

Every step is taken on the row as it is then, locked: of two people who take the same one, the second is told. Each
leaves one entry of the operation log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.models import Edition, EditionState, Objection, Ranking, Verdict, now
from portal.register.audit import Actor
from portal.register.editions import note, put_in_force, settle_current

REASON_LENGTH = 400


class Why(StrEnum):
    """Why a step cannot be taken."""

    STATE = "state"
    """It is not in the state that the step begins at: someone else has taken a step meanwhile."""
    SAME_PERSON = "same_person"
    NOTICE = "notice"
    UNANSWERED = "unanswered"
    UPHELD = "upheld"
    EMPTY = "empty"
    REASON = "reason"


class Refused(Exception):
    """A step that cannot be taken; `row`: the edition as it is now."""

    def __init__(self, why: Why, row: Edition) -> None:
        super().__init__(why.value)
        self.why = why
        self.code = row.code
        self.state = EditionState(row.state)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a person, in a transaction that writes."""

    session: Session
    user_id: int
    actor: Actor
    today: date

    def locked(self, identifier: int) -> Edition | None:
        """The edition for a step; None where there is none."""
        return self.session.scalars(select(Edition).where(Edition.id == identifier).with_for_update()).one_or_none()

    def open_notice(self, row: Edition, days: int) -> None:
        """Begin the notice of a draft. Raises Refused."""
        _require(row, EditionState.DRAFT)
        if not row.peers:
            raise Refused(Why.EMPTY, row)
        row.state, row.noticed_at, row.noticed_by = EditionState.NOTICE, now(), self.user_id
        row.notice_until = self.today + timedelta(days=days)
        self._note("edition.notice", row, notice_until=[None, row.notice_until.isoformat()])

    def publish(self, row: Edition) -> list[int]:
        """Publish after the notice; ids of the editions whose firms are due for the index. Raises Refused."""
        _require(row, EditionState.NOTICE)
        if (why := obstacle(self.session, row, self.user_id, self.today)) is not None:
            raise Refused(why, row)
        row.published_by = self.user_id
        due = put_in_force(self.session, row)
        self._note("edition.published", row, ranked=[None, row.peers], current=[None, row.current])
        return due

    def take_back(self, row: Edition, reason: str) -> list[int]:
        """Take back what is published or under notice; ids as `publish`, none from a notice. Raises Refused."""
        _require(row, EditionState.PUBLISHED, EditionState.NOTICE)
        if not reason.strip() or len(reason) > REASON_LENGTH:
            raise Refused(Why.REASON, row)
        before, current = row.state, row.current
        row.state, row.current = EditionState.TAKEN_BACK, False
        row.taken_back_at, row.taken_back_by, row.reason = now(), self.user_id, reason.strip()
        self.session.flush()
        due = [row.id, *settle_current(self.session, row)] if before == EditionState.PUBLISHED else []
        self._note("edition.taken_back", row, current=[current, False], reason=reason.strip())
        return due

    def discard(self, row: Edition) -> None:
        """Remove a draft, or one that is being made. Raises Refused."""
        _require(row, EditionState.DRAFT, EditionState.MAKING)
        self._note("edition.discarded", row, peers=[row.peers, None])
        self.session.execute(delete(Ranking).where(Ranking.edition_id == row.id))
        self.session.delete(row)

    def _note(self, action: str, row: Edition, **changes: object) -> None:
        note(self.session, self.actor, action, row, changes)


def obstacle(session: Session, row: Edition, user_id: int, today: date) -> Why | None:
    """Why that person cannot publish an edition under notice today."""
    if user_id in (row.made_by, row.noticed_by):
        return Why.SAME_PERSON
    if row.notice_until is None or today <= row.notice_until:
        return Why.NOTICE
    counts = verdicts(session, row.id)
    if counts.get(Verdict.UPHELD):
        return Why.UPHELD
    return Why.UNANSWERED if counts.get(Verdict.OPEN) else None


def verdicts(session: Session, edition_id: int) -> dict[str, int]:
    """How many objections to an edition there are of each verdict."""
    wanted = select(Objection.verdict, func.count()).where(Objection.edition_id == edition_id)
    return {row[0]: row[1] for row in session.execute(wanted.group_by(Objection.verdict))}


def by_state(session: Session, states: Sequence[EditionState], most: int, offset: int = 0) -> list[Edition]:
    """The editions in these states, the latest made first."""
    wanted = select(Edition).where(Edition.state.in_(states)).order_by(Edition.made_at.desc(), Edition.id.desc())
    return list(session.scalars(wanted.limit(most).offset(offset)))


def _require(row: Edition, *states: EditionState) -> None:
    if row.state not in states:
        raise Refused(Why.STATE, row)
