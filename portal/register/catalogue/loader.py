"""Load the catalogue of a directory, or say everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

from portal.register.catalogue.check import examine
from portal.register.catalogue.model import Catalogue
from portal.register.catalogue.reading import CatalogueError


def load_catalogue(directory: Path) -> Catalogue:
    """The catalogue in `directory`. Raises CatalogueError, naming every fault as `file:line: message`."""
    catalogue, problems = examine(directory)
    if problems:
        raise CatalogueError(problems)
    return catalogue
