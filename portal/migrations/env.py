"""Alembic's entry: migrations run on the Flask app's database. No logging is set up here: that would silence ours."""

from __future__ import annotations

import sqlite3
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine

from portal.models import Base, Instant
from portal.models.database import WRITES


def render_item(kind: str, item: Any, _autogen_context: Any) -> Any:
    """Our column types as the plain ones they are, so that migrations depend on nothing that may change."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


def engine() -> Engine:
    """The app's engine."""
    found: Engine = current_app.extensions["migrate"].db.engine
    return found


def drop_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """No file for a migration that changes nothing."""
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def keep_foreign_keys_quiet(connection: Connection) -> None:
    """SQLite changes a table by copying it, during which references to it must not be enforced.

    The pragma counts only outside a transaction, hence the driver's own connection.
    """
    driver = connection.connection.dbapi_connection
    if isinstance(driver, sqlite3.Connection):
        driver.execute("PRAGMA foreign_keys=OFF")


def run() -> None:
    """Bring the database to the wanted revision, or print the SQL for it (`--sql`)."""
    options = {
        **current_app.extensions["migrate"].configure_args,
        "target_metadata": Base.metadata,
        "render_item": render_item,
        "process_revision_directives": drop_empty,
        "transactional_ddl": True,  # SQLite's too is undone as a whole, as the driver begins nothing by itself
    }
    if context.is_offline_mode():
        url = engine().url.render_as_string(hide_password=False)
        context.configure(url=url, literal_binds=True, **options)
        with context.begin_transaction():
            context.run_migrations()
        return
    with engine().connect().execution_options(**{WRITES: True}) as connection:
        keep_foreign_keys_quiet(connection)
        try:
            context.configure(connection=connection, **options)
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.invalidate()  # so that no one gets it from the pool without foreign keys


run()
