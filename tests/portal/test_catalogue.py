"""What the default catalogue holds: it is shown to buyers, so its texts are tested as well as its counts."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from portal.register.catalogue import Basis, Catalogue, EvidenceKind, check_catalogue, load_catalogue

DEFAULT = Path(__file__).parents[2] / "config" / "catalogue"
SECTORS = ("machinery", "electronics", "textiles", "steel", "building_materials", "nonferrous")
HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The catalogue that ships."""
    return load_catalogue(DEFAULT)


def test_the_default_catalogue_has_no_problems() -> None:
    assert [str(problem) for problem in check_catalogue(DEFAULT)] == []


def test_there_are_150_criteria_for_all_and_25_for_each_sector(catalogue: Catalogue) -> None:
    counts = Counter(criterion.sector for criterion in catalogue.criteria.values())
    assert counts == {None: 150} | dict.fromkeys(SECTORS, 25)


def test_about_a_dozen_criteria_come_first_for_a_buyer(catalogue: Catalogue) -> None:
    for sector in SECTORS:
        common = [c for c in catalogue.criteria.values() if c.common and c.sector in {None, sector}]
        assert 10 <= len(common) <= 14, sector


def test_every_criterion_says_in_both_languages_when_it_is_met(catalogue: Catalogue) -> None:
    for criterion in catalogue.criteria.values():
        assert HAN.search(criterion.met_zh), criterion.code
        assert criterion.met_zh.endswith("。"), criterion.code
        assert criterion.met_en.endswith("."), criterion.code
        assert not HAN.search(criterion.name_en + criterion.met_en + criterion.unit_in("en")), criterion.code
    texts = Counter(criterion.met_en for criterion in catalogue.criteria.values())
    assert [text for text, count in texts.items() if count > 1] == []


def test_numbers_have_a_threshold_that_their_text_repeats(catalogue: Catalogue) -> None:
    numbers = [c for c in catalogue.criteria.values() if c.evidence is EvidenceKind.NUMBER]
    assert len(numbers) > 50
    for criterion in numbers:
        threshold = criterion.at_least if criterion.at_least is not None else criterion.at_most
        assert threshold is not None
        assert criterion.unit
        assert f"{threshold:g}" in criterion.met_zh, criterion.code


def test_no_criterion_repeats_what_the_register_knows(catalogue: Catalogue) -> None:
    derived = {"X01-01", "X01-02", "X01-03", "X01-09", "X06-01", "X07-01", "X10-09", "X10-10"}
    assert not derived & set(catalogue.criteria)


def test_a_criterion_is_tied_to_industries_of_its_sector(catalogue: Catalogue) -> None:
    valves = catalogue.criteria["S-MA-01"]
    assert valves.applies_to("machinery", ("3443",))
    assert not valves.applies_to("machinery", ("3441",))
    assert not valves.applies_to("steel", ("3443",))
    assert len(catalogue.applicable_criteria("other", ())) == 150


def test_counting_the_applicable_criteria_is_counting_them(catalogue: Catalogue) -> None:
    industries = [(), *((code,) for code in catalogue.industries), ("3443", "3451", "3443"), ("9999",)]
    for sector in (*catalogue.sectors, "unheard_of"):
        for codes in industries:
            assert catalogue.count_applicable(sector, codes) == len(catalogue.applicable_criteria(sector, codes))


def test_names_are_in_both_languages(catalogue: Catalogue) -> None:
    tables = [
        *(catalogue.sectors, catalogue.industries, catalogue.processes, catalogue.schemes, catalogue.tiers),
        *(catalogue.sizes, catalogue.statuses, catalogue.risk_kinds, catalogue.regions, catalogue.groups),
    ]
    for table in tables:
        for code, item in table.items():
            assert not HAN.search(item.name("en")), code
            assert HAN.search(item.name("zh")) or item.name("zh").isascii(), code


def test_industries_have_their_path_and_sector(catalogue: Catalogue) -> None:
    assert len(catalogue.industries) == 400
    assert catalogue.industry_path("3443") == ("34", "344", "3443")
    assert catalogue.industry_path("3110") == ("31", "3110")
    assert catalogue.industry_path("0000") == ()
    assert [industry.code for industry in catalogue.industry_children[None]][:2] == ["17", "18"]
    assert catalogue.sector_of_industry("3443") == "machinery"
    assert catalogue.sector_of_industry("3841") == "electronics"
    assert catalogue.sector_of_industry("0111") == "other"
    assert catalogue.sector_of_naics("331313") == "nonferrous"
    assert catalogue.sector_of_naics("541519") == "other"


def test_places_of_all_34_provincial_units(catalogue: Catalogue) -> None:
    provinces = [region for region in catalogue.regions.values() if region.kind == "province"]
    assert len(provinces) == 34
    kinds = Counter(region.kind for region in catalogue.regions.values())
    assert kinds["prefecture"] == 333
    assert kinds["county"] > 2800
    with_places = {region.parent for region in catalogue.regions.values()}
    assert {p.name_en for p in provinces if p.code not in with_places} == {"Taiwan", "Hong Kong", "Macao"}


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("320583", ("320000", "320500", "320583")),  # a county-level city in a prefecture
        ("310115", ("310000", "310115")),  # a municipality's district
        ("419001", ("410000", "419001")),  # a county-level city directly under its province
        ("441900", ("440000", "441900")),  # a prefecture without counties
        ("US-TX", ("US", "US-TX")),
        ("VN", ("VN",)),
        ("110103", ("110000", "110101")),  # retired: Chongwen went to Dongcheng
        ("510216", ("500000", "500110")),  # retired twice, from Sichuan to Chongqing
        ("000000", ()),
    ],
)
def test_region_paths(catalogue: Catalogue, code: str, path: tuple[str, ...]) -> None:
    assert catalogue.region_path(code) == path


@pytest.mark.parametrize(
    ("code", "name"),
    [
        *(("430100", "Changsha"), ("500000", "Chongqing"), ("350200", "Xiamen"), ("610000", "Shaanxi")),
        *(("540000", "Tibet (Xizang)"), ("150000", "Inner Mongolia"), ("140400", "Changzhi"), ("331000", None)),
        *(("341500", "Lu'an"), ("310112", "Minhang District"), ("330382", "Yueqing"), ("810000", "Hong Kong")),
    ],
)
def test_english_names_of_places(catalogue: Catalogue, code: str, name: str | None) -> None:
    # Two cities called Taizhou: the province tells them apart.
    assert catalogue.regions[code].name_en == (name or "Taizhou (Zhejiang)")


def test_schemes_and_levels(catalogue: Catalogue) -> None:
    scheme = catalogue.schemes["quality_capability"]
    names = [level.name_zh for level in scheme.levels]
    assert names == ["经验级", "检验级", "保证级", "预防级", "卓越级"]
    assert scheme.level("prevention").rank == 4
    assert Basis.SELF in scheme.bases
    assert catalogue.schemes["gbt19001"].bases == (Basis.THIRD_PARTY,)
    assert {s.code for s in catalogue.schemes.values() if s.territory == "US"} == {
        *("sba_8a", "sba_hubzone", "sba_wosb", "sba_edwosb"),
    }


def test_synonyms_join_the_languages(catalogue: Catalogue) -> None:
    assert len(catalogue.synonyms) >= 300
    bearings = next(synonym for synonym in catalogue.synonyms if "轴承" in synonym.words)
    assert {"bearing", "bearings"} <= set(bearings.words)
