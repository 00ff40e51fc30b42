"""The kinds of jobs that staff start, and what does them."""

from __future__ import annotations

from collections.abc import Mapping

from portal.care import duplicates, log_check, log_export
from portal.workspace.exporting import Exporter
from portal.workspace.jobs import Handler


def handlers(exporter: Exporter, key: str) -> Mapping[str, Handler]:
    """All of them; `key` signs the log's chain."""
    return {
        duplicates.KIND: duplicates.handler(),
        log_check.KIND: log_check.handler(key),
        log_export.KIND: log_export.handler(exporter),
    }
