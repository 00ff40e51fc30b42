"""Versions of the catalogue: each kept whole when it is first in use, read later, and compared table by table.

A table is {code: {field: value}}; what is no mapping in the catalogue (levels of schemes, synonyms, company forms) is
made one, so that a comparison names the one level, and not the scheme, that changed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, writing
from portal.models import AuditEntry, CatalogueVersion, now
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue

Record = Mapping[str, Any]
Table = Mapping[str, Record]
Content = Mapping[str, Table]

ABOUT = "about"
TABLES = (
    ABOUT,
    "criteria",
    "groups",
    "sectors",
    "industries",
    "processes",
    "schemes",
    "levels",
    "tiers",
    "sizes",
    "statuses",
    "risk_kinds",
    "regions",
    "retired_regions",
    "units",
    "targets",
    "methods",
    "synonyms",
    "company_forms",
)
"""In the order of the pages."""

WORKER = Actor("worker")


@dataclass(frozen=True, slots=True)
class Known:
    """A version in the list. `seen_at` None: in use, and not kept yet."""

    fingerprint: str
    version: str
    title_zh: str
    title_en: str
    as_of: date
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A record that is in both: its fields that differ, before and after."""

    code: str
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """What became of a table. `added`, `removed`: the records."""

    table: str
    added: tuple[tuple[str, Record], ...]
    removed: tuple[tuple[str, Record], ...]
    changed: tuple[Changed, ...]

    @property
    def count(self) -> int:
        """How many records are not the same."""
        return len(self.added) + len(self.removed) + len(self.changed)


def content_of(catalogue: Catalogue) -> Content:
    """All tables of a catalogue, as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(catalogue)
    tables = {name: plain[name] for name in TABLES if isinstance(plain.get(name), dict)}
    schemes = {code: dict(scheme) for code, scheme in tables["schemes"].items()}
    levels = {f"{code}:{level['code']}": level for code, scheme in schemes.items() for level in scheme.pop("levels")}
    about = ("title_zh", "title_en", "authority", "version", "demonstration", "as_of")
    return tables | {
        ABOUT: {name: {"value": plain[name]} for name in about},
        "schemes": schemes,
        "levels": levels,
        "retired_regions": {code: {"successor": other} for code, other in plain["retired_regions"].items()},
        "synonyms": {" = ".join(one["words"]): {} for one in plain["synonyms"]},
        "company_forms": {form: {} for form in plain["company_forms"]},
    }


@dataclass(frozen=True, slots=True)
class Present:
    """The catalogue in use. `fingerprint`: of all its tables; the catalogue's own is of those that are indexed."""

    catalogue: Catalogue
    content: Content
    encoded: bytes
    fingerprint: str


def present(catalogue: Catalogue) -> Present:
    """The catalogue in use, as it is kept."""
    content = content_of(catalogue)
    encoded = msgspec.json.encode(content)
    return Present(catalogue, content, encoded, sha256(encoded).hexdigest())


def keep(sessions: Sessions, catalogue: Catalogue) -> bool:
    """Keep the catalogue if it was not in use before, with an entry of the log; whether it was new."""
    used = present(catalogue)
    with sessions() as session:
        if session.get(CatalogueVersion, used.fingerprint) is not None:
            return False
    with writing(sessions) as session:
        if session.get(CatalogueVersion, used.fingerprint) is not None:
            return False
        before = session.scalar(select(CatalogueVersion.version).order_by(*NEWEST).limit(1))
        values = {name: getattr(catalogue, name) for name in ("version", "title_zh", "title_en", "as_of")}
        packed = zlib.compress(used.encoded, 9)
        session.add(CatalogueVersion(fingerprint=used.fingerprint, content=packed, **values))
        changes = {"version": [before, catalogue.version], "fingerprint": used.fingerprint}
        session.execute(insert(AuditEntry).values(WORKER.entry(now(), "catalogue.loaded", "catalogue", changes)))
    return True


NEWEST = (CatalogueVersion.first_seen_at.desc(), CatalogueVersion.fingerprint)


def known(session: Session, used: Present) -> list[Known]:
    """All versions, the one in use first, then the newest."""
    names = ("fingerprint", "version", "title_zh", "title_en", "as_of", "first_seen_at")
    rows = session.execute(select(*(getattr(CatalogueVersion, name) for name in names)).order_by(*NEWEST))
    found = [Known(*row) for row in rows]
    if used.fingerprint not in {one.fingerprint for one in found}:
        of = used.catalogue
        found.append(Known(used.fingerprint, of.version, of.title_zh, of.title_en, of.as_of, None))
    return sorted(found, key=lambda one: one.fingerprint != used.fingerprint)


def content_kept(session: Session, used: Present, fingerprint: str) -> Content | None:
    """The tables of a version; None where it is not known."""
    if fingerprint == used.fingerprint:
        return used.content
    row = session.get(CatalogueVersion, fingerprint)
    if row is None:
        return None
    found: Content = msgspec.json.decode(zlib.decompress(row.content))
    return found


def differences(before: Content, after: Content) -> list[TableDifference]:
    """Tables that differ, in the order of TABLES. Of equal values none differs for its type: all went through JSON."""
    first, second = (msgspec.json.decode(msgspec.json.encode(one)) for one in (before, after))
    found = (_table(name, first.get(name, {}), second.get(name, {})) for name in TABLES)
    return [one for one in found if one.count]


def _table(name: str, before: Table, after: Table) -> TableDifference:
    both = [code for code in after if code in before]
    changed = (Changed(code, tuple(_fields(before[code], after[code]))) for code in both)
    return TableDifference(
        table=name,
        added=tuple((code, record) for code, record in after.items() if code not in before),
        removed=tuple((code, record) for code, record in before.items() if code not in after),
        changed=tuple(one for one in changed if one.fields),
    )


def _fields(before: Record, after: Record) -> Iterator[tuple[str, Any, Any]]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)
