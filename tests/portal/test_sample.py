"""Fictional firms: valid, plausible, the same for the same seed, and marked as fictional."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import islice

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from portal.models import AuditEntry, Edition, Fact, Ranking, Supplier
from portal.register.catalogue import Catalogue, EvidenceKind
from portal.register.facts import CertificateState, Result, SupplierRecord
from portal.register.importing.results import judged
from portal.register.registration import number_problem
from portal.register.sample import SampleMaker, load_sample, register_is_empty, sample_documents, sample_records
from portal.register.writer import Writer
from tests.portal.importing import count

YEAR = 2026
FIRMS = 1500


@pytest.fixture(scope="module")
def records(catalogue: Catalogue) -> list[SupplierRecord]:
    return list(sample_records(FIRMS, 1, catalogue, year=YEAR))


def test_the_same_seed_gives_the_same_firms_wherever_one_begins(
    catalogue: Catalogue, records: list[SupplierRecord]
) -> None:
    assert next(sample_records(901, 1, catalogue, year=YEAR, first=900)) == records[900]
    assert next(sample_records(901, 2, catalogue, year=YEAR, first=900)) != records[900]


def test_the_register_finds_no_fault_with_any(catalogue: Catalogue, records: list[SupplierRecord]) -> None:
    with Session() as session:
        writer = Writer(session, catalogue, actor="test")
        assert not [problem for record in records for problem in writer.check(record)]


def test_credit_codes_are_valid_and_nobody_shares_one(catalogue: Catalogue, records: list[SupplierRecord]) -> None:
    numbers = [record.supplier.number for record in records]
    assert len(set(numbers)) == len(numbers)
    assert {number_problem("CN-USCC", number) for number in numbers} == {""}
    assert all(number[8:10] == "YX" and number[2:8] in catalogue.regions for number in numbers)


def test_names_places_and_industries_fit_together(catalogue: Catalogue, records: list[SupplierRecord]) -> None:
    for record in records:
        facts = record.supplier
        assert facts.name_zh is not None
        assert facts.name_en is not None
        assert facts.industries
        path = [catalogue.regions[code] for code in catalogue.region_path(facts.region or "")]
        assert any(region.name_zh.startswith(facts.name_zh[:2]) for region in path)
        assert any(region.name_en.startswith(facts.name_en.split()[0]) for region in path)
        assert facts.name_en.endswith("Co., Ltd.")
        assert facts.sector == catalogue.industries[facts.industries[0]].sector
        assert len(facts.products_zh or ()) == len(facts.products_en or ()) > 0
        assert 1 <= len(facts.sites or ()) <= 3
        assert (facts.phone or "").startswith("+86 000 ")
        assert (facts.website or ".example").endswith(".example")


def test_every_state_basis_level_and_tier_comes_up(catalogue: Catalogue, records: list[SupplierRecord]) -> None:
    certificates = [certificate for record in records for certificate in record.certificates]
    assert {certificate.state for certificate in certificates} == set(CertificateState)
    assert {certificate.basis for certificate in certificates} == {"self", "second_party", "third_party"}
    levels = Counter(one.level for one in certificates if one.scheme == "quality_capability")
    assert set(levels) == {level.code for level in catalogue.schemes["quality_capability"].levels}
    assert levels["experience"] > levels["assurance"] > levels["excellence"]
    expired = [one for one in certificates if one.expires_on and one.expires_on < date(YEAR, 1, 1)]
    assert 0.02 < len(expired) / len(certificates) < 0.4
    assert {tier.tier for record in records for tier in record.recognitions} == set(catalogue.tiers)
    assert {risk.answer for record in records for risk in (record.supplier.risks or {}).values()} == {True, False}
    assert any(not record.supplier.risks for record in records)
    assert any(record.supplier.former_names for record in records)
    assert {one.kind for record in records for one in record.achievements} == {"in_use", "on_offer", "wanted"}
    assert {record.supplier.sector for record in records} == set(catalogue.sectors) - {"other"}


def test_assessments_follow_the_quality_of_the_firm(catalogue: Catalogue) -> None:
    maker = SampleMaker(catalogue, seed=1, year=YEAR)
    shares: dict[bool, list[float]] = {True: [], False: []}
    for index in range(600):
        firm = maker.firm(index)
        for assessment in firm.record.assessments:
            assert 30 <= len(assessment.results) <= 250
            assert date(YEAR - 2, 1, 1) <= assessment.assessed_on < date(YEAR, 1, 1)
            found = Counter(result.result for result in assessment.results.values())
            shares[firm.quality > 0].append(found[Result.MET] / (found[Result.MET] + found[Result.NOT_MET]))
            for code, result in assessment.results.items():
                criterion = catalogue.criteria[code]
                assert criterion.applies_to(firm.record.supplier.sector or "", firm.record.supplier.industries or ())
                if criterion.evidence is EvidenceKind.NUMBER and isinstance(result.value, float):
                    assert judged(criterion, result.value) is result.result
    better, worse = (sum(found) / len(found) for found in (shares[True], shares[False]))
    assert 0.6 < better < 0.95
    assert 0.3 < worse < better - 0.1


def test_loading_twice_changes_nothing(database: Engine, catalogue: Catalogue) -> None:
    with sessionmaker(database)() as session:
        assert register_is_empty(session)
        report = load_sample(session, catalogue, size=120, seed=3, year=YEAR)
        assert report.created == 120
        assert len(report.editions) == 12
        assert not register_is_empty(session)
        entries = count(database, AuditEntry)
        again = load_sample(session, catalogue, size=120, seed=3, year=YEAR)
        assert (again.created, again.changed, again.unchanged, again.editions) == (0, 0, 120, [])
        assert count(database, AuditEntry) == entries
        assert session.get_one(Fact, "fictional").value == "120"
        editions = session.scalars(select(Edition)).all()
        assert {edition.period for edition in editions} == {str(YEAR - 2), str(YEAR - 1)}
        assert not any(edition.official for edition in editions)
        assert {edition.period for edition in editions if edition.current} == {str(YEAR - 1)}
        assert session.scalar(select(func.count(Ranking.id))) == sum(edition.peers for edition in editions)
        assert session.scalar(select(func.count(Supplier.id))) == 120


def test_documents_without_a_database(catalogue: Catalogue) -> None:
    documents = list(islice(sample_documents(1_000_000, 5, catalogue, year=YEAR), 200))
    assert len({document.id for document in documents}) == 200
    assert next(sample_documents(1_000_000, 5, catalogue, year=YEAR, first=150)) == documents[150]
    assert sum(bool(document.certificates) for document in documents) > 100
    assert sum(bool(document.criteria_met) for document in documents) > 120
    standing = next(document.standings for document in documents if document.standings)
    assert [one.current for one in standing] == [True, False]
    assert all(1 <= one.position <= one.peers for document in documents for one in document.standings)
