"""What was typed, divided: words, phrases in quotes, exclusions, OR. Nothing typed is ever an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from search.contract import MAX_WORDS
from search.text.folding import compatible, fold, spans, split, stem

MAX_TYPED = 4096
"""Characters looked at; MAX_WORDS is usually reached long before."""
_CJK_A_WORD = 4
"""So many CJK characters are counted as one word."""
_LATIN_A_WORD, _LONG = 16, 200
"""Joined pinyin is counted as several words."""

_QUOTES = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\u300e\u300f\u301d\u301e\u301f", '"')
)
_ITEM = re.compile(r'(?:(?<!\S)(?P<minus>[-\u2212]))?"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+)')
_CONNECTED = re.compile(r"[-\u2010-\u2015\u2212/\\._+&#:*\u00d7~]*|x")
"""What may stand between the parts of one compound: GB/T, AC-DC, 0.5, M8×20."""


@dataclass(frozen=True, slots=True)
class Item:
    """A word (whatever stands between spaces) or a phrase, as typed in NFKC."""

    text: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """`groups`: one item of each must be found. `excluded`: none of these. `cut`: there was more."""

    groups: tuple[tuple[Item, ...], ...]
    excluded: tuple[Item, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Atom:
    """A stemmed word, a number or a CJK character of a query.

    `raw`: before stemming, with an x before it that stands for ×. `glued`: it continues the run of CJK characters, or
    the compound, of the atom before it.
    """

    text: str
    raw: str
    cjk: bool
    glued: bool


@dataclass(slots=True)
class Budget:
    """How much of MAX_WORDS is left, in quarters of words; `exceeded` once something did not fit."""

    left: int = field(default=MAX_WORDS * _CJK_A_WORD)
    exceeded: bool = False

    def take(self, atoms: list[Atom]) -> list[Atom]:
        """As many of the atoms as fit."""
        for index, atom in enumerate(atoms):
            cost = 1 if atom.cjk else _CJK_A_WORD * (1 + min(len(atom.raw), _LONG) // _LATIN_A_WORD)
            if cost > self.left:
                self.left, self.exceeded = 0, True
                return atoms[:index]
            self.left -= cost
        return atoms


def divide(text: str) -> Typed:
    """The items of a text. Unpaired quotes are spaces; OR (or |) binds the items beside it; a lone - is nothing."""
    typed = compatible(text[: MAX_TYPED + 1]).translate(_QUOTES)
    groups: list[list[Item]] = []
    excluded: list[Item] = []
    joins = alternatives = False
    for match in _ITEM.finditer(typed[:MAX_TYPED]):
        item, negated = _item(match)
        if item.text in ("OR", "|") and not item.phrase:
            joins, alternatives = bool(groups), True
        elif not split(fold(item.text)):
            continue
        elif negated:
            excluded.append(item)
            joins = False
        elif joins:
            groups[-1].append(item)
            joins = False
        else:
            groups.append([item])
    if alternatives and not groups and not excluded and "OR" in typed:
        groups = [[Item("OR")]]
    return Typed(tuple(map(tuple, groups)), tuple(excluded), len(typed) > MAX_TYPED)


def _item(match: re.Match[str]) -> tuple[Item, bool]:
    """The item, and whether it is excluded."""
    if match["phrase"] is not None:
        return Item(match["phrase"], phrase=True), match["minus"] is not None
    word = match["word"]
    negated = word[0] in "-\u2212" and len(word) > 1
    return Item(word[1:] if negated else word), negated


def query_atoms(folded: str) -> list[Atom]:
    """The atoms of a folded piece of a query."""
    found: list[Atom] = []
    last = 0
    for start, end, cjk in spans(folded):
        part = folded[start:end]
        if cjk:
            found += [Atom(character, character, cjk=True, glued=index > 0) for index, character in enumerate(part)]
        else:
            glued = bool(found) and not found[-1].cjk and _CONNECTED.fullmatch(folded, last, start) is not None
            times = "x" if folded[last:start] == "x" else ""
            found.append(Atom(stem(part), times + part, cjk=False, glued=glued))
        last = end
    return found


def texts(atoms: list[Atom] | tuple[Atom, ...]) -> tuple[str, ...]:
    """The atoms as tokens."""
    return tuple(atom.text for atom in atoms)


def runs(atoms: list[Atom]) -> list[list[Atom]]:
    """The atoms by run or compound."""
    found: list[list[Atom]] = []
    for atom in atoms:
        if atom.glued and found:
            found[-1].append(atom)
        else:
            found.append([atom])
    return found
