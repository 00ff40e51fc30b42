"""The portal's commands, a module each. A module has `register(app: Flask) -> None`; add its line to MODULES."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

MODULES = (
    "portal.cli.sample",
    "portal.cli.rankings",
    "portal.cli.import_",
    "portal.cli.catalogue",
    "portal.cli.translations",
    "portal.cli.index",
    "portal.cli.worker",
    "portal.cli.notices",
    "portal.cli.alerts",
    "portal.cli.accounts",
    "portal.cli.claims",
    "portal.cli.coverage",
    "portal.cli.audit",
)


def register(app: Flask) -> None:
    """Put every command on the app's command line."""
    for name in MODULES:
        import_module(name).register(app)
