"""The corporate buyer's workspace: a module of views a thing that is kept. All of it belongs to one organisation."""

from portal.buyers import (
    alerts,
    conditions,
    conditions_making,
    exports,
    inquiries,
    own_lists,
    record_making,
    records,
    shortlist_adding,
    shortlist_notes,
    shortlists,
    undo,
    verifying,
    workspace,
)
from portal.buyers.blueprint import blueprint

__all__ = [
    "alerts",
    "blueprint",
    "conditions",
    "conditions_making",
    "exports",
    "inquiries",
    "own_lists",
    "record_making",
    "records",
    "shortlist_adding",
    "shortlist_notes",
    "shortlists",
    "undo",
    "verifying",
    "workspace",
]
