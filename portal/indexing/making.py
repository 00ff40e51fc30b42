"""Documents made and applied so that one bad firm spoils nothing for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog
from sqlalchemy.orm import Session

from portal.indexing.documents import DocumentMaker
from portal.indexing.firms import read_firms
from portal.register.catalogue import Catalogue
from search.contract import ApplyReport, Change, SearchError

log = structlog.stdlib.get_logger("portal.indexing")

Apply = Callable[[Sequence[Change]], ApplyReport]


@dataclass(frozen=True, slots=True)
class Failure:
    """A firm whose document could not be made, or was refused by the engine for good."""

    supplier_id: int
    version: int
    reason: str


@dataclass(slots=True)
class Made:
    """Changes for the index with the row ids of their firms, and the firms none could be made for."""

    changes: list[Change] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


def make(session: Session, catalogue: Catalogue, supplier_ids: Iterable[int], on: date) -> Made:
    """The changes of these firms as of a day."""
    made, maker = Made(), DocumentMaker(catalogue, on)
    for firm in read_firms(session, supplier_ids):
        row = firm.supplier
        try:
            change = maker.change(firm)
        except Exception as error:
            log.exception("a document could not be made", supplier=f"{row.scheme}/{row.number}")
            made.failures.append(Failure(row.id, row.index_version, f"{type(error).__name__}: {error}"))
            continue
        made.changes.append(change)
        made.ids[change.id] = row.id
    return made


def apply_made(apply: Apply, made: Made) -> list[Failure]:
    """Apply the changes; the failures, those of making included. Raises SearchError when the engine cannot be used."""
    versions = {change.id: change.version for change in made.changes}
    refused = _isolating(apply, made.changes)
    return made.failures + [Failure(made.ids[key], versions[key], reason) for key, reason in refused.items()]


def _isolating(apply: Apply, changes: Sequence[Change]) -> dict[str, str]:
    """What was refused, with reasons. A change that makes the engine's code fail is found by halving."""
    if not changes:
        return {}
    try:
        return dict(apply(changes).failed or {})
    except SearchError:
        raise
    except Exception as error:
        if len(changes) == 1:
            log.exception("a document could not be applied", supplier=changes[0].id)
            return {changes[0].id: f"{type(error).__name__}: {error}"}
        half = len(changes) // 2
        return _isolating(apply, changes[:half]) | _isolating(apply, changes[half:])
