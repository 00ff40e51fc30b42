"""What of a firm is shown: all of it, or all but what it declared itself while staff have taken its profile down.

The one rule, asked wherever facts are read to be shown: documents of the index, cards, pages, API, exports, records.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from portal.models import Supplier
from portal.register.state import defaults

_Row = TypeVar("_Row")
_Achievement = TypeVar("_Achievement")

ALWAYS = frozenset({"sector"})
"""Without these no firm can be shown at all."""


class _Hidden:
    """A firm's row of which some columns are blank."""

    __slots__ = ("_blank", "_row")

    def __init__(self, row: Any, blank: dict[str, Any]) -> None:
        self._row, self._blank = row, blank

    def __getattr__(self, name: str) -> Any:
        return self._blank[name] if name in self._blank else getattr(self._row, name)


def hidden_fields(row: Any) -> frozenset[str]:
    """The columns of a firm's row that are not shown now. A firm keeps one name, even where it gave itself both."""
    if row.profile_hidden_at is None:
        return frozenset()
    hidden = frozenset(row.self_declared) - ALWAYS
    if not ("name_zh" not in hidden and row.name_zh) and not ("name_en" not in hidden and row.name_en):
        hidden -= {"name_zh" if row.name_zh else "name_en"}
    return hidden


def as_shown(row: _Row) -> _Row:
    """The row, or one that reads as it with blanks. It has `profile_hidden_at` and `self_declared` at least."""
    found: Any = row
    if found.profile_hidden_at is None:
        return row
    fixed = defaults(Supplier)
    blank = {name: fixed[name] for name in hidden_fields(row)} | {"self_declared": []}
    return cast(_Row, _Hidden(row, blank))


def achievements_shown(row: Any, achievements: Iterable[_Achievement]) -> list[_Achievement]:
    """Of a firm's achievements those that are shown now."""
    hidden = row.profile_hidden_at is not None
    return [one for one in achievements if not (hidden and cast(Any, one).self_declared)]
