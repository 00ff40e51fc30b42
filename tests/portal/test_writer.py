"""The writer: what is written, counted, logged and due; what is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, writing
from portal.models import (
    Assessment,
    AuditEntry,
    Base,
    Certificate,
    OutboxRow,
    Provenance,
    Recognition,
    Supplier,
)
from portal.register.catalogue import Catalogue
from portal.register.facts import CertificateState, Process, RiskFact, Site, SupplierRecord
from portal.register.marks import is_met, marks_of
from portal.register.writer import Outcome, WriteError, Writer
from tests.factories import (
    achievement_facts,
    assessment_facts,
    certificate_facts,
    key_only,
    provenance_facts,
    recognition_facts,
    record,
    supplier_facts,
    supplier_key,
)


def only(session: Session, model: type[Base]) -> Any:
    return session.scalars(select(model)).one()


def count(session: Session, model: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def entries(session: Session) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def test_a_new_firm_is_written_logged_and_due(session: Session, writer: Writer) -> None:
    full = SupplierRecord(
        supplier=supplier_facts(
            former_names=(("宁波旧厂", date(2020, 1, 1)),),
            processes=(Process(code="casting"), Process(code="forging", subcontracted=True)),
            sites=(Site(region="330206", name="一厂"),),
            risks={"abnormal_operations": RiskFact(answer=False, source="公示系统", checked_on=date(2025, 1, 1))},
        ),
        certificates=(certificate_facts(),),
        assessments=(assessment_facts(),),
        recognitions=(recognition_facts(),),
        achievements=(achievement_facts(),),
    )
    assert writer.write([full]) == [Outcome.CREATED]
    firm: Supplier = only(session, Supplier)
    assert (firm.key, firm.index_version) == (supplier_key(), 1)
    assert firm.former_names == [{"name": "宁波旧厂", "until": "2020-01-01"}]
    assert firm.processes == [{"code": "casting", "subcontracted": False}, {"code": "forging", "subcontracted": True}]
    assert firm.risks["abnormal_operations"]["answer"] == "no"
    certificate: Certificate = only(session, Certificate)
    assert (certificate.key, certificate.state, certificate.basis) == ("Q-1", "valid", "third_party")
    assert only(session, Assessment).results["X01-04"] == {"result": "met"}
    assert only(session, Recognition).expires_on == date(2028, 6, 30)
    source: Provenance = only(session, Provenance)
    assert {firm.provenance_id, certificate.provenance_id} == {source.id}
    entry = only(session, AuditEntry)
    assert (entry.actor, entry.origin, entry.action, entry.subject) == ("tester", "test", "supplier.created", firm.key)
    assert entry.changes["name_zh"] == [None, firm.name_zh]
    assert entry.changes["assessments"]["2025-06-01/示范评价机构"]["results"] == [None, {"met": 1, "not_met": 1}]
    due: OutboxRow = only(session, OutboxRow)
    assert (due.supplier_id, due.version, due.live) == (firm.id, 1, False)


def test_the_same_again_changes_nothing(session: Session, catalogue: Catalogue, writer: Writer) -> None:
    full = SupplierRecord(
        supplier=supplier_facts(processes=(Process(code="casting"),), sites=(Site(region="330206"),)),
        certificates=(certificate_facts(), certificate_facts("", issuer="甲")),
        assessments=(assessment_facts(),),
        recognitions=(recognition_facts(),),
        achievements=(achievement_facts(),),
    )
    writer.write([full])
    before = only(session, Supplier).updated_at
    other_list = provenance_facts(batch="第二批")
    again = Writer(session, catalogue, actor="tester", provenance=other_list)
    assert again.write([full, SupplierRecord(supplier=key_only())]) == [Outcome.UNCHANGED] * 2
    assert only(session, Supplier).updated_at == before
    assert [count(session, model) for model in (AuditEntry, OutboxRow, Provenance)] == [1, 1, 1]


def test_a_change_logs_exactly_what_changed(session: Session, writer: Writer) -> None:
    writer.write([record()])
    changed = SupplierRecord(
        supplier=key_only(phone="0574-1", size="small"),
        certificates=(certificate_facts("Q-1-0", level="prevention"),),
    )
    assert writer.write([changed]) == [Outcome.CHANGED]
    assert entries(session)[1].changes == {
        "phone": ["", "0574-1"],
        "size": [None, "small"],
        "certificates": {"quality_capability/Q-1-0": {"level": ["assurance", "prevention"]}},
    }
    assert only(session, Supplier).index_version == 2
    assert session.scalars(select(OutboxRow.version).order_by(OutboxRow.id)).all() == [1, 2]


def test_empty_states_that_there_is_nothing(session: Session, writer: Writer) -> None:
    writer.write([record(size="small", phone="1")])
    writer.write([SupplierRecord(supplier=key_only(size="", phone="", products_zh=(), region=""))])
    firm = only(session, Supplier)
    assert (firm.size, firm.phone, firm.products_zh, firm.region) == (None, "", [], None)


def test_records_of_one_firm_make_one_change(session: Session, writer: Writer) -> None:
    first = SupplierRecord(supplier=supplier_facts(phone="1"), assessments=(assessment_facts(X01_04="met"),))
    second = SupplierRecord(supplier=key_only(phone="2"), assessments=(assessment_facts(X01_05="met"),))
    third = SupplierRecord(supplier=key_only(phone="2"))
    assert writer.write([first, second, third]) == [Outcome.CREATED, Outcome.CHANGED, Outcome.UNCHANGED]
    assert only(session, Supplier).phone == "2"
    assert set(only(session, Assessment).results) == {"X01-04", "X01-05"}
    assert (count(session, AuditEntry), count(session, OutboxRow)) == (1, 1)


def test_the_marks_of_an_assessment_follow_its_results(session: Session, writer: Writer) -> None:
    first = assessment_facts(X01_04="met", X01_05="not_met", X01_06="not_applicable")
    writer.write([SupplierRecord(supplier=supplier_facts(), assessments=(first,))])
    assert only(session, Assessment).marks == " X01-04= X01-05! X01-06~"
    writer.write([SupplierRecord(supplier=key_only(), assessments=(assessment_facts(X01_05="met", X01_07="met"),))])
    marks = only(session, Assessment).marks
    assert marks == marks_of(only(session, Assessment).results)
    assert [code for code in ("X01-04", "X01-05", "X01-06", "X01-07", "1-04") if is_met(marks, code)] == [
        "X01-04",
        "X01-05",
        "X01-07",
    ]
    entries = session.scalars(select(AuditEntry)).all()
    assert [set(*entry.changes["assessments"].values()) & {"marks"} for entry in entries] == [set(), set()]


def test_a_value_put_back_within_a_batch_is_no_change(session: Session, writer: Writer) -> None:
    writer.write([record(phone="1")])
    there_and_back = [SupplierRecord(supplier=key_only(phone=phone)) for phone in ("2", "1")]
    assert writer.write(there_and_back) == [Outcome.CHANGED, Outcome.CHANGED]
    assert (only(session, Supplier).index_version, count(session, AuditEntry)) == (1, 1)


def test_the_newest_assessment_is_current_whatever_the_order(session: Session, writer: Writer) -> None:
    for day in (date(2025, 6, 1), date(2024, 1, 1), date(2026, 1, 1)):
        writer.write([SupplierRecord(supplier=supplier_facts(), assessments=(assessment_facts(day),))])
        current = session.scalars(select(Assessment.assessed_on).where(Assessment.current)).all()
        assert current == [max(session.scalars(select(Assessment.assessed_on)))]


def test_a_retired_place_is_its_successor(session: Session, catalogue: Catalogue, writer: Writer) -> None:
    retired, successor = next(iter(catalogue.retired_regions.items()))
    writer.write([record(region=retired, sites=(Site(region=retired),))])
    firm = only(session, Supplier)
    assert (firm.region, firm.sites[0]["region"]) == (successor, successor)


def test_an_official_statement_ends_a_self_declaration(session: Session, writer: Writer) -> None:
    writer.write([record(description_zh="自述", self_declared=("description_zh", "products_zh"))])
    writer.write([SupplierRecord(supplier=key_only(products_zh=("轴承",)))])
    assert only(session, Supplier).self_declared == ["description_zh"]


def test_a_sector_that_is_not_stated_follows_from_the_industry(session: Session, writer: Writer) -> None:
    writer.write([record(1, sector=None, industries=("1711",)), record(2, sector=None, industries=None)])
    assert session.scalars(select(Supplier.sector).order_by(Supplier.id)).all() == ["textiles", "other"]


@pytest.mark.parametrize(
    "second", [record(2, sector="unknown"), SupplierRecord(supplier=key_only(2))], ids=["a code", "no name"]
)
def test_nothing_of_a_batch_is_written_when_a_record_is_refused(
    session: Session, writer: Writer, second: SupplierRecord
) -> None:
    with pytest.raises(WriteError) as caught:
        writer.write([record(1), second])
    assert [problem.index for problem in caught.value.problems] == [1]
    assert [count(session, model) for model in (Supplier, AuditEntry, Provenance)] == [0, 0, 0]


def test_an_end_before_a_later_start_is_refused(session: Session, writer: Writer) -> None:
    writer.write([SupplierRecord(supplier=supplier_facts(), certificates=(certificate_facts(),))])
    later = certificate_facts(issued_on=date(2100, 1, 1), expires_on=None)
    with pytest.raises(WriteError, match="expires_on"):
        writer.write([SupplierRecord(supplier=key_only(), certificates=(later,))])


def test_the_state_of_a_certificate(session: Session, writer: Writer) -> None:
    writer.write([SupplierRecord(supplier=supplier_facts(), certificates=(certificate_facts(),))])

    def revoke(key: str) -> Outcome:
        day = date(2025, 9, 1)
        return writer.set_certificate_state(
            supplier_key(), "quality_capability", key, CertificateState.REVOKED, reason="造假", on=day
        )

    assert [revoke("Q-1"), revoke("Q-1")] == [Outcome.CHANGED, Outcome.UNCHANGED]
    entry = entries(session)[1]
    assert entry.action == "certificate.state"
    assert entry.changes["certificates"]["quality_capability/Q-1"]["state"] == ["valid", "revoked"]
    assert only(session, Supplier).index_version == 2
    with pytest.raises(WriteError, match="no such certificate"):
        revoke("Q-2")


def test_withdrawal_and_its_end(session: Session, writer: Writer) -> None:
    writer.write([record()])
    steps: list[tuple[Callable[[str, str], Outcome], Outcome]] = [
        (writer.withdraw, Outcome.CHANGED),
        (writer.withdraw, Outcome.UNCHANGED),
        (writer.restore, Outcome.CHANGED),
        (writer.restore, Outcome.UNCHANGED),
    ]
    for step, outcome in steps:
        assert step(supplier_key(), "重复登记") is outcome
    firm = only(session, Supplier)
    assert (firm.withdrawn_at, firm.withdrawn_reason, firm.index_version) == (None, "", 3)
    assert [entry.action for entry in entries(session)] == [
        "supplier.created",
        "supplier.withdrawn",
        "supplier.restored",
    ]
    assert entries(session)[2].changes["reason"] == "重复登记"
    for key, reason in ((supplier_key(2), "x"), (supplier_key(), " ")):
        with pytest.raises(WriteError):
            writer.withdraw(key, reason)


def versions(session: Session) -> list[int]:
    return list(session.scalars(select(Supplier.index_version).order_by(Supplier.id)))


def test_writers_of_the_same_firms_take_turns(sessions: Sessions, catalogue: Catalogue) -> None:
    """Each change gets a version of its own, whatever order the firms come in."""
    with writing(sessions) as first:
        Writer(first, catalogue, actor="tester").write([record(1), record(2)])
    failures: list[Exception] = []

    def edit(name: str, order: tuple[int, int]) -> None:
        for turn in range(10):
            changes = [SupplierRecord(supplier=key_only(number, phone=f"{name}{turn}")) for number in order]
            try:
                with writing(sessions) as session:
                    Writer(session, catalogue, actor=name).write(changes)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=edit, args=("a", (1, 2))), threading.Thread(target=edit, args=("b", (2, 1)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with sessions() as session:
        assert versions(session) == [21, 21]
        assert count(session, OutboxRow) == count(session, AuditEntry) == 2 + 2 * 20


def test_writing_after_reading_is_refused(sqlite_database: Engine, catalogue: Catalogue) -> None:
    with Session(sqlite_database) as session:
        session.scalars(select(Supplier)).all()
        with pytest.raises(RuntimeError, match="begin_write"):
            Writer(session, catalogue, actor="tester").write([record()])
