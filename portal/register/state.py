"""A firm in memory while facts are applied to it: rows that know which of their columns changed, and from what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from portal.models import Achievement, Assessment, Base, Certificate, Recognition, Supplier
from portal.register.stored import Values

Key = tuple[Any, ...]
Child = type[Certificate] | type[Assessment] | type[Recognition] | type[Achievement]

CHILDREN: Mapping[Child, str] = {
    Certificate: "certificates",
    Assessment: "assessments",
    Recognition: "recognitions",
    Achievement: "achievements",
}
"""What belongs to a firm, and its name in the log."""


def child_key(model: Child, values: Mapping[str, Any]) -> Key:
    """What tells a firm's rows of that model apart."""
    if model is Certificate:
        return values["scheme"], values["key"]
    if model is Assessment:
        return values["assessed_on"], values["assessor"]
    if model is Recognition:
        return values["tier"], values["recognised_on"]
    return values["kind"], values["title_zh"] or values["title_en"]


@cache
def _template(model: type[Base]) -> tuple[Values, dict[str, Callable[[None], Any]]]:
    """The columns of a new row with a fixed default, and those whose default is made for each row."""
    fixed: Values = {}
    made: dict[str, Callable[[None], Any]] = {}
    for name, column in model.__table__.columns.items():
        default: Any = column.default
        if default is not None and default.is_callable:
            made[name] = default.arg
        elif name != "id":
            fixed[name] = None if default is None else default.arg
    return fixed, made


def defaults(model: type[Base]) -> Values:
    """A new row: every column but the id, with its default."""
    fixed, made = _template(model)
    return fixed | {name: make(None) for name, make in made.items()}


@dataclass(slots=True)
class Row:
    """A table row: its id (None: to be inserted), its values now, and the first value of each changed column.

    `gone`: to be deleted, which happens to what belongs to a firm when the import that added it is undone.
    """

    id: int | None
    values: Values
    before: Values = field(default_factory=dict)
    gone: bool = False

    def set(self, stated: Mapping[str, Any]) -> bool:
        """Take over what is stated; whether that changed anything."""
        changed = False
        for name, value in stated.items():
            old = self.values[name]
            if old == value:
                continue
            changed = True
            self.values[name] = value
            if self.id is not None:
                self._remember(name, old, value)
        return changed

    def _remember(self, name: str, old: object, new: object) -> None:
        if self.before.setdefault(name, old) == new:
            del self.before[name]

    @property
    def dirty(self) -> bool:
        """Whether it must be written."""
        return self.id is None or self.gone or bool(self.before)


@dataclass(slots=True)
class Firm:
    """A supplier's row and what belongs to it, as far as it was loaded."""

    supplier: Row
    children: dict[Child, dict[Key, Row]] = field(default_factory=dict)

    @classmethod
    def new(cls, scheme: str, number: str) -> Firm:
        """A firm that is not in the register yet."""
        values = defaults(Supplier) | {"scheme": scheme, "number": number}
        return cls(Row(None, values))

    @property
    def key(self) -> str:
        """As in addresses and the index: "<scheme>/<number>"."""
        return f"{self.supplier.values['scheme']}/{self.supplier.values['number']}"

    def rows(self, model: Child) -> dict[Key, Row]:
        """Its rows of a model by `child_key`."""
        return self.children.setdefault(model, {})

    def dirty_children(self) -> Iterator[tuple[Child, Key, Row]]:
        """Those of its children that must be written."""
        for model, rows in self.children.items():
            for key, row in rows.items():
                if row.dirty:
                    yield model, key, row

    @property
    def dirty(self) -> bool:
        """Whether anything of it must be written."""
        return self.supplier.dirty or any(True for _ in self.dirty_children())
