"""The ministry's workspace: care of the register, and what it tells. A module of views a thing that staff do."""

from portal.ministry import home, operation_log
from portal.ministry.blueprint import blueprint

__all__ = ["blueprint", "home", "operation_log"]
