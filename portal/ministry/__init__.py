"""The ministry's workspace: care of the register, and what it tells. A module of views a thing that staff do."""

from portal.ministry import care, coverage, due, home, import_steps, imports, operation_log, suppliers, targets
from portal.ministry.blueprint import blueprint

__all__ = [
    "blueprint",
    "care",
    "coverage",
    "due",
    "home",
    "import_steps",
    "imports",
    "operation_log",
    "suppliers",
    "targets",
]
