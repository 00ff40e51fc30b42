"""Firms found by their keys, and read for writing: rows locked, and only what the records at hand may touch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.models import Achievement, Assessment, Certificate, Recognition, Supplier
from portal.register.facts import SupplierRecord
from portal.register.state import Child, Firm, Row, child_key

IN_LIST = 1000
"""Values in one IN (…)."""

_Item = TypeVar("_Item")


def chunks(items: Iterable[_Item], size: int = IN_LIST) -> Iterator[list[_Item]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def by_keys(keys: Iterable[str]) -> ColumnElement[bool]:
    """The condition for suppliers of these keys; one IN a scheme, so that every database uses the index."""
    numbers: dict[str, list[str]] = {}
    for key in keys:
        scheme, _slash, number = key.partition("/")
        numbers.setdefault(scheme, []).append(number)
    each = [and_(Supplier.scheme == scheme, Supplier.number.in_(found)) for scheme, found in numbers.items()]
    return or_(*each) if each else Supplier.id.in_(())


def split_key(key: str) -> tuple[str, str]:
    """Scheme and number."""
    scheme, _slash, number = key.partition("/")
    return scheme, number


def touched(records: Sequence[SupplierRecord]) -> tuple[Child, ...]:
    """The models of children that the records speak of."""
    found: list[Child] = []
    if any(record.certificates for record in records):
        found.append(Certificate)
    if any(record.assessments for record in records):
        found.append(Assessment)
    if any(record.recognitions for record in records):
        found.append(Recognition)
    if any(record.achievements for record in records):
        found.append(Achievement)
    return tuple(found)


def load_firms(
    session: Session, keys: Iterable[tuple[str, str]], models: Collection[Child] = (), *, lock: bool = True
) -> dict[str, Firm]:
    """Firms that are there, by key, with their children of these models.

    Their rows stay locked to the end of the transaction on PostgreSQL, taken in the order of ids within a scheme.
    Without `lock` they are read for a preview.
    """
    firms: dict[int, Firm] = {}
    by_scheme: dict[str, set[str]] = {}
    for scheme, number in keys:
        by_scheme.setdefault(scheme, set()).add(number)
    table = Supplier.__table__
    for scheme, numbers in sorted(by_scheme.items()):
        for some in chunks(sorted(numbers)):
            wanted = select(table).where(table.c.scheme == scheme, table.c.number.in_(some))
            ordered = wanted.order_by(table.c.id)
            for found in session.execute(ordered.with_for_update() if lock else ordered).mappings():
                values = dict(found)
                identity = values.pop("id")
                firms[identity] = Firm(Row(identity, values))
    for model in models:
        _load_children(session, model, firms)
    return {firm.key: firm for firm in firms.values()}


def _load_children(session: Session, model: Child, firms: dict[int, Firm]) -> None:
    table = model.__table__
    for some in chunks(firms):
        for found in session.execute(select(table).where(table.c.supplier_id.in_(some))).mappings():
            values = dict(found)
            identity = values.pop("id")
            firms[values["supplier_id"]].rows(model)[child_key(model, values)] = Row(identity, values)
