"""Sourcing records in the database, on SQLite and PostgreSQL: entries, facts, and what is kept of a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import update

from portal.identity.people import names_of
from portal.models import EntryStatus, Shortlist, SourcingRecord, Supplier
from portal.register.facts import RiskFact, SupplierRecord
from portal.register.writer import Writer
from portal.workspace import entries, record_entries, records
from portal.workspace.buyer import Buyer, Reason, Refused
from portal.workspace.facts import Reader, loaded, stored
from portal.workspace.record_codes import new_code, written
from portal.workspace.record_entries import Beside, china
from portal.workspace.record_facts import FactsReader, Sources
from portal.workspace.record_files import HTML, JSON, ZIP, load, packed, path_of
from portal.workspace.record_tree import Basis, Both, Made, Record, decoded, encoded
from portal.workspace.records import Fixed, Public
from tests.factories import (
    assessment_facts,
    certificate_facts,
    edition_facts,
    key_only,
    provenance_facts,
    ranking_facts,
    recognition_facts,
)
from tests.portal.workspace.conftest import TODAY, Keeping


def filled(kept: Keeping, firms: list[str]) -> Shortlist:
    """A list with all firms, one rejected by a colleague, one taken off."""
    made = kept.make()
    entries.add(kept.hand(made), firms, kept.reader())
    ids = [entry.id for entry in kept.entries(made)]
    entries.set_status(kept.hand(made, kept.li), ids[:1], EntryStatus.NOT_RECOMMENDED, "产能不足")
    entries.set_status(kept.hand(made), ids[1:2], EntryStatus.RECOMMENDED)
    entries.write_note(kept.hand(made), ids[0], "已致电")
    entries.remove(kept.hand(made), ids[4:])
    return made


def tree(kept: Keeping, shortlist: Shortlist, asked: tuple[str, ...] = ()) -> Record:
    """The record of a list, as it would be fixed."""
    rows, sources = record_entries.rows(kept.session, shortlist), Sources()
    reader = FactsReader(kept.session, kept.catalogue, TODAY, asked, sources)
    beside = Beside(
        names=names_of(kept.session, record_entries.people_of(rows)),
        notes=record_entries.notes(kept.session, rows),
        facts=reader.facts(row.supplier_id for row in rows),
        standings={},
    )
    basis = Basis(
        data_version=7,
        valid_on=TODAY,
        catalogue=Both(zh="目录"),
        catalogue_version="1",
        catalogue_demonstration=True,
        fingerprint="",
    )
    return Record(
        title="轴承",
        reference="",
        statement="",
        made=Made(organisation="甲集团", person="wang", at=china(kept.now())),
        basis=basis,
        fictional=sources.fictional,
        replaces=None,
        shortlist=shortlist.name,
        conditions=None,
        entries=tuple(map(beside.entry, rows)),
        taken_off=record_entries.taken_off(kept.session, shortlist),
        with_notes=True,
        sources=sources.named(),
    )


def fixed(kept: Keeping, shortlist: Shortlist, *, private: bool = False, replaces: int | None = None) -> Fixed:
    code = new_code()
    record = msgspec.structs.replace(tree(kept, shortlist), code=written(code))
    assert record.made.at
    rows = record_entries.rows(kept.session, shortlist)
    facts = Reader(kept.session, kept.catalogue, TODAY).facts(row.supplier_id for row in rows)
    return Fixed(
        record=record,
        packed=packed({HTML: code.encode(), JSON: encoded(record)}, record.made.at),
        code=code,
        shortlist_id=shortlist.id,
        private=private,
        public=[Public(row.supplier_id, row.name_zh, stored(facts[row.supplier_id])) for row in rows],
        language="zh",
        replaces=replaces,
    )


def keep(kept: Keeping, folder: Path, what: Fixed, buyer: Buyer | None = None) -> SourcingRecord:
    made = records.make(kept.session, folder, buyer or kept.wang, what)
    kept.session.expire_all()
    return kept.session.get_one(SourcingRecord, made)


def test_who_was_decided_on_by_whom_and_who_was_taken_off(kept: Keeping, firms: list[str]) -> None:
    said = tree(kept, filled(kept, firms))
    assert [one.decision.status for one in said.entries] == ["recommended", "not_recommended", "new", "new"]
    rejected = said.entries[1]
    assert (rejected.decision.reason, rejected.decision.by, rejected.added_by) == ("产能不足", "li", "wang")
    assert rejected.decision.at
    assert str(rejected.decision.at.utcoffset()) == "8:00:00"
    assert [(note.author, note.text) for note in rejected.notes] == [("wang", "已致电")]
    [gone] = said.taken_off
    assert (f"{gone.scheme}/{gone.number}", gone.by, gone.decision.status) == (firms[4], "wang", "new")
    assert decoded(encoded(said)) == said
    assert encoded(decoded(encoded(said))) == encoded(said)


def test_facts_with_their_sources(kept: Keeping, firms: list[str], writer: Writer) -> None:
    ministry = Writer(
        kept.session, kept.catalogue, actor="t", provenance=provenance_facts(issuing_body="另一部门", link="")
    )
    held = (
        certificate_facts("G-1", scheme="gbt19001", level=None, expires_on=date(2026, 5, 31)),
        certificate_facts("S-1", scheme="gbt24001", level=None, basis="self"),
    )
    checked = RiskFact(answer=False, source="信用中国", checked_on=date(2026, 5, 1))
    ministry.write(
        [
            SupplierRecord(
                supplier=key_only(1, risks={"serious_dishonesty": checked}),
                certificates=held,
                assessments=(assessment_facts(X01_04="met", X01_05="not_met"),),
                recognitions=(recognition_facts(),),
            )
        ]
    )
    writer.publish_edition(edition_facts(official=False), [ranking_facts(1, 1), ranking_facts(2, 2)])
    made = kept.make()
    entries.add(kept.hand(made), firms[:1], kept.reader())
    said = tree(kept, made, ("X01-04", "X01-05", "X01-06"))
    facts = said.entries[0].facts
    by_number = {one.number: one for one in facts.certificates}
    assert [one.state for one in facts.certificates] == ["valid", "valid", "expired"]
    assert not by_number["S-1"].counts
    assert said.sources[by_number["Q-1-0"].source - 1].issuing_body == "示范主管部门"
    assert said.sources[by_number["G-1"].source - 1].issuing_body == "另一部门"
    assert facts.rank
    assert (facts.rank.official, facts.rank.position, facts.rank.peers) == (False, 1, 2)
    assert facts.assessment
    results = {one.code: one.result for one in facts.assessment.asked}
    assert results == {"X01-04": "met", "X01-05": "not_met", "X01-06": "not_assessed"}
    assert [one.tier.code for one in facts.tiers] == ["srdi"]
    assert {risk.kind.code: risk.answer for risk in facts.risks} == {
        "abnormal_operations": "not_checked",
        "serious_dishonesty": "no",
        "judgment_defaulter": "not_checked",
    }
    assert not said.fictional


def test_what_is_kept_is_found_by_code_and_by_every_hash(kept: Keeping, firms: list[str], tmp_path: Path) -> None:
    what = fixed(kept, filled(kept, firms))
    record = keep(kept, tmp_path, what)
    assert records.by_code(kept.session, what.code) is record
    assert records.by_code(kept.session, new_code()) is None
    assert load(tmp_path, record.sha256) == what.packed.content
    parts = records.parts(kept.session, record)
    assert list(parts) == [ZIP, HTML, JSON]
    for name, sha256 in parts.items():
        assert records.by_hash(kept.session, sha256) == (record, name)
    assert records.by_hash(kept.session, "0" * 64) is None
    assert [(one.name, loaded(one.facts)) for one in records.public(record)] == [
        (one.name, loaded(one.facts)) for one in what.public
    ]
    assert (record.firms, record.organisation, record.data_version) == (4, "甲集团", 7)


def test_who_sees_which(kept: Keeping, firms: list[str], tmp_path: Path) -> None:
    shortlist = filled(kept, firms)
    shared = keep(kept, tmp_path, fixed(kept, shortlist))
    private = keep(kept, tmp_path, fixed(kept, shortlist, private=True))
    seen = {
        name: [one.record.id for one in records.listed(kept.session, buyer, 10)]
        for name, buyer in (("wang", kept.wang), ("li", kept.li), ("other", kept.other))
    }
    assert seen == {"wang": [private.id, shared.id], "li": [shared.id], "other": []}
    assert [records.held(kept.session, buyer) for buyer in (kept.wang, kept.li, kept.other)] == [2, 1, 0]


def test_a_record_is_replaced_once_and_by_who_may(kept: Keeping, firms: list[str], tmp_path: Path) -> None:
    shortlist = filled(kept, firms)
    first = keep(kept, tmp_path, fixed(kept, shortlist))
    assert records.replaceable(kept.session, kept.li) == []
    for buyer in (kept.li, kept.other):
        with pytest.raises(Refused) as refused:
            records.make(kept.session, tmp_path, buyer, fixed(kept, shortlist, replaces=first.id))
        assert refused.value.reason is Reason.REPLACED
    second = keep(kept, tmp_path, fixed(kept, shortlist, replaces=first.id), replace(kept.li, admin=True))
    assert records.replaced_by(kept.session, first) == second
    assert [one.id for one in records.replaceable(kept.session, replace(kept.wang, admin=True))] == [second.id]
    assert [one.replaced for one in records.listed(kept.session, kept.wang, 10)] == [False, True]
    files = len(list(tmp_path.rglob("*.zip")))
    late = fixed(kept, shortlist, replaces=first.id)
    with pytest.raises(Refused):
        records.make(kept.session, tmp_path, kept.wang, late)
    assert len(list(tmp_path.rglob("*.zip"))) == files
    assert not path_of(tmp_path, late.packed.sha256).exists()


def test_withdrawn_once_with_a_reason_and_by_who_may(
    kept: Keeping, firms: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = keep(kept, tmp_path, fixed(kept, filled(kept, firms)))
    for buyer, why, reason in ((kept.li, "x", Reason.NOT_YOURS), (kept.wang, "", Reason.WITHDRAWAL_REASON)):
        with pytest.raises(Refused) as refused:
            records.withdraw(buyer, record, why, kept.now())
        assert refused.value.reason is reason
    first = kept.now()
    records.withdraw(kept.wang, record, "程序有误", first)
    records.withdraw(replace(kept.li, admin=True), record, "别的", kept.now())
    kept.session.flush()
    kept.session.expire_all()
    assert (record.withdrawn_reason, record.withdrawn_at, record.withdrawn_by_id) == ("程序有误", first, kept.wang.id)
    monkeypatch.setattr(records, "MAX_RECORDS", 1)
    with pytest.raises(Refused) as refused:
        records.make(kept.session, tmp_path, kept.wang, fixed(kept, kept.make("B")))
    assert refused.value.reason is Reason.TOO_MANY_RECORDS


@pytest.mark.parametrize("gone", ["withdrawn", "merged"])
def test_a_firm_that_is_gone_stays_in_the_record(kept: Keeping, firms: list[str], writer: Writer, gone: str) -> None:
    shortlist = filled(kept, firms)
    writer.withdraw(firms[1], "同一企业")
    if gone == "merged":
        ids = [entry.supplier_id for entry in kept.entries(shortlist)]
        kept.session.execute(update(Supplier).where(Supplier.id == ids[1]).values(merged_into_id=ids[2]))
    kept.session.expire_all()
    entry = tree(kept, shortlist).entries[0]
    assert (f"{entry.scheme}/{entry.number}", entry.gone) == (firms[1], gone)
    assert entry.withdrawn_reason
