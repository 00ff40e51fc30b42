"""Demand: which criteria, levels and processes buyers ask for, by sector or province; told by `portal.usage.telling`.

From the search log and, apart from it, from the sourcing conditions that organisations keep. A search that names no
sector asks of all: it stands under NONE, and so does a search that names no place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.coverage.axes import NONE
from portal.models import Conditions, ConditionsVersion
from portal.register.catalogue import Catalogue
from portal.register.clock import CHINA
from portal.usage.notes import query_of
from portal.usage.telling import Tally, joined
from search.contract import LevelChoice, SearchQuery


class Kind(StrEnum):
    """What is asked for."""

    CRITERION = "criterion"
    LEVEL = "level"
    PROCESS = "process"


class By(StrEnum):
    """By what demand is told."""

    ALL = "all"
    SECTOR = "sector"
    REGION = "region"


FINER = (By.SECTOR, By.REGION)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is asked for; `query` finds the firms that meet it."""

    kind: Kind
    query: SearchQuery


@dataclass(frozen=True, slots=True)
class Want:
    """What is asked for in a place (a sector or a province; NONE: none was named), in at least so many searches.

    `kept`: in at least so many kept conditions. None: too few to be told; one of the two is told.
    """

    item: Item
    place: str
    searches: int | None
    kept: int | None

    @property
    def number(self) -> int:
        """Both together."""
        return (self.searches or 0) + (self.kept or 0)


Asked = tuple[SearchQuery, Tally]
Numbers = Mapping[tuple[Item, str], int]


def views(log: Iterable[Asked], kept: Iterable[Asked], catalogue: Catalogue) -> dict[By, list[Want]]:
    """All that may be told, by each, the most asked for first."""
    searches, conditions = (_Told(asked, catalogue) for asked in (log, kept))
    return {by: _wants(searches.by(by), conditions.by(by)) for by in By}


def _wants(searches: Numbers, conditions: Numbers) -> list[Want]:
    made = [
        Want(item, place, searches.get((item, place)), conditions.get((item, place)))
        for item, place in dict.fromkeys((*searches, *conditions))
    ]
    return sorted(made, key=lambda want: -want.number)


def supply_query(want: Want, by: By) -> SearchQuery:
    """The search for the firms that meet it there."""
    if want.place == NONE:
        return want.item.query
    place = {"sectors" if by is By.SECTOR else "regions": (want.place,)}
    return replace(want.item.query, **place)  # type: ignore[arg-type]


def kept_conditions(session: Session, today: date) -> list[Asked]:
    """What organisations keep, each by its newest version, of days that are over."""
    newest = and_(ConditionsVersion.conditions_id == Conditions.id, ConditionsVersion.number == Conditions.version)
    wanted = (
        select(Conditions.organisation_id, ConditionsVersion.query, ConditionsVersion.at)
        .join(ConditionsVersion, newest)
        .where(Conditions.deleted_at.is_(None))
        .order_by(Conditions.id)
    )
    return [
        (query_of(query), Tally(1, {f"kept:{organisation}"}))
        for organisation, query, at in session.execute(wanted)
        if at.astimezone(CHINA).date() < today
    ]


def kept_version(session: Session) -> tuple[int, int]:
    """Changes when `kept_conditions` of a day do."""
    standing = select(func.sum(Conditions.id)).where(Conditions.deleted_at.is_(None))
    return session.scalar(standing) or 0, session.scalar(select(func.max(ConditionsVersion.id))) or 0


def items(query: SearchQuery, catalogue: Catalogue) -> Iterator[Item]:
    """What a query asks for, each once; what the catalogue does not know any more is left out."""
    for code in query.asked_criteria:
        if code in catalogue.criteria:
            yield Item(Kind.CRITERION, SearchQuery(criteria=(code,)))
    levels = [SearchQuery(levels=(choice,)) for choice in query.levels if _known(choice, catalogue)]
    least = [SearchQuery(levels_min=(choice,)) for choice in query.levels_min if _known(choice, catalogue)]
    yield from (Item(Kind.LEVEL, asked) for asked in (*levels, *least))
    for code in query.processes:
        if code in catalogue.processes:
            yield Item(Kind.PROCESS, SearchQuery(processes=(code,)))


def _known(choice: LevelChoice, catalogue: Catalogue) -> bool:
    scheme = catalogue.schemes.get(choice.scheme)
    return scheme is not None and (choice.level is None or choice.level in {level.code for level in scheme.levels})


def places(query: SearchQuery, by: By, catalogue: Catalogue) -> frozenset[str]:
    """The sectors, or the provinces of the places, that a query names."""
    named: Iterable[str] = ()
    if by is By.SECTOR:
        named = (code for code in query.sectors if code in catalogue.sectors)
    elif by is By.REGION:
        named = (catalogue.region_path(code)[0] for code in query.regions if code in catalogue.regions)
    return frozenset(named) or frozenset((NONE,))


class _Told:
    """The numbers of searches, or of conditions, that may be told."""

    def __init__(self, asked: Iterable[Asked], catalogue: Catalogue) -> None:
        self._asked = list(asked)
        self._of: dict[Item, list[int]] = {}
        for number, (query, _tally) in enumerate(self._asked):
            for item in dict.fromkeys(items(query, catalogue)):
                self._of.setdefault(item, []).append(number)
        self._places = {by: [places(query, by, catalogue) for query, _tally in self._asked] for by in FINER}

    def by(self, by: By) -> dict[tuple[Item, str], int]:
        """By what is asked for, and where."""
        told: dict[tuple[Item, str], int] = {}
        for item, numbers in self._of.items():
            if by is not By.ALL:
                told |= {(item, place): number for place, number in self._shown(numbers, by).items()}
            elif (number := self._sum(self._without_small_rests(numbers)).told) is not None:
                told[item, NONE] = number
        return told

    def _shown(self, numbers: Sequence[int], by: By) -> dict[str, int]:
        """The places that may be told of."""
        cells: dict[str, list[int]] = {}
        for number in numbers:
            for place in self._places[by][number]:
                cells.setdefault(place, []).append(number)
        sums = {place: self._sum(own).told for place, own in cells.items()}
        return {place: told for place, told in sums.items() if told is not None}

    def _without_small_rests(self, numbers: Sequence[int]) -> Sequence[int]:
        """Those of which no part that may not be told is left over when what is told by place is taken away.

        Else the total less the sectors told would tell of the sector that is not.
        """
        shown = {by: self._shown(numbers, by).keys() for by in FINER}
        left = list(numbers)
        while True:
            before = left
            for by in FINER:
                rest = {number for number in left if shown[by].isdisjoint(self._places[by][number])}
                if rest and self._sum(rest).told is None:
                    left = [number for number in left if number not in rest]
            if left == before:
                return left

    def _sum(self, numbers: Iterable[int]) -> Tally:
        return joined(self._asked[number][1] for number in numbers)
