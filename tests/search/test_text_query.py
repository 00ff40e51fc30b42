"""The query side of the text analysis: trees, evaluated by tests/search/reference.py; spelling; what is marked."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.contract import MAX_WORDS, Notice, SupplierDocument, Vocabulary
from search.nodes import AllOf, MatchAll, Not, Phrase
from search.text import choose_spelling, fold, highlight, parse_text, respell, spelling_keys
from search.text.folding import atoms, split
from search.text.pinyin import reading
from tests.search.reference import holds, size, tokens_of

VOCABULARY = Vocabulary(
    schemes={},
    synonyms=(("轴承", "bearing"), ("印制电路板", "PCB", "printed circuit board"), ("铜", "copper"), ("CNC", "数控")),
    company_forms=("有限公司", "有限责任公司", "股份有限公司", "厂", "Co., Ltd", "Ltd", "Inc."),
)
FIRM = SupplierDocument(
    id="CN-USCC/91310000MA1K35X21Q",
    version=1,
    names=("上海振华（浦东）轴承有限公司", "Shanghai Zhenhua Precision Co., Ltd."),
    codes=("91310000MA1K35X21Q", "粤XK16-001-00123"),
    products=("A型号机床", "M8×20螺栓", "不锈钢304L管件", "长沙银行柜", "铝合金型材"),
    texts=("通过ISO9001、GB/T 19001-2016认证", "反複加工 multilayer printed circuit boards", "Räder für Öfen"),
)
NAME = st.text(
    st.one_of(
        st.sampled_from("上海振华轴承机械铝合金电子长重行銀軸承製造钢"),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
    ),
    min_size=1,
    max_size=40,
)
LATIN_WORDS = ("Xylan", "bearings", "Zhou", "steel", "304L", "M8", "GB/T-19001", "an", "xian", "Co", "Ltd", "CNC")
PARTS = ("轴", "承", "轴承", "振华", "M8", "8", "M", "GB/T", "an", "xi", "xian", "（", "/", " ", "x", "Ltd", "厂", "×")
LATIN = st.lists(
    st.sampled_from(LATIN_WORDS),
    min_size=1,
    max_size=6,
)


def found(query: str, document: SupplierDocument = FIRM) -> bool:
    node = parse_text(query, VOCABULARY).node
    assert node is not None
    return holds(node, tokens_of(document))


def named(*names: str) -> SupplierDocument:
    return SupplierDocument(id="X/1", version=1, names=names)


@pytest.mark.parametrize(
    "query",
    [
        *("轴承", "軸承", "bearing", "Bearings", "BEARING", "zhoucheng", "zhou cheng", "ZhouCheng", "轴", "承有"),
        *(
            "上海轴承",
            "上海 轴承",
            "轴承 上海",
            "上海振华浦东轴承",
            "上海振华(浦东)轴承有限公司",
            "上海振华（浦东）轴承有限责任公司",
        ),
        *("shanghaizhenhua", "shanghai zhenhua", "zhenhuapudong", "zhenhua precision", "Zhenhua Precision Inc."),
        *(
            "A型",
            "a型",
            "Ａ型号",
            "型号",
            "机床",
            '"A型号"',
            '"A 型号机床"',
            "M8",
            "m8x20",
            "M8×20",
            "M8*20",
            "304L",
            "304 L",
        ),
        *(
            "ISO9001",
            "ISO 9001",
            "iso-9001",
            "ＩＳＯ９００１",
            '"ISO 9001"',
            "GB/T19001",
            "GB/T 19001",
            "gb t 19001-2016",
        ),
        *(
            "PCB",
            "pcb",
            "printed circuit board",
            "印制电路板",
            "多层 OR multilayer",
            "multilayer PCB",
            "yinzhidianluban",
        ),
        *("91310000MA1K35X21Q", "91310000ma1k35x21q", "轴承 91310000-MA1K35X21Q", "9131 OR 轴承"),
        *("反復", "反覆 OR 反複", "反复加工", "反複", "rader", "Öfen", "OFEN"),
        *("changsha", "yinhang", "lvhejin", "luhejin", "铝合金", "鋁合金"),
        *("轴承 -滚珠", "-滚珠", '轴承 -"振华轴承厂"', "轴承 | 齿轮", "齿轮 OR 轴承 上海", "轴承厂", "铜 OR 轴承"),
        *(
            '"轴承',
            '轴承"',
            '"" 轴承',
            "轴承 -",
            "OR 轴承",
            "轴承 OR",
            "轴承 OR OR 齿轮",
            "轴承 - -",
            "轴承 ??? !",
            "轴承 OR -齿轮",
        ),
    ],
)
def test_finds_the_firm(query: str) -> None:
    assert found(query)


@pytest.mark.parametrize(
    "query",
    [
        *(
            "齿轮",
            "轴承 齿轮",
            "承轴",
            "gear",
            "chilun",
            "轴承 -上海",
            '轴承 -"轴承有限公司"',
            "轴承 -zhenhua",
            "轴承 -M8",
        ),
        *(
            '"轴承 上海"',
            '"precision zhenhua"',
            '"机床M8"',
            "8M",
            "iso 90",
            "90",
            "-轴承 -齿轮",
            "-轴",
            "OR",
            "铜陵",
        ),
        *(
            "齿轮 OR 螺母",
            "齿轮 OR 轴承 北京",
            "shanghaizhoucheng北京",
            "zhenhuashanghai",
            "长行",
            "91310000MA1K35X21X",
            "copper",
        ),
    ],
)
def test_does_not_find_the_firm(query: str) -> None:
    assert not found(query)


@given(NAME, st.data())
@example("反覆", None)
def test_a_name_is_found_by_any_part_of_it(name: str, data: st.DataObject | None) -> None:
    start = data.draw(st.integers(0, len(name) - 1)) if data else 0
    end = data.draw(st.integers(start + 1, len(name))) if data else len(name)
    part = name[start:end]
    assert found(part, named("x", name))
    assert found(f'"{part}"', named("x", name))
    assert found(fold(part), named("x", name))
    assert not found(f"x -{part}", named("x", name))


@given(LATIN, st.data())
def test_a_latin_name_is_found_by_words_and_phrases(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    firm = named(" ".join(words))
    assert found(" ".join(words[start:end]).upper(), firm)
    assert found('"' + " ".join(words[start:end]) + '"', firm)
    assert found(" ".join(words), firm)
    assert found(" ".join(reversed(words)), firm)


@given(st.text("安欧恩西先长重行上海轴承振华机械铝合金电子纺织钢铁厦门银阿昂额", min_size=2, max_size=20))
def test_a_name_is_found_by_its_joined_pinyin(name: str) -> None:
    assert found("".join(reading(name)), named(name))


@given(st.text(max_size=200))
@example('-"" OR - "OR" -OR | "')
@example("\ud800 -\ud800 \0反覆\0")
def test_no_text_is_an_error_and_every_tree_is_bounded(text: str) -> None:
    parsed = parse_text(text, VOCABULARY)
    assert parsed.node is None or size(parsed.node) < 4000
    assert "".join(piece for piece, _ in highlight(text, text, VOCABULARY)) == text
    for word in parsed.words:
        spelling_keys(word)


@pytest.mark.parametrize(
    "unit", ["轴", "轴承 ", "zhoucheng ", "x", "x ", "an", "8a", "-x ", '"轴承', "a OR ", "xian'an ", "ﷺ", "反覆"]
)
def test_ten_thousand_characters(unit: str) -> None:
    parsed = parse_text((unit * 10_000)[:10_000], VOCABULARY)
    assert parsed.node is not None
    assert size(parsed.node) < 8000
    assert Notice.WORDS_LEFT_OUT in parsed.notices


def test_words_beyond_the_limit_are_left_out() -> None:
    words = [f"{letter}q{letter}" for letter in "abcdefghijklmnopqrstuvwxyzabcdefgh"]
    assert parse_text(" ".join(words[:MAX_WORDS]), VOCABULARY).notices == ()
    assert parse_text(" ".join(words[: MAX_WORDS + 1]), VOCABULARY).notices == (Notice.WORDS_LEFT_OUT,)
    assert not found(" ".join([*words[: MAX_WORDS - 1], "-轴承"]))


@pytest.mark.parametrize("text", ["", "  ", '"', "-", "???", '""', "—— ·", "\u3000"])
def test_no_words_no_text(text: str) -> None:
    assert parse_text(text, VOCABULARY).node is None


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("振华轴承有限公司", True),
        ("轴承厂", True),
        ("Zhenhua Co. Ltd", True),
        ('"振华" Ltd', True),
        ("有限公司", False),
        ("Co., Ltd", False),
        ("厂房", False),
        ('"振华轴承有限公司"', False),
    ],
)
def test_company_forms_are_optional_beside_other_words(text: str, ignored: bool) -> None:
    assert (Notice.COMPANY_FORMS_IGNORED in parse_text(text, VOCABULARY).notices) == ignored


def test_a_company_form_alone_is_searched() -> None:
    assert found("有限公司")
    assert not found("股份有限公司")


def test_exclusions_alone_start_from_all() -> None:
    assert parse_text("-轴承", VOCABULARY).node == AllOf((MatchAll(), Not(Phrase("chars", ("轴", "承")))))


@pytest.mark.parametrize("query", ["轴承", "bearing", "zhoucheng", "滚珠 bearing"])
def test_synonyms_find_each_other(query: str) -> None:
    assert found(query, named("滚珠轴承"))
    assert found(query.replace("滚珠", "ball"), named("Ball Bearings Inc"))


def test_a_synonym_within_a_run_is_expanded() -> None:
    assert found("精密轴承", SupplierDocument(id="X/1", version=1, names=("精密工业",), products=("bearings",)))
    assert not found("铜陵", named("copper 陵"))


def test_phrases_do_not_cross_values() -> None:
    firm = named("振华", "轴承")
    assert found("振华 轴承", firm)
    assert not found('"振华轴承"', firm)
    assert not found("华轴", firm)


def test_a_reward_never_finds_more() -> None:
    node = parse_text("振华 轴承 M8 zhou", VOCABULARY).node
    assert node is not None
    assert not holds(node, tokens_of(named("振华轴承", "M8")))


@given(
    st.lists(
        st.sampled_from(PARTS),
        min_size=1,
        max_size=8,
    )
)
def test_a_phrase_has_its_words(parts: list[str]) -> None:
    text = "".join(parts)
    if split(fold(text)):
        firm = named(text)
        assert found(f'"{text}"', firm)
        assert found(text, firm)
        assert found(" ".join(atoms(fold(text))), firm)


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("上海轴承（深沟球）有限公司", "深沟球轴承", ["轴承", "深沟球"]),
        ("上海振华轴承", "zhoucheng", ["轴承"]),
        ("上海振华轴承", "shang hai", ["上海"]),
        ("Ball Bearings, Inc", "轴承", ["Bearings"]),
        ("軸承ＩＳＯ９００１", "轴承 iso9001", ["軸承ＩＳＯ９００１"]),
        ("GB/T 19001-2016", "gb/t19001", ["GB/T 19001"]),
        ("Printed Circuit Boards", "印制电路板", ["Printed Circuit Boards"]),
        ("铝合金型材", "luhejin", ["铝合金"]),
        ("Cafe\u0301 1", "café", ["Cafe\u0301"]),
        ("上海轴承", "-轴承 上海", ["上海"]),
        ("轴与承", "轴承", []),
        ("", "轴承", []),
        ("上海", "", []),
    ],
)
def test_what_is_marked(text: str, query: str, marked: list[str]) -> None:
    pieces = highlight(text, query, VOCABULARY)
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, hit in pieces if hit] == marked


@given(NAME)
def test_what_finds_a_name_is_marked_in_it(name: str) -> None:
    assert highlight(name, name, Vocabulary({})) == ((name, True),)


@pytest.mark.parametrize(
    ("word", "candidates", "better"),
    [
        ("舟成", ["上海轴承厂"], "轴承"),
        ("zhouchegn", ["上海轴承厂"], "轴承"),
        ("zouceng", ["走程"], "走程"),
        ("bearign", ["Ball Bearing Co", "Bearish"], "bearing"),
        ("深沟求轴承", ["深沟球轴承"], "深沟球轴承"),
        ("深海球轴承", ["深沟球轴承"], "深沟球轴承"),
        ("轴陈", ["轴承", "轴成"], "轴成"),
        ("轴陈", ["轴承", "大轴承", "轴成"], "轴承"),
        ("valve", ["valve"], None),
        ("304", ["305"], None),
        ("轴", ["舟"], None),
        ("abc", ["abd"], None),
    ],
)
def test_did_you_mean(word: str, candidates: list[str], better: str | None) -> None:
    assert choose_spelling(word, candidates) == better
    if better is not None:
        held = tokens_of(named(*candidates))["spell"]
        assert set(spelling_keys(word)) & set(held)


@pytest.mark.parametrize("word", ["x", "12345", "轴", "a b", "", "a" * 99])
def test_what_cannot_be_guessed_from_has_no_keys(word: str) -> None:
    assert spelling_keys(word) == ()


def test_words_for_spelling_can_be_replaced() -> None:
    text = "上海 ＢＥＡＲＩＧＮ 有限公司 -x"
    assert parse_text(text, VOCABULARY).words == ("上海", "bearign")
    assert respell(text, "bearign", "bearing") == "上海 bearing 有限公司 -x"
    assert respell(text, "none", "bearing") == text
