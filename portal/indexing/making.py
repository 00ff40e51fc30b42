"""Firms made ready for the index and applied, so that one bad firm spoils nothing for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.orm import Session

from portal.indexing.documents import DocumentMaker
from portal.indexing.firms import read_firms
from portal.indexing.images import Taken, packed
from portal.register.catalogue import Catalogue
from search.contract import ApplyReport, Change, Changes, Prepared, PreparedChange, SearchError, Tombstone

log = structlog.stdlib.get_logger("portal.indexing")

Apply = Callable[[Changes], ApplyReport]
Prepare = Callable[[Sequence[Change]], Prepared]


class _Keyed(Protocol):
    @property
    def id(self) -> str: ...


_Item = TypeVar("_Item", bound=_Keyed)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Failure:
    """A firm whose document could not be made, or was refused by the engine for good."""

    supplier_id: int
    version: int
    reason: str


@dataclass(slots=True)
class Made:
    """Changes ready for the index, id and version of their firms by key, and the firms none could be made for.

    `images`: by key what is to be kept of each firm, None of one that was withdrawn.
    """

    changes: list[PreparedChange] = field(default_factory=list)
    firms: dict[str, tuple[int, int]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    images: dict[str, bytes | None] = field(default_factory=dict)

    def taken(self) -> dict[int, Taken]:
        """The images of the firms that did not fail, by the firm's id."""
        failed = {failure.supplier_id for failure in self.failures}
        ready = ((*self.firms[key], image) for key, image in self.images.items())
        return {identity: Taken(version, image) for identity, version, image in ready if identity not in failed}

    def refuse(self, reasons: dict[str, str]) -> None:
        """Note firms that the engine does not take."""
        self.failures += [Failure(*self.firms[key], reason) for key, reason in reasons.items()]


def make(session: Session, catalogue: Catalogue, supplier_ids: Iterable[int], on: date, prepare: Prepare) -> Made:
    """The changes of these firms as of a day, as the engine that `prepare` belongs to writes them."""
    made, maker = Made(), DocumentMaker(catalogue, on)
    changes: list[Change] = []
    for firm in read_firms(session, supplier_ids):
        row = firm.supplier
        try:
            change = maker.change(firm)
            image = None if isinstance(change, Tombstone) else packed(maker.image(firm, change))
        except Exception as error:
            log.exception("a document could not be made", supplier=f"{row.scheme}/{row.number}")
            made.failures.append(Failure(row.id, row.index_version, f"{type(error).__name__}: {error}"))
            continue
        changes.append(change)
        made.images[change.id] = image
        made.firms[change.id] = (row.id, row.index_version)
    answers, spoiled = _isolating(prepare, changes)
    for prepared in answers:
        made.changes += prepared.changes
        made.refuse(dict(prepared.failed))
    made.refuse(spoiled)
    return made


def apply_made(apply: Apply, made: Made) -> list[Failure]:
    """Apply the changes; the failures, those of making included. Raises SearchError when the engine cannot be used."""
    reports, spoiled = _isolating(lambda changes: apply(Prepared(tuple(changes), {})), made.changes)
    for report in reports:
        made.refuse(dict(report.failed or {}))
    made.refuse(spoiled)
    return made.failures


def _isolating(
    action: Callable[[Sequence[_Item]], _Answer], items: Sequence[_Item]
) -> tuple[list[_Answer], dict[str, str]]:
    """What the action answered, and the items that make it fail, with reasons: they are found by halving."""
    if not items:
        return [], {}
    try:
        return [action(items)], {}
    except SearchError:
        raise
    except Exception as error:
        if len(items) == 1:
            log.exception("a document could not be applied", supplier=items[0].id)
            return [], {items[0].id: f"{type(error).__name__}: {error}"}
        half = len(items) // 2
        first, second = _isolating(action, items[:half]), _isolating(action, items[half:])
        return first[0] + second[0], first[1] | second[1]
