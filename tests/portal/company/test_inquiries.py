"""Inquiries below Flask: who can send what to whom, what each side may do, and two at once; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.company import inquiry_reports
from portal.company.inquiries import (
    MAX_A_DAY,
    MAX_OPEN_AT_FIRM,
    Party,
    Reason,
    Refused,
    Standing,
    counted,
    newest,
    received_by,
    seen,
    thread,
)
from portal.company.inquiry_thread import MAX_MESSAGES, Said, answer, ask_on, note_read
from portal.indexing.sessions import Sessions, writing
from portal.models import (
    AuditEntry,
    Inquiry,
    InquiryAct,
    InquiryReport,
    InquiryState,
    Message,
    Organisation,
    OrganisationState,
    Role,
    Supplier,
    User,
)
from portal.register.audit import Actor
from tests.portal.inquiring import START, TODAY, Desk, a_firm

STAFF = Actor("user/9", "192.0.2.1")


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


@pytest.fixture
def firm(session: Session) -> Supplier:
    return a_firm(session)


@pytest.fixture
def of_firm(desk: Desk, firm: Supplier) -> Organisation:
    return desk.organisation("supplier", firm)


@pytest.fixture
def qian(desk: Desk, of_firm: Organisation) -> Party:
    """Of the firm."""
    return desk.person(of_firm, Role.SUPPLIER_EDITOR, sign_in="qian@firm.example", language="zh")


@pytest.fixture
def wang(desk: Desk) -> Party:
    """A buyer."""
    return desk.person(desk.organisation(name="甲采购集团"), sign_in="wang@buyer.example")


def said(inquiry: Inquiry, act: InquiryAct, text: str = "", version: int = 0) -> Said:
    return Said(inquiry.id, version or inquiry.version, act, text)


def stands(session: Session, inquiry: Inquiry, today: date = TODAY) -> Standing:
    session.flush()
    return seen(session, today, Inquiry.id == inquiry.id)[0].standing


def letters(session: Session, recipient: str) -> list[Message]:
    session.flush()
    return list(session.scalars(select(Message).where(Message.recipient == recipient).order_by(Message.id)))


def test_a_request_is_asked_back_answered_and_accepted(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    inquiry = desk.sent(wang, firm)
    assert (inquiry.for_firm, inquiry.for_buyer, stands(session, inquiry)) == (True, False, Standing.SENT)
    answer(desk.hand(qian), said(inquiry, InquiryAct.ASKED, "哪个精度等级？"))
    assert (inquiry.for_buyer, stands(session, inquiry)) == (True, Standing.ASKED)
    ask_on(desk.hand(wang), said(inquiry, InquiryAct.REPLIED, "P5"))
    assert (inquiry.for_firm, inquiry.for_buyer, stands(session, inquiry)) == (True, False, Standing.SENT)
    answer(desk.hand(qian), said(inquiry, InquiryAct.INTERESTED))
    ask_on(desk.hand(wang), said(inquiry, InquiryAct.REPLIED, "请致电 138…"))
    assert stands(session, inquiry) == Standing.INTERESTED
    told = [(one.act, one.text) for one in thread(session, inquiry.id)]
    assert told == [
        ("sent", "能否每月供货？"),
        ("asked", "哪个精度等级？"),
        ("replied", "P5"),
        ("interested", ""),
        ("replied", "请致电 138…"),
    ]
    assert inquiry.version == len(told)


def test_both_sides_are_told_in_their_language_and_not_what_was_asked(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    inquiry = desk.sent(wang, firm)
    answer(desk.hand(qian), said(inquiry, InquiryAct.INTERESTED, "可以"))
    ask_on(desk.hand(wang), said(inquiry, InquiryAct.WITHDRAWN))
    first, second = letters(session, "qian@firm.example")
    assert "甲采购集团" in first.body
    assert "2026-06-11" in first.body
    assert f"https://portal.example/firm/inquiries/{inquiry.id}" in first.body
    assert "撤回" in second.body
    (answered,) = letters(session, "wang@buyer.example")
    assert "宁波第1轴承有限公司 is interested" in answered.body
    assert f"/workspace/inquiries/{inquiry.id}" in answered.body
    assert "6204" not in first.body + answered.body + first.subject


def test_a_phone_gets_an_sms_and_who_may_not_sign_in_nothing(
    desk: Desk, session: Session, firm: Supplier, wang: Party, of_firm: Organisation
) -> None:
    desk.person(of_firm, Role.SUPPLIER_ADMIN, sign_in="+8613800138000", language="zh")
    desk.person(of_firm, Role.SUPPLIER_ADMIN, sign_in="gone@firm.example", disabled_at=START)
    desk.sent(wang, firm)
    (sms,) = letters(session, "+8613800138000")
    assert not sms.subject
    assert "甲采购集团" in sms.body
    assert not letters(session, "gone@firm.example")


def test_the_answer_reaches_the_administrators_once_the_sender_is_gone(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    buyers = session.get_one(Organisation, wang.organisation_id)
    desk.person(buyers, Role.BUYER_ADMIN, sign_in="admin@buyer.example")
    inquiry = desk.sent(wang, firm)
    session.get_one(User, wang.id).disabled_at = START
    answer(desk.hand(qian), said(inquiry, InquiryAct.DECLINED))
    assert not letters(session, "wang@buyer.example")
    assert "not interested" in letters(session, "admin@buyer.example")[0].body


@pytest.mark.parametrize("state", [OrganisationState.PENDING, OrganisationState.DISABLED, None])
def test_only_a_firm_that_someone_speaks_for_gets_one(
    desk: Desk, firm: Supplier, wang: Party, state: OrganisationState | None
) -> None:
    if state is not None:
        desk.organisation("supplier", firm, state=state)
    with pytest.raises(Refused) as refused:
        desk.sent(wang, firm)
    assert refused.value.reason is Reason.NOBODY


def test_a_withdrawn_firm_gets_none(desk: Desk, firm: Supplier, wang: Party, qian: Party) -> None:
    firm.withdrawn_at = START
    with pytest.raises(Refused) as refused:
        desk.sent(wang, firm)
    assert refused.value.reason is Reason.NOBODY


def test_the_same_product_is_not_asked_twice_while_it_is_open(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    first = desk.sent(wang, firm, product="Ball bearing 6204")
    colleague = desk.person(session.get_one(Organisation, wang.organisation_id))
    with pytest.raises(Refused) as refused:
        desk.sent(colleague, firm, product="ＢＡＬＬ bearing  6204")
    assert (refused.value.reason, refused.value.inquiry) == (Reason.DUPLICATE, first.id)
    desk.sent(wang, firm, product="Ball bearing 6205")
    answer(desk.hand(qian), said(first, InquiryAct.DECLINED))
    desk.sent(wang, firm, product="Ball bearing 6204")


def test_so_many_wait_at_one_firm_and_so_many_go_out_in_a_day(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    for number in range(MAX_OPEN_AT_FIRM):
        desk.sent(wang, firm, product=f"轴承 {number}")
    with pytest.raises(Refused) as refused:
        desk.sent(wang, firm, product="轴承 x")
    assert (refused.value.reason, refused.value.most) == (Reason.TOO_MANY_OPEN, MAX_OPEN_AT_FIRM)
    for number in range(2, 2 + MAX_A_DAY // MAX_OPEN_AT_FIRM - 1):
        other = a_firm(session, number)
        desk.organisation("supplier", other)
        for place in range(MAX_OPEN_AT_FIRM):
            desk.sent(wang, other, product=f"轴承 {place}")
    fresh = a_firm(session, 99)
    desk.organisation("supplier", fresh)
    with pytest.raises(Refused) as refused:
        desk.sent(wang, fresh)
    assert (refused.value.reason, refused.value.most) == (Reason.TOO_MANY_TODAY, MAX_A_DAY)
    midnight_in_china = datetime(2026, 6, 1, 16, 0, tzinfo=UTC)
    desk.sent(wang, fresh, at=midnight_in_china)
    desk.sent(desk.person(desk.organisation()), firm)  # another buyer's count is its own


def test_after_the_day_to_answer_by_nothing_can_be_said_and_it_can_be_asked_anew(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    inquiry = desk.sent(wang, firm)
    day_after = datetime(2026, 6, 11, 16, 0, tzinfo=UTC)  # midnight in China
    assert stands(session, inquiry, date(2026, 6, 11)) == Standing.SENT
    assert stands(session, inquiry, date(2026, 6, 12)) == Standing.EXPIRED
    for side, party, act in ((answer, qian, InquiryAct.INTERESTED), (ask_on, wang, InquiryAct.WITHDRAWN)):
        with pytest.raises(Refused) as refused:
            side(desk.hand(party, day_after), said(inquiry, act))
        assert refused.value.reason is Reason.CLOSED
    desk.sent(wang, firm, at=day_after, answer_by=date(2026, 7, 1))


def test_an_accepted_request_outlives_its_day(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    inquiry = desk.sent(wang, firm)
    answer(desk.hand(qian), said(inquiry, InquiryAct.INTERESTED))
    later = START + timedelta(days=60)
    ask_on(desk.hand(wang, later), said(inquiry, InquiryAct.REPLIED, "寄样品"))
    assert stands(session, inquiry, date(2026, 8, 1)) == Standing.INTERESTED


def test_a_slip_is_mended_until_the_day(desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party) -> None:
    inquiry = desk.sent(wang, firm)
    answer(desk.hand(qian), said(inquiry, InquiryAct.DECLINED))
    answer(desk.hand(qian), said(inquiry, InquiryAct.INTERESTED))
    answer(desk.hand(qian), said(inquiry, InquiryAct.DECLINED))
    with pytest.raises(Refused):
        answer(desk.hand(qian, START + timedelta(days=30)), said(inquiry, InquiryAct.INTERESTED))


@pytest.mark.parametrize("act", [InquiryAct.ASKED, InquiryAct.REPLIED])
def test_a_question_needs_words(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party, act: InquiryAct
) -> None:
    inquiry = desk.sent(wang, firm)
    if act is InquiryAct.REPLIED:
        answer(desk.hand(qian), said(inquiry, InquiryAct.INTERESTED))
    with pytest.raises(Refused) as refused:
        answer(desk.hand(qian), said(inquiry, act))
    assert refused.value.reason is Reason.TEXT_NEEDED
    assert len(thread(session, inquiry.id)) == inquiry.version


def test_a_thread_stays_short_and_can_still_be_decided(desk: Desk, firm: Supplier, wang: Party, qian: Party) -> None:
    inquiry = desk.sent(wang, firm)
    for _time in range(MAX_MESSAGES - 1):
        answer(desk.hand(qian), said(inquiry, InquiryAct.ASKED, "？"))
    with pytest.raises(Refused) as refused:
        answer(desk.hand(qian), said(inquiry, InquiryAct.ASKED, "？"))
    assert refused.value.reason is Reason.THREAD_FULL
    answer(desk.hand(qian), said(inquiry, InquiryAct.INTERESTED))


def test_who_sent_it_or_an_administrator_withdraws(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    buyers = session.get_one(Organisation, wang.organisation_id)
    inquiry = desk.sent(wang, firm)
    with pytest.raises(Refused) as refused:
        ask_on(desk.hand(desk.person(buyers)), said(inquiry, InquiryAct.WITHDRAWN))
    assert refused.value.reason is Reason.NOT_YOURS
    ask_on(desk.hand(desk.person(buyers, Role.BUYER_ADMIN)), said(inquiry, InquiryAct.WITHDRAWN))
    assert stands(session, inquiry) == Standing.WITHDRAWN
    with pytest.raises(Refused):
        answer(desk.hand(qian), said(inquiry, InquiryAct.INTERESTED))


def test_what_another_organisation_asked_or_got_is_not_there(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    inquiry = desk.sent(wang, firm)
    stranger = desk.person(desk.organisation())
    other_firm = desk.person(desk.organisation("supplier", a_firm(session, 2)), Role.SUPPLIER_ADMIN)
    for side, party in ((ask_on, stranger), (answer, other_firm), (answer, wang), (ask_on, qian)):
        with pytest.raises(LookupError):
            side(desk.hand(party), said(inquiry, InquiryAct.REPLIED, "x"))


def test_who_speaks_for_the_firm_later_does_not_read_what_went_to_those_before(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party, of_firm: Organisation
) -> None:
    inquiry = desk.sent(wang, firm)
    of_firm.supplier_id = None
    session.flush()
    heir = desk.person(desk.organisation("supplier", firm), Role.SUPPLIER_ADMIN)
    for party in (heir, qian):
        assert not counted(session, received_by(party.organisation_id))
        with pytest.raises(LookupError):
            answer(desk.hand(party), said(inquiry, InquiryAct.INTERESTED))
    assert stands(session, inquiry) == Standing.LAPSED
    again = desk.sent(wang, firm)  # it is no duplicate, and goes to the new people
    assert counted(session, received_by(heir.organisation_id)) == 1
    assert newest(session, wang.organisation_id, [firm.id], TODAY)[firm.id].inquiry.id == again.id


def test_what_comes_while_one_reads_stays_unread(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    inquiry = desk.sent(wang, firm)
    shown = inquiry.version
    answer(desk.hand(qian), said(inquiry, InquiryAct.ASKED, "？"))
    ask_on(desk.hand(wang), said(inquiry, InquiryAct.REPLIED, "！"))
    session.flush()
    note_read(session, inquiry.id, shown, by_firm=True)
    session.refresh(inquiry)
    assert inquiry.for_firm
    note_read(session, inquiry.id, inquiry.version, by_firm=True)
    session.refresh(inquiry)
    assert not inquiry.for_firm


def test_a_blocked_buyer_sends_nothing_and_what_was_open_is_declined(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party
) -> None:
    first, second = desk.sent(wang, firm), desk.sent(wang, firm, product="轴承 2")
    other = desk.sent(desk.person(desk.organisation()), firm)
    assert inquiry_reports.block(desk.hand(qian), first) == 2
    assert inquiry_reports.block(desk.hand(qian), first) == 0
    assert [stands(session, one) for one in (first, second, other)] == ["declined", "declined", "sent"]
    with pytest.raises(Refused) as refused:
        desk.sent(wang, firm, product="轴承 3")
    assert refused.value.reason is Reason.BLOCKED
    ((block, name),) = inquiry_reports.blocked(session, qian.organisation_id)
    assert name == "甲采购集团"
    assert not inquiry_reports.unblock(session, wang.organisation_id, block.id), "only who blocked may allow again"
    assert inquiry_reports.unblock(session, qian.organisation_id, block.id)
    desk.sent(wang, firm, product="轴承 3")


@pytest.fixture
def report(desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party) -> InquiryReport:
    inquiry = desk.sent(wang, firm)
    inquiry_reports.report(desk.hand(qian), inquiry, "与产品无关的广告")
    session.flush()
    found = inquiry_reports.report_of(session, inquiry.id)
    assert found is not None
    return found


def test_staff_stop_a_buyer_for_a_while_and_the_log_names_no_firm(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party, report: InquiryReport
) -> None:
    buyers = session.get_one(Organisation, wang.organisation_id)
    desk.person(buyers, Role.BUYER_ADMIN, sign_in="admin@buyer.example")
    staff = desk.hand(desk.person(desk.organisation("ministry"), Role.STAFF_EDITOR))
    inquiry_reports.decide(staff, report, STAFF, "群发广告", 30)
    with pytest.raises(Refused) as refused:
        inquiry_reports.decide(staff, report, STAFF, "", 0)
    assert refused.value.reason is Reason.DECIDED
    with pytest.raises(Refused) as refused:
        desk.sent(wang, firm, product="轴承 2")
    assert refused.value.reason is Reason.STOPPED
    assert refused.value.until == report.stopped_until
    assert "群发广告" in letters(session, "admin@buyer.example")[-1].body
    (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.actor, entry.subject) == ("user/9", f"organisation/{wang.organisation_id}")
    assert entry.changes == {"until": [None, "2026-07-01"]}
    inquiry_reports.lift(staff, report, STAFF)
    desk.sent(wang, firm, product="轴承 2")
    with pytest.raises(Refused):
        inquiry_reports.lift(staff, report, STAFF)
    assert [row.action for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == [
        "inquiries stopped",
        "inquiries allowed",
    ]


def test_a_stop_ends_by_itself(desk: Desk, firm: Supplier, wang: Party, report: InquiryReport) -> None:
    staff = desk.hand(desk.person(desk.organisation("ministry"), Role.STAFF_EDITOR))
    inquiry_reports.decide(staff, report, STAFF, "群发广告", 7)
    desk.sent(wang, firm, at=START + timedelta(days=8), answer_by=date(2026, 7, 1), product="轴承 2")


def test_a_dismissed_report_stops_nobody_and_one_inquiry_is_reported_once(
    desk: Desk, session: Session, firm: Supplier, wang: Party, qian: Party, report: InquiryReport
) -> None:
    with pytest.raises(Refused) as refused:
        inquiry_reports.report(desk.hand(qian), session.get_one(Inquiry, report.inquiry_id), "again")
    assert refused.value.reason is Reason.REPORTED
    staff = desk.hand(desk.person(desk.organisation("ministry"), Role.STAFF_EDITOR))
    inquiry_reports.decide(staff, report, STAFF, "正常询问", 0)
    desk.sent(wang, firm, product="轴承 2")
    (entry,) = session.scalars(select(AuditEntry)).all()
    assert entry.changes == {}


Doing = Callable[[Desk], object]


def at_once(sessions: Sessions, *doing: Doing) -> list[Reason | None]:
    """Do all of it at the same time, each in a transaction of its own; why which was refused."""
    start = Barrier(len(doing))
    came: dict[int, Reason | None] = {}

    def run(number: int, act: Doing) -> None:
        start.wait()
        try:
            with writing(sessions) as session:
                act(Desk(session))
            came[number] = None
        except Refused as refused:
            came[number] = refused.reason

    threads = [Thread(target=run, args=pair) for pair in enumerate(doing)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return [came[number] for number in range(len(doing))]


@pytest.fixture
def kept(sessions: Sessions) -> tuple[int, int, Party, Party]:
    """Committed: an inquiry's id, its firm's id, a person of the firm, the buyer."""
    with writing(sessions) as session:
        desk = Desk(session)
        firm = a_firm(session)
        firms_person = desk.person(desk.organisation("supplier", firm), Role.SUPPLIER_ADMIN)
        buyer = desk.person(desk.organisation())
        return desk.sent(buyer, firm).id, firm.id, firms_person, buyer


@pytest.mark.parametrize(
    ("second", "states"),
    [
        (InquiryAct.DECLINED, {InquiryState.INTERESTED, InquiryState.DECLINED}),
        (InquiryAct.WITHDRAWN, {InquiryState.INTERESTED, InquiryState.WITHDRAWN}),
    ],
)
def test_of_two_acts_at_once_one_counts_and_the_other_is_told(
    sessions: Sessions, kept: tuple[int, int, Party, Party], second: InquiryAct, states: set[InquiryState]
) -> None:
    inquiry, _firm, qian, wang = kept
    party, side = (wang, ask_on) if second is InquiryAct.WITHDRAWN else (qian, answer)
    came = at_once(
        sessions,
        lambda desk: answer(desk.hand(qian), Said(inquiry, 1, InquiryAct.INTERESTED)),
        lambda desk: side(desk.hand(party), Said(inquiry, 1, second)),
    )
    assert sorted(came, key=str) == sorted([None, Reason.CHANGED], key=str)
    with sessions() as session:
        row = session.get_one(Inquiry, inquiry)
        assert (row.state in states, row.version, len(thread(session, inquiry))) == (True, 2, 2)


def test_two_presses_send_once(sessions: Sessions, kept: tuple[int, int, Party, Party]) -> None:
    _inquiry, firm_id, _qian, wang = kept

    def press(desk: Desk) -> None:
        desk.sent(wang, desk.session.get_one(Supplier, firm_id), product="法兰")

    assert sorted(at_once(sessions, press, press), key=str) == sorted([None, Reason.DUPLICATE], key=str)
    with sessions() as session:
        assert counted(session, Inquiry.product == "法兰") == 1
