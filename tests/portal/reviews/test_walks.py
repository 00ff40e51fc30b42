"""Random walks: whatever people do to cases in whatever order, no decision is lost and only those who may decide."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.models import (
    AuditEntry,
    CaseKind,
    CaseStage,
    CaseState,
    ReviewCase,
    ReviewStep,
    Role,
    StepAction,
    Supplier,
    User,
)
from portal.models.database import begin_write
from portal.register.catalogue import Catalogue
from portal.register.territory import Territory, territory_of
from portal.reviews import cases
from portal.reviews.cases import Decision, Desk, NotYours, Stale
from portal.reviews.kinds import Refused
from portal.reviews.stages import ORDER, Stages
from tests.portal.reviews.conftest import Recorder, person

PLACES = {"330206": ("330206", "330200", "330000"), "330106": ("330106", "330100", "330000"), None: ()}
"""Where firms are, and the codes that hold them."""

Codes = tuple[str, ...]
TERRITORIES: tuple[Codes, ...] = (
    (),
    ("330206",),
    ("330200",),
    ("330000",),
    ("320000",),
    ("320000", "330206"),
)
SETTINGS = [
    Stages(dict.fromkeys(CaseKind, some), ministry_everywhere=everywhere)
    for some in chain.from_iterable(combinations(ORDER, size) for size in (1, 2, 3))
    for everywhere in (True, False)
]
DEEDS = ("approve", "return", "refuse", "take", "release", "resubmit", "withdraw")
CLOSED = {CaseState.APPROVED, CaseState.REFUSED, CaseState.WITHDRAWN}
FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Walk = list[tuple[str, int, int, bool]]
"""Deeds: which, by whom, how many versions too late, and whether with a comment."""

steps = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, len(TERRITORIES) + 1), st.integers(0, 2), st.booleans()),
    max_size=14,
)


def allowed(stage: str, place: str | None, regions: Codes, everywhere: bool) -> bool:
    """The rule, said otherwise: by the widest of one's regions that holds the firm."""
    if not regions:
        return everywhere or stage == CaseStage.MINISTRY
    holding = [code for code in regions if code in PLACES[place]]
    if stage == CaseStage.LOCAL:
        return bool(holding)
    return stage == CaseStage.PROVINCE and any(code.endswith("0000") for code in holding)


@given(
    stage=st.sampled_from(ORDER),
    place=st.sampled_from(list(PLACES)),
    regions=st.sampled_from(TERRITORIES),
    everywhere=st.booleans(),
    sectors=st.sampled_from([(), ("machinery",), ("textiles",)]),
)
def test_who_decides_at_which_stage(
    catalogue: Catalogue,
    stage: CaseStage,
    place: str | None,
    regions: Codes,
    everywhere: bool,
    sectors: tuple[str, ...],
) -> None:
    firm = Supplier(scheme="CN-USCC", number="1", region=place, sector="machinery")
    rules = Stages({}, ministry_everywhere=everywhere)
    wanted = allowed(stage, place, regions, everywhere) and sectors != ("textiles",)
    assert rules.may_decide(stage, firm, Territory(regions, sectors), catalogue) == wanted


@given(walk=steps, place=st.sampled_from(list(PLACES)), rules=st.sampled_from(SETTINGS))
@FAST
def test_walks(
    sqlite_database: Engine,
    desk_of: Callable[..., Desk],
    recorder: Recorder,
    walk: Walk,
    place: str | None,
    rules: Stages,
) -> None:
    with Session(sqlite_database) as session:
        begin_write(session)
        recorder.approved.clear()
        firm = Supplier(scheme="CN-USCC", number="W", region=place, sector="machinery")
        session.add(firm)
        staff = [person(session, Role.STAFF_EDITOR, regions=list(regions)) for regions in TERRITORIES]
        asks, stranger = person(session, Role.SUPPLIER_EDITOR), person(session, Role.SUPPLIER_EDITOR)
        people = [*staff, asks, stranger]
        case = cases.submit(desk_of(session, asks, rules), CaseKind.CORRECTION, firm, {})
        assert case.stage == (rules.by_kind[CaseKind.CORRECTION][0] if place else CaseStage.MINISTRY)
        for deed, who, behind, says in walk:
            _try(desk_of(session, people[who], rules), case, deed, behind, says, asks)
        _check(session, case, recorder)
        session.rollback()


def _try(desk: Desk, case: ReviewCase, deed: str, behind: int, says: bool, asks: User) -> None:
    """Do a deed, perhaps from an old page; what happened must be what may happen."""
    before = (case.version, case.state, case.stage, case.owner_id)
    version, comment = case.version - behind, "因为" if says else ""
    try:
        if deed in {"take", "release"}:
            getattr(cases, deed)(desk, case.id, version)
        elif deed == "resubmit":
            cases.resubmit(desk, case.id, version, {"again": True})
        elif deed == "withdraw":
            cases.withdraw(desk, case.id, version)
        else:
            cases.decide(desk, case.id, version, Decision(deed), comment)
    except (Stale, NotYours, Refused):
        assert (case.version, case.state, case.stage, case.owner_id) == before
        return
    number, state, stage, owner = before
    assert case.version == number + 1
    assert behind == 0
    assert state not in CLOSED
    if deed in {"resubmit", "withdraw"}:
        assert desk.user.organisation_id == asks.organisation_id
        return
    firm = desk.act.session.get_one(Supplier, case.supplier_id)
    regions = territory_of(desk.user).regions
    assert allowed(stage, firm.region, regions, desk.stages.ministry_everywhere)
    assert desk.user.role == Role.STAFF_EDITOR
    assert state == CaseState.OPEN
    if deed in {"approve", "return", "refuse"}:
        assert owner in {None, desk.user.id}
        assert says or deed == "approve"


def _check(session: Session, case: ReviewCase, recorder: Recorder) -> None:
    """Every deed left a step; those of staff an entry each; the effect came once, with the last approval."""
    done = session.scalars(select(ReviewStep).where(ReviewStep.case_id == case.id).order_by(ReviewStep.id)).all()
    assert len(done) == case.version
    of_staff = [step for step in done if step.action not in {StepAction.SUBMITTED, StepAction.WITHDRAWN}]
    logged = select(func.count(AuditEntry.id)).where(AuditEntry.subject == f"case/{case.id}")
    assert session.scalar(logged) == len(of_staff)
    approvals = [step for step in done if step.action == StepAction.APPROVED]
    assert recorder.approved == [case.id] * len(approvals)
    assert (case.state == CaseState.APPROVED) == bool(approvals)
    assert len(approvals) <= 1
    if case.state in CLOSED:
        assert case.decided_at is not None
        assert done[-1].action == case.state
