"""An import as it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from portal.register.catalogue import Catalogue
from portal.register.importing.mapping import Mapping
from portal.register.writer import Writer

BATCH = 500

Progress = Callable[[str, int, int], None]
"""Called with the phase ("check" or "write"), rows done and rows in all (an estimate while checking)."""


def silent(_phase: str, _done: int, _total: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """What to import and how. `session` must have no transaction open; the import commits."""

    session: Session
    catalogue: Catalogue
    mapping: Mapping
    path: Path
    rejected: Path | None = None
    dry_run: bool = False
    actor: str = "import"
    batch: int = BATCH
    progress: Progress = silent

    def writer(self, origin: str) -> Writer:
        """A writer for one transaction."""
        provenance = self.mapping.provenance.facts()
        return Writer(self.session, self.catalogue, actor=self.actor, origin=origin, provenance=provenance)
