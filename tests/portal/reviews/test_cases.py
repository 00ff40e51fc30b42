"""A case from its first day to its last: who may do what, what is told to whom, and what the log says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AuditEntry, CaseKind, CaseStage, CaseState, Message, ReviewCase, Role, Supplier, User
from portal.register.catalogue import Catalogue
from portal.register.territory import territory_of
from portal.register.writer import Writer
from portal.reviews import cases
from portal.reviews.cases import Decision, Desk, NotYours, Stale
from portal.reviews.kinds import Refused
from portal.reviews.reading import Asked, Queue, steps_of
from portal.reviews.stages import Stages
from tests.factories import record
from tests.portal.reviews.conftest import ALL_STAGES, AT, ONE_STAGE, Recorder, person


@dataclass
class Office:
    """A firm in Ningbo with its people, and staff of each stage."""

    session: Session
    firm: Supplier
    asks: User
    admin: User
    staff: dict[str, User]
    desk_of: Callable[..., Desk]
    stages: Stages = ONE_STAGE

    def desk(self, user: User) -> Desk:
        return self.desk_of(self.session, user, self.stages)

    def submit(self) -> ReviewCase:
        return cases.submit(self.desk(self.asks), CaseKind.CORRECTION, self.firm, {"field": "address"})

    def decide(self, who: str, case: ReviewCase, decision: Decision = Decision.APPROVE, comment: str = "") -> None:
        cases.decide(self.desk(self.staff[who]), case.id, case.version, decision, comment)

    def log(self) -> list[AuditEntry]:
        reviews = select(AuditEntry).where(AuditEntry.subject.startswith("case/"))
        return list(self.session.scalars(reviews.order_by(AuditEntry.id)))

    def letters(self) -> list[Message]:
        return list(self.session.scalars(select(Message).order_by(Message.id)))

    def actions(self, case: ReviewCase) -> list[str]:
        return [step.action for step in steps_of(self.session, case.id)]


@pytest.fixture
def office(session: Session, catalogue: Catalogue, desk_of: Callable[..., Desk]) -> Office:
    Writer(session, catalogue, actor="import").write([record(1)])
    firm = session.scalars(select(Supplier)).one()
    admin = person(session, Role.SUPPLIER_ADMIN, language="en")
    asks = person(session, Role.SUPPLIER_EDITOR, admin.organisation)
    limits = {"county": ["330206"], "city": ["330200"], "province": ["330000"], "elsewhere": ["320000"], "ministry": []}
    staff = {name: person(session, Role.STAFF_EDITOR, regions=regions) for name, regions in limits.items()}
    return Office(session, firm, asks, admin, staff, desk_of)


def test_a_case_is_approved_with_its_effect_one_entry_and_letters(office: Office, recorder: Recorder) -> None:
    case = office.submit()
    assert (case.state, case.stage, case.version) == (CaseState.OPEN, CaseStage.MINISTRY, 1)
    office.decide("ministry", case)
    assert (case.state, case.version, case.decided_at) == (CaseState.APPROVED, 2, AT)
    assert recorder.approved == [case.id]
    assert office.actions(case) == ["submitted", "approved"]
    (entry,) = office.log()
    assert (entry.action, entry.subject) == ("review.approved", f"case/{case.id}")
    assert entry.changes["supplier"] == f"{office.firm.scheme}/{office.firm.number}"
    assert entry.changes["effect"] == [None, "done"]
    told = {letter.recipient: letter for letter in office.letters()}
    assert set(told) == {office.asks.sign_in, office.admin.sign_in}
    assert f"https://portal.example/cases/{case.id}" in told[office.admin.sign_in].body
    assert "Approved" in told[office.admin.sign_in].subject


def test_a_case_passes_its_stages_one_after_the_other(office: Office, recorder: Recorder) -> None:
    office.stages = ALL_STAGES
    case = office.submit()
    office.decide("county", case)
    assert (case.stage, case.state, case.owner_id, recorder.approved) == (CaseStage.PROVINCE, CaseState.OPEN, None, [])
    for who in ("county", "city", "elsewhere"):
        with pytest.raises(NotYours):
            office.decide(who, case)
    office.decide("province", case)
    with pytest.raises(NotYours):
        office.decide("province", case)
    office.decide("ministry", case)
    assert case.state == CaseState.APPROVED
    assert [entry.action for entry in office.log()] == ["review.passed", "review.passed", "review.approved"]
    assert [step.stage for step in steps_of(office.session, case.id)] == ["local", "local", "province", "ministry"]


def test_a_returned_case_is_answered_and_begins_again(office: Office, recorder: Recorder) -> None:
    office.stages = ALL_STAGES
    case = office.submit()
    office.decide("city", case)
    office.decide("province", case, Decision.RETURN, "请附照片")
    assert (case.state, recorder.settled) == (CaseState.RETURNED, [(case.id, CaseState.RETURNED)])
    assert "请附照片" in office.letters()[0].body
    with pytest.raises(Refused):
        office.decide("province", case)
    cases.resubmit(office.desk(office.asks), case.id, case.version, {"field": "name_zh"})
    assert (case.state, case.stage, case.payload) == (CaseState.OPEN, CaseStage.LOCAL, {"field": "name_zh"})


@pytest.mark.parametrize("decision", [Decision.RETURN, Decision.REFUSE])
@pytest.mark.parametrize("comment", ["", "  ", "x" * 2_001])
def test_without_a_fit_comment_nothing_is_returned_or_refused(office: Office, decision: Decision, comment: str) -> None:
    case = office.submit()
    with pytest.raises(Refused):
        office.decide("ministry", case, decision, comment)
    assert (case.version, office.log(), office.letters()) == (1, [], [])


def test_the_second_of_two_is_told_and_overwrites_nothing(office: Office, recorder: Recorder) -> None:
    case = office.submit()
    seen = case.version
    office.decide("ministry", case, Decision.REFUSE, "不符")
    second = office.desk(person(office.session, Role.STAFF_EDITOR))
    with pytest.raises(Stale):
        cases.decide(second, case.id, seen, Decision.APPROVE)
    with pytest.raises(Refused):
        cases.decide(second, case.id, case.version, Decision.APPROVE)
    assert (case.state, recorder.approved) == (CaseState.REFUSED, [])


def test_what_its_kind_refuses_is_not_decided(office: Office, recorder: Recorder) -> None:
    recorder.refuses = True
    case = office.submit()
    with pytest.raises(Refused, match="Not now"):
        office.decide("ministry", case)
    assert (case.state, case.version, office.log(), office.letters()) == (CaseState.OPEN, 1, [], [])


def test_a_taken_case_is_decided_by_its_owner_or_whoever_takes_it_over(office: Office) -> None:
    office.stages = ALL_STAGES
    case = office.submit()
    county, city = office.desk(office.staff["county"]), office.desk(office.staff["city"])
    cases.take(county, case.id, case.version)
    with pytest.raises(Refused):
        office.decide("city", case)
    with pytest.raises(Refused):
        cases.release(city, case.id, case.version)
    cases.take(city, case.id, case.version)
    cases.release(city, case.id, case.version)
    assert case.owner_id is None
    assert [entry.action for entry in office.log()] == ["review.taken", "review.taken", "review.released"]
    office.decide("county", case)


def test_only_the_organisation_that_asked_withdraws(office: Office, recorder: Recorder) -> None:
    case = office.submit()
    with pytest.raises(NotYours):
        cases.withdraw(office.desk(person(office.session, Role.SUPPLIER_ADMIN)), case.id, case.version)
    cases.withdraw(office.desk(office.admin), case.id, case.version)
    assert (case.state, recorder.settled) == (CaseState.WITHDRAWN, [(case.id, CaseState.WITHDRAWN)])
    with pytest.raises(Refused):
        cases.withdraw(office.desk(office.admin), case.id, case.version)


def test_a_firm_of_no_recorded_place_is_the_ministry_s(office: Office) -> None:
    office.firm.region, office.stages = None, ALL_STAGES
    case = office.submit()
    assert case.stage == CaseStage.MINISTRY
    with pytest.raises(NotYours):
        office.decide("province", case)
    office.decide("ministry", case)
    assert case.state == CaseState.APPROVED


def test_the_queue_counts_what_waits_for_me(office: Office, catalogue: Catalogue) -> None:
    office.stages = ALL_STAGES
    first, second = office.submit(), office.submit()

    def waiting(who: str) -> int:
        user = office.staff[who]
        desk = office.desk(user)
        territory = territory_of(user)
        return Queue(office.session, catalogue, desk.stages, territory).waiting(user.id)

    people = ("county", "city", "province", "elsewhere", "ministry")
    assert [waiting(who) for who in people] == [2, 2, 2, 0, 2]
    cases.take(office.desk(office.staff["county"]), first.id, first.version)
    office.decide("city", second)
    assert [waiting(who) for who in people] == [1, 0, 1, 0, 1]
    queue = Queue(office.session, catalogue, ALL_STAGES, territory_of(office.staff["county"]))
    assert [case.id for case, _firm in queue.page(Asked(), 9)] == [first.id, second.id]
    assert queue.count(Asked(unowned=True)) == 1
    assert queue.count(Asked(stage=CaseStage.PROVINCE)) == 1
    assert queue.count(Asked(owner=office.staff["county"].id)) == 1
    assert queue.count(Asked(kind=CaseKind.CLAIM)) == 0
