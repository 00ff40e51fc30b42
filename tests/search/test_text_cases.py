"""Hand-written cases of text, on every engine: what is typed, and who is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from search import FacetRequest, Notice, SearchEngine, SearchQuery, SupplierDocument, open_engine
from tests.search.strategies import VOCABULARY

FIRMS = {
    "bearings": SupplierDocument(
        id="CN-USCC/91330200144080000A",
        version=1,
        names=("宁波长城精密轴承有限公司", "Ningbo Great Wall Precision Bearing Co., Ltd."),
        codes=("91330200144080000A", "CQC-2024/001-77"),
        products=("深沟球轴承", "圆锥滚子轴承"),
        texts=("轴承的设计、开发和制造",),
        sort_name="ningbo",
    ),
    "gears": SupplierDocument(
        id="CN-USCC/91320500000000000B",
        version=1,
        names=("苏州恒远齿轮股份有限公司", "Suzhou Hengyuan Gear Co., Ltd."),
        codes=("91320500000000000B",),
        products=("减速机齿轮", "轴承座", "M8 螺栓"),
        texts=("齿轮箱装配，配套 NSK-6204 等产品",),
        sort_name="suzhou",
        sector="steel",
    ),
    "machines": SupplierDocument(
        id="CN-USCC/91440300000000000C",
        version=1,
        names=("深圳市ＡＢＣ数控机床厂", "ABC CNC Machine Tools"),
        codes=("91440300000000000C",),
        products=("A型号机床", "5轴加工中心"),
        texts=("机床主轴及轴承的维修",),
        sort_name="shenzhen",
    ),
    "valves": SupplierDocument(
        id="US-UEI/ABCDEF123456",
        version=1,
        names=("Acme Valve & Gear, Inc.", "長沙閥門"),
        codes=("ABCDEF123456",),
        products=("stainless-steel valves",),
        texts=("Hydraulic valves, gears and couplings for the oil & gas industry",),
        sort_name="acme",
    ),
}

FOUND: tuple[tuple[str, str], ...] = (
    # Chinese: words, parts of words, single characters, no spaces needed
    ("轴承", "bearings gears machines"),
    ("深沟球轴承", "bearings"),
    ("球轴承", "bearings"),
    ("精密 轴承", "bearings"),
    ("轴承 精密", "bearings"),
    ("长城轴承", "bearings"),  # a trade word is a word of its own
    ("长城密轴", ""),
    ("长城 轴承", "bearings"),
    ("轴", "bearings gears machines"),
    ("阀", "valves"),
    ("机床", "machines"),
    ("型号机", "machines"),
    ("没有的东西", ""),
    # traditional, full width, case, punctuation
    ("軸承", "bearings gears machines"),
    ("长沙阀门", "valves"),
    ("長沙閥門", "valves"),
    ("ABC", "machines"),
    ("ａｂｃ　机床", "machines"),
    ("ABC数控", "machines"),
    ("acme VALVE", "valves"),
    ("valve & gear", "valves"),
    ("stainless steel", "valves"),
    ("stainless-steel", "valves"),
    ("轴承、制造", "bearings"),
    # synonyms, either way
    ("bearing", "bearings gears machines"),
    ("bearings", "bearings gears machines"),
    ("gear", "gears valves"),
    ("齿轮", "gears valves"),
    ("cogwheel", "gears valves"),
    ("precision bearing", "bearings"),
    # pinyin of names, joined or apart
    ("ningbo", "bearings"),
    ("changcheng", "bearings"),
    ("zhoucheng", "bearings gears machines"),
    ("changsha", "valves"),
    ("hengyuan chilun", "gears"),
    # company forms are optional
    ("宁波长城精密轴承有限公司", "bearings"),
    ("宁波长城精密轴承股份有限公司", "bearings"),
    ("宁波长城精密轴承", "bearings"),
    ("Suzhou Hengyuan Gear Ltd", "gears"),
    # codes, as written and otherwise
    ("91330200144080000A", "bearings"),
    ("91330200144080000a", "bearings"),
    ("9133 0200 1440 8000 0A", "bearings"),
    ("CQC-2024/001-77", "bearings"),
    ("cqc 2024/001 77", "bearings"),
    ("ABCDEF123456", "valves"),
    # mixed script and digits
    ("A型号", "machines"),
    ("5轴", "machines"),
    ("M8螺栓", "gears"),
    ("NSK-6204", "gears"),
    ("6204", "gears"),
    # phrases, exclusion, alternatives
    ('"轴承的设计"', "bearings"),
    ('"设计轴承"', ""),
    ('"oil & gas"', "valves"),
    ('"gas oil"', ""),
    ("轴承 -精密", "gears machines"),
    ("-轴承", "valves"),
    ('-"oil gas" -机床', "bearings gears"),
    ("阀门 OR 机床", "machines valves"),
    ("-轴承 -valve", ""),
)


@pytest.fixture(scope="module")
def firms(engine_url: Callable[[], str]) -> Iterator[SearchEngine]:
    with closing(open_engine(engine_url(), VOCABULARY, timeout=30)) as engine:
        build = engine.begin_build()
        build.apply(list(FIRMS.values()))
        build.swap()
        yield engine


def names(ids: Iterator[str]) -> list[str]:
    by_id = {document.id: name for name, document in FIRMS.items()}
    return [by_id[key] for key in ids]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_who_is_found(firms: SearchEngine, text: str, expected: str) -> None:
    page = firms.search(SearchQuery(text=text))
    assert sorted(names(hit.id for hit in page.hits)) == expected.split()
    assert page.total == len(expected.split())


FIRST = (
    ("轴承", "bearings"),  # in the name before in a product, in a product before in a text
    ("齿轮", "gears"),
    ("91320500000000000B", "gears"),
    ("宁波长城精密轴承有限公司", "bearings"),
    ("ABC CNC Machine Tools", "machines"),
)


@pytest.mark.parametrize(("text", "expected"), FIRST)
def test_who_comes_first(firms: SearchEngine, text: str, expected: str) -> None:
    assert names(hit.id for hit in firms.search(SearchQuery(text=text)).hits)[0] == expected


def test_filters_hold_for_text_and_codes_as_well(firms: SearchEngine) -> None:
    page = firms.search(SearchQuery(text="轴承", sectors=("steel",), facets=(FacetRequest("sector"),)))
    assert names(hit.id for hit in page.hits) == ["gears"]
    assert {bucket.value: bucket.count for bucket in page.facets[0].buckets} == {"other": 2, "steel": 1}
    assert firms.search(SearchQuery(text="91330200144080000A", sectors=("steel",))).total == 0


def test_a_reader_is_told_of_words_left_out(firms: SearchEngine) -> None:
    page = firms.search(SearchQuery(text=" ".join(f"word{number}" for number in range(40))))
    assert Notice.WORDS_LEFT_OUT in page.notices
    assert Notice.COMPANY_FORMS_IGNORED in firms.search(SearchQuery(text="苏州恒远齿轮有限公司")).notices


SUGGESTED = (
    ("宁", "bearings"),
    ("宁波长城", "bearings"),
    ("长城", "bearings"),
    ("ningbo ch", "bearings"),
    ("nbcc", "bearings"),
    ("great w", "bearings"),
    ("ABC", "machines"),
    ("acme v", "valves"),
    ("長沙", "valves"),
    ("有限公司", ""),
    ("", ""),
)


@pytest.mark.parametrize(("typed", "expected"), SUGGESTED)
def test_who_is_suggested(firms: SearchEngine, typed: str, expected: str) -> None:
    assert names(iter(firms.suggest(typed))) == expected.split()


MEANT = (
    ("zhouchng", "轴承"),
    ("周承", "轴承"),
    ("hydralic", None),  # texts are not spelled by
    ("precison bearing", "precision bearing"),
    ("acmee valve", "acme valve"),
    ("轴承", None),
    ("xqzw", None),
    ("", None),
    ("-zhouchng", None),
)


@pytest.mark.parametrize(("text", "expected"), MEANT)
def test_what_was_meant(firms: SearchEngine, text: str, expected: str | None) -> None:
    assert firms.did_you_mean(SearchQuery(text=text)) == expected


def test_what_was_meant_has_hits_under_the_same_filters(firms: SearchEngine) -> None:
    assert firms.did_you_mean(SearchQuery(text="acmee", sectors=("steel",))) is None
    assert firms.did_you_mean(SearchQuery(text="acmee", sectors=("other",))) == "acme"
