"""The ministry's workspace: care of the register, and what it tells. A module of views a thing that staff do."""

from portal.ministry import (
    announcements,
    care,
    catalogues,
    coverage,
    due,
    duplicates,
    edition_steps,
    editions,
    home,
    import_steps,
    imports,
    inquiry_reports,
    merging,
    operation_log,
    suppliers,
    take_down,
)
from portal.ministry.blueprint import blueprint

__all__ = [
    "announcements",
    "blueprint",
    "care",
    "catalogues",
    "coverage",
    "due",
    "duplicates",
    "edition_steps",
    "editions",
    "home",
    "import_steps",
    "imports",
    "inquiry_reports",
    "merging",
    "operation_log",
    "suppliers",
    "take_down",
]
