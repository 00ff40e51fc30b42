"""A plain evaluator of query trees over the tokens of one document, for the tests of the text analysis."""

from __future__ import annotations

from search.contract import SupplierDocument
from search.nodes import (
    AllOf,
    AnyOf,
    AnyTerm,
    Beginning,
    Best,
    Boost,
    Constant,
    MatchAll,
    MatchNone,
    Node,
    Not,
    Phrase,
    Rewarded,
    Term,
)
from search.text import analyse_document, code_key

Tokens = dict[str, list[str]]


def tokens_of(document: SupplierDocument) -> Tokens:
    """The tokens by field, codes included."""
    analysed = analyse_document(document)
    fields = ("name", "product", "body", "chars", "prefix", "spell")
    found = {field: getattr(analysed, field).split(" ") for field in fields}
    return {**found, "code": [code_key(code) for code in document.codes]}


def holds(node: Node, tokens: Tokens) -> bool:  # noqa: C901, PLR0911, PLR0912 - one arm a kind of node
    """Whether the document matches."""
    match node:
        case MatchAll():
            return True
        case MatchNone():
            return False
        case Beginning(field, value):
            return any(token.startswith(value) for token in tokens[field])
        case Term(field, value):
            return value in tokens[field]
        case AnyTerm(field, values):
            return any(value in tokens[field] for value in values)
        case Phrase(field, sought):
            held = tokens[field]
            return any(tuple(held[i : i + len(sought)]) == sought for i in range(len(held)))
        case AllOf(parts):
            return all(holds(part, tokens) for part in parts)
        case AnyOf(parts, at_least):
            return sum(holds(part, tokens) for part in parts) >= at_least
        case Best(parts):
            return any(holds(part, tokens) for part in parts)
        case Not(part):
            return not holds(part, tokens)
        case Rewarded(part, rewards):
            matches = holds(part, tokens)
            assert matches or not any(holds(reward, tokens) for reward in rewards), "a reward finds more than its part"
            return matches
        case Boost(part) | Constant(part):
            return holds(part, tokens)
        case _:
            raise AssertionError(node)


def size(node: Node) -> int:
    """Nodes and tokens in a tree."""
    match node:
        case AllOf(parts) | AnyOf(parts) | Best(parts):
            return 1 + sum(map(size, parts))
        case Rewarded(part, rewards):
            return 1 + size(part) + sum(map(size, rewards))
        case Not(part) | Boost(part) | Constant(part):
            return 1 + size(part)
        case Phrase(_, tokens) | AnyTerm(_, tokens):
            return len(tokens)
        case _:
            return 1
