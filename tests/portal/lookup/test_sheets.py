"""The supplier page's facts, comparisons, editions, the criteria page and suggestions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.models import Supplier
from portal.web.parameters import Search
from portal.web.presenters import compare as comparing
from portal.web.presenters import editions, home, suggestions, supplier
from portal.web.presenters.about import about_page
from portal.web.presenters.context import Context
from portal.web.presenters.criteria import criteria_picker
from portal.web.tree_sheet import Comparison, SupplierSheet
from search.contract import EngineUnavailable, SearchEngine
from tests.portal.lookup.register import (
    BEARING,
    MERGED,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    PLAIN,
    SECOND,
    TODAY,
    UNCERTIFIED,
    WITHDRAWN,
    key,
    number,
)


def found(at: Context, wanted: str) -> Supplier:
    row = supplier.find(wanted, at)
    assert isinstance(row, Supplier)
    return row


@pytest.fixture
def sheet(at: Context) -> SupplierSheet:
    return supplier.sheet(found(at, BEARING), at)


def down() -> SearchEngine:
    raise EngineUnavailable("down")


def test_can_i_buy_from_them(sheet: SupplierSheet) -> None:
    assert (sheet.status.code, sheet.status_on) == ("active", date(2025, 1, 2))
    answers = {risk.kind.code: risk.answer for risk in sheet.risks}
    assert answers["abnormal_operations"] == "no"
    assert set(answers.values()) == {"no", "not_checked"}
    assert sheet.risks[0].checked_on == TODAY
    assert [(held.scheme, held.level) for held in sheet.levels] == [
        ("quality_capability", "assurance"),
        ("gbt19001", None),
    ]
    assert sheet.certified
    assert [tier.tier for tier in sheet.tiers] == ["srdi"]


def test_certificates_in_every_state(sheet: SupplierSheet) -> None:
    states = [(certificate.number, certificate.state.code, certificate.counts) for certificate in sheet.certificates]
    assert states == [
        ("QC-002", "valid", True),
        ("QC-001", "valid", True),
        ("ISO-1", "valid", True),
        ("ISO-2", "valid", False),
        ("QC-004", "expired", True),
        ("QC-003", "revoked", True),
    ]
    certificate = sheet.certificates[1]
    assert certificate.days_left == 100
    assert certificate.scope == "轴承的设计与制造"
    assert certificate.source is not None
    assert certificate.source.document_number == "甬经信〔2025〕1号"
    assert sheet.certificates[-1].state_reason == "弄虚作假"
    assert sheet.certificates[-1].days_left is None


def test_a_certificate_ends_with_its_last_day(at: Context) -> None:
    row = found(at, BEARING)
    last = TODAY + timedelta(days=100)
    assert supplier.sheet(row, replace(at, today=last)).levels[0].level == "assurance"
    assert supplier.sheet(row, replace(at, today=last + timedelta(days=1))).levels[0].level == "inspection"


def test_the_matrix_tells_not_assessed_from_not_met(sheet: SupplierSheet) -> None:
    assessment = sheet.assessment
    assert assessment is not None
    criteria = {criterion.code: criterion for group in assessment.groups for criterion in group.criteria}
    assert {code for code, criterion in criteria.items() if criterion.result == "met"} == set(MET)
    assert (criteria[NOT_MET].result, criteria[NOT_MET].value) == ("not_met", "12.5")
    assert criteria[NOT_APPLICABLE].result == "not_applicable"
    assert criteria[MET[0]].evidence == "report 7"
    open_ = sum(criterion.result == "not_assessed" for criterion in criteria.values())
    assert assessment.count.met == 3
    assert assessment.count.assessed == 4
    assert assessment.count.applicable == 4 + open_
    assert [bar.code for bar in assessment.bars][:3] == ["quality", "standards", "brand"]
    assert sum(bar.met for bar in assessment.bars) == 3
    assert sum(bar.applicable for bar in assessment.bars) == assessment.count.applicable
    for group in assessment.groups:
        tally = (group.met, group.not_met, group.not_applicable, group.not_assessed)
        assert sum(tally) == len(group.criteria)


def test_history_is_newest_first(sheet: SupplierSheet) -> None:
    assert [(rank.edition, rank.position) for rank in sheet.rankings] == [
        ("machinery-2025", 1),
        ("machinery-2024", 30),
    ]
    assert sheet.former_names[0].name == "宁波海天机械厂"
    assert [(one.kind.label, one.title, one.self_declared) for one in sheet.achievements] == [
        ("in use", "Silent bearing", True)
    ]
    assert [process.subcontracted for process in sheet.processes] == [False, True]
    assert [place.code for place in sheet.sites[0].region] == ["330000", "330200", "330212"]
    assert [industry.code for industry in sheet.industries[0]] == ["34", "345", "3451"]


def test_a_supplier_is_found_by_its_number_alone(at: Context) -> None:
    assert found(at, BEARING.lower()).key == BEARING
    assert supplier.find("CN-USCC/nothing", at) is None
    assert supplier.find("nothing", at) is None
    gone = supplier.find(WITHDRAWN, at)
    assert isinstance(gone, supplier.Withdrawn)
    assert (gone.reason, gone.name, gone.on) == ("企业注销", "已撤回轴承有限公司", TODAY)
    moved = supplier.find(MERGED, at)
    assert isinstance(moved, supplier.Moved)
    assert moved.url == f"/suppliers/{BEARING}"


def test_similar_suppliers_and_none_while_the_engine_is_down(at: Context, engine: SearchEngine) -> None:
    similar = supplier.similar(found(at, BEARING), at, lambda: engine)
    assert similar[0].id == SECOND
    assert BEARING not in [item.id for item in similar]
    assert supplier.similar(found(at, BEARING), at, down) == ()


@pytest.fixture
def comparison(at: Context) -> Comparison:
    return comparing.comparison([f"{BEARING},{SECOND}", "CN-USCC/none", WITHDRAWN, BEARING], at)


def test_suppliers_side_by_side(comparison: Comparison) -> None:
    assert [sheet.id for sheet in comparison.suppliers] == [BEARING, SECOND]
    assert comparison.missing == ("CN-USCC/none", WITHDRAWN)
    rows = {(row.group, row.label): row for row in comparison.rows}
    assert all(len(row.cells) == 2 and row.same == (row.cells[0] == row.cells[1]) for row in rows.values())
    sector = next(row for row in comparison.rows if row.label == "Sector")
    assert sector.same
    levels = [row for row in comparison.rows if row.group == "Certification"]
    assert levels[0].cells[0].startswith("Quality capability Assurance, to ")
    assert levels[1].cells[1] == ""
    differing = [row.label for row in comparison.rows if row.group == "Criteria that differ"]
    assert [label.split()[0] for label in differing] == list(MET[1:])
    ranks = next(row for row in comparison.rows if row.label == "Industrial machinery 2025")
    assert ranks.cells == ("No. 1 of 40", "No. 30 of 40")


def test_what_two_firms_share_is_a_warning(comparison: Comparison) -> None:
    assert len(comparison.warnings) == 2
    assert "legal representative: 王海" in comparison.warnings[0]
    assert "telephone" in comparison.warnings[1]


def test_five_at_most_and_none_at_least(at: Context) -> None:
    many = comparing.comparison([key(serial) for serial in range(100, 107)], at)
    assert len(many.suppliers) == 5
    assert (many.missing, many.left_out) == ((), (key(105), key(106)))
    assert many.warnings == ()
    none = comparing.comparison([], at)
    assert (none.suppliers, none.rows) == ((), ())
    assert comparing.remove_urls(many, True)[0].count("id=") == 4
    assert comparing.compare_url([BEARING]) == f"/compare?id={BEARING}"


def test_a_merged_firm_is_compared_as_its_successor(at: Context) -> None:
    assert [sheet.id for sheet in comparing.comparison([MERGED, SECOND], at).suppliers] == [BEARING, SECOND]


def test_home_counts_certified_firms_by_sector(at: Context, engine: SearchEngine) -> None:
    page = home.home_page(at, lambda: engine)
    assert (page.total, page.certified) == (PLAIN + 3, PLAIN + 2)
    counts = {sector.code: sector.count for sector in page.sectors}
    assert (counts["textiles"], counts["machinery"], counts["steel"]) == (PLAIN, 2, 0)
    assert [edition.code for edition in page.editions] == ["machinery-2025"]


def test_home_stands_without_the_engine(at: Context) -> None:
    page = home.home_page(at, down)
    assert not page.available
    assert {sector.count for sector in page.sectors} == {None}


def test_an_edition_shows_its_method_and_first_places(at: Context) -> None:
    view = editions.edition_view("machinery-2025", at)
    assert (view.peers, view.official, view.method) == (40, False, "Weighted groups")
    assert sum(weight for _, weight in view.weights) == 100
    assert view.source is not None
    top = editions.top("machinery-2024", at)
    assert [(item.id, item.rank.position if item.rank else 0) for item in top] == [(SECOND, 1), (BEARING, 30)]


def test_about_names_the_registers(at: Context) -> None:
    page = about_page(at)
    assert [source.issuing_body for source in page.registers] == ["宁波市经信局"]
    assert page.criteria == 300
    assert len(page.editions) == 2


def test_criteria_are_searched_and_chosen_without_a_script(at: Context, search: Callable[..., Search]) -> None:
    asked = search(sector="machinery", criteria="X01-05", criteria_not="X01-06", nice="X02-01:2")
    picker = criteria_picker(asked, "  x01 ", at)
    assert {choice.code[:3] for choice in picker.choices} == {"X01"}
    assert [(choice.code, choice.choice) for choice in picker.chosen] == [
        ("X01-05", "must"),
        ("X01-06", "not"),
        ("X02-01", "nice"),
    ]
    must, excluded, nice = picker.chosen
    assert must.must_url == "/criteria?find=x01&sector=machinery&criteria_not=X01-06&nice=X02-01:2"
    assert "criteria=X01-05,X01-06&nice" in excluded.must_url
    assert "criteria=X01-05&nice" in excluded.not_url
    assert nice.nice_url.endswith("criteria=X01-05&criteria_not=X01-06")
    assert picker.back_url.startswith("/suppliers?sector=machinery&criteria=X01-05")
    assert picker.total == 175
    assert criteria_picker(asked, "专利", at).choices
    assert not criteria_picker(asked, "no such words", at).choices


def test_suggestions_are_firms_and_words_of_the_catalogue(at: Context, engine: SearchEngine) -> None:
    firms = [line for line in suggestions.suggest("宁波海", at, engine) if line.kind == "firm"]
    assert [(line.label, line.url) for line in firms] == [("Ningbo Haitian Bearing Co., Ltd.", f"/suppliers/{BEARING}")]
    kinds = {line.kind for line in suggestions.suggest("轴承", at, engine)}
    assert {"industry"} <= kinds
    forging = suggestions.suggest("Forg", at, None)
    assert [(line.kind, line.label) for line in forging if line.kind == "process"] == [("process", "Forging")]
    assert suggestions.suggest("  ", at, engine) == ()
    assert suggestions.suggest("x" * 10_000, at, engine) == ()


def test_not_certified_is_said(at: Context) -> None:
    plain = supplier.sheet(found(at, UNCERTIFIED), at)
    assert not plain.certified
    assert plain.assessment is None
    assert plain.rankings == ()
    assert plain.number == number(3)


@pytest.fixture(autouse=True)
def closed(at: Context) -> Iterator[None]:
    yield
    at.session.rollback()
