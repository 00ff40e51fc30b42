"""Criteria as the newest snapshot has them: how many of the firms assessed meet them, by sector or province."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from portal.coverage.snapshots import CRITERIA, newest
from portal.register.catalogue import Named
from portal.web.presenters.context import Context
from portal.web.tree import Struct

PLACES = {"sector": "sectors", "region": "provinces"}
"""By what rates are told: the lookup's parameter, and the part of the snapshot."""

HARDEST = 20
LEAST = 20
"""Firms that must be assessed for a rate to be told: of fewer it says nothing."""

SHADES = 5

Rates = Mapping[str, tuple[int, int]]


class RateView(Struct, frozen=True, kw_only=True):
    """Assessed and met, and the rate in per cent; None where too few were assessed."""

    assessed: int
    met: int
    rate: float | None
    url: str
    shade: int


class CriterionView(Struct, frozen=True, kw_only=True):
    """A criterion, or a group of them: its rate of all firms and by column; what changed between two assessments."""

    code: str
    label: str
    all: RateView
    cells: tuple[RateView, ...]
    gained: int
    lost: int


class CriteriaPage(Struct, frozen=True, kw_only=True):
    """`day` None: there is no snapshot yet. `group`: of which all criteria are shown, "" for the hardest of all."""

    day: date | None
    firms: int
    by: str
    group: str
    columns: tuple[str, ...]
    groups: tuple[CriterionView, ...]
    criteria: tuple[CriterionView, ...]
    group_choices: tuple[tuple[str, str], ...]


def criteria_page(by: str, group: str, at: Context, *, whole: bool = False) -> CriteriaPage:
    """The page; `whole`: with every criterion. Needs no engine."""
    kept = newest(at.session, CRITERIA)
    choices = tuple((code, named.name(at.lang)) for code, named in at.catalogue.groups.items())
    if kept is None:
        return CriteriaPage(
            day=None, firms=0, by=by, group=group, columns=(), groups=(), criteria=(), group_choices=choices
        )
    made = _Maker(kept.numbers, by, at)
    lines = [made.criterion(code) for code in at.catalogue.criteria]
    told = [line for line in lines if line.all.rate is not None]
    hardest = sorted(told, key=lambda line: (line.all.rate, line.code))[:HARDEST]
    own = [line for line in lines if at.catalogue.criteria[line.code].group == group]
    return CriteriaPage(
        day=kept.day,
        firms=kept.numbers["firms"],
        by=by,
        group=group,
        columns=made.headings(),
        groups=tuple(map(made.group, at.catalogue.groups)),
        criteria=tuple(lines if whole else own if group else hardest),
        group_choices=choices,
    )


class _Maker:
    """Makes the lines of one snapshot."""

    def __init__(self, numbers: Mapping[str, Any], by: str, at: Context) -> None:
        self.numbers, self.by, self.at = numbers, by, at
        self.places: Mapping[str, Rates] = numbers[PLACES[by]]
        self.sectors: Mapping[str, Rates] = numbers["sectors"]
        names: Mapping[str, Named] = at.catalogue.sectors if by == "sector" else at.catalogue.regions
        self.columns = [code for code in names if code in self.places]
        self.names = names

    def headings(self) -> tuple[str, ...]:
        """What the columns are called."""
        return tuple(self.names[code].name(self.at.lang) for code in self.columns)

    def criterion(self, code: str) -> CriterionView:
        """A line of one criterion."""
        label = self.at.catalogue.criteria[code].name(self.at.lang)
        return self._line(code, label, [code], lambda place: f"/suppliers?criteria={code}{place}")

    def group(self, group: str) -> CriterionView:
        """A line of all criteria of a group."""
        codes = [criterion.code for criterion in self.at.catalogue.group_criteria[group]]
        return self._line(group, self.at.catalogue.groups[group].name(self.at.lang), codes, lambda _place: "")

    def _line(self, code: str, label: str, codes: Sequence[str], url: Callable[[str], str]) -> CriterionView:
        def rate(of: Sequence[Rates], place: str) -> RateView:
            found = [rates[one] for rates in of for one in codes if one in rates]
            return _rate(sum(assessed for assessed, _ in found), sum(met for _, met in found), url(place))

        gained, lost = self.numbers["gained"], self.numbers["lost"]
        return CriterionView(
            code=code,
            label=label,
            all=rate(list(self.sectors.values()), ""),
            cells=tuple(rate([self.places[column]], f"&{self.by}={column}") for column in self.columns),
            gained=sum(gained.get(one, 0) for one in codes),
            lost=sum(lost.get(one, 0) for one in codes),
        )


def _rate(assessed: int, met: int, url: str) -> RateView:
    known = assessed >= LEAST
    share = met / assessed if known else 0.0
    return RateView(
        assessed=assessed,
        met=met,
        rate=round(100 * share, 1) if known else None,
        url=url if met else "",
        shade=min(SHADES, 1 + int(SHADES * share)) if known else 0,
    )
