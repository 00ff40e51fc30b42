"""An import as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.register.importing.fates import Fate
from portal.register.importing.mapping import Mapping
from portal.register.problems import FactProblem
from portal.register.writer import Journal, Writer

BATCH = 500

Progress = Callable[[str, int, int], None]
"""Called with the phase ("check" or "write"), rows done and rows in all (an estimate while checking)."""


def silent(_phase: str, _done: int, _total: int) -> None:
    """No progress is shown."""


Guard = Callable[[Session, int | None], None]
"""Called in every transaction that writes, with the run's id, if there is one; what it raises undoes all."""


def unguarded(_session: Session, _run_id: int | None) -> None:
    """Nothing else need hold."""


def anywhere(_record: SupplierRecord) -> Iterable[FactProblem]:
    """Whoever imports may write of every firm."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """What to import and how. `session` must have no transaction open; the import commits.

    `name`: what the file is called in reports and in the log (default: as it is). `salt`: imports of one file that are
    told apart by it do not take each other up. `journal`: keep what was there before, so that the import can be undone.
    `publish`: ranking lists are in force at once; else each is a draft, of the user `made_by` if there is one.
    `fates`: told what became (or, on a dry run, would become) of every row. `permitted`: what whoever imports may not
    write.
    """

    session: Session
    catalogue: Catalogue
    mapping: Mapping
    path: Path
    rejected: Path | None = None
    dry_run: bool = False
    actor: str = "import"
    batch: int = BATCH
    progress: Progress = silent
    name: str = ""
    salt: str = ""
    journal: bool = False
    publish: bool = False
    made_by: int | None = None
    guard: Guard = unguarded
    fates: Callable[[Fate], None] | None = None
    permitted: Callable[[SupplierRecord], Iterable[FactProblem]] = anywhere

    @property
    def shown(self) -> str:
        """What the file is called."""
        return self.name or self.path.name

    def writer(self, origin: str, journal: Journal | None = None) -> Writer:
        """A writer for one transaction."""
        return Writer(
            self.session,
            self.catalogue,
            actor=self.actor,
            origin=origin,
            provenance=self.mapping.provenance.facts(),
            journal=journal,
        )
