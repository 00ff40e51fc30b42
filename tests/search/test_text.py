"""The index side of the text analysis: folding, pinyin, the tokens of documents, suggestions. Nothing is shared."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.contract import SupplierDocument
from search.text import analyse_document, code_key, suggest_node
from search.text.folding import MAX_TOKEN, atoms, bigrams, fold, fold_aligned, fold_readings, split, stem
from search.text.pinyin import pairs, reading, typed_pinyin
from tests.search.reference import holds, tokens_of

FIELDS = ("name", "product", "body", "chars", "prefix", "spell")
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=24)
TRADE = st.text("安欧恩西先长重行上海轴承振华机械铝合金电子纺织钢铁厦门银阿昂额", min_size=2, max_size=12)


def document(*names: str, products: tuple[str, ...] = (), texts: tuple[str, ...] = ()) -> SupplierDocument:
    return SupplierDocument(id="X/1", version=1, names=names, products=products, texts=texts)


def tokens(field: str, *names: str) -> list[str]:
    found: list[str] = getattr(analyse_document(document(*names)), field).split(" ")
    return found


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＩＳＯ９００１", "iso9001"),
        ("軸承製造廠", "轴承制造厂"),
        ("Müller's “O’Brien” Straße", "mullers “obrien” strasse"),
        ("㈱東芝　㎜", "(株)东芝 mm"),
        ("供\u200b应\ufeff商", "供应商"),
        ("X\ud800Y", "x y"),
        ("ﾍﾞｱﾘﾝｸﾞ が", "ベアリング が"),
    ],
)
def test_spellings_of_one_word_fold_to_one(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@example("İ\u0345ǅ㍿ﬃ\u1fb7")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_case_and_width_do_not_matter(text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c not in "'`" else c for c in text)
    assert split(fold(wide)) == split(fold(text))
    assert fold(fold(text).upper()) == fold(fold(text).upper().casefold())


@given(HAN)
def test_traditional_and_simplified_have_the_same_tokens(text: str) -> None:
    assert atoms(fold(text)) == atoms(fold("".join(fold(character) for character in text)))


@given(st.text(max_size=60))
def test_alignment_leads_back_into_the_text(text: str) -> None:
    folded, origins = fold_aligned(text)
    assert len(origins) == len(folded) + 1
    assert origins == sorted(origins)
    assert all(0 <= origin <= len(text) for origin in origins)


def test_readings_in_context_are_added() -> None:
    assert fold_readings("反覆") == ["反覆", "反复"]
    assert fold_readings("軸承") == ["轴承"]
    assert {"反覆", "反复"} <= set(tokens("name", "反覆"))
    assert tokens("chars", "反覆") == ["反", "覆", "¶", "反", "复"]


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [
        ("bearings", "bearing"),
        ("batteries", "battery"),
        ("boxes", "box"),
        ("processes", "process"),
        ("process", "process"),
        ("dies", "die"),
        ("gas", "gas"),
        ("chassis", "chassis"),
        ("s" * 80, "s" * 64),
        ("a" * 70 + "ies", "a" * 63 + "y"),
    ],
)
def test_english_plurals(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


@given(st.text(max_size=300))
@example("a" * 300)
@example("\u3000\x0b\x85供\u2028")
def test_tokens_are_short_and_have_no_space(text: str) -> None:
    analysed = analyse_document(document(text, products=(text,), texts=(text,)))
    for field in FIELDS:
        value = getattr(analysed, field)
        assert value == "" or all(0 < len(token) <= MAX_TOKEN for token in value.split(" "))
        assert value == " ".join(value.split())
        value.encode()


@given(HAN, st.data())
def test_tokens_of_a_substring_are_tokens_of_the_whole(run: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(run) - 1))
    end = data.draw(st.integers(start + 1, len(run)))
    whole = set(bigrams(fold(run))) | set(atoms(fold(run)))
    assert set(bigrams(fold(run[start:end]))) <= whole


def test_the_tokens_of_a_document_by_field() -> None:
    analysed = analyse_document(document("上海轴承", "A型", products=("不锈钢304L",), texts=("GB/T 19001；认证", "")))
    assert analysed.name == "上海 海轴 轴承 shang'hai hai'zhou zhou'cheng =上海轴承 a 型 =a型"
    assert analysed.product == "不锈 锈钢 304 l bu'xiu xiu'gang =不锈钢304_l"
    assert analysed.body == "gb t 19001 认证"
    assert analysed.chars == "上 海 轴 承 ¶ a 型 ¶ 不 锈 钢 304 l ¶ gb t 19001 认 证"
    assert analysed.spell == "shang'hai hai'zhou zhou'cheng bu'xiu xiu'gang"


def test_words_go_on_across_punctuation() -> None:
    assert {"海浦", "东轴"} <= set(tokens("name", "上海（浦东）轴承"))
    assert "=上海浦东轴承" in tokens("name", "上海（浦东）轴承")


def test_nothing_in_nothing_out() -> None:
    analysed = analyse_document(document("—", "", products=("…",), texts=(" ",)))
    assert all(getattr(analysed, field) == "" for field in FIELDS)


@pytest.mark.parametrize(
    ("run", "sounds"),
    [("长沙长度", "chang sha chang du"), ("重庆重工", "chong qing zhong gong"), ("铝ハ", "lv ")],
)
def test_reading_in_context(run: str, sounds: str) -> None:
    assert " ".join(reading(run)) == sounds


def test_other_readings_are_capped_and_come_after() -> None:
    assert pairs("长行")[0] == "'".join(reading("长行"))
    assert len(pairs("长行")) == 4


@given(TRADE)
@example("西安欧恩")
@example("先安额昂阿")
def test_pinyin_finds_what_it_was_made_of(run: str) -> None:
    held = set(pairs(run))
    needed = typed_pinyin("".join(reading(run)))
    assert needed
    assert all(any(held.issuperset(way) for way in ways) for ways in needed)


@pytest.mark.parametrize("word", ["bearing", "zhong", "x", "", "iso9001", "轴承", "a" * 300])
def test_what_is_not_pinyin_of_two_syllables(word: str) -> None:
    assert typed_pinyin(word) == ()


@pytest.mark.parametrize("word", ["lvhejin", "luhejin", "lyuhejin"])
def test_every_way_to_type_a_syllable(word: str) -> None:
    held = set(pairs("铝合金"))
    assert all(any(held.issuperset(way) for way in ways) for ways in typed_pinyin(word))


@pytest.mark.parametrize(
    "typed",
    ["上", "上海振华", "振华", "轴", "shanghaizh", "Shanghai Zh", "shzh", "zhenhua", "ABB", "abb x", "xylan", "ltd"],
)
def test_a_name_is_suggested_by_its_beginnings(typed: str) -> None:
    node = suggest_node(typed)
    assert node
    assert holds(node, tokens_of(document("上海振华轴承", "ABB Xylan Ltd"))) == (typed != "轴")


@pytest.mark.parametrize(
    "name", ["浙江省宁波市恒力机械", "内蒙古自治区恒力机械", "石家庄市恒力机械", "广东恒力机械", "宁波恒力"]
)
def test_a_name_is_suggested_by_what_follows_its_place(name: str) -> None:
    assert "恒力" in tokens("prefix", name)


def test_nothing_typed_suggests_nothing() -> None:
    assert suggest_node(" ?—") is None


@given(st.text(min_size=1, max_size=40))
@example("上海振华轴承有限责任公司浦东分公司第一车间")
def test_every_beginning_of_a_name_suggests_it(name: str) -> None:
    held = tokens_of(document(name))
    for end in range(1, len(name) + 1):
        node = suggest_node(name[:end])
        if fold(name).startswith(fold(name[:end])):
            assert node is None or holds(node, held)


@pytest.mark.parametrize("text", ["91310000-MA1K35X21Q", "91310000 ma1k35x21q", "９１３１００００ＭＡ１Ｋ３５Ｘ２１Ｑ"])
def test_codes_are_looked_up_in_any_spelling(text: str) -> None:
    assert code_key(text) == "91310000MA1K35X21Q"
