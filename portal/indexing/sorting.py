"""The order of names: Chinese ones by the sound of their characters, among Latin ones."""

from __future__ import annotations

import re

from search.text import fold
from search.text.folding import CJK
from search.text.pinyin import reading

_RUN = re.compile(f"[{CJK}]+")


def sort_key(name: str) -> str:
    """What a name is ordered by: its pinyin syllable by syllable, then its characters, which part homophones."""
    folded = fold(name).strip()
    sound = _RUN.sub(lambda run: f"{' '.join(reading(run[0]))} ", folded)
    return folded if sound == folded else f"{sound.strip()} {folded}"
