"""The kinds of jobs there are, and what does them."""

from __future__ import annotations

from collections.abc import Mapping

from portal.workspace import exports, own_lists
from portal.workspace.exporting import Exporter
from portal.workspace.jobs import Handler

HANDLERS: Mapping[str, Handler] = {own_lists.KIND: own_lists.run_check}
"""Those that need the database alone."""


def handlers(exporter: Exporter) -> Mapping[str, Handler]:
    """All of them."""
    return {**HANDLERS, exports.KIND: exporter.run}
