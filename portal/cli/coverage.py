"""`flask coverage snapshot`: keep today's tables of coverage now, not at the worker's next midnight."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.orm import sessionmaker

from portal.coverage.snapshots import take
from portal.extensions import db
from portal.register.clock import today_china
from portal.services import services
from search.contract import SearchError

coverage = AppGroup("coverage", help="Tables of coverage kept for each day.")


@coverage.command("snapshot")
def snapshot() -> None:
    """Count everything now and keep it as today's snapshot, in the place of the one there is."""
    shared = services()
    engine = shared.open_writing_engine()
    try:
        rows = take(sessionmaker(db.engine), engine, shared.catalogue, today_china())
    except SearchError as error:
        raise click.ClickException(f"nothing was kept: {error}") from error
    finally:
        engine.close()
    click.echo(f"{today_china().isoformat()}: {rows} tables kept.")


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(coverage)
