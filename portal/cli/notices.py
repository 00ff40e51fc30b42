"""`flask notices send`: what `flask worker` does all the time, once."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.notices import deliver_due
from portal.services import services

notices = AppGroup("notices", help="Messages by mail and SMS.")


@notices.command("send")
def send() -> None:
    """Send the messages that are due; those that fail are tried again later."""
    sent = 0
    while now_sent := deliver_due(sessionmaker(db.engine), services().channels):
        sent += now_sent
    click.echo(f"sent {sent}")


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(notices)
