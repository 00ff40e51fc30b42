"""Reminders: on the right days, to who speaks for the firm and wants them, once, whatever dies in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import make_transient

from portal.company.reminders import LEASE, Reminding, remind
from portal.indexing import leases
from portal.indexing.sessions import Sessions, writing
from portal.models import Message, Organisation, OrganisationState, Profile, Reminder, Role, Supplier, User, now
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.facts import CertificateState, SupplierRecord
from portal.register.writer import Writer
from tests.factories import assessment_facts, certificate_facts, credit_code, supplier_facts
from tests.portal.accounts.conftest import Visitor

URL = "http://portal.example"
END = date(2027, 6, 30)


def before(days: int) -> date:
    return END - timedelta(days=days)


@pytest.fixture
def firm(sessions: Sessions, catalogue: Catalogue) -> Callable[..., int]:
    """`firm(*certificates, people=…)`: a firm and those who speak for it; its id."""

    def make(*certificates: object, people: tuple[dict[str, object], ...] = ({},), **stated: object) -> int:
        with writing(sessions) as session:
            record = SupplierRecord(supplier=supplier_facts(1), certificates=certificates, **stated)  # type: ignore[arg-type]
            Writer(session, catalogue, actor="tester").write([record])
            supplier = session.scalars(select(Supplier).where(Supplier.number == credit_code(1))).one()
            supplier.updated_at = now() + timedelta(days=400)
            organisation = Organisation(
                kind="supplier", name="甲", state=OrganisationState.APPROVED, supplier_id=supplier.id
            )
            session.add(organisation)
            session.flush()
            for number, one in enumerate(people):
                values = {"sign_in": f"a{number}@example.com", "language": "en", "name": "王", "role": "supplier_admin"}
                session.add(User(organisation_id=organisation.id, **values | one))
            return supplier.id

    return make


@pytest.fixture
def reminded(sessions: Sessions, catalogue: Catalogue) -> Callable[[date], list[Message]]:
    """The messages that a look on a day makes."""

    def look(day: date) -> list[Message]:
        with writing(sessions) as session:
            session.execute(delete(Message))
        remind(sessions, catalogue, URL, day)
        with sessions() as session:
            return list(session.scalars(select(Message).order_by(Message.recipient)))

    return look


def test_90_30_and_7_days_before_the_end_each_once(
    firm: Callable[..., int], reminded: Callable[[date], list[Message]]
) -> None:
    firm(certificate_facts(expires_on=END))
    days = [day for day in range(100, -3, -1) if reminded(before(day))]
    assert days == [90, 30, 7]


def test_what_it_says(firm: Callable[..., int], reminded: Callable[[date], list[Message]]) -> None:
    firm(
        certificate_facts(expires_on=END),
        certificate_facts("G", scheme="gbt19001", level=None, expires_on=END + timedelta(days=1)),
        people=({}, {"language": "zh"}, {"sign_in": "+8613800000000"}),
    )
    phone, english, chinese = reminded(before(30))
    assert "Quality capability Assurance ends on 2027-06-30, in 30 days." in english.body
    assert "ISO 9001 ends on 2027-07-01, in 31 days." in english.body
    assert f"{URL}/firm/reminders" in english.body
    assert "Ningbo Bearing No. 1" in english.subject
    assert "质量管理能力 保证级" in chinese.body
    assert phone.subject == ""
    assert "and 1 more" in phone.body


def test_after_a_pause_only_the_nearest(firm: Callable[..., int], reminded: Callable[[date], list[Message]]) -> None:
    firm(certificate_facts(expires_on=END))
    assert len(reminded(before(5))) == 1
    assert not reminded(before(4))


@pytest.mark.parametrize(
    "certificates",
    [
        (certificate_facts(expires_on=END, state=CertificateState.REVOKED, state_on=date(2026, 1, 1)),),
        (certificate_facts("G", scheme="gbt19001", level=None, basis="self", expires_on=END),),
        (certificate_facts("A", expires_on=END), certificate_facts("B", expires_on=END + timedelta(days=900))),
        (certificate_facts(expires_on=None),),
    ],
    ids=["revoked", "does not count", "renewed", "without end"],
)
def test_nothing_to_be_reminded_of(
    firm: Callable[..., int], reminded: Callable[[date], list[Message]], certificates: tuple[object, ...]
) -> None:
    firm(*certificates)
    assert not reminded(before(30))


def test_not_who_is_disabled_or_wants_none(firm: Callable[..., int], reminded: Callable[[date], list[Message]]) -> None:
    firm(certificate_facts(expires_on=END), people=({"reminders": False}, {"disabled_at": now()}))
    assert not reminded(before(30))


def test_a_stale_assessment_once_a_year(firm: Callable[..., int], reminded: Callable[[date], list[Message]]) -> None:
    firm(assessments=(assessment_facts(date(2025, 6, 1)),))
    year = timedelta(days=365)
    assert not reminded(date(2025, 6, 1) + year - timedelta(days=1))
    assert "assessment is more than a year old" in reminded(date(2025, 6, 1) + year)[0].body
    assert not reminded(date(2025, 6, 1) + year + timedelta(days=40))
    assert len(reminded(date(2025, 6, 1) + 2 * year)) == 1


def test_an_entry_that_nobody_touched(
    firm: Callable[..., int], reminded: Callable[[date], list[Message]], sessions: Sessions
) -> None:
    supplier = firm()
    with writing(sessions) as session:
        session.get_one(Supplier, supplier).updated_at = now() - timedelta(days=370)
    [message] = reminded(today_china())
    assert "Nothing in your entry has changed for a year" in message.body


def test_a_profile_published_since_is_not_stale_though_lists_are_old(
    firm: Callable[..., int], reminded: Callable[[date], list[Message]], sessions: Sessions
) -> None:
    supplier = firm()
    with writing(sessions) as session:
        session.get_one(Supplier, supplier).updated_at = now() - timedelta(days=370)
        session.add(Profile(supplier_id=supplier, published_at=now() - timedelta(days=9)))
    assert not reminded(today_china())


def test_a_worker_that_dies_before_the_commit_has_sent_nothing(
    firm: Callable[..., int],
    reminded: Callable[[date], list[Message]],
    sessions: Sessions,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    firm(certificate_facts(expires_on=END))

    def dies(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("portal.company.reminders.post", dies)
        with pytest.raises(KeyboardInterrupt):
            remind(sessions, catalogue, URL, before(30))
    with sessions() as session:
        assert session.scalars(select(Reminder)).all() == []
    assert len(reminded(before(30))) == 1
    assert not reminded(before(30))


def test_the_database_itself_refuses_a_second_one(
    firm: Callable[..., int], reminded: Callable[[date], list[Message]], sessions: Sessions
) -> None:
    firm(certificate_facts(expires_on=END))
    reminded(before(30))
    with sessions() as session:
        row = session.scalars(select(Reminder)).one()
        session.expunge(row)
    make_transient(row)
    row.id = None  # type: ignore[assignment]  # it gets another one
    with sessions() as session:
        session.add(row)
        with pytest.raises(IntegrityError):
            session.flush()


def test_of_several_workers_one_reminds_once_a_day(
    firm: Callable[..., int], sessions: Sessions, catalogue: Catalogue
) -> None:
    firm(certificate_facts(expires_on=END))
    one, other = (Reminding(sessions, catalogue, URL, threading.Event()) for _ in range(2))
    assert leases.acquire(sessions, LEASE, "another")
    assert one.step(before(30)) == 0
    leases.release(sessions, LEASE, "another")
    assert one.step(before(30)) == 1
    assert one.step(before(30)) == 0
    assert other.step(before(30)) == 0


def test_turning_them_off_and_on(speaks_for: Callable[..., Visitor]) -> None:
    browser = speaks_for(5, Role.SUPPLIER_EDITOR)
    page = browser.get("/firm/reminders").text
    assert "Turn them off" in page
    browser.submit("/firm/reminders", to="off")
    assert "You are not reminded" in browser.get("/firm/reminders").text
    browser.submit("/firm/reminders", to="on")
    assert "Turn them off" in browser.get("/firm/reminders").text
    browser.submit("/firm/reminders", to="perhaps")
    assert "Turn them off" in browser.get("/firm/reminders").text
