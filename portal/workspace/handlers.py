"""The kinds of jobs there are, and what does them."""

from __future__ import annotations

from collections.abc import Mapping

from portal.workspace import edition_jobs, exports, imports, own_lists
from portal.workspace.exporting import Exporter
from portal.workspace.import_jobs import Importer
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Handler, Lane

HANDLERS: Mapping[str, Handler] = {
    own_lists.KIND: own_lists.run_check,
    edition_jobs.KIND: edition_jobs.run_making,
    edition_jobs.DUE: edition_jobs.run_due,
}
"""Those that need the database alone."""


IMPORTS = frozenset({imports.KIND})
EDITIONS = frozenset({edition_jobs.KIND, edition_jobs.DUE})

LANES = (Lane(but=IMPORTS | EDITIONS), Lane("imports", only=IMPORTS), Lane("editions", only=EDITIONS))
"""What runs side by side: imports and editions may take minutes, and no list waits for another."""


def handlers(exporter: Exporter, uploads: Uploads) -> Mapping[str, Handler]:
    """All of them."""
    return {**HANDLERS, exports.KIND: exporter.run, imports.KIND: Importer(uploads).run}
