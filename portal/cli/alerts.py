"""`flask alerts run`: what `flask worker` does when alerts are due, once."""

from __future__ import annotations

import threading

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy.orm import sessionmaker

from portal.buyers.alert_letters import AlertLetters
from portal.extensions import db
from portal.models import now
from portal.services import services
from portal.workspace.alert_running import AlertRunner
from portal.workspace.deliveries import deliver_due

alerts = AppGroup("alerts", help="What buyers are told of.")


@alerts.command("run")
@click.option("--all", "every", is_flag=True, help="Those that are not due yet as well.")
def run(*, every: bool) -> None:
    """Let the alerts that are due look, and send what waits for webhooks; mails wait for `flask notices send`."""
    shared, sessions = services(), sessionmaker(db.engine)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  (Flask's way)
    found = AlertRunner(sessions, shared.catalogue, AlertLetters(app), threading.Event()).step(now(), every=every)
    sent = 0
    while some := deliver_due(sessions, shared.guard, shared.settings.public_url):
        sent += some
    click.echo(f"digests {found}, sent to webhooks {sent}")


def register(app: Flask) -> None:
    """Put the commands on the app's command line."""
    app.cli.add_command(alerts)
