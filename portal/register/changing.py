"""Single changes of a firm in memory: other names, and what an entry of the log changed put back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date

from portal.models import Base, Certificate, Instant, Supplier
from portal.register.facts import SupplierFacts
from portal.register.state import CHILDREN, Firm, Row

UNDOABLE = frozenset(
    {
        "certificate.state",
        "profile.hidden",
        "profile.shown",
        "supplier.corrected",
        "supplier.renamed",
        "supplier.restored",
        "supplier.risk",
        "supplier.status",
        "supplier.withdrawn",
    }
)
"""Actions of staff that can be put back: each changed one firm, and its entry holds all that was there before."""


def facts_of(key: str, **stated: Any) -> SupplierFacts:
    """What is stated of the firm `key`."""
    scheme, _, number = key.partition("/")
    return SupplierFacts(scheme=scheme, number=number, **stated)


def rename(row: Row, name_zh: str, name_en: str, on: date) -> None:
    """Set the names; each that is replaced becomes a former one, unless the firm is called so again."""
    names = {"name_zh": name_zh, "name_en": name_en}
    replaced = [row.values[field] for field, name in names.items() if row.values[field] and row.values[field] != name]
    kept = [former for former in row.values["former_names"] if former["name"] not in (*names.values(), *replaced)]
    if row.set(names):
        former = [{"name": name, "until": on.isoformat()} for name in replaced]
        row.set({"former_names": [*former, *kept]})


def put_back(firm: Firm, changes: Mapping[str, Any]) -> None:
    """Set what the changes of an entry say was there before. The firm is loaded with its certificates."""
    firm.supplier.set(_before(Supplier, changes))
    for which, fields in changes.get(CHILDREN[Certificate], {}).items():
        scheme, _, key = which.partition("/")
        firm.rows(Certificate)[scheme, key].set(_before(Certificate, fields))


def _before(model: type[Base], changes: Mapping[str, Any]) -> dict[str, Any]:
    columns = model.__table__.columns
    return {
        name: _value(columns[name].type, change[0])
        for name, change in changes.items()
        if name in columns and isinstance(change, list)
    }


def _value(kind: object, value: Any) -> Any:
    """As the column holds it: the log has days and instants as texts."""
    if isinstance(value, str) and isinstance(kind, Instant):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(value, str) and isinstance(kind, Date) else value
