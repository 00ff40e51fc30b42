"""A source's mapping, `config/sources/NAME.toml`: which column fills which field, and by which rules.

What may stand in one, with an example: config/sources/README.md.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec

from portal.register.facts import ProvenanceFacts
from portal.register.importing.problems import ImportFileError
from portal.register.importing.targets import NEEDED, SourceKind, target

SOURCES = Path(__file__).resolve().parents[3] / "config" / "sources"
EMPTY = ("", "-", "--", "—", "——", "/", "无", "N/A", "n/a", "NULL", "null")
LIST_DATE = "@list_date"

Constant = str | int | float | bool | date


class ProvenanceTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[provenance]"""

    issuing_body: str
    title: str = ""
    document_number: str = ""
    batch: str = ""
    issued_on: date | None = None
    link: str = ""

    def facts(self) -> ProvenanceFacts:
        """As the writer takes it."""
        return ProvenanceFacts(**msgspec.structs.asdict(self))


class Column(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[[column]]"""

    heading: list[str] | str
    field: str = ""
    required: bool = False
    split: str = ";；"
    remove: str = ""
    values: dict[str, str] = {}
    unlisted: Literal["refuse", "drop"] = "refuse"
    formats: list[str] = []
    match: str = ""
    refuse: str = ""
    reason: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings it may have."""
        return (self.heading,) if isinstance(self.heading, str) else tuple(self.heading)


class NumberTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[number]"""

    hash_of: list[str]


class PlaceTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """[place]; `countries` are words of this list for countries: ISO codes or the catalogue's names."""

    country: str = ""
    address: list[str] = []
    countries: dict[str, str] = {}


class Mapping(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A source; see the module."""

    kind: SourceKind
    title: str
    provenance: ProvenanceTable
    column: list[Column]
    empty: list[str] = msgspec.field(default_factory=lambda: list(EMPTY))
    criteria_columns: bool = False
    constants: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    number: NumberTable | None = None
    place: PlaceTable | None = None
    name: str = ""
    fingerprint: str = ""

    def headings(self) -> list[str]:
        """Every heading the source knows."""
        return [heading for column in self.column for heading in column.headings]

    def constant(self, value: Constant) -> Constant:
        """The value of a constant, "@list_date" resolved. Raises ImportFileError without a date."""
        if value != LIST_DATE:
            return value
        if self.provenance.issued_on is None:
            raise ImportFileError(f"{self.name}: the list's date is needed: --provenance issued_on=YYYY-MM-DD")
        return self.provenance.issued_on


def source_names(folder: Path = SOURCES) -> list[str]:
    """The sources there are mappings for."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_mapping(name: str, *, folder: Path = SOURCES, provenance: dict[str, str] | None = None) -> Mapping:
    """The mapping of source `name` (or a path to a TOML file), `provenance` replacing fields of its provenance.

    Raises ImportFileError for one that is missing or contradicts itself.
    """
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    if not re.fullmatch(r"[\w-]+", path.stem) or not path.is_file():
        raise ImportFileError(f"no source {name!r}; there are: {', '.join(source_names(folder))}")
    data = path.read_bytes()
    try:
        mapping = msgspec.toml.decode(data, type=Mapping)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ImportFileError(f"{path.name}: {error}") from None
    stated = {**msgspec.to_builtins(mapping.provenance), **(provenance or {})}
    try:
        changed = msgspec.convert(stated, ProvenanceTable, strict=False)
    except msgspec.ValidationError as error:
        raise ImportFileError(f"provenance: {error}") from None
    stamp = hashlib.sha256(data + msgspec.json.encode(changed)).hexdigest()[:16]
    mapping = msgspec.structs.replace(mapping, name=path.stem, provenance=changed, fingerprint=stamp)
    check_mapping(path.name, mapping)
    return mapping


def missing_fields(mapping: Mapping) -> list[str]:
    """The fields that a list of its kind must fill, and nothing does."""
    filled = {column.field for column in mapping.column} | set(mapping.constants) | set(mapping.defaults)
    filled |= {"supplier.number"} if mapping.number else set()
    return sorted({"supplier.scheme", "supplier.number", *NEEDED[mapping.kind]} - filled)


def check_mapping(file: str, mapping: Mapping) -> None:
    """Raises ImportFileError, which begins with `file`, for a mapping that contradicts itself."""
    filled = {column.field for column in mapping.column} | set(mapping.constants) | set(mapping.defaults)
    unknown = sorted(name for name in filled - {""} if target(name) is None)
    if unknown:
        raise ImportFileError(f"{file}: there is no field {', '.join(unknown)}")
    if missing := missing_fields(mapping):
        raise ImportFileError(f"{file}: nothing fills {', '.join(missing)}: a list of {mapping.kind} needs it")
    for value in (*mapping.constants.values(), *mapping.defaults.values()):
        mapping.constant(value)
    for column in mapping.column:
        _check_column(file, column)


def _check_column(file: str, column: Column) -> None:
    if not column.headings or not all(column.headings):
        raise ImportFileError(f"{file}: a column of {column.field} has no heading")
    for pattern in (column.match, column.refuse):
        try:
            re.compile(pattern)
        except re.error as error:
            raise ImportFileError(f"{file}: {column.headings[0]}: the pattern {pattern!r} is none: {error}") from None
