"""What the search must know of the catalogue."""

from __future__ import annotations

from portal.register.catalogue import Catalogue
from search.contract import Vocabulary

DOCUMENTS_VERSION = 1
"""Raise it when documents are made from the same facts in another way: every index is then rebuilt (rule 22)."""


def vocabulary(catalogue: Catalogue) -> Vocabulary:
    """Levels by scheme (lowest first), synonyms and company-form words; the fingerprint covers what documents hold."""
    return Vocabulary(
        schemes={scheme.code: tuple(level.code for level in scheme.levels) for scheme in catalogue.schemes.values()},
        synonyms=tuple(synonym.words for synonym in catalogue.synonyms),
        company_forms=catalogue.company_forms,
        fingerprint=f"{catalogue.fingerprint}.{DOCUMENTS_VERSION}",
    )
