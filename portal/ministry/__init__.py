"""The ministry's workspace: a module of views a thing that staff take care of."""

from portal.ministry import import_steps, imports
from portal.ministry.blueprint import blueprint

__all__ = ["blueprint", "import_steps", "imports"]
