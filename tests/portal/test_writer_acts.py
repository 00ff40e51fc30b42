"""What staff change of one firm, by the writer: one entry of the log each, former names kept, stale forms refused."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.indexing.documents import documents
from portal.indexing.sessions import Sessions, writing
from portal.models import AuditEntry, Certificate, OutboxRow, Supplier
from portal.register.auditing.reading import newest_id
from portal.register.catalogue import Catalogue
from portal.register.facts import CertificateState, RiskFact
from portal.register.writer import Outcome, Stale, WriteError, Writer
from search.contract import SupplierDocument
from tests.factories import provenance_facts, record, supplier_key

KEY = supplier_key(1)
DAY = date(2026, 3, 1)
SUSPENDED = CertificateState.SUSPENDED
RISK = RiskFact(answer=True, source="公示系统", checked_on=DAY)


@pytest.fixture
def writer(session: Session, catalogue: Catalogue) -> Writer:
    """Of staff, with the firm in the register."""
    made = Writer(session, catalogue, actor="tester", origin="test", provenance=provenance_facts())
    made.write([record(1)])
    return made


def the_firm(session: Session) -> Supplier:
    session.expire_all()
    return session.scalars(select(Supplier)).one()


def newest(session: Session) -> AuditEntry:
    return session.get_one(AuditEntry, newest_id(session, KEY))


def facts(session: Session) -> tuple[Any, ...]:
    """All of the firm that an act may change."""
    row, held = the_firm(session), session.scalars(select(Certificate)).one()
    firm = (row.name_zh, row.name_en, row.former_names, row.status, row.status_on, row.risks, row.withdrawn_at)
    return (*firm, row.withdrawn_reason, row.provenance_id, held.state, held.state_on, held.state_reason)


ACTS: dict[str, Any] = {
    "certificate.state": lambda writer: writer.set_certificate_state(
        KEY, "quality_capability", "Q-1-0", SUSPENDED, reason="整改", on=DAY
    ),
    "supplier.renamed": lambda writer: writer.rename(KEY, "新名有限公司", "New Name", reason="更名", on=DAY),
    "supplier.status": lambda writer: writer.set_status(KEY, "revoked", reason="吊销", on=DAY),
    "supplier.risk": lambda writer: writer.set_risk(
        KEY, "abnormal_operations", RiskFact(answer=True, source="公示系统", checked_on=DAY), reason="核查"
    ),
    "supplier.withdrawn": lambda writer: writer.withdraw(KEY, "重复"),
}


@pytest.mark.parametrize("action", ACTS)
def test_an_act_is_one_entry_one_outbox_row_and_can_be_undone_once(
    session: Session, writer: Writer, action: str
) -> None:
    before, version = facts(session), the_firm(session).index_version
    assert ACTS[action](writer) is Outcome.CHANGED
    entry = newest(session)
    assert (entry.action, entry.actor, entry.subject) == (action, "tester", KEY)
    assert the_firm(session).index_version == version + 1
    assert session.scalars(select(OutboxRow.version).order_by(OutboxRow.id.desc())).first() == version + 1
    assert facts(session) != before
    assert ACTS[action](writer) is Outcome.UNCHANGED
    assert newest_id(session, KEY) == entry.id
    writer.undo(KEY, entry.id)
    assert facts(session) == before
    assert (newest(session).action, newest(session).changes["undone"]) == ("supplier.undone", action)
    with pytest.raises(Stale):
        writer.undo(KEY, entry.id)


def test_a_former_name_finds_the_firm_and_is_not_one_when_it_comes_back(
    session: Session, writer: Writer, catalogue: Catalogue
) -> None:
    old = the_firm(session).name_zh
    writer.rename(KEY, "新名有限公司", the_firm(session).name_en, reason="更名", on=DAY)
    assert the_firm(session).former_names == [{"name": old, "until": "2026-03-01"}]
    document = documents(session, catalogue, [the_firm(session).id])[0]
    assert isinstance(document, SupplierDocument)
    assert old in document.names
    writer.rename(KEY, old, the_firm(session).name_en, reason="误改", on=date(2026, 4, 1))
    assert [former["name"] for former in the_firm(session).former_names] == ["新名有限公司"]


def test_risks_stand_side_by_side_and_one_may_be_taken_away(session: Session, writer: Writer) -> None:
    fact = RiskFact(answer=False, source="公示系统", checked_on=DAY)
    writer.set_risk(KEY, "abnormal_operations", fact, reason="核查")
    writer.set_risk(KEY, "serious_dishonesty", fact, reason="核查")
    assert set(the_firm(session).risks) == {"abnormal_operations", "serious_dishonesty"}
    writer.set_risk(KEY, "abnormal_operations", None, reason="误记")
    assert set(the_firm(session).risks) == {"serious_dishonesty"}


def test_what_happened_after_the_form_was_read_is_stale(session: Session, writer: Writer) -> None:
    seen = newest_id(session, KEY)
    writer.require_unchanged(KEY, seen)
    writer.withdraw(KEY, "重复")
    with pytest.raises(Stale) as caught:
        writer.require_unchanged(KEY, seen)
    assert (caught.value.key, caught.value.seen) == (KEY, seen)


def test_of_two_at_once_one_is_told(sessions: Sessions, catalogue: Catalogue) -> None:
    def writing_as(session: Session, name: str) -> Writer:
        return Writer(session, catalogue, actor=name)

    with writing(sessions) as session:
        writing_as(session, "import").write([record(2)])
        seen = newest_id(session, supplier_key(2))
    told: list[str] = []

    def act(name: str) -> None:
        try:
            with writing(sessions) as session:
                writer = writing_as(session, name)
                writer.require_unchanged(supplier_key(2), seen)
                writer.set_status(supplier_key(2), "revoked", reason=name, on=DAY)
        except Stale:
            told.append(name)

    threads = [threading.Thread(target=act, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    with sessions() as session:
        assert session.get_one(AuditEntry, newest_id(session, supplier_key(2))).actor not in told


def test_what_cannot_be_undone(session: Session, writer: Writer) -> None:
    with pytest.raises(WriteError, match="cannot be undone"):
        writer.undo(KEY, newest_id(session, KEY))  # the firm was listed: that was an import
    writer.withdraw(KEY, "重复")
    withdrawn = newest_id(session, KEY)
    writer.restore(KEY, "误操作")
    with pytest.raises(Stale):
        writer.undo(KEY, withdrawn)


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda writer: writer.rename(KEY, "新", "", reason=" ", on=DAY), "reason"),
        (lambda writer: writer.rename(KEY, "新" * 201, "", reason="更名", on=DAY), "supplier.name_zh"),
        (lambda writer: writer.set_status(KEY, "gone", reason="x", on=DAY), "supplier.status"),
        (
            lambda writer: writer.set_risk(KEY, "none", RiskFact(answer=True, source="a", checked_on=DAY), reason="x"),
            "",
        ),
        (lambda writer: writer.set_risk("CN-USCC/1", "abnormal_operations", None, reason="x"), ""),
    ],
)
def test_an_act_that_is_refused_names_the_field_and_writes_nothing(
    session: Session, writer: Writer, act: Any, field: str
) -> None:
    before = newest_id(session, KEY)
    with pytest.raises(WriteError) as caught:
        act(writer)
    assert any(problem.field.startswith(field) for problem in caught.value.problems)
    assert newest_id(session, KEY) == before
