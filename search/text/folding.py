"""Folding: the spellings of one word brought to one form, and the parts a text consists of.

NFKC, case folding, Latin accents off, apostrophes and format characters out, traditional to simplified by a
one-character table (search notes, rule 18: a table that reads context would make a substring miss its document).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from opencc import OpenCC

MAX_TOKEN = 64
"""The longest token in characters (rule 16: Elasticsearch cuts at 255, tantivy does not)."""

CJK = (
    "\u3005\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U000323af"
)
"""Han characters, kana and Hangul, for a regular expression's brackets."""
_PART = re.compile(rf"([{CJK}]+)|(\d+|(?!(?<=\d)x\d)[^\W\d_{CJK}]+)")

_FORMAT_BLOCKS = ((0x00AD, 0x20000), (0xE0000, 0xE0100))
_HAN_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))
_HAS_CJK = re.compile(f"[{CJK}]")
_ACCENTED = re.compile("[\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_SURROGATES = range(0xD800, 0xE000)
_UNFIT = re.compile("[\ud800-\udfff\0]")
"""What the converter, written in C++, does not take."""
_APOSTROPHES = "'\u2018\u2019\u02bc`"


@lru_cache(maxsize=1)
def _opencc() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1)
def fold_table() -> dict[int, str | None]:
    """For `str.translate`: traditional characters to simplified ones, format characters and apostrophes out.

    Halves of characters (lone surrogates), which no engine takes, become spaces.
    """
    changed: dict[str, str] = {}
    for low, high in _HAN_BLOCKS:
        for start in range(low, high, 4096):  # in slices, so that no memory stays taken
            characters = [chr(code) for code in range(start, min(start + 4096, high))]
            simplified = _opencc().convert("\n".join(characters)).split("\n")
            both = zip(characters, simplified, strict=True)
            changed.update((old, new) for old, new in both if old != new and len(new) == 1)
    # A second step where the first ends on a traditional character again, so that folding twice is folding once.
    table: dict[int, str | None] = {ord(old): changed.get(new, new) for old, new in changed.items()}
    formats = (code for low, high in _FORMAT_BLOCKS for code in range(low, high))
    table.update((code, None) for code in formats if unicodedata.category(chr(code)) == "Cf")
    table.update((ord(mark), None) for mark in _APOSTROPHES)
    table.update((code, " ") for code in _SURROGATES)
    return table


@lru_cache(maxsize=1)
def _folding_characters() -> frozenset[str]:
    """Any character of the table: looking first is several times as fast as translating what needs none."""
    return frozenset(map(chr, fold_table()))


def compatible(text: str) -> str:
    """The text in NFKC."""
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


def fold(text: str) -> str:
    """The one form of a text; folding it again changes nothing."""
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "")
    return _folded(compatible(text))


def _folded(text: str) -> str:
    folded = _mapped(text.casefold())
    if _ACCENTED.search(folded):
        folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded))
    if unicodedata.is_normalized("NFKC", folded):
        return folded
    return _mapped(unicodedata.normalize("NFKC", folded).casefold())


def _mapped(text: str) -> str:
    return text.translate(fold_table()) if not _folding_characters().isdisjoint(text) else text


def fold_readings(text: str) -> list[str]:
    """The folded text, and its folded reading in context where that differs (反覆 is 反复, while 覆 alone stays)."""
    if text.isascii():
        return [fold(text)]
    plain = compatible(text)
    folded = _folded(plain)
    if not _HAS_CJK.search(folded):
        return [folded]
    if _UNFIT.search(plain):
        plain = _UNFIT.sub(" ", plain)
    converted = _opencc().convert(plain)
    if converted == plain:
        return [folded]
    return list(dict.fromkeys((folded, _folded(converted))))


@lru_cache(maxsize=32768)
def stem(word: str) -> str:
    """A folded word without the English plural: bearings is bearing. Both sides of a search stem alike."""
    if len(word) < 4 or not word.isascii() or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word[:MAX_TOKEN]
    if len(word) > 4 and word.endswith("ies"):
        return word[: min(len(word) - 3, MAX_TOKEN - 1)] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2][:MAX_TOKEN]
    return word[:-1][:MAX_TOKEN]


def split(folded: str) -> list[tuple[str, str]]:
    """The parts of a folded text as (run of CJK characters, "") or ("", run of letters or of digits), in order.

    Letters part from digits, so that ISO9001 has the parts of ISO 9001; an x between digits is a sign like the × it
    stands for (M8x20, M8×20, M8*20).
    """
    return _PART.findall(folded)


def spans(folded: str) -> Iterator[tuple[int, int, bool]]:
    """Where the parts are: start, end, whether of CJK characters."""
    return ((match.start(), match.end(), match[1] is not None) for match in _PART.finditer(folded))


def is_cjk(part: str) -> bool:
    """Whether a part or an atom is of CJK characters."""
    return _HAS_CJK.match(part) is not None


def atoms(folded: str) -> list[str]:
    """What phrases count in: stemmed words, numbers, single CJK characters, in order."""
    found: list[str] = []
    for run, word in split(folded):
        if run:
            found.extend(run)
        else:
            found.append(stem(word))
    return found


def bigrams(run: str) -> list[str]:
    """The pairs of neighbours of a CJK run; of a run of one character that character."""
    return [a + b for a, b in pairwise(run)] or [run]


def whole_key(parts: list[tuple[str, str]]) -> str | None:
    """The token that a whole name or product has whatever its punctuation, from its parts; None if it gets too long."""
    key, after_word = "=", False
    for run, word in parts:
        key += run or ("_" + stem(word) if after_word else stem(word))
        after_word = bool(word)
    return key if 1 < len(key) <= MAX_TOKEN else None


def code_key(text: str) -> str:
    """How a registration, certificate or licence number is looked up: folded letters and digits in upper case."""
    return "".join([character for character in fold(text).upper() if character.isalnum()])[:MAX_TOKEN]


_fold_bit = lru_cache(maxsize=8192)(fold)


def fold_aligned(text: str) -> tuple[str, list[int]]:
    """A text folded bit by bit, and where in `text` each folded character came from (one more at the end: its length).

    For display only: a bit is a character with its combining marks, so what `fold` sees across bits is not seen here.
    """
    folded: list[str] = []
    origins: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        bit = _fold_bit(text[start:end])
        folded.append(bit)
        origins.extend([start] * len(bit))
        start = end
    return "".join(folded), [*origins, len(text)]
