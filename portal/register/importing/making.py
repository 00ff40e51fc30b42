"""A mapping out of what someone chose for the columns of one file, and mappings kept in the database as sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping as Map
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import ImportSource
from portal.register.importing.cleaning import folded
from portal.register.importing.mapping import (
    Column,
    Mapping,
    ProvenanceTable,
    load_mapping,
    source_names,
)
from portal.register.importing.problems import ImportFileError
from portal.register.importing.targets import SourceKind
from portal.register.registration import USCC

UNSTATED = ProvenanceTable(issuing_body="")


def make_mapping(
    kind: SourceKind,
    chosen: Iterable[tuple[str, str]],
    *,
    base: Mapping | None = None,
    constants: Map[str, str] | None = None,
    provenance: ProvenanceTable = UNSTATED,
) -> Mapping:
    """A mapping of the (heading, field) pairs of a file; "" for a column that is not read.

    A column that the source `base` reads in the same way keeps its rules (splits, words, patterns), and the source's
    further columns stay known, but for required ones that the file has not.
    """
    known = {folded(word): column for column in base.column for word in column.headings} if base else {}
    columns, used = [], set()
    for heading, field in chosen:
        there = known.get(folded(heading))
        if there is not None:
            used.add(there.headings)
        if there is not None and there.field == field:
            columns.append(there)
        elif field:
            columns.append(Column(heading=[heading], field=field, required=field == "supplier.number"))
    filled = {column.field for column in columns}
    if base is not None:
        columns += [
            column
            for column in base.column
            if column.headings not in used and not column.required and column.field not in filled
        ]
    stated = {**(base.constants if base else {}), **(constants or {})}
    default = {"supplier.scheme": USCC} if base is None else base.defaults
    made = Mapping(
        kind=kind,
        title=base.title if base else "",
        provenance=provenance,
        column=columns,
        empty=base.empty if base else list(Mapping.__struct_defaults__[0].factory()),
        criteria_columns=kind is SourceKind.ASSESSMENTS or (base is not None and base.criteria_columns),
        constants={field: value for field, value in stated.items() if value != ""},
        defaults=default,
        number=base.number if base else None,
        place=base.place if base else None,
        name=base.name if base else "",
    )
    return stamped(made)


def stamped(mapping: Mapping) -> Mapping:
    """The mapping with the fingerprint of what it says."""
    bare = msgspec.structs.replace(mapping, fingerprint="")
    return msgspec.structs.replace(bare, fingerprint=hashlib.sha256(msgspec.json.encode(bare)).hexdigest()[:16])


def stored(mapping: Mapping) -> dict[str, Any]:
    """As a JSON column holds it."""
    plain: dict[str, Any] = msgspec.to_builtins(mapping)
    return plain


def restored(plain: Map[str, Any]) -> Mapping:
    """Out of a JSON column."""
    return msgspec.convert(dict(plain), Mapping)


def own_sources(session: Session) -> dict[str, Mapping]:
    """The sources that were saved in the database, by name."""
    rows = session.scalars(select(ImportSource).order_by(ImportSource.name))
    return {row.name: restored(row.mapping) for row in rows}


def all_sources(session: Session) -> dict[str, Mapping]:
    """Those of config/sources, and the saved ones."""
    return {name: load_mapping(name) for name in source_names()} | own_sources(session)


def find_source(session: Session, name: str, provenance: dict[str, str] | None = None) -> Mapping:
    """The source of that name (or a TOML file's path), its provenance's fields replaced. Raises ImportFileError."""
    if name.endswith(".toml") or name in source_names():
        return load_mapping(name, provenance=provenance)
    own = own_sources(session)
    if name not in own:
        raise ImportFileError(f"no source {name!r}; there are: {', '.join([*source_names(), *own])}")
    return stamped(msgspec.structs.replace(own[name], provenance=restated(own[name].provenance, provenance or {})))


def restated(provenance: ProvenanceTable, changes: Map[str, str]) -> ProvenanceTable:
    """A provenance with some fields replaced. Raises ImportFileError for one that is no such field or no day."""
    stated = {**msgspec.to_builtins(provenance), **changes}
    try:
        return msgspec.convert(stated, ProvenanceTable, strict=False)
    except msgspec.ValidationError as error:
        raise ImportFileError(f"provenance: {error}") from None
