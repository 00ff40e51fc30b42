"""Names as keys: spellings of one name have one key; so has what is left without company forms, and what sounds alike.

"宁波东方轴承有限公司", "宁波東方轴承 (有限公司)" and "宁波东方轴承股份有限公司" are one name to a buyer's list, nearly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from search.text import fold
from search.text.folding import split, stem
from search.text.pinyin import reading

SHORTEST = 2
"""Characters or words that a name without its company form must have left to say anything."""


class NameKeys:
    """Makes the keys of names; `forms` are the catalogue's company forms."""

    def __init__(self, forms: Iterable[str]) -> None:
        words = {tuple(split(fold(form))) for form in forms}
        self._runs = {parts[0][0] for parts in words if len(parts) == 1 and parts[0][0]}
        self._words = {stem(word) for parts in words for _run, word in parts if word}

    @cached_property
    def _ending(self) -> re.Pattern[str]:
        longest_first = sorted(self._runs, key=len, reverse=True)
        return re.compile(f"(?:{'|'.join(map(re.escape, longest_first))})+$" if longest_first else r"(?!)")

    def keys(self, name: str) -> tuple[str, str, str]:
        """(the whole name, its core without company form, how its core sounds); "" where there is none."""
        parts = split(fold(name))
        if not parts:
            return "", "", ""
        runs = "".join(run for run, _word in parts)
        words = [stem(word) for _run, word in parts if word]
        whole = "".join(run or f"_{stem(word)}" for run, word in parts)
        kept = self._ending.sub("", runs)
        rest = [word for word in words if word not in self._words]
        core = kept + "".join(f"_{word}" for word in rest) if len(kept) + len(rest) >= SHORTEST else ""
        sound = "'".join((*reading(kept), *rest)) if len(kept) > SHORTEST else ""
        return whole, core, sound
