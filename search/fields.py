"""The one table of index fields. Mapping, embedded schema, filters, facets and sort keys all derive from it.

Certificate fields are numbered by the scheme's and the level's place in the vocabulary (`until_3_2`: third scheme,
second level or above) because codes may hold any character; the index fingerprint covers the vocabulary, so numbers
never shift under a live index.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.metadata import version

from search.contract import FacetName, Vocabulary
from search.text import TEXT_VERSION

MAX_DEPTH = 4
"""Paths of industries and regions are counted down to here; deeper codes can still be filtered by."""

NOW = "now"
"""Stands for the current edition of a firm's own sector in standing tokens."""

FIELDS_VERSION = 1
"""Raise when values of the same fields are derived otherwise: indexes are then rebuilt (notes: rule 22)."""


class Kind(StrEnum):
    """How a field is indexed.

    TOKEN: exact strings. INT: a whole number to filter by. TEXT: tokens between spaces, scored. SORT: a whole number,
    and SORT_TEXT a string, to order by: the smallest first. PLACE: places by edition (a mapping edition → millionths),
    encoded by each engine in its own way.
    LABEL: strings that are only kept, not searched.
    """

    TOKEN = "token"  # noqa: S105  (no secret)
    INT = "int"
    TEXT = "text"
    SORT = "sort"
    SORT_TEXT = "sort_text"
    PLACE = "place"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the index.

    `source` names what it is made from: an attribute of SupplierDocument, or "id", "text", "paths" and so on where
    several fields come from one place (values.py). `facet` and `depth`: the facet it is counted for.
    """

    name: str
    kind: Kind
    source: str
    facet: FacetName | None = None
    depth: int = 1
    positions: bool = False


def _paths(name: FacetName, source: str) -> Iterator[Field]:
    """Codes of every depth to filter by, and one countable field a depth: facets stay small (notes: slow rules)."""
    yield Field(name, Kind.TOKEN, source)
    for depth in range(1, MAX_DEPTH + 1):
        yield Field(f"{name}_{depth}", Kind.TOKEN, source, name, depth)


COMMON_FIELDS: tuple[Field, ...] = (
    Field("id", Kind.TOKEN, "identity"),
    Field("version", Kind.INT, "identity"),
    Field("alive", Kind.TOKEN, "identity"),
    Field("tie", Kind.SORT, "identity"),
    Field("label", Kind.LABEL, "labels"),
    Field("code", Kind.TOKEN, "codes"),
    Field("name", Kind.TEXT, "text"),
    Field("product", Kind.TEXT, "text"),
    Field("body", Kind.TEXT, "text"),
    Field("chars", Kind.TEXT, "text", positions=True),
    Field("prefix", Kind.TEXT, "text"),
    Field("spell", Kind.TEXT, "text"),
    Field("sector", Kind.TOKEN, "sector", "sector"),
    *_paths("industry", "industries"),
    Field("process", Kind.TOKEN, "processes", "process"),
    Field("tier", Kind.TOKEN, "tiers", "tier"),
    Field("size", Kind.TOKEN, "size", "size"),
    Field("status", Kind.TOKEN, "status", "status"),
    *_paths("region", "regions"),
    Field("criteria", Kind.TOKEN, "criteria_met", "criteria"),
    Field("flag", Kind.TOKEN, "flags", "flag"),
    Field("assessed_on", Kind.INT, "assessed_on"),
    Field("level", Kind.TOKEN, "certificates", "level"),
    Field("level_min", Kind.TOKEN, "certificates"),
    Field("until", Kind.INT, "certificates"),
    Field("since", Kind.INT, "certificates"),
    Field("edition", Kind.TOKEN, "standings", "edition"),
    Field("grade", Kind.TOKEN, "standings", "grade"),
    Field("top", Kind.TOKEN, "standings"),
    Field("place", Kind.PLACE, "standings"),
    Field("sort_rank", Kind.SORT, "standings"),
    Field("sort_name", Kind.SORT_TEXT, "sort_keys"),
    Field("sort_newest", Kind.SORT, "sort_keys"),
    Field("sort_criteria", Kind.SORT, "sort_keys"),
)


def _scheme_fields(number: int, levels: tuple[str, ...]) -> Iterator[Field]:
    """The dates of a scheme's certificates, as a whole and at each level or above (notes: rule 10), and its order."""
    for suffix in (str(number), *(f"{number}_{rank}" for rank in range(1, len(levels) + 1))):
        yield Field(f"until_{suffix}", Kind.INT, "certificates")
        yield Field(f"since_{suffix}", Kind.INT, "certificates")
    if levels:
        yield Field(f"sort_level_{number}", Kind.SORT, "certificates")


@dataclass(frozen=True)
class FieldTable:
    """All fields under a vocabulary, with the look-ups that plans and engines need."""

    vocabulary: Vocabulary

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field, the common ones first."""
        own = (
            field
            for number, levels in enumerate(self.vocabulary.schemes.values(), 1)
            for field in _scheme_fields(number, levels)
        )
        return (*COMMON_FIELDS, *own)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each scheme in field names, from 1."""
        return {scheme: number for number, scheme in enumerate(self.vocabulary.schemes, 1)}

    @cached_property
    def facets(self) -> dict[tuple[FacetName, int], str]:
        """The field that is counted for a facet at a depth."""
        return {(field.facet, field.depth): field.name for field in self.fields if field.facet}

    def rank(self, scheme: str, level: str) -> int:
        """The level's place in its scheme, 1 the lowest. An unknown scheme is a KeyError, a level a ValueError."""
        return self.vocabulary.schemes[scheme].index(level) + 1

    def dates_suffix(self, scheme: str, level: str | None) -> str:
        """What follows `until` and `since` for certificates of the scheme at the level or above. Raises as rank."""
        number = self.numbers[scheme]
        return f"_{number}" if level is None else f"_{number}_{self.rank(scheme, level)}"

    def fingerprint(self, *libraries: str) -> str:
        """What an index must have been built by to be searched now (rule 22). `libraries`: installed packages."""
        parts: Iterable[object] = (
            FIELDS_VERSION,
            TEXT_VERSION,
            unicodedata.unidata_version,
            *(f"{name}={version(name)}" for name in ("pypinyin", *libraries)),
            *((field.name, field.kind, field.source, field.depth, field.positions) for field in self.fields),
            tuple((scheme, levels) for scheme, levels in self.vocabulary.schemes.items()),
            self.vocabulary.fingerprint,
        )
        return hashlib.blake2b(repr(list(parts)).encode(), digest_size=12).hexdigest()
