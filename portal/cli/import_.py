"""`flask import`: an official list into the register."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.orm import sessionmaker

from portal.cli.bulk import expect_many_objects
from portal.extensions import db
from portal.register.importing import ImportFileError, ImportJob, ImportReport, run_import, source_names
from portal.register.importing.making import find_source
from portal.services import services

SHOWN = 20
"""Refused rows shown on the screen; the file has them all."""

LABELS = {"check": "Checking", "write": "Writing "}


class PhaseBars:
    """A progress bar for each phase of an import."""

    def __init__(self) -> None:
        self._phase = ""
        self._bar: click._termui_impl.ProgressBar[int] | None = None

    def __enter__(self) -> Callable[[str, int, int], None]:
        return self.show

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def show(self, phase: str, done: int, total: int) -> None:
        """Draw how far the phase is."""
        if phase != self._phase:
            self._close()
            self._phase = phase
            bar = click.progressbar(length=max(total, 1), label=LABELS[phase])
            self._bar = bar.__enter__()
        if self._bar is not None:
            self._bar.length = max(total, 1)
            self._bar.update(done - self._bar.pos)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


def provenance(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """FIELD=VALUE pairs. Raises BadParameter."""
    pairs = [value.partition("=") for value in values]
    for name, sign, _ in pairs:
        if not sign or not name.strip():
            raise click.BadParameter(f"{name!r} is not FIELD=VALUE, e.g. issued_on=2025-11-30")
    return {name.strip(): value.strip() for name, _, value in pairs}


@click.command("import", help=f"Import the list FILE (CSV, XLSX or NDJSON). Sources: {', '.join(source_names())}.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--source",
    required=True,
    help="The mapping config/sources/NAME.toml, a saved one, or a TOML file's path.",
)
@click.option("--dry-run", is_flag=True, help="Check and report, and write nothing.")
@click.option(
    "--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Write the refused rows here, to be mended."
)
@click.option(
    "--provenance",
    multiple=True,
    callback=provenance,
    help="Where the list comes from, FIELD=VALUE: issuing_body, title, document_number, batch, issued_on, link.",
)
@click.option("--publish", is_flag=True, help="Ranking lists are in force at once; without it they become drafts.")
@with_appcontext
def import_(
    file: Path, source: str, *, dry_run: bool, rejected: Path | None, provenance: dict[str, str], publish: bool
) -> None:
    """Import a list; ends with 2 where rows were refused, with 1 where nothing could be imported."""
    expect_many_objects()
    try:
        with sessionmaker(db.engine)() as session:
            mapping = find_source(session, source, provenance)
        with sessionmaker(db.engine)() as session, PhaseBars() as progress:
            report = run_import(
                ImportJob(
                    session=session,
                    catalogue=services().catalogue,
                    mapping=mapping,
                    path=file,
                    rejected=rejected,
                    dry_run=dry_run,
                    publish=publish,
                    progress=progress,
                )
            )
    except (ImportFileError, OSError) as error:
        raise click.ClickException(str(error)) from error
    for line in lines(report, rejected, drafts=not publish):
        click.echo(line)
    if report.rejected:
        raise SystemExit(2)


def lines(report: ImportReport, rejected: Path | None, *, drafts: bool = False) -> list[str]:
    """The report in words."""
    shown = [f"{report.file}: {report.form}, {report.rows} rows" + (" (dry run: nothing is written)" * report.dry_run)]
    if report.resumed_at:
        shown.append(f"taken up after row {report.resumed_at} of an interrupted import")
    shown += [
        f"created    {report.created}",
        f"changed    {report.changed}",
        f"unchanged  {report.unchanged}",
        f"merged     {report.merged}   ({report.rule})",
        f"rejected   {report.rejected}",
    ]
    shown += [f"edition    {code}: {outcome}" for code, outcome in report.editions.items()]
    if drafts and "created" in report.editions.values():
        shown.append("           as a draft: staff open its public notice, or import it with --publish")
    if report.unused:
        shown.append(f"not read   columns {', '.join(report.unused)}")
    for row in report.samples[:SHOWN]:
        shown += [f"  line {row.line}: {one.column} {one.value!r}: {one.reason}" for one in row.problems]
    if report.rejected > SHOWN:
        shown.append(f"  … and {report.rejected - SHOWN} more rows. Most often:")
        shown += [f"  {count:>7} × {reason}" for reason, count in report.reasons.most_common(5)]
    if report.rejected:
        advice = f"mend them in {rejected} and import that" if rejected else "--rejected OUT.csv writes them to a file"
        shown.append(f"The refused rows: {advice}.")
    return shown


def register(app: Flask) -> None:
    """Put the command on the app's command line."""
    app.cli.add_command(import_)
