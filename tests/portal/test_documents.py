"""Documents: what of a firm goes into the index, as of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.indexing.documents import FLAGS, documents, vocabulary
from portal.indexing.sorting import sort_key
from portal.models import Supplier
from portal.register.catalogue import Catalogue
from portal.register.facts import CertificateState, Process, RiskFact, Site, SupplierRecord
from portal.register.writer import Writer
from search.contract import HeldCertificate, Standing, SupplierDocument, Tombstone
from tests.factories import (
    achievement_facts,
    assessment_facts,
    certificate_facts,
    credit_code,
    edition_facts,
    key_only,
    ranking_facts,
    recognition_facts,
    record,
    supplier_facts,
    supplier_key,
)

TODAY = date(2026, 1, 15)


def document(session: Session, catalogue: Catalogue, on: date = TODAY) -> SupplierDocument:
    """Of the only firm there is."""
    (found,) = documents(session, catalogue, session.scalars(select(Supplier.id)), on)
    assert isinstance(found, SupplierDocument)
    return found


def test_a_bare_firm(session: Session, catalogue: Catalogue, writer: Writer) -> None:
    writer.write([SupplierRecord(supplier=key_only(name_zh="宁波轴承厂", sector="machinery"))])
    found = document(session, catalogue)
    assert replace(found, listed=0) == SupplierDocument(
        id=supplier_key(),
        version=1,
        names=("宁波轴承厂",),
        codes=(credit_code(),),
        sort_name="ning bo zhou cheng chang 宁波轴承厂",
        sector="machinery",
        status="unknown",
    )


def test_a_full_firm(session: Session, catalogue: Catalogue, writer: Writer) -> None:
    checked = RiskFact(answer=False, source="公示系统", checked_on=TODAY)
    facts = supplier_facts(
        former_names=(("旧名", None),),
        website="https://example.org",
        size="small",
        description_zh="专业轴承",
        processes=(Process(code="casting"),),
        sites=(Site(region="310000"), Site(region="330206")),
        risks=dict.fromkeys(catalogue.risk_kinds, checked),
        self_declared=("description_zh",),
    )
    writer.write(
        [
            SupplierRecord(
                supplier=facts,
                certificates=(certificate_facts(),),
                assessments=(assessment_facts(), assessment_facts(date(2020, 1, 1), X01_06="met")),
                recognitions=(recognition_facts(),),
                achievements=(achievement_facts(), achievement_facts("求购", kind="wanted")),
            )
        ]
    )
    writer.publish_edition(edition_facts("m-2024", period="2024", as_of=date(2024, 1, 1)), [ranking_facts(grade="B")])
    writer.publish_edition(edition_facts("m-2025", peers=9), [ranking_facts(position=2)])
    found = document(session, catalogue)
    assert found.version == 3
    assert found.names == (facts.name_zh, facts.name_en, "旧名")
    assert found.codes == (credit_code(), "Q-1")
    assert found.industries == (("34", "345", "3451"),)
    assert found.regions == (("310000",), ("330000", "330200", "330206"))
    assert found.certificates == (
        HeldCertificate("quality_capability", "assurance", date(2024, 5, 1), date(2099, 4, 30)),
    )
    assert (found.criteria_met, found.assessed_on) == (("X01-04",), date(2025, 6, 1))
    assert found.tiers == ("srdi",)
    assert set(found.standings) == {Standing("m-2024", 1, 1, "B", False), Standing("m-2025", 2, 9, "A", True)}
    assert {"专业轴承", "轴承的设计和生产", "高速主轴轴承", "铸造", "宁波市", "Zhejiang"} <= set(found.texts)
    assert set(found.flags) == set(FLAGS) - {"risk"}


def test_the_flags_are_all_computed(session: Session, catalogue: Catalogue, writer: Writer) -> None:
    risk = RiskFact(answer=True, source="", checked_on=TODAY)
    writer.write([record(risks={next(iter(catalogue.risk_kinds)): risk})])
    flags = document(session, catalogue).flags
    assert "risk" in flags
    assert "risk_checked" not in flags, "two kinds were not checked"
    assert set(flags) <= set(FLAGS)


@pytest.mark.parametrize(
    ("on", "held"),
    [
        (date(2024, 4, 30), False),
        (date(2024, 5, 1), True),
        (date(2027, 4, 30), True),
        (date(2027, 5, 1), False),
    ],
)
def test_a_certificate_runs_from_its_first_day_to_the_end_of_its_last(
    session: Session, catalogue: Catalogue, writer: Writer, on: date, held: bool
) -> None:
    runs = certificate_facts(expires_on=date(2027, 4, 30))
    tier = recognition_facts(on=date(2024, 5, 1), expires_on=date(2027, 4, 30))
    writer.write([SupplierRecord(supplier=supplier_facts(), certificates=(runs,), recognitions=(tier,))])
    found = document(session, catalogue, on)
    assert (bool(found.certificates), "certificate" in found.flags, found.tiers) == (held, held, ("srdi",) * held)


@pytest.mark.parametrize(
    "stated",
    [
        {"state": CertificateState.SUSPENDED},
        {"state": CertificateState.REVOKED},
        {"scheme": "gbt19001", "level": None, "basis": "self"},
    ],
)
def test_a_certificate_that_does_not_count(
    session: Session, catalogue: Catalogue, writer: Writer, stated: dict[str, str]
) -> None:
    writer.write([SupplierRecord(supplier=supplier_facts(), certificates=(certificate_facts(**stated),))])
    found = document(session, catalogue)
    assert (found.certificates, "certificate" in found.flags) == ((), False)
    assert "Q-1" in found.codes, "its number still finds the firm"


def test_a_withdrawn_firm_is_a_tombstone(session: Session, catalogue: Catalogue, writer: Writer) -> None:
    writer.write([record()])
    writer.withdraw(supplier_key(), "重复")
    assert documents(session, catalogue, session.scalars(select(Supplier.id))) == [Tombstone(supplier_key(), 2)]


def test_an_edition_of_another_sector_is_not_the_firms_current_one(
    session: Session, catalogue: Catalogue, writer: Writer
) -> None:
    writer.write([record(sector="steel")])
    writer.publish_edition(edition_facts(), [ranking_facts()])
    assert [standing.current for standing in document(session, catalogue).standings] == [False]


def test_codes_that_a_new_catalogue_has_dropped_are_left_out(
    session: Session, catalogue: Catalogue, writer: Writer
) -> None:
    held = SupplierRecord(
        supplier=supplier_facts(size="small", processes=(Process(code="casting"),)),
        certificates=(certificate_facts(),),
        assessments=(assessment_facts(),),
        recognitions=(recognition_facts(),),
    )
    writer.write([held])
    bare = replace(catalogue, schemes={}, tiers={}, criteria={}, processes={}, industries={}, regions={}, sizes={})
    found = document(session, bare)
    assert (found.certificates, found.tiers, found.criteria_met, found.processes) == ((), (), (), ())
    assert (found.industries, found.regions, found.size) == ((), (), None)


def test_the_vocabulary_follows_the_catalogue(catalogue: Catalogue) -> None:
    words = vocabulary(catalogue)
    assert words.schemes["quality_capability"] == ("experience", "inspection", "assurance", "prevention", "excellence")
    assert words.schemes["gbt19001"] == ()
    assert catalogue.fingerprint in words.fingerprint


def test_names_are_ordered_by_sound() -> None:
    names = ["重庆机床", "Beta", "长沙轴承", "阿尔法", "安徽铸造"]
    assert sorted(names, key=sort_key) == ["阿尔法", "安徽铸造", "Beta", "长沙轴承", "重庆机床"]
