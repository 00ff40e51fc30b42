"""Texts as they are kept: without characters that nobody sees, or that turn the text around them.

Bidirectional marks, zero-width characters, tags and controls go (Unicode Cc and Cf). What joins two emoji into one
stays between emoji, and nowhere else: there it could hide a word from the search.
"""

from __future__ import annotations

import re
import unicodedata

_JOINER = "\u200d"
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")


def clean_text(text: str) -> str:
    """Several lines, at most one empty one between two."""
    lines = _SPACES.sub(" ", _visible(_BREAKS.sub("\n", unicodedata.normalize("NFC", text)))).split("\n")
    return _LINES.sub("\n\n", "\n".join(line.strip() for line in lines)).strip()


def clean_line(text: str) -> str:
    """One line, at most one space between two words."""
    return " ".join(clean_text(text).split())


def _visible(text: str) -> str:
    """Without what nobody sees; a tab is a space."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for place, sign in enumerate(text):
        if sign == "\t":
            kept.append(" ")
            continue
        joins = sign == _JOINER and kept and _emoji(kept[-1]) and _emoji(text[place + 1 : place + 2])
        if joins or sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}:
            kept.append(sign)
    return "".join(kept)


def _emoji(sign: str) -> bool:
    """A symbol, one of another look (U+FE0F), or a skin colour."""
    return sign == "\ufe0f" or (sign != "" and unicodedata.category(sign) in {"So", "Sk"})
