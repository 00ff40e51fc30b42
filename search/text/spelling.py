"""Did you mean: the tokens by which a misspelt word's neighbours are found, and the choice among them.

The neighbours are made from the query, not from the documents: a Latin word has a few hundred at one edit, a set of
terms that either engine looks up in a moment, while deletion variants (notes, rule 21) would be a hundred more tokens
in every document. Of Chinese the index has pairs of syllables; homophones share them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise, product

from search.text.document import MIN_SPELLED
from search.text.folding import fold, fold_aligned, split
from search.text.pinyin import pairs, reading, readings, typed_pinyin

MAX_KEYS = 1024
MAX_LENGTH = 24
"""Longer words are left as they are."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("f", "h"))
"""Initials that speakers of southern dialects take for each other; likewise finals with and without g."""


def spelling_keys(word: str) -> tuple[str, ...]:
    """The tokens of `spell` of which a document has one if it holds a homophone or a neighbour of the word.

    Empty: nothing to try (a word too short or too long, a number).
    """
    run, latin = _kind(word)
    if run:
        near = (f"{a}'{b}" for x, y in _syllable_pairs(run) for a, b in product(_near(x), _near(y)))
        return tuple(dict.fromkeys([*pairs(run), *near]))[:MAX_KEYS]
    if not latin:
        return ()
    edits = _edits(latin)
    spoken = (pair for edit in edits for ways in typed_pinyin(edit) for way in ways for pair in way)
    return tuple(dict.fromkeys([*spoken, *sorted(edits)]))[:MAX_KEYS]


def choose_spelling(word: str, candidates: Iterable[str]) -> str | None:
    """The likeliest neighbour of the word in names and products as displayed, folded; None if they have none.

    Homophones before near ones before one other character; Latin words before Chinese ones that a mistyped pinyin may
    mean. Among equals the most frequent, then the first in order.
    """
    run, latin = _kind(word)
    if not run and not latin:
        return None
    votes: Counter[tuple[int, str]] = Counter()
    for candidate in dict.fromkeys(candidates):
        parts = split(fold(candidate))
        found = _like_run(run, parts) if run else _like_word(latin, parts)
        votes.update(set(found))
    if not votes:
        return None
    return min(votes, key=lambda vote: (vote[0], -votes[vote], vote[1]))[1]


def respell(text: str, word: str, better: str) -> str:
    """The query `text` with `word`, one of TextQuery.words, replaced where it first stands."""
    folded, origins = fold_aligned(text)
    start = folded.find(word)
    if start < 0:
        return text
    return text[: origins[start]] + better + text[origins[start + len(word)] :]


def _kind(word: str) -> tuple[str, str]:
    """The word as a run of CJK characters or as a Latin word; neither if it cannot be guessed from."""
    parts = split(fold(word))
    if len(parts) != 1:
        return "", ""
    run, latin = parts[0]
    if run and 2 <= len(run) <= MAX_LENGTH:
        return run, ""
    fit = latin.isascii() and latin.isalpha() and MIN_SPELLED <= len(latin) <= MAX_LENGTH
    return ("", latin) if fit else ("", "")


@lru_cache(maxsize=64)
def _edits(word: str) -> frozenset[str]:
    """Every string at one deletion, exchange of neighbours, replacement or insertion from the word."""
    halves = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {head + tail[1:] for head, tail in halves if tail}
    found.update(head + tail[1] + tail[0] + tail[2:] for head, tail in halves if len(tail) > 1)
    found.update(head + letter + tail[1:] for head, tail in halves if tail for letter in _LETTERS)
    found.update(head + letter + tail for head, tail in halves for letter in _LETTERS)
    return frozenset(found - {word})


def _syllable_pairs(run: str) -> Iterator[tuple[str, str]]:
    return ((a, b) for a, b in pairwise(reading(run)) if a and b)


@lru_cache(maxsize=1024)
def _near(syllable: str) -> tuple[str, ...]:
    """The syllable and those it is commonly taken for."""
    initials = [syllable]
    for long, short in _CONFUSED:
        if syllable.startswith(long):
            initials.append(short + syllable[len(long) :])
        elif syllable.startswith(short):
            initials.append(long + syllable[len(short) :])
    finals = [s[:-1] if s.endswith("ng") else f"{s}g" for s in initials if s.endswith(("ng", "n"))]
    return tuple(dict.fromkeys([*initials, *finals]))


def _like_run(run: str, parts: list[tuple[str, str]]) -> Iterator[tuple[int, str]]:
    """What sounds or looks like the run: 0 a homophone, 1 nearly one, 2 with one other character."""
    text = "".join(other for other, _ in parts)
    sound = reading(run)
    for start in range(len(text) - len(run) + 1):
        window = text[start : start + len(run)]
        if window == run:
            continue
        distance = max(_distance(*four) for four in zip(run, sound, window, reading(window), strict=True))
        if distance < 2:
            yield distance, window
        elif len(run) > 2 and sum(a != b for a, b in zip(run, window, strict=True)) == 1:
            yield 2, window


def _distance(typed: str, typed_sound: str, there: str, sound: str) -> int:
    """0: the two characters may sound alike; 1: nearly; 2: not."""
    if typed == there:
        return 0
    ours, theirs = {typed_sound, *readings(typed)} - {""}, {sound, *readings(there)} - {""}
    if ours & theirs:
        return 0
    return 1 if any(near in theirs for syllable in ours for near in _near(syllable)) else 2


def _like_word(word: str, parts: list[tuple[str, str]]) -> Iterator[tuple[int, str]]:
    """0: a Latin word at one edit; 1: Chinese whose pinyin is at one edit."""
    edits = _edits(word)
    yield from ((0, latin) for _, latin in parts if latin in edits)
    run = "".join(run for run, _ in parts)
    syllables = reading(run)
    for start in range(len(run)):
        sound = ""
        for end in range(start, len(run)):
            if not syllables[end] or len(sound) > len(word):
                break
            sound += syllables[end]
            if end > start and sound in edits:
                yield 1, run[start : end + 1]
