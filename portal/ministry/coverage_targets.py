"""Targets as they are shown: goal, done, gap, pace, and where the most is missing."""

from __future__ import annotations

from datetime import date

from portal.coverage.targets import Progress, UnitProgress, progress
from portal.ministry.coverage_asked import PATH
from portal.ministry.coverage_known import known_targets
from portal.ministry.coverage_places import unit_url
from portal.ministry.coverage_table import LOOKUP
from portal.register.catalogue import Target
from portal.services import services
from portal.web.addresses import Addresses
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.tree import Struct


class WorstView(Struct, frozen=True, kw_only=True):
    """A unit that is behind its share: by how many, and the search for what it has done."""

    name: str
    done: int
    missing: int
    url: str


class TargetView(Struct, frozen=True, kw_only=True):
    """A target. `table_url`: where its firms are; `pace`: as many as expected by now, in per cent of the goal."""

    code: str
    name: str
    document: str
    goal: int
    done: int
    gap: int
    per_cent: float
    expected: int
    pace: float
    behind: bool
    closed: bool
    reached: bool
    base: date
    due: date
    verify: str
    own_goals: bool
    url: str
    table_url: str
    worst: tuple[WorstView, ...]


def counted_targets(at: Context) -> tuple[Progress, ...]:
    """All targets; kept while nothing changes. Raises EngineUnavailable."""
    shared, known = services(), known_targets(at)
    question = ("targets", at.data_version, at.today, known.stamp)
    return shared.kept.answer(question, lambda: progress(shared.engine(), at.catalogue, at.today, known.by_code))


def target_views(lang: str | None, at: Context) -> tuple[TargetView, ...]:
    """Those under way first, by their due day."""
    views = [_view(one, lang, at) for one in counted_targets(at)]
    return tuple(sorted(views, key=lambda view: (view.closed, view.due)))


def _view(one: Progress, lang: str | None, at: Context) -> TargetView:
    target: Target = one.target
    search = Search(query=one.query, lang=lang)
    table = [("rows", "unit"), ("columns", "sector"), ("measure", "percent"), ("target", target.code)]
    return TargetView(
        code=target.code,
        name=target.name(at.lang),
        document=target.document,
        goal=target.goal,
        done=one.done,
        gap=one.gap,
        per_cent=_share(one.done, target.goal),
        expected=one.expected,
        pace=_share(one.expected, target.goal),
        behind=one.behind,
        closed=one.closed,
        reached=one.done >= target.goal,
        base=target.base,
        due=target.due,
        verify=target.verify(at.lang),
        own_goals=bool(target.units),
        url=Addresses(search, LOOKUP).of(),
        table_url=f"{Addresses(search, PATH, table).of()}#where",
        worst=tuple(_worst(unit, one, lang, at) for unit in one.worst),
    )


def _worst(unit: UnitProgress, one: Progress, lang: str | None, at: Context) -> WorstView:
    known = at.catalogue.units[unit.code]
    return WorstView(
        name=known.name(at.lang),
        done=unit.done,
        missing=round(unit.missing),
        url=unit_url(known, one.query, lang, at),
    )


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)
