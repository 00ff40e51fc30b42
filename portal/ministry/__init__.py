"""The ministry's workspace: a module of views a task."""

from portal.ministry import coverage
from portal.ministry.blueprint import blueprint

__all__ = ["blueprint", "coverage"]
