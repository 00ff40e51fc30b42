"""The neutral query tree: plan.py and text.py make it, each engine compiles it. Fields are names of `fields.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchAll:
    """Every firm that is not withdrawn."""


@dataclass(frozen=True, slots=True)
class MatchNone:
    """No firm."""


@dataclass(frozen=True, slots=True)
class Term:
    """The exact token `value` in `field`."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """At least one of the tokens in `field`."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beginning:
    """A token in `field` that begins with `value`. Every such token is looked up: long enough values have few."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """The tokens one after the other in `field`, which keeps positions. One token is a Term."""

    field: str
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Integers of `field` within both bounds, inclusive; None is open."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of the parts, scores added."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least `at_least` of the parts, scores added."""

    parts: tuple[Node, ...]
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Best:
    """At least one of the parts; the best part's score counts alone (fields of one word)."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the part does not match."""

    part: Node


@dataclass(frozen=True, slots=True)
class Boost:
    """The part, its score multiplied."""

    part: Node
    factor: float


@dataclass(frozen=True, slots=True)
class Constant:
    """The part, each match scoring `score`."""

    part: Node
    score: float


@dataclass(frozen=True, slots=True)
class Rewarded:
    """The part; each reward that matches adds to its score. A reward must match nothing that the part does not."""

    part: Node
    rewards: tuple[Node, ...]


Node = (
    MatchAll
    | MatchNone
    | Term
    | AnyTerm
    | Beginning
    | Phrase
    | Range
    | AllOf
    | AnyOf
    | Best
    | Not
    | Boost
    | Constant
    | Rewarded
)


def matching(node: Node) -> Node:
    """A node that matches the same and says nothing about scores: cheaper where only numbers are asked for."""
    match node:
        case Rewarded(part) | Boost(part) | Constant(part):
            return matching(part)
        case AllOf(parts):
            return AllOf(tuple(map(matching, parts)))
        case AnyOf(parts, at_least):
            return AnyOf(tuple(map(matching, parts)), at_least)
        case Best(parts):
            return AnyOf(tuple(map(matching, parts)))
        case Not(part):
            return Not(matching(part))
        case _:
            return node
