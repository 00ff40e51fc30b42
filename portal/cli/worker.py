"""`flask worker`: brings changes into the index, sends messages, does the jobs that pages start, seals the log."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click
from flask import Flask
from sqlalchemy.orm import sessionmaker

from portal.care.handlers import handlers as care_handlers
from portal.cli.bulk import expect_many_objects
from portal.extensions import db
from portal.indexing.worker import Worker
from portal.models import now
from portal.notices import Courier
from portal.register.auditing.sealing import Sealer
from portal.services import Services, services
from portal.workspace import exports
from portal.workspace.exporting import Exporter
from portal.workspace.handlers import handlers
from portal.workspace.jobs import Runner

COURIER_SECONDS = 15.0
"""How long a message or a job under way may keep the worker from ending; the next one takes it up again."""


@click.command("worker")
def command() -> None:
    """Bring changes of the register into the search index, send messages, do jobs, seal the log, until stopped.

    Any number may run; one of them writes the index, and one does the jobs. Without an index it builds one first.
    """
    stop = threading.Event()

    def ask(_number: int, _frame: Any) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    expect_many_objects()
    shared = services()
    courier = Courier(sessionmaker(db.engine), shared.channels, stop).start()
    jobs = _jobs(shared, stop).start()
    sealer = Sealer(sessionmaker(db.engine), shared.settings.secret_key, stop).start()
    worker = Worker(
        sessionmaker(db.engine), shared.open_writing_engine, shared.catalogue, origin=shared.origin, stop=stop
    )
    worker.run()
    courier.join(timeout=COURIER_SECONDS)
    jobs.join(timeout=COURIER_SECONDS)
    sealer.join(timeout=COURIER_SECONDS)


def _jobs(shared: Services, stop: threading.Event) -> Runner:
    sessions, folder = sessionmaker(db.engine), shared.settings.exports_dir
    exporter = Exporter(folder, shared.open_writing_engine)
    doing = {**handlers(exporter), **care_handlers(exporter, shared.settings.secret_key)}
    return Runner(sessions, shared.catalogue, doing, stop, lambda: exports.purge(sessions, folder, now()))


def register(app: Flask) -> None:
    """Put the command on the app's command line."""
    app.cli.add_command(command)
