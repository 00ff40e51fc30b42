"""From rows to the catalogue's dataclasses, file by file; faults of a row are noted, references left to check.py.

A faulty row still becomes a record with defaults, so that what refers to it is not reported as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from portal.register.catalogue.model import (
    Basis,
    Criterion,
    CriterionGroup,
    EvidenceKind,
    Industry,
    Level,
    Named,
    Process,
    RankingMethod,
    Region,
    Scheme,
    Sector,
    Synonym,
    Tier,
)
from portal.register.catalogue.reading import Document, Folder, Row

NAMES = ("code", "name_zh", "name_en")
CRITERION_COLUMNS = (
    *NAMES,
    *("group", "sector", "industries", "evidence", "unit", "unit_en", "at_least", "at_most"),
    *("met_zh", "met_en", "reference", "verified", "common"),
)
LEVEL_KEYS = (*NAMES, "rank")
SCHEME_KEYS = (*NAMES, "short_zh", "short_en", "bases", "territory", "reference", "level")
GRADE_KEYS = ("name", "best_percent")
METHOD_KEYS = (*NAMES, "version", "minimum_assessed", "weights", "grade")

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Table(Generic[_Item]):
    """Records by code, in the file's order, and the row each came from."""

    items: dict[str, _Item] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def pairs(self) -> list[tuple[Row, _Item]]:
        """Each record with its row."""
        return [(self.rows[code], item) for code, item in self.items.items()]


def collect(rows: Iterable[Row], make: Callable[[Row], _Item]) -> Table[_Item]:
    """A table of what `make` returns for each row; of a doubled code the first row stands, the others are faults."""
    table: Table[_Item] = Table()
    for row in rows:
        code, item = row.code(), make(row)
        if code in table.rows:
            row.complain(f"code {code!r} is already at line {table.rows[code].line}", "code")
        elif code:
            table.items[code], table.rows[code] = item, row
    return table


def read_table(folder: Folder, file: str, make: Callable[[Row], _Item], columns: Sequence[str] = NAMES) -> Table[_Item]:
    """The records of a CSV file."""
    return collect(folder.table(file, columns), make)


def named(row: Row) -> Named:
    """A row of sizes.csv, statuses.csv or risk_kinds.csv."""
    return Named(**_names(row))


def sector(row: Row) -> Sector:
    """A row of sectors.csv."""
    return Sector(**_names(row), gbt4754=row.items("gbt4754"), naics=row.items("naics"))


def industry(row: Row) -> Industry:
    """A row of industries.csv; its parent is found by `with_parents`."""
    return Industry(**_names(row), sector=row.text("sector"), parent=None)


def process(row: Row) -> Process:
    """A row of processes.csv."""
    return Process(**_names(row), sectors=row.items("sectors"))


def tier(row: Row) -> Tier:
    """A row of tiers.csv."""
    return Tier(**_names(row), rank=row.whole("rank"), years=row.whole("years"), reference=row.optional("reference"))


def region(row: Row) -> Region:
    """A row of regions.csv."""
    return Region(**_names(row), parent=row.optional("parent") or None, kind=row.text("kind"))


def retired_region(row: Row) -> str:
    """A row of retired_regions.csv: the code of the place that took its place."""
    return row.text("successor")


def group(row: Row) -> CriterionGroup:
    """A row of groups.csv."""
    return CriterionGroup(**_names(row), dimension=row.text("dimension"))


def criterion(row: Row) -> Criterion:
    """A row of criteria.csv."""
    return Criterion(
        **_names(row),
        group=row.text("group"),
        sector=row.optional("sector") or None,
        industries=row.items("industries"),
        evidence=row.choice("evidence", EvidenceKind, EvidenceKind.YES_NO),
        unit=row.optional("unit"),
        unit_en=row.optional("unit_en"),
        at_least=row.number_or_none("at_least"),
        at_most=row.number_or_none("at_most"),
        met_zh=row.text("met_zh"),
        met_en=row.text("met_en"),
        reference=row.optional("reference"),
        verified=row.text("verified"),
        common=row.flag("common"),
    )


def synonym(row: Row) -> Synonym:
    """A row of synonyms.csv: its Chinese words, then its English ones."""
    return Synonym(words=(*row.items("zh"), *row.items("en")))


def read_schemes(folder: Folder) -> Table[Scheme]:
    """schemes.toml: [[scheme]] tables with their [[scheme.level]]."""
    document = folder.document("schemes.toml")
    tables = document.tables("scheme")
    rows = [document.row(table, "scheme", at, known=SCHEME_KEYS) for at, table in enumerate(tables)]
    levels = {id(row): _levels(document, table, at) for at, (table, row) in enumerate(zip(tables, rows, strict=True))}
    return collect(rows, lambda row: _scheme(row, levels[id(row)]))


def _scheme(row: Row, levels: Table[Level]) -> Scheme:
    return Scheme(
        **_names(row),
        short_zh=row.text("short_zh"),
        short_en=row.text("short_en"),
        levels=tuple(levels.items.values()),
        bases=_bases(row),
        territory=row.text("territory"),
        reference=row.optional("reference"),
    )


def _levels(document: Document, scheme: dict[str, Any], at: int) -> Table[Level]:
    tables = document.nested(scheme, "level", "scheme", at)
    rows = [document.row(table, "scheme", at, "level", n, known=LEVEL_KEYS) for n, table in enumerate(tables)]
    levels = collect(rows, lambda row: Level(**_names(row), rank=row.whole("rank")))
    below = 0
    for row, level in levels.pairs():
        if level.rank <= below:
            row.complain(
                f"rank {level.rank} of level {level.code!r} does not rise (the one before has {below})", "rank"
            )
        below = level.rank
    return levels


def _bases(row: Row) -> tuple[Basis, ...]:
    found: list[Basis] = []
    for item in row.items("bases"):
        if item in {str(basis) for basis in Basis}:
            found.append(Basis(item))
        else:
            row.complain(f"bases {item!r} is not one of {', '.join(Basis)}", "bases")
    if not found and not row.optional("bases"):
        row.complain("bases is missing", "bases")
    return tuple(found)


def read_methods(folder: Folder) -> Table[RankingMethod]:
    """methods.toml: [[method]] tables with [method.weights] and [[method.grade]]."""
    document = folder.document("methods.toml")
    tables = document.tables("method")
    rows = [document.row(table, "method", at, known=METHOD_KEYS) for at, table in enumerate(tables)]
    places = {id(row): (at, table) for at, (table, row) in enumerate(zip(tables, rows, strict=True))}
    return collect(rows, lambda row: _method(document, row, *places[id(row)]))


def _method(document: Document, row: Row, at: int, table: dict[str, Any]) -> RankingMethod:
    raw = table.get("weights")
    weights = document.row(raw, "method", at, "weights", known=raw if isinstance(raw, dict) else ())
    grades = [
        document.row(grade, "method", at, "grade", n, known=GRADE_KEYS)
        for n, grade in enumerate(document.nested(table, "grade", "method", at, required=True))
    ]
    if not weights.cells:
        row.complain("weights is missing", "weights")
    return RankingMethod(
        **_names(row),
        version=row.text("version"),
        weights={name: weights.whole(name) for name in weights.cells},
        grades=tuple((grade.text("name"), grade.whole("best_percent")) for grade in grades),
        minimum_assessed=row.number("minimum_assessed"),
    )


def _names(row: Row) -> dict[str, str]:
    # The code's form is checked once, in `collect`.
    return {"code": row.optional("code"), "name_zh": row.text("name_zh"), "name_en": row.text("name_en")}
