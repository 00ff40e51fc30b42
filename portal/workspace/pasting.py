"""Criteria by pasted codes: from a spreadsheet, a contract, a message. Pure; what is not understood is given back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

MUST, NICE, NOT = "must", "nice", "not"
MAX_WEIGHT = 100

_MARKERS = {
    MUST: ("必备", "必备项", "必须", "必选", "必要", "must", "musts", "required", "mandatory"),
    NICE: ("加分", "加分项", "可选", "优先", "nice", "nices", "optional", "bonus"),
    NOT: ("排除", "不要", "exclude", "excluded", "not"),
}
_MARKED = {word: mark for mark, words in _MARKERS.items() for word in words}
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−_", "-"))
_NICE_TO_HAVE = re.compile(r"nice[ -]to[ -]have", re.IGNORECASE)
_WORDS = re.compile(r"[^\s,:=×*、;|/。()【】\[\]\"'“”]+")
_CODE_LIKE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9-]{3,20}")
_NUMBER = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Pasted:
    """Code → (must, nice or not; weight), the last word on each counts; `unknown`: codes that the catalogue lacks.

    `left`: words that are neither codes nor marks, such as the criteria's names beside them.
    """

    chosen: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(slots=True)
class _Asked:
    """A code of a line, with what the line says of it."""

    code: str
    mark: str
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a line: the catalogue's `code`, a `mark`, a `number`, or anything else."""

    text: str
    code: str = ""
    mark: str = ""
    number: int | None = None


def pasted(text: str, known: Iterable[str], usual: str = MUST) -> Pasted:
    """What a text asks for. A code without a mark is `usual`; one with a weight alone is nice to have.

    Marks may stand before codes ("必备: X01-05, X01-06") or, where the line begins with a code, behind them
    ("X01-05 必备 2"). A mark without codes on its line holds for the lines below.
    """
    codes = {_key(code): code for code in known}
    chosen: dict[str, tuple[str, int]] = {}
    others: dict[str, None] = {}
    heading = ""
    for line in unicodedata.normalize("NFKC", text).splitlines():
        words = list(_words(line, codes))
        others.update((word.text, None) for word in words if not (word.code or word.mark) and word.number is None)
        if not any(word.code for word in words):
            heading = next((word.mark for word in words if word.mark), heading)
        for one in _asked(words, heading):
            mark = one.mark or heading or (usual if one.weight is None else NICE)
            chosen[one.code] = (mark, one.weight or 1)
    unknown = tuple(word for word in others if _CODE_LIKE.fullmatch(word))
    return Pasted(chosen, unknown, tuple(word for word in others if word not in unknown))


def _words(line: str, codes: Mapping[str, str]) -> Iterator[_Word]:
    for found in _WORDS.findall(_NICE_TO_HAVE.sub("nice", line).translate(_DASHES)):
        text = found.strip(".-")
        if text:
            number = min(max(int(text), 1), MAX_WEIGHT) if _NUMBER.fullmatch(text) else None
            yield _Word(text, codes.get(_key(text), ""), _MARKED.get(text.casefold(), ""), number)


def _asked(words: list[_Word], heading: str) -> list[_Asked]:
    """The codes of a line with the marks and weights beside them."""
    before = next((bool(word.mark) for word in words if word.code or word.mark), False)
    mark = heading
    asked: list[_Asked] = []
    marked = 0
    """So many of them have their mark."""
    last = _Word("")
    for word in words:
        if word.code:
            asked.append(_Asked(word.code, mark if before else ""))
        elif word.mark and before:
            mark = word.mark
        elif word.mark:
            for one in asked[marked:]:
                one.mark = word.mark
            marked = len(asked)
        elif word.number is not None and asked and (last.code or (last.mark and not before)):
            asked[-1].weight = word.number
        last = word
    return asked


def _key(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
