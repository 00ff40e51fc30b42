"""`flask audit verify | seal | sign | prune`: the chain of the operation log."""

from __future__ import annotations

import getpass
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import insert
from sqlalchemy.orm import sessionmaker

from portal.cli.bulk import expect_many_objects
from portal.extensions import db
from portal.indexing.sessions import snapshot, writing
from portal.models import AuditEntry, now, table_of
from portal.register.audit import Actor
from portal.register.auditing.chain import Link
from portal.register.auditing.checking import SUBJECT, record_check
from portal.register.auditing.pruning import TooYoung, Unsound, prune
from portal.register.auditing.sealing import NoHead, Sealer, sign_anew
from portal.register.auditing.verifying import Kind, Problem, Report, verify
from portal.services import services

audit = AppGroup("audit", help="The operation log (操作日志) and its chain.")

WORDS: dict[Kind, str] = {
    Kind.ALTERED: "entry {seal} (id {entry_id}) was altered: it does not match its hash",
    Kind.REMOVED: "entries {seal} to {last} were removed",
    Kind.INSERTED: "entry {seal} (id {entry_id}) was put in by hand: nobody gave out its number",
    Kind.BACKDATED: "entry {seal} (id {entry_id}) is dated long before entries that were sealed before it",
    Kind.UNSEALED: "{last} entries wait for their seal for too long, the first of id {entry_id}: does a worker run?",
    Kind.HEAD: "the last entry, {seal}, is not the one that the head tells of",
    Kind.SIGNATURE: "the head, {seal}, is not signed by this SECRET_KEY; if that was changed: flask audit sign",
    Kind.CHECKPOINT: "the place up to which the log was pruned, {seal}, is not signed by this portal's SECRET_KEY",
    Kind.ANCHOR: "the chain does not go through the anchor at {seal}: it was made anew",
}
_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


def sentence(problem: Problem) -> str:
    """A problem in words."""
    return WORDS[problem.kind].format(seal=problem.seal, entry_id=problem.entry_id, last=problem.last)


def command_line() -> Actor:
    """Whoever sits at this machine."""
    return Actor("command line", getpass.getuser())


@audit.command("verify")
@click.option("--anchor", metavar="NUMBER:HASH", help="A head that was printed earlier and kept elsewhere.")
def verify_command(anchor: str | None) -> None:
    """Check the whole chain; print its head, to be kept elsewhere. Ends with 1 if something is wrong."""
    expect_many_objects()
    kept = _anchor(anchor) if anchor else None
    sessions = sessionmaker(db.engine)
    with snapshot(sessions) as session, progress("Entries") as show:
        report = verify(session, services().settings.secret_key, anchor=kept, progress=show)
    with writing(sessions) as session:
        record_check(session, command_line(), report)
    for line in lines(report):
        click.echo(line)
    if not report.sound:
        raise SystemExit(1)


def lines(report: Report) -> list[str]:
    """A report in words."""
    first = "the log is whole" if report.sound else f"{report.faults} faults, the first of them:"
    shown = [first, *(f"  {sentence(problem)}" for problem in report.problems)]
    return [
        *shown,
        f"checked  {report.entries} entries, numbers {report.start.seal + 1} to {report.end.seal}",
        f"waiting  {report.waiting} entries for their seal",
        f"head     {report.end}",
    ]


@audit.command("seal")
def seal() -> None:
    """Seal what waits now; a running worker does so every second."""
    expect_many_objects()
    try:
        count = Sealer(sessionmaker(db.engine), services().settings.secret_key, threading.Event()).seal_all()
    except NoHead:
        raise click.ClickException("the log has no head: flask audit verify, flask audit sign") from None
    click.echo(f"{count} entries sealed")


@audit.command("sign")
def sign() -> None:
    """Sign the head anew with the present SECRET_KEY: after that was changed, or when the head is lost."""
    with writing(sessionmaker(db.engine)) as session:
        made = sign_anew(session, services().settings.secret_key)
        entry = command_line().entry(now(), "audit.signed", SUBJECT, {"seal": made.seal, "hash": made.hash})
        session.execute(insert(table_of(AuditEntry)), [entry])
    click.echo(f"head     {made.seal}:{made.hash}")


@audit.command("prune")
@click.option(
    "--before", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Entries before this day go, China time."
)
def prune_command(before: datetime) -> None:
    """Remove old entries; the rest stays verifiable. Nothing younger than 183 days goes."""
    expect_many_objects()
    key = services().settings.secret_key
    try:
        with progress("Entries") as show:
            done = prune(sessionmaker(db.engine), key, before.date(), command_line(), show)
    except TooYoung as error:
        raise click.BadParameter(str(error), param_hint="--before") from error
    except Unsound as error:
        found = "\n".join(lines(error.report))
        raise click.ClickException(f"Nothing was removed, as the log is not whole.\n{found}") from error
    click.echo(f"{done.entries} entries removed, up to {done.upto.seal}:{done.upto.hash}")


def _anchor(text: str) -> Link:
    found = _ANCHOR.fullmatch(text.strip())
    if found is None:
        raise click.BadParameter("not NUMBER:HASH as flask audit verify prints it", param_hint="--anchor")
    return Link(int(found[1]), found[2])


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal."""
    with click.progressbar(length=0, label=label) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(max(0, done - bar.pos))

        yield show


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(audit)
