"""What was there before a write changed a firm, kept as plain values so that it can be put back.

An image is {"supplier": {column: value}, "certificates": {which: {column: value}, …}, …} of the columns that changed; a
row that the write added has None. Of an assessment's results only the criteria that changed are kept, None for those
that were not there. The image of a firm that the write made is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date

from portal.models import Base, ImportUndo, Instant, Supplier, table_of
from portal.register.audit import label
from portal.register.marks import marks_of
from portal.register.state import CHILDREN, Firm, Row, defaults
from portal.register.stored import Values

Image = dict[str, Any]

_KEPT = frozenset(
    {"scheme", "number", "name_zh", "name_en", "sector", "listed_at", "updated_at", "index_version", "merged_into_id"}
    | {"profile_hidden_at", "profile_hidden_reason"}
)
"""Columns that stay when a firm that an import made is emptied: its page still says which firm was withdrawn."""


def image_of(firm: Firm) -> Image | None:
    """The image of a firm that is about to be saved."""
    if firm.supplier.id is None:
        return None
    image: Image = {"supplier": _before(firm.supplier)}
    for model, key, row in firm.dirty_children():
        image.setdefault(CHILDREN[model], {})[label(key)] = None if row.id is None else _before(row)
    return image


def put_back(firm: Firm, image: Image) -> None:
    """Put the image back. `firm` has all its rows; images of one firm are put back latest first."""
    firm.supplier.set(_values(Supplier, image["supplier"]))
    for model, name in CHILDREN.items():
        there = {label(key): row for key, row in firm.rows(model).items()}
        for which, before in image.get(name, {}).items():
            if before is None:
                there[which].gone = True
            else:
                there[which].set(_values(model, _with_results(before, there[which])))


def empty(firm: Firm, at: datetime, reason: str) -> None:
    """Withdraw a firm that an import made, and take off all that the import said of it."""
    blank = {name: value for name, value in defaults(Supplier).items() if name not in _KEPT}
    gone = {"withdrawn_at": at, "withdrawn_reason": reason, "import_undo": ImportUndo.UNDONE.value}
    firm.supplier.set(blank | gone)
    for model in CHILDREN:
        for row in firm.rows(model).values():
            row.gone = True


def revive(firm: Firm) -> None:
    """Make an emptied firm as good as new, for a list that states it again."""
    stated = {"name_zh": "", "name_en": "", "sector": None, "withdrawn_at": None, "withdrawn_reason": ""}
    firm.supplier.set(stated | {"import_undo": ImportUndo.NONE.value})


def _before(row: Row) -> Values:
    kept = {name: _plain(old) for name, old in row.before.items() if name != "marks"}
    if "results" in kept:
        now: Mapping[str, Any] = row.values["results"]
        before: Mapping[str, Any] = row.before["results"]
        changed = [code for code in before.keys() | now.keys() if before.get(code) != now.get(code)]
        kept["results"] = {code: before.get(code) for code in sorted(changed)}
    return kept


def _with_results(before: Values, row: Row) -> Values:
    if "results" not in before:
        return before
    merged = {**row.values["results"], **before["results"]}
    results = {code: result for code, result in merged.items() if result is not None}
    return {**before, "results": results, "marks": marks_of(results)}


def _values(model: type[Base], plain: Values) -> Values:
    """Days and instants out of their texts."""
    columns = table_of(model).c
    return {name: _typed(columns[name].type, value) for name, value in plain.items()}


def _typed(kind: Any, value: Any) -> Any:
    if isinstance(value, str) and isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(kind, Date):
        return date.fromisoformat(value)
    return value


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
