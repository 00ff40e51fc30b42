"""`flask catalogue check`: does the catalogue agree with itself?"""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from portal.register.catalogue import CatalogueError, check_catalogue, load_catalogue
from portal.services import services

catalogue = AppGroup("catalogue", help="Sectors, schemes, criteria and the like.")


@catalogue.command("check")
@click.argument("directory", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(directory: Path | None) -> None:
    """Name every inconsistency of the catalogue in DIRECTORY (default: CATALOGUE_DIR) by file and line."""
    folder = directory or services().settings.catalogue_dir
    problems = check_catalogue(folder)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} problems in {folder}")
    try:
        found = load_catalogue(folder)
    except CatalogueError as error:  # changed meanwhile
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{folder}: {found.title_en}, version {found.version}: {len(found.sectors)} sectors, "
        f"{len(found.industries)} industries, {len(found.schemes)} schemes, {len(found.criteria)} criteria, "
        f"{len(found.units)} units of report, {len(found.targets)} targets."
    )


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(catalogue)
