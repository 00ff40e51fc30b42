"""`flask sample load`: fictional firms."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.orm import sessionmaker

from portal.cli.bulk import expect_many_objects
from portal.extensions import db
from portal.register.sample import load_sample, register_is_empty
from portal.services import services

sample = AppGroup("sample", help="Fictional suppliers, for demonstration.")


@sample.command("load")
@click.option("--size", default=3000, show_default=True, type=click.IntRange(1, 10_000_000), help="How many firms.")
@click.option("--seed", default=1, show_default=True, help="Another seed gives other firms.")
@click.option("--year", type=click.IntRange(2000, 2100), help="As of 1 January of this year; default: this year.")
@click.option("--if-empty", is_flag=True, help="Only where the register holds no firm yet.")
def load(size: int, seed: int, year: int | None, if_empty: bool) -> None:
    """Load fictional firms and two yearly editions of every sector. The same again changes nothing."""
    expect_many_objects()
    with sessionmaker(db.engine)() as session:
        if if_empty and not register_is_empty(session):
            click.echo("The register holds firms already: nothing is loaded.")
            return
        with click.progressbar(length=size, label="Fictional suppliers") as bar:
            report = load_sample(
                session,
                services().catalogue,
                size=size,
                seed=seed,
                year=year,
                progress=lambda done: bar.update(done - bar.pos),
            )
    click.echo(
        f"created {report.created}, changed {report.changed}, unchanged {report.unchanged}; "
        f"editions published: {len(report.editions)}. They are fictional, and every page says so."
    )


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(sample)
