"""The one text analysis for both engines: the tokens of documents, the tree of what was typed, and what follows.

Fields `name`, `product`, `body`, `prefix` and `spell` need no positions, `chars` does. All are cut at U+0020 and
nothing else is done to them. The tree of `parse_text` speaks of `name`, `product`, `body`, `chars`, and of `code`,
which holds `code_key` of each of a document's codes.
"""

from __future__ import annotations

import unicodedata
from importlib.metadata import version

from search.text.document import DocumentTokens, analyse_document, suggest_node
from search.text.folding import code_key, fold
from search.text.highlighting import highlight
from search.text.query import TextQuery, parse_text
from search.text.spelling import choose_spelling, respell, spelling_keys

TEXT_VERSION: str = f"2/{version('OpenCC')}/{version('pypinyin')}/{unicodedata.unidata_version}"
"""Raise the first number whenever a token changes: an index made by another version must be rebuilt (rule 22)."""

__all__ = [
    "TEXT_VERSION",
    "DocumentTokens",
    "TextQuery",
    "analyse_document",
    "choose_spelling",
    "code_key",
    "fold",
    "highlight",
    "parse_text",
    "respell",
    "spelling_keys",
    "suggest_node",
]
