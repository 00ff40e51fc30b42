"""The query side: what was typed as a tree over the fields name, product, body, chars and code.

All words must be found, each in any field, in the name it counts most. What only raises the score - a phrase, a whole
name - is an alternative that cannot hold without the words, so it never changes what is found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from search.contract import Notice, Vocabulary
from search.nodes import AllOf, AnyTerm, Best, Boost, MatchAll, Node, Not, Phrase, Rewarded, Term
from search.text.folding import bigrams, code_key, is_cjk, whole_key
from search.text.lexicon import Lexicon, Words, lexicon
from search.text.lexing import Atom, runs, texts
from search.text.pieces import Alternatives, Piece, Stretch, pieces
from search.text.pinyin import Ways

NAME, PRODUCT = 4.0, 2.5
"""Weights of a word in a name and in a product, against 1 in a text."""
WHOLE, PHRASE, CODE = 10.0, 2.0, 10.0
SYNONYM, PINYIN = 0.6, 0.5
MIN_CODE = 4
"""Shorter compounds (M8) are not looked up as codes."""


@dataclass(frozen=True, slots=True)
class TextQuery:
    """`node` None: no text. `words`: the folded words that had to be found, for spelling (see respell)."""

    node: Node | None
    notices: tuple[Notice, ...]
    words: tuple[str, ...]


def parse_text(text: str, vocabulary: Vocabulary) -> TextQuery:
    """The tree of a text. Never an error, and of bounded size: MAX_WORDS words, what is beyond is left out."""
    return _parsed(text, lexicon(vocabulary))


@lru_cache(maxsize=512)
def _parsed(text: str, words: Lexicon) -> TextQuery:
    typed = pieces(text, words)
    kept = [group for group in typed.groups if not all(stretch.only_forms for stretch in group)] or list(typed.groups)
    notices = [Notice.WORDS_LEFT_OUT] if typed.cut else []
    if len(kept) < len(typed.groups) or any(_leaves_forms(stretch) for group in kept for stretch in group):
        notices.append(Notice.COMPANY_FORMS_IGNORED)
    parts: list[Node] = [_best(map(_stretch, group)) for group in kept]
    exclusions: list[Node] = [
        Not(_best(_phrase(texts(stretch.atoms)) for stretch in group)) for group in typed.excluded
    ]
    if exclusions and not parts:
        parts = [MatchAll()]
    node = _all([*parts, *exclusions]) if parts else None
    return TextQuery(node, tuple(notices), _words(kept))


def _words(groups: Iterable[Alternatives]) -> tuple[str, ...]:
    """The runs and single words of each group's stretches, without company forms."""
    found = (
        "".join(atom.raw for atom in run)
        for group in groups
        for stretch in group
        if not stretch.again
        for run in runs([atom for piece in stretch.pieces if not piece.form for atom in piece.atoms])
        if len(run) == 1 or run[0].cjk
    )
    return tuple(dict.fromkeys(found))


def _leaves_forms(stretch: Stretch) -> bool:
    return not stretch.only_forms and any(piece.form for piece in stretch.pieces)


def _stretch(stretch: Stretch) -> Node:
    """What was typed in a row: its pieces, and more for a phrase, for a whole name."""
    tokens = texts(stretch.atoms)
    if stretch.phrase:
        return _all([_phrase(tokens), *_words_of(stretch.atoms)]) if len(tokens) > 1 else _literal(stretch.atoms)
    kept = [piece for piece in stretch.pieces if not piece.form or stretch.only_forms]
    chunks: list[list[Piece]] = []
    for piece in kept:
        if chunks and piece.atoms[0].glued:
            chunks[-1].append(piece)
        else:
            chunks.append([piece])
    found = _all([_chunk(chunk) for chunk in chunks])
    rewards = _rewards(stretch.atoms, alone=len(stretch.pieces) == 1)
    return Rewarded(found, tuple(rewards)) if rewards else found


def _rewards(atoms: tuple[Atom, ...], *, alone: bool) -> list[Node]:
    """What makes a stretch count more: it is a whole name or product, it stands there as a phrase."""
    rewards: list[Node] = []
    key = _whole(atoms)
    if key is not None:
        rewards.append(Best((Boost(Term("name", key), WHOLE), Boost(Term("product", key), WHOLE / 2))))
    if len(atoms) > 2 or (len(atoms) == 2 and not alone):
        rewards.append(Boost(Phrase("chars", texts(atoms)), PHRASE))
    return rewards


def _whole(atoms: tuple[Atom, ...]) -> str | None:
    return whole_key([(atom.text, "") if atom.cjk else ("", atom.raw) for atom in atoms])


def _chunk(chunk: list[Piece]) -> Node:
    """The pieces of one run or compound, more if they stand together."""
    atoms = tuple(atom for piece in chunk for atom in piece.atoms)
    found = _all([_piece(piece) for piece in chunk])
    return Rewarded(found, (Boost(Phrase("chars", texts(atoms)), PHRASE),)) if len(chunk) > 1 else found


def _piece(piece: Piece) -> Node:
    """A piece as typed, or what may stand for it."""
    found = [_literal(piece.atoms)] if not piece.spaced else [_all(_words_of(piece.atoms))]
    code = _code(piece.atoms)
    if code is not None:
        found.append(Boost(code, CODE))
    found.extend(Boost(_other(words), SYNONYM) for words in piece.others)
    if piece.pinyin:
        found.append(Boost(_all([_spoken(ways) for ways in piece.pinyin]), PINYIN))
    return _best(found)


def _literal(atoms: tuple[Atom, ...]) -> Node:
    words = _words_of(atoms)
    # The parts of a compound must stand together; the bigrams of a run do so by themselves.
    return _all(words) if atoms[0].cjk or len(atoms) == 1 else _all([_phrase(texts(atoms)), *words])


def _words_of(atoms: tuple[Atom, ...]) -> list[Node]:
    """Every word of the atoms, each in any field."""
    found: list[Node] = []
    for run in runs(list(atoms)):
        if not run[0].cjk:
            found.extend(_across(atom.text) for atom in run)
        elif len(run) == 1:
            found.append(Term("chars", run[0].text))
        else:
            found.extend(_across(pair) for pair in bigrams("".join(texts(run))))
    return found


def _other(words: Words) -> Node:
    """A synonym."""
    if len(words) == 1:
        return Term("chars", words[0]) if is_cjk(words[0]) else _across(words[0])
    if all(map(is_cjk, words)):
        return _all([_across(pair) for pair in bigrams("".join(words))])
    return _phrase(words)


def _across(word: str) -> Node:
    return Best((Boost(Term("name", word), NAME), Boost(Term("product", word), PRODUCT), Term("body", word)))


def _spoken(ways: Ways) -> Node:
    """One of the ways to say it, in names or products."""
    if all(len(way) == 1 for way in ways):
        values = tuple(dict.fromkeys(way[0] for way in ways))
        return Best((Boost(AnyTerm("name", values), NAME), Boost(AnyTerm("product", values), PRODUCT)))
    return _best(_all([_spoken(((pair,),)) for pair in way]) for way in ways)


def _code(atoms: tuple[Atom, ...]) -> Node | None:
    """A compound with a digit as an exact code."""
    key = code_key("".join(atom.raw for atom in atoms))
    looks_so = len(key) >= MIN_CODE and not atoms[0].cjk and any(character.isdigit() for character in key)
    return Term("code", key) if looks_so else None


def _phrase(tokens: Words) -> Node:
    return Phrase("chars", tokens) if len(tokens) > 1 else Term("chars", tokens[0])


def _all(parts: list[Node]) -> Node:
    return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]


def _best(parts: Iterable[Node]) -> Node:
    found = tuple(parts)
    return Best(found) if len(found) > 1 else found[0]
