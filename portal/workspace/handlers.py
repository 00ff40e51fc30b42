"""The kinds of jobs there are, and what does them."""

from __future__ import annotations

from collections.abc import Mapping

from portal.workspace import exports, imports, own_lists
from portal.workspace.exporting import Exporter
from portal.workspace.import_jobs import Importer
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Handler, Lane

HANDLERS: Mapping[str, Handler] = {own_lists.KIND: own_lists.run_check}
"""Those that need the database alone."""


LONG = frozenset({imports.KIND})
"""Those that may take minutes."""

LANES = (Lane(but=LONG), Lane("imports", only=LONG))
"""What runs side by side."""


def handlers(exporter: Exporter, uploads: Uploads) -> Mapping[str, Handler]:
    """All of them."""
    return {**HANDLERS, exports.KIND: exporter.run, imports.KIND: Importer(uploads).run}
