"""`flask worker`: brings changes into the index, sends messages, does the jobs that pages start, lets alerts look,
takes each day's snapshot, adds up what was counted, seals the log, reminds firms.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import timedelta
from typing import Any

import click
from flask import Flask, current_app
from sqlalchemy.orm import sessionmaker

from portal.buyers.alert_letters import AlertLetters
from portal.care import catalogues
from portal.care.handlers import handlers as care_handlers
from portal.cli.bulk import expect_many_objects, share_memory
from portal.company import files as proofs
from portal.company.reminders import Reminding
from portal.coverage.taking import Taker
from portal.extensions import db
from portal.indexing.worker import Worker
from portal.models import now
from portal.notices import Courier
from portal.register.auditing.sealing import Sealer
from portal.services import Services, services
from portal.usage.adding import Adder
from portal.web.proofs import store_of
from portal.workspace import exports, imports
from portal.workspace.alert_running import AlertRunner
from portal.workspace.deliveries import Dispatcher
from portal.workspace.exporting import Exporter
from portal.workspace.handlers import LANES, handlers
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Runner

NICE = 10
"""How much the worker steps back behind what answers pages on the same machine."""

HELPERS_SECONDS = 15.0
"""How long what is under way (a message, a job, a look) may keep the worker from ending; the next takes it up again."""


@click.command("worker")
def command() -> None:
    """Index changes, send messages, do jobs and alerts, seal the log, take snapshots, until stopped.

    Any number may run; one of them writes the index, one does the jobs. Without an index it builds one first.
    """
    stop = threading.Event()

    def ask(_number: int, _frame: Any) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    os.nice(NICE)
    share_memory()
    expect_many_objects()
    shared = services()
    sessions = sessionmaker(db.engine)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (Flask's way)
    threads = [
        Courier(sessions, shared.channels, stop).start(),
        *(runner.start() for runner in _jobs(shared, stop)),
        AlertRunner(sessions, shared.catalogue, AlertLetters(app), stop).start(),
        Dispatcher(sessions, shared.guard, shared.settings.public_url, stop).start(),
        Sealer(sessions, shared.settings.secret_key, stop).start(),
        Adder(sessions, shared.settings.usage_dir, shared.settings.search_log_days, stop).start(),
        Taker(sessions, shared.open_writing_engine, shared.catalogue, stop).start(),
        Reminding(sessions, shared.catalogue, shared.settings.public_url, stop).start(),
    ]
    worker = Worker(sessions, shared.open_writing_engine, shared.catalogue, origin=shared.origin, stop=stop)
    worker.run()
    end = time.monotonic() + HELPERS_SECONDS
    for thread in threads:
        thread.join(timeout=max(0.0, end - time.monotonic()))


def _jobs(shared: Services, stop: threading.Event) -> list[Runner]:
    sessions, folder = sessionmaker(db.engine), shared.settings.exports_dir
    uploads = Uploads(shared.settings.uploads_dir)
    exporter = Exporter(folder, shared.open_writing_engine, shared.spool)
    store = store_of(shared.settings)
    doing = {**handlers(exporter, uploads), **care_handlers(exporter, shared.settings.secret_key)}

    def chores() -> None:
        exports.purge(sessions, folder, now())
        imports.purge(sessions, uploads, now())
        catalogues.keep(sessions, shared.catalogue)
        proofs.purge(sessions, store, timedelta(days=shared.settings.proof_days), now())

    return [
        Runner(sessions, shared.catalogue, doing, stop, None if place else chores, lane=lane)
        for place, lane in enumerate(LANES)
    ]


def register(app: Flask) -> None:
    """Put the command on the app's command line."""
    app.cli.add_command(command)
