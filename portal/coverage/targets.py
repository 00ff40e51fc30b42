"""Targets (目标任务): how many of the goal are done, how many there should be by now, and where they are missing.

What is done are the firms that the target's search finds, certified from its base day on: newly gained 新增. Of a
target that is past its due day those certified up to then: goal against result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal.coverage.axes import NONE, Axis, Dimension
from portal.coverage.counting import count_axis
from portal.coverage.stated import StatedTarget, searched
from portal.register.catalogue import Catalogue, Target
from search.contract import LevelChoice, SearchEngine, SearchQuery

WORST = 5

_FIELDS = {
    "sector": "sectors",
    "industry": "industries",
    "process": "processes",
    "tier": "tiers",
    "size": "sizes",
}
_LEVELS = {"level": "levels", "level_min": "levels_min"}


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """A unit of report: done, and what it should have: its own goal, else its share of the whole by firms listed."""

    code: str
    done: int
    share: float

    @property
    def missing(self) -> float:
        """How much it is behind its share; below 0: ahead."""
        return self.share - self.done


@dataclass(frozen=True, slots=True)
class Progress:
    """A target as it stands on a day. `expected`: so many by then, if as many came every day."""

    target: Target
    query: SearchQuery
    closed: bool
    done: int
    expected: int
    units: tuple[UnitProgress, ...]

    @property
    def gap(self) -> int:
        """How many are missing; 0 once it is reached."""
        return max(0, self.target.goal - self.done)

    @property
    def behind(self) -> bool:
        """Whether fewer are done than expected by now."""
        return self.done < self.expected

    @property
    def worst(self) -> tuple[UnitProgress, ...]:
        """The units that are a firm or more behind their share, the worst first; none of a whole that is reached."""
        if not self.gap and not self.target.units:
            return ()
        behind = sorted((unit for unit in self.units if unit.missing >= 1), key=lambda unit: (-unit.missing, unit.code))
        return tuple(behind[:WORST])


def query_of(target: Target, today: date) -> SearchQuery:
    """The search whose total is what is done."""
    if isinstance(target, StatedTarget):
        return searched(target, today)
    given: dict[str, Any] = {_FIELDS[name]: tuple(sorted(codes)) for name, codes in target.search if name in _FIELDS}
    for name, codes in target.search:
        if name in _LEVELS:
            given[_LEVELS[name]] = tuple(
                sorted(map(_choice, codes), key=lambda choice: (choice.scheme, choice.level or ""))
            )
    return SearchQuery(**given, certified_from=target.base, certified_to=target.due if today > target.due else None)


def _choice(text: str) -> LevelChoice:
    scheme, _, level = text.partition(":")
    return LevelChoice(scheme, level or None)


def stock_of(query: SearchQuery) -> SearchQuery:
    """All firms that the goal speaks of, whatever they are certified for: by these it is shared among units."""
    return replace(query, levels=(), levels_min=(), certified_from=None, certified_to=None)


def expected(target: Target, today: date) -> int:
    """As many as there should be by the day, at an even pace from base to due."""
    days = (target.due - target.base).days
    return target.goal * min(max((today - target.base).days, 0), days) // days


def is_closed(target: Target, today: date) -> bool:
    """Whether nothing is counted for it any more."""
    return today > target.due or (isinstance(target, StatedTarget) and target.closed_on is not None)


def progress(
    engine: SearchEngine, catalogue: Catalogue, today: date, wanted: Mapping[str, Target] | None = None
) -> tuple[Progress, ...]:
    """Every target that is `wanted`, else every one of the catalogue. Raises EngineUnavailable."""
    targets = tuple((catalogue.targets if wanted is None else wanted).values())
    queries = [query_of(target, today) for target in targets]
    asked = [*queries, *dict.fromkeys(map(stock_of, queries))]
    counted = (
        dict(zip(asked, count_axis(engine, asked, Axis(Dimension.UNIT), catalogue), strict=True)) if targets else {}
    )
    made = []
    for target, query in zip(targets, queries, strict=True):
        done, by_unit = counted[query]
        _, listed = counted[stock_of(query)]
        made.append(
            Progress(
                target=target,
                query=query,
                closed=is_closed(target, today),
                done=done,
                expected=expected(target, today),
                units=_units(target, by_unit, listed, counted[stock_of(query)][0]),
            )
        )
    return tuple(made)


def _units(
    target: Target, done: Mapping[str, int], listed: Mapping[str, int], everyone: int
) -> tuple[UnitProgress, ...]:
    """The units that have a goal of their own, if any has; else all of them, by their share of the firms listed."""
    codes: Sequence[str] = [code for code in done if code != NONE and (not target.units or code in target.units)]
    return tuple(
        UnitProgress(code, done[code], target.units.get(code) or target.goal * listed[code] / max(everyone, 1))
        for code in codes
    )
