"""Units of report and targets of the coverage page: units.csv and targets.toml, read and checked.

A target's `search` is an address as the lookup has it, of those parameters that are codes of the catalogue (ASKED).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl

from portal.register.catalogue.model import Catalogue, Target, Unit
from portal.register.catalogue.reading import Folder, Row
from portal.register.catalogue.records import NAMES, Table, collect

UNIT_COLUMNS = (*NAMES, "short_zh", "short_en", "kind", "regions", "column", "row")
UNIT_KINDS = ("province", "city", "corps")
TARGET_KEYS = (*NAMES, "document", "search", "goal", "base", "due", "verify_zh", "verify_en", "units")
ASKED = ("sector", "industry", "process", "tier", "size", "level", "level_min")
"""What a target may ask, beside place and dates, which the page adds."""

MAX_TILE = 16


def unit(row: Row) -> Unit:
    """A row of units.csv."""
    return Unit(
        code=row.optional("code"),
        name_zh=row.text("name_zh"),
        name_en=row.text("name_en"),
        short_zh=row.text("short_zh"),
        short_en=row.text("short_en"),
        kind=row.text("kind"),
        regions=row.items("regions"),
        column=row.whole("column"),
        row=row.whole("row"),
    )


def read_targets(folder: Folder) -> Table[Target]:
    """targets.toml: [[target]] tables with their [target.units]; a file without any is fine."""
    document = folder.document("targets.toml")
    tables = document.nested(document.values, "target")
    rows = [document.row(table, "target", at, known=TARGET_KEYS) for at, table in enumerate(tables)]
    goals = {id(row): _unit_goals(table, row) for table, row in zip(tables, rows, strict=True)}
    return collect(rows, lambda row: _target(row, goals[id(row)]))


def _target(row: Row, goals: Mapping[str, int]) -> Target:
    return Target(
        code=row.optional("code"),
        name_zh=row.text("name_zh"),
        name_en=row.text("name_en"),
        document=row.text("document"),
        search=tuple(_asked(row)),
        goal=row.whole("goal", 1),
        base=row.day("base"),
        due=row.day("due"),
        verify_zh=row.optional("verify_zh"),
        verify_en=row.optional("verify_en"),
        units=goals,
    )


def _unit_goals(table: Mapping[str, Any], row: Row) -> Mapping[str, int]:
    units = table.get("units", {})
    if not isinstance(units, dict):
        row.complain("units must be a table of numbers", "units")
        return {}
    for code, goal in units.items():
        if type(goal) is not int or goal < 1:
            row.complain(f"units.{code} must be a whole number above 0", f"units.{code}")
    return {code: goal for code, goal in units.items() if type(goal) is int and goal > 0}


def _asked(row: Row) -> list[tuple[str, tuple[str, ...]]]:
    """The parameters of the address and their codes."""
    try:
        pairs = parse_qsl(row.text("search"), strict_parsing=True)
    except ValueError:
        row.complain("search is not an address like level_min=scheme:level&size=small", "search")
        return []
    return [(name, tuple(filter(None, text.split(",")))) for name, text in pairs]


def check_units(units: Table[Unit], catalogue: Catalogue) -> None:
    """Places are known, and no two tiles lie on one another."""
    taken: dict[tuple[int, int], str] = {}
    for row, found in units.pairs():
        if found.kind not in UNIT_KINDS:
            row.complain(f"kind {found.kind!r} is not one of {', '.join(UNIT_KINDS)}")
        if not found.regions:
            row.complain("regions is missing")
        for code in found.regions:
            if code not in catalogue.regions:
                row.complain(f"regions {code!r} is unknown")
        if not (1 <= found.column <= MAX_TILE and 1 <= found.row <= MAX_TILE):
            row.complain(f"column and row must be from 1 to {MAX_TILE}")
        first = taken.setdefault((found.column, found.row), found.code)
        if first != found.code:
            row.complain(f"column {found.column}, row {found.row} is already the tile of {first!r}")


def check_targets(targets: Table[Target], catalogue: Catalogue) -> None:
    """What is asked is in the catalogue, the goal is a number, and its days follow each other."""
    for row, target in targets.pairs():
        if target.goal < 1:
            row.complain("goal must be above 0", "goal")
        if target.due <= target.base:
            row.complain("due must be later than base", "due")
        for code in target.units:
            if code not in catalogue.units:
                row.complain(f"units {code!r} is unknown", f"units.{code}")
        for name, codes in target.search:
            _check_asked(row, name, codes, catalogue)


def _check_asked(row: Row, name: str, codes: tuple[str, ...], catalogue: Catalogue) -> None:
    if name not in ASKED:
        row.complain(f"search: {name!r} is not one of {', '.join(ASKED)}", "search")
        return
    known = _known(name, catalogue)
    for code in codes:
        if code not in known:
            row.complain(f"search: {name} {code!r} is unknown", "search")


def _known(name: str, catalogue: Catalogue) -> Collection[str]:
    of = {"sector": "sectors", "industry": "industries", "process": "processes", "tier": "tiers", "size": "sizes"}
    if name in of:
        names: Mapping[str, object] = getattr(catalogue, of[name])
        return names.keys()
    levels = {f"{scheme.code}:{level.code}" for scheme in catalogue.schemes.values() for level in scheme.levels}
    return levels | set(catalogue.schemes) if name == "level" else levels
