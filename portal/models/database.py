"""Databases: how SQLite is set up, and how a unit of work says that it will write.

A transaction that reads first and writes later fails on SQLite ("database is locked") whenever another one wrote in
between, and waiting does not help (notes/libraries.md, trap 1). So a unit of work that is going to write says so first,
by `begin_write(session)`: SQLite then begins with BEGIN IMMEDIATE and waits its turn; readers never wait.
PostgreSQL needs nothing of the kind. Importing this module is enough: the listeners hear every engine.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_MS = 15_000
"""How long a SQLite writer waits for another one."""

WRITES = "xunyuan_writes"
"""The execution option of a connection whose transaction is going to write."""

_encoder = msgspec.json.Encoder()


def engine_options(url: str) -> dict[str, Any]:
    """For `create_engine` and SQLALCHEMY_ENGINE_OPTIONS.

    JSON columns hold UTF-8 and are several times faster than by default; on a server, a connection that it has closed
    meanwhile (a restart) is replaced before it is used.
    """
    options: dict[str, Any] = {
        "json_serializer": lambda value: _encoder.encode(value).decode(),
        "json_deserializer": msgspec.json.decode,
    }
    return options if url.startswith("sqlite") else options | {"pool_pre_ping": True}


@event.listens_for(Engine, "connect")
def _connected(connection: object, _: ConnectionPoolEntry) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # the driver begins nothing by itself: `_begin` does
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-32768",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def begin_write(session: Session) -> None:
    """Begin the session's transaction as one that writes; nothing if it is one already.

    Raises RuntimeError when, on SQLite, it has already begun as a reading one: call this before anything is read.
    """
    options = None if _connected_already(session) else {WRITES: True}
    connection = session.connection(execution_options=options)
    if connection.dialect.name == "sqlite" and not connection.get_execution_options().get(WRITES):
        raise RuntimeError("begin_write() must come before the first reading of the transaction")


def _connected_already(session: Session) -> bool:
    # SQLAlchemy has no public name for this, and warns when options come too late; without the attribute it would warn
    transaction = session.get_transaction()
    return bool(getattr(transaction, "_connections", None))
