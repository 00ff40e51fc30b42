"""The ministry's workspace: care of the register, and what it tells. A module of views a thing that staff do."""

from portal.ministry import (
    care,
    coverage,
    due,
    duplicates,
    home,
    import_steps,
    imports,
    merging,
    operation_log,
    review_case,
    reviews,
    suppliers,
    take_down,
)
from portal.ministry.blueprint import blueprint

__all__ = [
    "blueprint",
    "care",
    "coverage",
    "due",
    "duplicates",
    "home",
    "import_steps",
    "imports",
    "merging",
    "operation_log",
    "review_case",
    "reviews",
    "suppliers",
    "take_down",
]
