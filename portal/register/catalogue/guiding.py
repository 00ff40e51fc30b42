"""What it takes to reach a level or to meet a criterion: guidance.csv, read and checked.

A row speaks of a scheme, of one of its levels (`scheme:level`), or of a group of criteria. Every scheme and every group
has one: a firm that is told what it lacks is told what to do about it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from portal.register.catalogue.model import Catalogue, Guidance, Guided
from portal.register.catalogue.reading import Folder, Problem, Row

FILE = "guidance.csv"
TEXTS = ("evidence_zh", "evidence_en", "assessed_by_zh", "assessed_by_en", "apply_at_zh", "apply_at_en")
COLUMNS = ("kind", "code", *TEXTS)

Guide = tuple[Guided, str, Guidance]
"""What it speaks of, and what it says."""


def read_guidance(folder: Folder) -> tuple[tuple[Row, Guide], ...]:
    """Each row of the file with what it says."""
    return tuple((row, _guide(row)) for row in folder.table(FILE, COLUMNS))


def _guide(row: Row) -> Guide:
    texts = {column: row.text(column) for column in TEXTS}
    return row.choice("kind", Guided, Guided.SCHEME), row.text("code"), Guidance(**texts)


def by_key(rows: Sequence[tuple[Row, Guide]]) -> Mapping[tuple[Guided, str], Guidance]:
    """The guidance by what it speaks of."""
    return {(kind, code): guidance for _row, (kind, code, guidance) in rows}


def check_guidance(rows: Sequence[tuple[Row, Guide]], catalogue: Catalogue) -> list[Problem]:
    """Each speaks of something known, once; schemes and groups without any are returned as faults of the file."""
    known = {kind: _known(kind, catalogue) for kind in Guided}
    lines: dict[tuple[Guided, str], int] = {}
    for row, (kind, code, _guidance) in rows:
        if code and code not in known[kind]:
            row.complain(f"{kind} {code!r} is unknown")
        first = lines.setdefault((kind, code), row.line)
        if first != row.line:
            row.complain(f"{kind} {code!r} is already at line {first}")
    return [
        Problem(FILE, 1, f"{kind} {code!r} has no guidance")
        for kind in (Guided.SCHEME, Guided.GROUP)
        for code in known[kind]
        if (kind, code) not in lines
    ]


def _known(kind: Guided, catalogue: Catalogue) -> Collection[str]:
    if kind is Guided.GROUP:
        return catalogue.groups.keys()
    if kind is Guided.SCHEME:
        return catalogue.schemes.keys()
    return [f"{scheme.code}:{level.code}" for scheme in catalogue.schemes.values() for level in scheme.levels]
