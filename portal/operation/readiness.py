"""What a web process needs to serve: the database, and an index built by this catalogue and analysis."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db
from portal.models import Fact
from portal.services import services
from search.contract import IndexMissing, SearchError


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one part. `detail` names kinds of failure, never addresses or credentials."""

    ok: bool
    detail: str = ""
    engine: str = ""
    version: str = ""
    documents: int | None = None


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """All parts; `ready` when each is ok."""

    ready: bool
    parts: dict[str, Part]


def readiness() -> Readiness:
    """Ask every part once, within the engine's and the database's own time-outs."""
    parts = {"database": _database(), "search": _search()}
    return Readiness(ready=all(part.ok for part in parts.values()), parts=parts)


def _database() -> Part:
    try:
        # A table of the portal's: an empty database without migrations is not ready either.
        db.session.execute(select(Fact.name).limit(1)).first()
    except SQLAlchemyError as error:
        db.session.rollback()
        return Part(ok=False, detail=type(error).__name__)
    return Part(ok=True)


def _search() -> Part:
    try:
        health = services().engine().health()
    except IndexMissing:
        return Part(ok=False, detail="no index: flask index rebuild")
    except SearchError as error:
        return Part(ok=False, detail=type(error).__name__)
    detail = "" if health.current else "the index is from another catalogue or version: flask index rebuild"
    return Part(
        ok=health.current, detail=detail, engine=health.engine, version=health.version, documents=health.documents
    )
