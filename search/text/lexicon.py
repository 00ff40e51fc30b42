"""The catalogue's words inside a query: trade synonyms and company forms, longest first, also within a CJK run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from search.contract import Vocabulary
from search.text.folding import fold, is_cjk
from search.text.lexing import Atom, query_atoms, texts
from search.text.pinyin import reading

MAX_ALTERNATIVES = 12
"""Other words searched for one synonym."""

Words = tuple[str, ...]
"""A word of the vocabulary as atoms."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A word of the vocabulary: its other words, and whether it is a company form."""

    atoms: tuple[Atom, ...]
    others: tuple[Words, ...]
    form: bool


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """A compiled vocabulary; equal to itself alone, so that caches need not compare its words.

    `entries` by first atom, longest first; `spoken`: by joined pinyin, the words of the groups that sound so.
    """

    entries: dict[str, tuple[Entry, ...]]
    spoken: dict[str, tuple[Words, ...]]

    def match(self, atoms: Sequence[Atom], start: int) -> Entry | None:
        """The longest entry that the atoms have at `start`."""
        for entry in self.entries.get(atoms[start].text, ()):
            if _fits(entry, atoms, start):
                return entry
        return None


_latest: list[tuple[Vocabulary, Lexicon]] = []


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    """The compiled vocabulary; compiled once as long as its words stay the same."""
    # Hashing a few hundred words for each text of a page would cost more than marking it: look for the same object.
    for known, compiled in _latest:
        if known is vocabulary:
            return compiled
    compiled = _compiled(vocabulary.synonyms, vocabulary.company_forms)
    _latest[:] = [(vocabulary, compiled)]
    return compiled


@lru_cache(maxsize=8)
def _compiled(synonyms: tuple[tuple[str, ...], ...], forms: tuple[str, ...]) -> Lexicon:
    groups = [[_atoms(word) for word in group] for group in synonyms]
    others: dict[tuple[Atom, ...], dict[Words, None]] = {}
    spoken: dict[str, dict[Words, None]] = {}
    for group in groups:
        words = dict.fromkeys(texts(atoms) for atoms in group if atoms)
        for atoms in filter(None, group):
            others.setdefault(atoms, {}).update(words)
            if len(atoms) > 1 and all(is_cjk(atom.text) for atom in atoms):
                spoken.setdefault("".join(reading("".join(texts(atoms)))), {}).update(words)
    company = dict.fromkeys(filter(None, map(_atoms, forms)))
    entries: dict[str, list[Entry]] = {}
    for atoms in dict.fromkeys([*company, *others]):
        rest = tuple(words for words in others.get(atoms, ()) if words != texts(atoms))[:MAX_ALTERNATIVES]
        entries.setdefault(atoms[0].text, []).append(Entry(atoms, rest, atoms in company))
    ordered = {first: tuple(sorted(found, key=lambda entry: -len(entry.atoms))) for first, found in entries.items()}
    return Lexicon(ordered, {sound: tuple(words)[:MAX_ALTERNATIVES] for sound, words in spoken.items()})


def _atoms(word: str) -> tuple[Atom, ...]:
    """The atoms of a word of the vocabulary; of spellings that find each other the same."""
    return tuple(Atom(atom.text, atom.text, atom.cjk, atom.glued and atom.cjk) for atom in query_atoms(fold(word)))


def _fits(entry: Entry, atoms: Sequence[Atom], start: int) -> bool:
    """Whether the entry stands at `start`, without cutting a compound or making much of a single character."""
    end = start + len(entry.atoms)
    found = atoms[start:end]
    if len(found) < len(entry.atoms) or any(a.text != b.text for a, b in zip(found, entry.atoms, strict=True)):
        return False
    if any(here.glued != there.glued for here, there in zip(found[1:], entry.atoms[1:], strict=True) if here.cjk):
        return False
    starts_within = atoms[start].glued
    ends_within = end < len(atoms) and atoms[end].glued
    if len(entry.atoms) == 1 and atoms[start].cjk:
        # One character is in too many words to be taken out of a run (铜 in 铜陵); as a form it ends one (轴承厂).
        return not ends_within and (entry.form or not starts_within)
    return not (starts_within and not found[0].cjk) and not (ends_within and not found[-1].cjk)
