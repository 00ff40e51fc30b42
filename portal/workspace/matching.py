"""Which firm of the register is meant by each row of a list: by number, else by name, never guessed.

Of a number there is one firm. A name is looked for as it is, as a former name, without its company form, and by its
sound. One firm of the best of these kinds is taken, but for the sound alone: that, and several firms, are candidates
which a person chooses from. The rows' own keys are held and the register streams by, so memory goes with the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import RowState, Supplier
from portal.register.loading import chunks
from portal.workspace.names import NameKeys
from portal.workspace.numbers import clean_number

MAX_CANDIDATES = 8
STREAMED = 2_000
"""Firms read at once."""


class How(StrEnum):
    """By what a firm was found, surest first. CHOSEN, REFUSED: a person said so."""

    NUMBER = "number"
    NAME = "name"
    FORMER = "former"
    FORM = "form"
    SOUND = "sound"
    CHOSEN = "chosen"
    REFUSED = "refused"


CONFIDENCE = {How.NUMBER: 100, How.NAME: 95, How.FORMER: 85, How.FORM: 80, How.SOUND: 60}
"""In per cent: what a person should think of it, not a probability."""

CERTAIN = {How.NUMBER, How.NAME, How.FORMER, How.FORM}


@dataclass(frozen=True, slots=True)
class Asked:
    """A row to be matched."""

    id: int
    number: str
    name: str


@dataclass(slots=True)
class Match:
    """What was found for a row: the firm, or candidates as (supplier, how), surest first."""

    supplier_id: int | None = None
    how: How | None = None
    candidates: list[tuple[int, How]] = field(default_factory=list)

    @property
    def state(self) -> RowState:
        """What the row is then."""
        if self.supplier_id is not None:
            return RowState.MATCHED
        return RowState.UNSURE if self.candidates else RowState.NONE


Progress = Callable[[int, int], None]
_Keys = dict[str, list[int]]


def match_rows(
    session: Session, rows: Iterable[Asked], names: NameKeys, progress: Progress = lambda _done, _total: None
) -> dict[int, Match]:
    """The match of each row, by its id; `progress(done, total)` in firms looked at."""
    asked = list(rows)
    found = _by_number(session, asked)
    left = [row for row in asked if row.id not in found and row.name]
    by_name = _by_name(session, left, names, progress) if left else {}
    return {row.id: found.get(row.id) or _chosen(by_name.get(row.id, {})) for row in asked}


def _by_number(session: Session, rows: list[Asked]) -> dict[int, Match]:
    """Firms of the numbers; one that was merged is the firm it went into. A withdrawn one is found, and says so."""
    numbers = {row.id: number for row in rows if (number := clean_number(row.number))}
    firms: dict[str, list[int]] = {}
    for some in chunks(set(numbers.values())):
        wanted = select(Supplier.number, func.coalesce(Supplier.merged_into_id, Supplier.id))
        for number, identifier in session.execute(wanted.where(Supplier.number.in_(some)).order_by(Supplier.id)):
            firms.setdefault(number, []).append(identifier)
    found = {}
    for row_id, number in numbers.items():
        ids = list(dict.fromkeys(firms.get(number, ())))
        if len(ids) == 1:
            found[row_id] = Match(ids[0], How.NUMBER)
        elif ids:  # of several schemes
            found[row_id] = Match(candidates=[(identifier, How.NUMBER) for identifier in ids[:MAX_CANDIDATES]])
    return found


def _by_name(session: Session, rows: list[Asked], names: NameKeys, progress: Progress) -> dict[int, dict[int, How]]:
    """Row → firms of its name, each by the surest of the ways."""
    wanted = Wanted(rows, names)
    total = session.scalar(select(func.count(Supplier.id)).where(Supplier.withdrawn_at.is_(None))) or 0
    found: dict[int, dict[int, How]] = {}
    for done, (identifier, given, former) in enumerate(_names(session), start=1):
        for row_id, how in wanted.hits(given, former):
            firms = found.setdefault(row_id, {})
            before = firms.get(identifier)
            if before is None or CONFIDENCE[how] > CONFIDENCE[before]:
                firms[identifier] = how
        if done % STREAMED == 0:
            progress(done, total)
    return found


class Wanted:
    """The keys of the rows' names."""

    def __init__(self, rows: Iterable[Asked], names: NameKeys) -> None:
        self._names = names
        self._whole: _Keys = {}
        self._core: _Keys = {}
        self._sound: _Keys = {}
        for row in rows:
            for known, key in zip((self._whole, self._core, self._sound), names.keys(row.name), strict=True):
                if key:
                    known.setdefault(key, []).append(row.id)

    def hits(self, given: Iterable[str], former: Iterable[str]) -> Iterator[tuple[int, How]]:
        """The rows that a firm of these names may be, and how."""
        for names, exactly in ((given, How.NAME), (former, How.FORMER)):
            for name in filter(None, names):
                whole, core, sound = self._names.keys(name)
                yield from ((row_id, exactly) for row_id in self._whole.get(whole, ()))
                yield from ((row_id, How.FORM) for row_id in self._core.get(core, ()))
                yield from ((row_id, How.SOUND) for row_id in self._sound.get(sound, ()))


def _names(session: Session) -> Iterator[tuple[int, tuple[str, str], list[str]]]:
    """Every firm that is not withdrawn: its id, names, and former names."""
    columns = (Supplier.id, Supplier.name_zh, Supplier.name_en, Supplier.former_names)
    wanted = select(*columns).where(Supplier.withdrawn_at.is_(None)).order_by(Supplier.id)
    for row in session.execute(wanted.execution_options(yield_per=STREAMED)):
        yield row.id, (row.name_zh, row.name_en), [former["name"] for former in row.former_names]


def _chosen(firms: Mapping[int, How]) -> Match:
    """The one firm of the surest kind, if it is sure enough; else candidates."""
    ordered = sorted(firms.items(), key=lambda item: (-CONFIDENCE[item[1]], item[0]))
    if not ordered:
        return Match()
    best = ordered[0][1]
    if best in CERTAIN and sum(how is best for _id, how in ordered) == 1:
        return Match(ordered[0][0], best)
    return Match(candidates=ordered[:MAX_CANDIDATES])
