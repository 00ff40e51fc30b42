"""Claims: an organisation says that it may speak for a firm. One organisation a firm, and never a silent takeover.

Papers (营业执照, 盖章授权书) always make a case that staff decide. A code, sent to the contact on record or printed in
a letter, is proof enough where nobody speaks for the firm and the organisation speaks for none: it holds at once. Where
someone does, any claim becomes a case with `dispute`, which the holder may answer before staff decide.

Every act locks the firm's row first and then those of organisations, so that of two claims at once one is the second;
`Organisation.supplier_id` is unique, whatever happens. A decision has locked its case before, so that no claim locks
the case of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.company import claim_notices as notices
from portal.identity.log import Act, organisation_subject
from portal.models import (
    CaseKind,
    CaseState,
    Organisation,
    OrganisationState,
    ReviewCase,
    ReviewStep,
    StepAction,
    Supplier,
    User,
)
from portal.reviews import cases
from portal.reviews.cases import PENDING, Desk
from portal.reviews.kinds import Kind, Refused

Kinds = Mapping[CaseKind, Kind]

DAY = timedelta(days=1)
MOST_A_DAY = 5
"""Claims of one organisation in a day."""

LONGEST = 2_000
"""Characters of a reason or an answer."""


class Way(StrEnum):
    """How an organisation shows that it may speak for a firm."""

    PAPERS = "papers"
    CONTACT = "contact"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Claimed:
    """What came of a claim: the firm, and the case that staff are to decide; None: it holds already."""

    firm: Supplier
    case: ReviewCase | None


def holder_of(session: Session, firm_id: int) -> Organisation | None:
    """The organisation that speaks for the firm."""
    return session.scalars(select(Organisation).where(Organisation.supplier_id == firm_id)).one_or_none()


def open_claim(session: Session, organisation_id: int) -> ReviewCase | None:
    """The claim of an organisation that is not settled; there is one at most."""
    mine = (ReviewCase.organisation_id == organisation_id, ReviewCase.kind == CaseKind.CLAIM)
    return session.scalars(select(ReviewCase).where(*mine, ReviewCase.state.in_(PENDING))).first()


def is_disputed(session: Session, case: ReviewCase) -> bool:
    """Whether someone else speaks for the firm of an open claim, or claims it too, now; `dispute`: when it began."""
    holder = holder_of(session, case.supplier_id)
    taken = holder is not None and holder.id != case.organisation_id
    return taken or bool(disputes(session, case.supplier_id, case.organisation_id))


def disputes(session: Session, firm_id: int, holder_id: int) -> list[ReviewCase]:
    """The open claims on a firm of others than that organisation, oldest first."""
    others = (ReviewCase.organisation_id != holder_id, ReviewCase.state.in_(PENDING))
    on_it = select(ReviewCase).where(ReviewCase.supplier_id == firm_id, ReviewCase.kind == CaseKind.CLAIM, *others)
    return list(session.scalars(on_it.order_by(ReviewCase.id)))


def locked(session: Session, firm_id: int) -> Supplier:
    """The firm, kept from every other claim until the transaction ends."""
    wanted = select(Supplier).where(Supplier.id == firm_id).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def require_free(desk: Desk, firm: Supplier) -> Organisation:
    """The user's organisation, locked, if it may claim that firm now. The firm is locked already. Raises Refused."""
    session, at = desk.act.session, desk.act.at
    mine = _organisations(session, desk.user.organisation_id)[0]
    if firm.withdrawn_at is not None:
        raise Refused(lambda _: _("This firm was withdrawn from the register. Nobody can speak for it."))
    if mine.supplier_id == firm.id:
        raise Refused(lambda _: _("Your organisation speaks for this firm already."))
    if mine.supplier_id is not None:
        raise Refused(lambda _: _("Your organisation speaks for a firm already. Give that one up first."))
    if open_claim(session, mine.id) is not None:
        raise Refused(lambda _: _("You have a claim that is not decided yet. Withdraw it first."))
    lately = (ReviewCase.organisation_id == mine.id, ReviewCase.kind == CaseKind.CLAIM)
    count = session.scalar(select(func.count(ReviewCase.id)).where(*lately, ReviewCase.created_at > at - DAY)) or 0
    if count >= MOST_A_DAY:
        raise Refused(lambda _: _("That was the last claim for today. You can claim again tomorrow."))
    return mine


def claim(desk: Desk, firm_id: int, way: Way, note: str = "", *, proven: bool = False) -> Claimed:
    """Claim a firm. `proven`: by a code, which holds at once where nobody speaks for the firm. Raises Refused."""
    session = desk.act.session
    firm = locked(session, firm_id)
    mine = require_free(desk, firm)
    holder, others = holder_of(session, firm.id), disputes(session, firm.id, mine.id)
    if proven and holder is None:
        mine.supplier_id = firm.id
        session.flush()
        desk.act.record("claim.held", organisation_subject(mine.id), firm=[None, firm.key], way=[None, way.value])
        return Claimed(firm, None)
    payload = {"way": way.value, "proven": proven, "note": note[:LONGEST], "dispute": bool(holder or others)}
    case = cases.submit(desk, CaseKind.CLAIM, firm, payload)
    if holder is not None:
        _tell_all(desk.act, holder, lambda user: notices.disputed(desk.act.letters, user.language, firm, case.id))
    return Claimed(firm, case)


def answer(desk: Desk, case_id: int, text: str) -> ReviewCase:
    """What the holder says to another's claim on the firm; a later answer takes the place of an earlier one.

    Raises Refused. Only staff read it.
    """
    session = desk.act.session
    wanted = select(ReviewCase).where(ReviewCase.id == case_id).with_for_update()
    case = session.scalars(wanted.execution_options(populate_existing=True)).one()
    holder = holder_of(session, case.supplier_id)
    if case.state not in PENDING or holder is None or holder.id != desk.user.organisation_id:
        raise Refused(lambda _: _("This claim is decided already."))
    case.payload = {**case.payload, "answer": text[:LONGEST], "answered_by": desk.user.id}
    case.version += 1
    session.flush()
    return case


def give_up(desk: Desk, reason: str = "") -> Supplier:
    """The user's organisation no longer speaks for its firm. What is published of it stays. Raises Refused."""
    session = desk.act.session
    firm_id = session.scalar(select(Organisation.supplier_id).where(Organisation.id == desk.user.organisation_id))
    if firm_id is None:
        raise Refused(lambda _: _("Your organisation does not speak for a firm."))
    firm = locked(session, firm_id)
    mine = _organisations(session, desk.user.organisation_id)[0]
    _release(desk.act, mine, firm, desk.kinds, desk.user.id)
    desk.act.record(
        "claim.given_up", organisation_subject(mine.id), firm=[firm.key, None], reason=[None, reason[:LONGEST]]
    )
    return firm


def kind(kinds: Callable[[], Kinds], **shown: Any) -> Kind:
    """The kind of case that a claim is; `kinds`: all there are, `shown`: how staff see it (claim_shown)."""

    def approve(act: Act, case: ReviewCase, _comment: str, _catalogue: object) -> Mapping[str, Any]:
        return _hand_to(act, case, kinds())

    return Kind(label=lambda _: _("Claim"), approve=approve, path=lambda case: f"/firm/claims/{case.id}", **shown)


def _hand_to(act: Act, case: ReviewCase, kinds: Kinds) -> Mapping[str, Any]:
    """The firm is the claimant's from now on; who spoke for it no longer does, and is told. Raises Refused."""
    session = act.session
    firm = locked(session, case.supplier_id)
    holder = holder_of(session, firm.id)
    found = _organisations(session, case.organisation_id, *([holder.id] if holder else []))
    claimant = next(one for one in found if one.id == case.organisation_id)
    if firm.withdrawn_at is not None:
        raise Refused(lambda _: _("This firm was withdrawn from the register. Nobody can speak for it."))
    if claimant.state != OrganisationState.APPROVED:
        raise Refused(lambda _: _("The organisation that claims the firm is not approved."))
    if claimant.supplier_id not in {None, firm.id}:
        raise Refused(lambda _: _("The organisation that claims the firm speaks for another one by now."))
    before = organisation_subject(holder.id) if holder else None
    if holder is not None and holder.id != claimant.id:
        _release(act, holder, firm, kinds, _user_of(act, case))
        _tell_all(act, holder, lambda user: notices.lost(act.letters, user.language, firm))
    claimant.supplier_id = firm.id
    session.flush()
    return {"holder": [before, organisation_subject(claimant.id)]}


def _release(act: Act, organisation: Organisation, firm: Supplier, kinds: Kinds, user_id: int) -> None:
    """It speaks for the firm no longer; what it asked for the firm and is not decided ends, as nobody stands by it.

    But for a case that is being decided at this moment: waiting for that would be waiting for each other.
    """
    organisation.supplier_id = None
    _withdraw(act, kinds, user_id, ReviewCase.organisation_id == organisation.id, ReviewCase.supplier_id == firm.id)


def end(desk: Desk) -> None:
    """The user's organisation is about to end: whatever it asked that is not decided ends too, as nobody stands by it.

    Else staff could publish, or put right, what nobody answers for any more.
    """
    mine = ReviewCase.organisation_id == desk.user.organisation_id
    _withdraw(desk.act, desk.kinds, desk.user.id, mine)


def _withdraw(act: Act, kinds: Kinds, user_id: int, *of: ColumnElement[bool]) -> None:
    asked = select(ReviewCase).where(*of, ReviewCase.state.in_(PENDING))
    for case in act.session.scalars(asked.with_for_update(skip_locked=True)):
        case.state, case.since, case.decided_at = CaseState.WITHDRAWN, act.at, act.at
        case.version += 1
        done = {"action": StepAction.WITHDRAWN, "stage": case.stage, "user_id": user_id, "at": act.at}
        act.session.add(ReviewStep(case_id=case.id, **done))
        kinds[CaseKind(case.kind)].settled(act, case, CaseState.WITHDRAWN)
    act.session.flush()


def _user_of(act: Act, case: ReviewCase) -> int:
    """Who acts, for the step; whoever asked, where a command does."""
    _user, _slash, number = act.actor.name.partition("user/")
    return int(number) if number else case.user_id


def _organisations(session: Session, *ids: int) -> list[Organisation]:
    """Locked, in the order of their ids, as they are now."""
    wanted = select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id).with_for_update()
    return list(session.scalars(wanted.execution_options(populate_existing=True)))


def _tell_all(act: Act, organisation: Organisation, notice: Callable[[User], Any]) -> None:
    people = select(User).where(User.organisation_id == organisation.id, User.disabled_at.is_(None))
    for user in act.session.scalars(people.order_by(User.id)):
        act.tell(user.sign_in, notice(user))
