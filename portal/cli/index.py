"""`flask index`: rebuild, status, drain."""

from __future__ import annotations

from contextlib import closing

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

from portal.cli.bulk import expect_many_objects
from portal.extensions import db
from portal.indexing import leases
from portal.indexing import status as looking
from portal.indexing.draining import drain_all
from portal.indexing.rebuild import Rebuild, RebuildError
from portal.models import Supplier
from portal.services import services
from search.contract import SearchError

PATIENCE = leases.SECONDS + 5
"""Seconds that a rebuild waits for another one, long enough for the lease of one that was killed to run out."""

index = AppGroup("index", help="The search index.")


@index.command("rebuild")
def rebuild() -> None:
    """Build the index anew from the database, beside the live one, and swap."""
    expect_many_objects()
    shared, sessions = services(), sessionmaker(db.engine)
    with sessions() as session:
        firms = session.scalar(select(func.count(Supplier.id)).where(Supplier.withdrawn_at.is_(None))) or 0
    with (
        closing(shared.open_writing_engine()) as engine,
        click.progressbar(length=firms, label="Suppliers") as bar,
    ):

        def progress(done: int) -> None:
            bar.update(max(0, done - bar.pos))

        try:
            rebuilt = Rebuild(
                sessions, engine, shared.catalogue, origin=shared.origin, progress=progress, patience=PATIENCE
            ).run()
        except (RebuildError, SearchError) as error:
            raise click.ClickException(f"{error}. The index is as it was.") from error
    click.echo(f"{rebuilt.name}: {rebuilt.documents} suppliers in {rebuilt.seconds:.1f} s")
    if rebuilt.failures:
        click.echo(f"{rebuilt.failures} could not be indexed: flask index status", err=True)


@index.command("status")
def status() -> None:
    """Show the index, what waits for it, and what it refused. Ends with 1 if the index cannot be used."""
    shared = services()
    with closing(shared.open_writing_engine()) as engine:
        found = looking.status(sessionmaker(db.engine), engine)
    for line in lines(found):
        click.echo(line)
    if found.health is None or not found.health.current:
        raise SystemExit(1)


def lines(found: looking.Status) -> list[str]:
    """The status in words."""
    health = found.health
    if health is None:
        first = f"engine        not usable: {found.trouble}"
    else:
        first = f"engine        {health.engine} {health.version}, index {health.index}, {health.documents} suppliers"
    shown = [first]
    if health is not None and not health.current:
        shown.append("              made by another catalogue or version: flask index rebuild")
    shown += [
        f"register      {found.suppliers} suppliers",
        f"waiting       {found.waiting} changes, the oldest for {found.oldest_seconds:.1f} s",
        f"worker        {found.worker or 'none'}",
        f"rebuild       {found.building or 'none'}",
        f"data version  {found.data_version}, swept on {found.swept_on or 'no day yet'}",
        f"refused       {found.dead}",
    ]
    return shown + [
        f"              {letter.supplier} version {letter.version}: {letter.reason}" for letter in found.letters
    ]


@index.command("drain")
@click.option("--seconds", default=600.0, show_default=True, help="Give up after so many.")
def drain(seconds: float) -> None:
    """Wait until the index has every change; without a running worker, bring them in."""
    expect_many_objects()
    shared = services()
    last = -1

    def progress(waiting: int) -> None:
        nonlocal last
        if waiting != last:
            click.echo(f"{waiting} changes wait", err=True)
        last = waiting

    try:
        done = drain_all(
            sessionmaker(db.engine), shared.open_writing_engine, shared.catalogue, seconds=seconds, progress=progress
        )
    except SearchError as error:
        raise click.ClickException(str(error)) from error
    if not done:
        raise click.ClickException(f"{last} changes still wait after {seconds:.0f} s")


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(index)
