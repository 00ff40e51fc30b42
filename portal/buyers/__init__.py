"""The corporate buyer's workspace: a module of views a thing that is kept. All of it belongs to one organisation."""

from portal.buyers import conditions as conditions  # adds its views
from portal.buyers import conditions_making as conditions_making  # adds its views
from portal.buyers.blueprint import blueprint

__all__ = ["blueprint"]
