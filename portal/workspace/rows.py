"""Rows as JSON and back, as they are: what a deletion takes away, an undo can put back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import inspect

from portal.models import Base, Instant


def row_of(thing: Base) -> dict[str, Any]:
    """Every column of a row; instants as ISO text."""
    values = {column.key: getattr(thing, column.key) for column in inspect(type(thing)).column_attrs}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def values_of(model: type[Base], row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns' values again."""
    attributes = inspect(model).column_attrs
    instants = {attribute.key for attribute in attributes if isinstance(attribute.columns[0].type, Instant)}
    return {key: datetime.fromisoformat(value) if key in instants and value else value for key, value in row.items()}
