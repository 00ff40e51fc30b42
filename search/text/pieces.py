"""A query as pieces: what must be found, with everything that may stand for it. For searching and highlighting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from search.text.folding import fold_readings
from search.text.lexicon import Lexicon, Words
from search.text.lexing import Atom, Budget, Item, divide, query_atoms, runs
from search.text.pinyin import Ways, is_syllable, spaced_pinyin, typed_pinyin


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of CJK characters, a compound, one word, or syllables typed apart.

    `others`: synonyms. `pinyin`: what its reading as pinyin needs, `sound`: that reading as one word. `form`: a company
    form.
    """

    atoms: tuple[Atom, ...]
    others: tuple[Words, ...] = ()
    pinyin: tuple[Ways, ...] = ()
    sound: str = ""
    form: bool = False
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was typed in a row: all atoms, and the pieces they are divided into. `again`: in a second reading."""

    atoms: tuple[Atom, ...]
    pieces: tuple[Piece, ...]
    phrase: bool = False
    again: bool = False

    @property
    def only_forms(self) -> bool:
        """Whether nothing but company forms was typed."""
        return not self.phrase and all(piece.form for piece in self.pieces)


Alternatives = tuple[Stretch, ...]
"""Stretches of which one must be found: those beside an OR, and the readings in context of traditional characters."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A whole query: one of each `groups`, none of `excluded`; `cut`: it was too long."""

    groups: tuple[Alternatives, ...]
    excluded: tuple[Alternatives, ...]
    cut: bool


def pieces(text: str, words: Lexicon) -> Pieces:
    """The pieces of a query, at most MAX_WORDS words of it."""
    typed = divide(text)
    budget = Budget()
    # What must not be found comes first: leaving it out of a long query would turn its meaning round.
    excluded = [_alternatives((Item(item.text, phrase=True),), words, budget) for item in typed.excluded]
    groups = [_alternatives(group, words, budget) for group in _rows(typed.groups)]
    return Pieces(tuple(filter(None, groups)), tuple(filter(None, excluded)), typed.cut or budget.exceeded)


def _rows(groups: tuple[tuple[Item, ...], ...]) -> Iterator[tuple[Item, ...]]:
    """The groups, with words typed in a row as one item, so that what consists of several words is seen."""
    row: list[str] = []
    for group in groups:
        if len(group) == 1 and not group[0].phrase:
            row.append(group[0].text)
            continue
        if row:
            yield (Item(" ".join(row)),)
            row = []
        yield group
    if row:
        yield (Item(" ".join(row)),)


def _alternatives(items: tuple[Item, ...], words: Lexicon, budget: Budget) -> Alternatives:
    found: list[Stretch] = []
    for item in items:
        for index, folded in enumerate(fold_readings(item.text)):
            # A second reading is not a second word: it gets what the first one got.
            atoms = query_atoms(folded)
            kept = tuple(budget.take(atoms) if index == 0 else atoms[: len(found[-1].atoms) if found else 0])
            if kept:
                divided = () if item.phrase else tuple(_divided(kept, words))
                found.append(Stretch(kept, divided, item.phrase, again=index > 0))
    return tuple(found)


def _divided(atoms: tuple[Atom, ...], words: Lexicon) -> Iterator[Piece]:
    """The pieces of a stretch: words of the vocabulary, and what remains by run, compound and spaced pinyin."""
    rest: list[Atom] = []
    position = 0
    while position < len(atoms):
        entry = words.match(atoms, position)
        if entry is None:
            rest.append(atoms[position])
            position += 1
            continue
        yield from _plain(rest, words)
        rest = []
        found = atoms[position : position + len(entry.atoms)]
        yield _sounding(Piece(found, entry.others, form=entry.form), words)
        position += len(found)
    yield from _plain(rest, words)


def _plain(rest: list[Atom], words: Lexicon) -> Iterator[Piece]:
    """The pieces of atoms that the vocabulary does not have: one a run or compound, but syllables in a row as one."""
    bundles: list[list[Atom]] = []
    for run in runs(rest):
        if bundles and _are_syllables([*bundles[-1], *run]):
            bundles[-1].extend(run)
        else:
            bundles.append(run)
    for bundle in bundles:
        yield _sounding(Piece(tuple(bundle)), words)


def _are_syllables(atoms: list[Atom]) -> bool:
    return all(is_syllable(atom.raw) for atom in atoms)


def _sounding(piece: Piece, words: Lexicon) -> Piece:
    """The piece with what it means if it is pinyin: zhoucheng is also 轴承, and what 轴承 is a synonym of."""
    atoms = piece.atoms
    if atoms[0].cjk or piece.form:
        return piece
    raw = [atom.raw for atom in atoms]
    if len(raw) == 1:
        sound, needed, spaced = raw[0], typed_pinyin(raw[0]), False
    elif _are_syllables(list(atoms)):
        sound, needed, spaced = "".join(raw), spaced_pinyin(raw), not any(atom.glued for atom in atoms[1:])
    else:
        return piece
    if not needed:
        return piece
    others = dict.fromkeys([*piece.others, *words.spoken.get(sound, ())])
    return Piece(atoms, tuple(others), needed, sound, piece.form, spaced)
