"""The index side: the tokens of a supplier document, field by field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from search.contract import SupplierDocument
from search.nodes import Beginning, Term
from search.text.folding import CJK, MAX_TOKEN, bigrams, fold, fold_readings, split, stem, whole_key
from search.text.pinyin import contextual_pairs, pairs, reading

SENTINEL = "\u00b6"
"""Stands between the values of a field that keeps positions, so that no phrase crosses from one into the next."""
_SEPARATOR = f" {SENTINEL} "

MAX_PREFIX = 16
"""Suggestions compare this many characters of what was typed."""
SHORT_PREFIX = 5
"""Beginnings of up to so many characters are tokens of their own; longer ones begin few tokens, and are looked for."""
MAX_PREFIXES = 256
MAX_SPELLINGS = 128
MIN_SPELLED = 4
"""Shorter Latin words have too many neighbours to guess from."""
_LENGTHS = range(1, SHORT_PREFIX + 1)
_MAX_STARTS = 6
_MAX_READ = 200
_MAX_PLACE = 24
_CACHED_PRODUCT, _CACHED_TEXT = 60, 200

_COMPANY_PAIRS = "you'xian xian'gong gong'si xian'ze ze'ren ren'gong you'gu gu'fen fen'you"
_COMMON_PAIRS = frozenset(_COMPANY_PAIRS.split())
"""Of 有限(责任/股份)公司: in every name, so no help in choosing a spelling."""

_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 "
    "广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
)
_PLACE = re.compile(
    f"(?:(?:{'|'.join(_PROVINCES.split())})(?:省|市|(?:维吾尔|壮族|回族)?自治区)?)?"
    f"(?:[{CJK}]{{2,5}}?(?:省|市|自治区|自治州|县|区|州|盟|旗)){{0,3}}"
)


@dataclass(frozen=True, slots=True)
class DocumentTokens:
    """The tokens of a document by field, joined by U+0020; "" where there are none.

    `name`, `product`, `body`: words and CJK bigrams, without positions; the first two also pairs of pinyin syllables
    and one whole-value token each. `chars`: all of them as words and single characters with positions. `prefix`: what
    a name can be suggested by. `spell`: Latin words and pinyin pairs that a misspelt word is looked up by.
    """

    name: str
    product: str
    body: str
    chars: str
    prefix: str
    spell: str


@dataclass(frozen=True, slots=True)
class _Value:
    """One value of a document: its words (of names and products with pinyin), its chars, its spellings."""

    words: str
    chars: str
    spellings: list[str]


def analyse_document(document: SupplierDocument) -> DocumentTokens:
    """The tokens of a document; values that fold to nothing leave nothing behind."""
    names = [_spoken(text) for text in document.names]
    products = [_cached_spoken(text) if len(text) <= _CACHED_PRODUCT else _spoken(text) for text in document.products]
    texts = [_cached_written(text) if len(text) <= _CACHED_TEXT else _written(text) for text in document.texts]
    spellings = [spelling for value in (*names, *products) for spelling in value.spellings]
    return DocumentTokens(
        name=" ".join([value.words for value in names if value.words]),
        product=" ".join([value.words for value in products if value.words]),
        body=" ".join([value.words for value in texts if value.words]),
        chars=_SEPARATOR.join([value.chars for value in (*names, *products, *texts) if value.chars]),
        prefix=_capped([prefix for name in document.names for prefix in _prefixes(name)], MAX_PREFIXES),
        spell=_capped(spellings, MAX_SPELLINGS),
    )


def suggest_node(text: str) -> Term | Beginning | None:
    """What names beginning as typed have among their `prefix` tokens; None: nothing was typed that can be found."""
    typed = "".join(run or word for run, word in split(fold(text)))[:MAX_PREFIX]
    if len(typed) > SHORT_PREFIX:
        return Beginning("prefix", typed)
    return Term("prefix", typed) if typed else None


Parts = list[tuple[str, str]]
"""What folding.split returns."""


def _written(text: str) -> _Value:
    """Words and chars; a reading in context that differs is added as a value of its own."""
    found = [_tokens(split(folded)) for folded in fold_readings(text)]
    return _Value(" ".join([words for words, _ in found]), _SEPARATOR.join([chars for _, chars in found]), [])


def _spoken(text: str) -> _Value:
    """The same with pinyin, whole-value token and spellings."""
    folded, *variants = fold_readings(text)
    parts = split(folded)
    words, chars = _tokens(parts)
    if not words:
        return _Value("", "", [])
    for variant in variants:
        more_words, more_chars = _tokens(split(variant))
        words, chars = f"{words} {more_words}", f"{chars}{_SEPARATOR}{more_chars}"
    run = "".join([run for run, _ in parts])[:_MAX_READ]
    spellings = [word[:MAX_TOKEN] for _, word in parts if len(word) >= MIN_SPELLED and word.isalpha()]
    if run:
        words = " ".join([words, *pairs(run)])
        spellings += [pair for pair in contextual_pairs(run) if pair not in _COMMON_PAIRS]
    key = whole_key(parts)
    return _Value(f"{words} {key}" if key else words, chars, spellings)


# Products, places and scopes repeat from firm to firm. Long texts do not, and would fill the memory.
_cached_spoken = lru_cache(maxsize=16384)(_spoken)
_cached_written = lru_cache(maxsize=4096)(_written)


def _tokens(parts: Parts) -> tuple[str, str]:
    """The words of a text - stemmed words, bigrams of CJK characters that follow one another - and its chars.

    Bigrams go across punctuation, so that wherever characters are neighbours in `chars`, their bigram is a word: a
    phrase is never found without its words, and 上海浦东轴承 finds 上海（浦东）轴承.
    """
    words: list[str] = []
    chars: list[str] = []
    pending = ""
    for run, word in parts:
        if run:
            pending += run
            chars += run
            continue
        if pending:
            words += bigrams(pending)
            pending = ""
        stemmed = stem(word)
        words.append(stemmed)
        chars.append(stemmed)
    if pending:
        words += bigrams(pending)
    return " ".join(words), " ".join(chars)


def _capped(tokens: list[str], most: int) -> str:
    return " ".join(list(dict.fromkeys(tokens))[:most])


def _prefixes(name: str) -> list[str]:
    """Beginnings of a name, of its distinctive part and of its Latin words: as written, in pinyin, in initials."""
    parts = split(fold(name))
    written, spoken, initials = _units(parts)
    prefixes: list[str] = []
    for start in _starts(parts):
        for row in (written,) if spoken[start] is written[start] else (written, spoken, initials):
            tail = "".join(row[start : start + MAX_PREFIX])[:MAX_PREFIX]
            prefixes += [tail[:end] for end in _LENGTHS[: len(tail)]]
            prefixes.append(tail)
    return prefixes


def _units(parts: Parts) -> tuple[list[str], list[str], list[str]]:
    """Of each character or Latin word: as written, its pinyin, its initial (Latin words stay whole)."""
    written: list[str] = []
    spoken: list[str] = []
    initials: list[str] = []
    for run, word in parts:
        if word:
            written.append(word)
            spoken.append(word)
            initials.append(word)
            continue
        written += run
        syllables = [syllable or character for syllable, character in zip(reading(run[:_MAX_READ]), run, strict=False)]
        syllables += run[_MAX_READ:]
        spoken += syllables
        initials += [syllable[0] for syllable in syllables]
    return written, spoken, initials


def _starts(parts: Parts) -> list[int]:
    """Where, in units, a name may be begun: its start, after a place name, and at its Latin words."""
    starts = [0] if parts else []
    run = parts[0][0] if parts else ""
    if len(run) > 3:
        place = _PLACE.match(run[:_MAX_PLACE])
        # Most firms open with a place of two characters, 上海振华; without a list of places this finds the rest.
        distinctive = {2, place.end() if place else 0}
        starts.extend(sorted(start for start in distinctive if 0 < start < len(run) - 1))
    unit = 0
    for run, word in parts:
        if word and unit:
            starts.append(unit)
        unit += len(run) or 1
    return starts[:_MAX_STARTS]
