"""`flask worker`: brings changes of the register into the index."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click
from flask import Flask
from sqlalchemy.orm import sessionmaker

from portal.cli.bulk import expect_many_objects
from portal.extensions import db
from portal.indexing.worker import Worker
from portal.services import services


@click.command("worker")
def command() -> None:
    """Bring changes of the register into the search index, until stopped.

    Any number may run; one of them works. Without an index it builds one first.
    """
    stop = threading.Event()

    def ask(_number: int, _frame: Any) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    expect_many_objects()
    shared = services()
    worker = Worker(
        sessionmaker(db.engine), shared.open_writing_engine, shared.catalogue, origin=shared.origin, stop=stop
    )
    worker.run()


def register(app: Flask) -> None:
    """Put the command on the app's command line."""
    app.cli.add_command(command)
