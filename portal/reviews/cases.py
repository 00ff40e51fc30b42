"""What can be done to a case: handed in, taken, decided, answered, withdrawn. Two at one case: the second is told.

Everything runs in the caller's transaction, which must have begun as one that writes (models.database.begin_write), and
locks the case's row. Every deed raises the case's version, leaves a step, and, if staff did it, one entry of the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from portal.identity.log import Act
from portal.models import (
    ROLES,
    CaseKind,
    CaseState,
    OrganisationKind,
    ReviewCase,
    ReviewStep,
    StepAction,
    Supplier,
    User,
)
from portal.register.catalogue import Catalogue
from portal.register.territory import territory_of
from portal.reviews.kinds import Kind, Refused
from portal.reviews.letters import tell
from portal.reviews.stages import Stages

LONGEST = 2_000
"""Characters of a comment."""

PENDING = (CaseState.OPEN, CaseState.RETURNED)
"""States in which something can still be done to a case."""


class Decision(StrEnum):
    """What staff say to a case."""

    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"


class Stale(Exception):
    """Someone was quicker: the case is not as it was shown. Its newest step says who did what."""

    def __init__(self, case_id: int, version: int) -> None:
        super().__init__(f"case {case_id} is not at version {version} any more")
        self.case_id, self.version = case_id, version


class NotYours(Exception):
    """The case belongs to another territory or stage, or to another organisation."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Whoever works at cases: their act and account (a row of the same session), and the rules."""

    act: Act
    user: User
    kinds: Mapping[CaseKind, Kind]
    stages: Stages
    catalogue: Catalogue


def submit(desk: Desk, kind: CaseKind, firm: Supplier, payload: Mapping[str, Any]) -> ReviewCase:
    """Hand in a new case of the user's organisation, at its first stage."""
    case = ReviewCase(
        kind=kind,
        supplier_id=firm.id,
        organisation_id=desk.user.organisation_id,
        user_id=desk.user.id,
        payload=dict(payload),
        state=CaseState.OPEN,
        stage=desk.stages.of(kind, firm)[0],
        version=0,
        created_at=desk.act.at,
        since=desk.act.at,
    )
    desk.act.session.add(case)
    desk.act.session.flush()
    return _step(desk, case, StepAction.SUBMITTED)


def resubmit(
    desk: Desk, case_id: int, version: int, payload: Mapping[str, Any] | None = None, comment: str = ""
) -> ReviewCase:
    """Answer a case that was returned, or add to one that is still open; from its first stage, as it reads otherwise.

    Without a payload it stays what it was. Raises Stale, NotYours, and Refused for one that is closed.
    """
    case = _own(desk, case_id, version)
    firm = _firm(desk, case)
    if payload is not None:
        case.payload = dict(payload)
    first = desk.stages.of(case.kind, firm)[0]
    if case.stage != first:
        case.owner_id = None
    case.state, case.stage, case.since = CaseState.OPEN, first, desk.act.at
    return _step(desk, case, StepAction.SUBMITTED, _checked(comment))


def withdraw(desk: Desk, case_id: int, version: int) -> ReviewCase:
    """Take a case back that the user's organisation handed in. Raises as `resubmit`."""
    case = _own(desk, case_id, version)
    return _settle(desk, case, CaseState.WITHDRAWN, StepAction.WITHDRAWN)


def take(desk: Desk, case_id: int, version: int) -> ReviewCase:
    """Make a case the user's, from whoever had it, which the page says. Raises Stale, NotYours, Refused."""
    case, firm = _at_stage(desk, case_id, version)
    before, case.owner_id = case.owner_id, desk.user.id
    _record(desk, case, firm, StepAction.TAKEN, owner=[_user(before), _user(case.owner_id)])
    return _step(desk, case, StepAction.TAKEN)


def release(desk: Desk, case_id: int, version: int) -> ReviewCase:
    """Let go of a case that is the user's. Raises Stale, NotYours, Refused."""
    case, firm = _at_stage(desk, case_id, version)
    if case.owner_id != desk.user.id:
        raise Refused(lambda _: _("This case is not yours."))
    before, case.owner_id = case.owner_id, None
    _record(desk, case, firm, StepAction.RELEASED, owner=[_user(before), None])
    return _step(desk, case, StepAction.RELEASED)


def decide(desk: Desk, case_id: int, version: int, decision: Decision, comment: str = "") -> ReviewCase:
    """Approve a case (or pass it to its next stage), return it with a comment, or refuse it.

    Raises Stale when someone was quicker, NotYours, and Refused: no comment where there must be one, a case that
    another has taken, or what its kind says; then nothing is changed, and the caller rolls back.
    """
    case, firm = _at_stage(desk, case_id, version)
    comment = _checked(comment)
    if decision is not Decision.APPROVE and not comment:
        raise Refused(lambda _: _("Say why, in a comment."))
    if case.owner_id not in {None, desk.user.id}:
        raise Refused(lambda _: _("Someone else has taken this case. Take it over first."))
    if decision is Decision.APPROVE:
        return _approve(desk, case, firm, comment)
    state, action = {
        Decision.RETURN: (CaseState.RETURNED, StepAction.RETURNED),
        Decision.REFUSE: (CaseState.REFUSED, StepAction.REFUSED),
    }[decision]
    _record(desk, case, firm, action, state=[case.state, state], comment=[None, comment])
    _settle(desk, case, state, action, comment)
    tell(desk.act, desk.kinds[CaseKind(case.kind)], case, firm, comment)
    return case


def _approve(desk: Desk, case: ReviewCase, firm: Supplier, comment: str) -> ReviewCase:
    following = desk.stages.following(case.kind, firm, case.stage)
    said = {"comment": [None, comment]} if comment else {}
    if following is not None:
        _record(desk, case, firm, StepAction.PASSED, stage=[case.stage, following], **said)
        step = _step(desk, case, StepAction.PASSED, comment)
        case.stage, case.owner_id, case.since = following, None, desk.act.at
        return step
    kind = desk.kinds[CaseKind(case.kind)]
    more = kind.approve(desk.act, case, comment, desk.catalogue)
    if more is not None:
        changes = said | dict(more)
        _record(desk, case, firm, StepAction.APPROVED, state=[case.state, CaseState.APPROVED], **changes)
    case.owner_id = desk.user.id
    case.state, case.since, case.decided_at = CaseState.APPROVED, desk.act.at, desk.act.at
    _step(desk, case, StepAction.APPROVED, comment)
    tell(desk.act, kind, case, firm, comment)
    return case


def _settle(desk: Desk, case: ReviewCase, state: CaseState, action: StepAction, comment: str = "") -> ReviewCase:
    case.state, case.since = state, desk.act.at
    if state not in PENDING:
        case.decided_at = desk.act.at
    if action is not StepAction.WITHDRAWN:
        case.owner_id = desk.user.id
    desk.kinds[CaseKind(case.kind)].settled(desk.act, case, state)
    return _step(desk, case, action, comment)


def case_subject(case_id: int) -> str:
    """How the log names a case."""
    return f"case/{case_id}"


def _at_stage(desk: Desk, case_id: int, version: int) -> tuple[ReviewCase, Supplier]:
    """The open case that the user may decide now, with its firm, locked."""
    case = _locked(desk, case_id)
    firm = _firm(desk, case)
    staff = desk.user.role in ROLES[OrganisationKind.MINISTRY]  # of them, the route lets those in who may decide
    if not staff or not territory_of(desk.user).holds(firm, desk.catalogue):
        raise NotYours
    _require(case, version)
    if case.state != CaseState.OPEN:
        raise Refused(lambda _: _("This case is not open."))
    if not desk.stages.may_decide(case.stage, firm, territory_of(desk.user), desk.catalogue):
        raise NotYours
    return case, firm


def _own(desk: Desk, case_id: int, version: int) -> ReviewCase:
    case = _locked(desk, case_id)
    if case.organisation_id != desk.user.organisation_id:
        raise NotYours
    _require(case, version)
    if case.state not in PENDING:
        raise Refused(lambda _: _("This case is closed."))
    return case


def _locked(desk: Desk, case_id: int) -> ReviewCase:
    wanted = select(ReviewCase).where(ReviewCase.id == case_id).with_for_update()
    case = desk.act.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if case is None:
        raise NotYours
    return case


def _require(case: ReviewCase, version: int) -> None:
    if case.version != version:
        raise Stale(case.id, version)


def _firm(desk: Desk, case: ReviewCase) -> Supplier:
    return desk.act.session.get_one(Supplier, case.supplier_id)


def _checked(comment: str) -> str:
    comment = comment.strip()
    if len(comment) > LONGEST:
        raise Refused(lambda _: _("The comment is longer than %(most)s characters.") % {"most": LONGEST})
    return comment


def _step(desk: Desk, case: ReviewCase, action: StepAction, comment: str = "") -> ReviewCase:
    case.version += 1
    done = {"action": action, "stage": case.stage, "user_id": desk.user.id, "comment": comment, "at": desk.act.at}
    desk.act.session.add(ReviewStep(case_id=case.id, **done))
    desk.act.session.flush()
    return case


def _record(desk: Desk, case: ReviewCase, firm: Supplier, action: StepAction, **changes: Any) -> None:
    about = {"case": case.kind, "supplier": f"{firm.scheme}/{firm.number}"}
    desk.act.record(f"review.{action.value}", case_subject(case.id), **about, **changes)


def _user(user_id: int | None) -> str | None:
    return None if user_id is None else f"user/{user_id}"
