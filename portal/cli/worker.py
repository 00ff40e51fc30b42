"""`flask worker`: brings changes of the register into the index, sends messages, and does the jobs that pages start."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import click
from flask import Flask
from sqlalchemy.orm import sessionmaker

from portal.cli.bulk import expect_many_objects
from portal.extensions import db
from portal.indexing.worker import Worker
from portal.models import now
from portal.notices import Courier
from portal.services import Services, services
from portal.workspace import exports, imports
from portal.workspace.exporting import Exporter
from portal.workspace.handlers import LANES, handlers
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Runner

NICE = 10
"""How much the worker steps back behind what answers pages on the same machine."""

COURIER_SECONDS = 15.0
"""How long a message or a job under way may keep the worker from ending; the next one takes it up again."""


@click.command("worker")
def command() -> None:
    """Bring changes of the register into the search index, send messages, and do jobs, until stopped.

    Any number may run; one of them writes the index, and one does the jobs. Without an index it builds one first.
    """
    stop = threading.Event()

    def ask(_number: int, _frame: Any) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    os.nice(NICE)
    expect_many_objects()
    shared = services()
    courier = Courier(sessionmaker(db.engine), shared.channels, stop).start()
    jobs = [runner.start() for runner in _jobs(shared, stop)]
    worker = Worker(
        sessionmaker(db.engine), shared.open_writing_engine, shared.catalogue, origin=shared.origin, stop=stop
    )
    worker.run()
    courier.join(timeout=COURIER_SECONDS)
    for thread in jobs:
        thread.join(timeout=COURIER_SECONDS)


def _jobs(shared: Services, stop: threading.Event) -> list[Runner]:
    sessions, folder = sessionmaker(db.engine), shared.settings.exports_dir
    uploads = Uploads(shared.settings.uploads_dir)
    doing = handlers(Exporter(folder, shared.open_writing_engine), uploads)

    def chores() -> None:
        exports.purge(sessions, folder, now())
        imports.purge(sessions, uploads, now())

    return [
        Runner(sessions, shared.catalogue, doing, stop, None if place else chores, lane=lane)
        for place, lane in enumerate(LANES)
    ]


def register(app: Flask) -> None:
    """Put the command on the app's command line."""
    app.cli.add_command(command)
