"""One case as its page shows it: the firm beside what is asked, files, what was done, and what may be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import select

from portal.company.files import proofs_of
from portal.company.kinds import KINDS
from portal.ministry.review_rows import age, decides, place
from portal.models import CaseKind, CaseStage, CaseState, Organisation, Proof, ReviewCase, StepAction, Supplier, User
from portal.reviews.kinds import Difference
from portal.reviews.reading import steps_of
from portal.web.presenters.context import Context
from portal.web.presenters.reviews import kind_labels, stage_labels, state_labels, step_labels
from portal.web.reviewing import glass, stages
from portal.web.users import signed_in


@dataclass(frozen=True, slots=True)
class StepView:
    """What was done, by whom, at which stage, and what was said to it."""

    at: datetime
    who: str
    what: str
    stage: str
    comment: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """`may`: decide here and now; `passes`: to which stage an approval passes it on, "" where it is the last word."""

    case: ReviewCase
    firm: Supplier
    firm_url: str
    place: str
    kind: str
    state: str
    stages: tuple[tuple[str, bool], ...]
    days: int
    asks: Organisation
    person: User
    owner: str
    mine: bool
    may: bool
    passes: str
    differences: tuple[Difference, ...]
    proofs: list[Proof]
    steps: tuple[StepView, ...]


def case_view(case: ReviewCase, firm: Supplier, at: Context) -> CaseView:
    """The case as it is now."""
    passed = stages().of(case.kind, firm)
    following = stages().following(case.kind, firm, case.stage)
    steps = steps_of(at.session, case.id)
    people = {step.user_id for step in steps} | {case.user_id} | ({case.owner_id} - {None})
    users = {user.id: user for user in at.session.scalars(select(User).where(User.id.in_(people)))}
    labels, open_ = stage_labels(), case.state == CaseState.OPEN
    return CaseView(
        case=case,
        firm=firm,
        firm_url=url_for("ministry.supplier", scheme=firm.scheme, number=firm.number),
        place=place(firm, at),
        kind=kind_labels()[case.kind],
        state=state_labels()[CaseState(case.state)],
        stages=tuple((labels[stage], open_ and stage == case.stage) for stage in passed),
        days=age(case),
        asks=at.session.get_one(Organisation, case.organisation_id),
        person=users[case.user_id],
        owner=users[case.owner_id].name if case.owner_id else "",
        mine=case.owner_id == signed_in().id,
        may=open_ and decides(case, firm, at),
        passes=labels[following] if following else "",
        differences=KINDS[CaseKind(case.kind)].differences(case, glass(at.session)),
        proofs=proofs_of(at.session, case.id),
        steps=tuple(
            StepView(
                step.at,
                users[step.user_id].name,
                step_labels()[StepAction(step.action)],
                labels[CaseStage(step.stage)],
                step.comment,
            )
            for step in steps
        ),
    )
