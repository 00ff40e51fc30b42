"""Which parts of a displayed text a query matched: words in any spelling, synonyms, pinyin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from search.contract import Vocabulary
from search.text.folding import fold_aligned, spans, stem
from search.text.lexicon import Lexicon, Words, lexicon
from search.text.pieces import Piece, Stretch, pieces
from search.text.pinyin import reading, readings, sounds_typed


@dataclass(frozen=True, slots=True)
class _Marks:
    """What to mark: sequences of atoms by their first atom, and words that are pinyin."""

    sequences: dict[str, frozenset[Words]]
    sounds: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Shown:
    """The atoms of a displayed text, where they are in it, and how its CJK characters sound there."""

    atoms: list[str]
    places: list[tuple[int, int]]
    sounds: list[Words]


def highlight(text: str, query_text: str, vocabulary: Vocabulary) -> tuple[tuple[str, bool], ...]:
    """The text in pieces - joined they are the text again - each with whether the query matched there."""
    marks = _marks(query_text, lexicon(vocabulary))
    if not text or not (marks.sequences or marks.sounds):
        return ((text, False),) if text else ()
    shown = _shown(text, with_sounds=bool(marks.sounds))
    marked = bytearray(len(text))
    for start, end in _matches(shown, marks):
        marked[start:end] = b"\1" * (end - start)
    return tuple(_cut(text, marked))


@lru_cache(maxsize=256)
def _marks(query_text: str, words: Lexicon) -> _Marks:
    typed = pieces(query_text, words)
    sequences: dict[str, set[Words]] = {}
    sounds: set[str] = set()
    for stretch in (stretch for group in typed.groups for stretch in group):
        for sequence in _sequences(stretch):
            sequences.setdefault(sequence[0], set()).add(sequence)
        sounds.update(piece.sound for piece in stretch.pieces if piece.sound)
    return _Marks({first: frozenset(found) for first, found in sequences.items()}, frozenset(sounds))


def _sequences(stretch: Stretch) -> Iterator[Words]:
    if stretch.phrase:
        yield tuple(atom.text for atom in stretch.atoms)
    for piece in stretch.pieces:
        if piece.form and not stretch.only_forms:
            continue
        yield from _typed(piece)
        yield from piece.others


def _typed(piece: Piece) -> Iterator[Words]:
    """A compound as a whole, a run by its pairs, as they are searched."""
    words = tuple(atom.text for atom in piece.atoms)
    if piece.spaced:
        yield from ((word,) for word in words)
    elif piece.atoms[0].cjk and len(words) > 2:
        yield from (words[i : i + 2] for i in range(len(words) - 1))
    else:
        yield words


def _shown(text: str, *, with_sounds: bool) -> _Shown:
    folded, origins = fold_aligned(text)
    found = _Shown([], [], [])
    for start, end, cjk in spans(folded):
        part = folded[start:end]
        if not cjk:
            found.atoms.append(stem(part))
            found.places.append((origins[start], origins[end]))
            found.sounds.append(())
            continue
        found.atoms.extend(part)
        found.places.extend((origins[at], max(origins[at + 1], origins[at] + 1)) for at in range(start, end))
        heard = reading(part) if with_sounds else [""] * len(part)
        found.sounds.extend((sound, *readings(c)) if sound else () for c, sound in zip(part, heard, strict=True))
    return found


def _matches(shown: _Shown, marks: _Marks) -> Iterator[tuple[int, int]]:
    """Every matched stretch of the displayed text."""
    for at, atom in enumerate(shown.atoms):
        for sequence in marks.sequences.get(atom, ()):
            end = at + len(sequence)
            if tuple(shown.atoms[at:end]) == sequence:
                yield from _places(shown, at, end)
        if shown.sounds[at]:
            for sound in marks.sounds:
                spoken = _spoken_end(shown, at, sound)
                if spoken is not None:
                    yield from _places(shown, at, spoken)


def _places(shown: _Shown, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the atoms are; of a compound (GB/T) with what stands between."""
    if any(len(atom) > 1 or atom.isascii() for atom in shown.atoms[start:end]):
        yield shown.places[start][0], shown.places[end - 1][1]
    else:
        yield from shown.places[start:end]


def _spoken_end(shown: _Shown, at: int, sound: str) -> int | None:
    """Where the characters from `at` on that are read as `sound` end."""
    ends = [(at, sound)]
    while ends:
        position, rest = ends.pop()
        if not rest:
            return position
        if position < len(shown.sounds):
            typed = (form for syllable in shown.sounds[position] for form in sounds_typed(syllable))
            ends.extend((position + 1, rest[len(form) :]) for form in typed if rest.startswith(form))
    return None


def _cut(text: str, marked: bytearray) -> Iterator[tuple[str, bool]]:
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or marked[at] != marked[start]:
            yield text[start:at], bool(marked[start])
            start = at
