"""The catalogue as the rest of the portal sees it: frozen dataclasses, loaded once.

Files and their checks: `loader.py` and `check.py`. Names come in both languages; `name(lang)` picks one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TypeVar


class Basis(StrEnum):
    """On whose word a certificate rests (认证依据)."""

    SELF = "self"
    SECOND_PARTY = "second_party"
    THIRD_PARTY = "third_party"


class EvidenceKind(StrEnum):
    """How a criterion is answered: yes or no, a number with a unit, or a grade."""

    YES_NO = "yes_no"
    NUMBER = "number"
    GRADED = "graded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A code with its names in both languages."""

    code: str
    name_zh: str
    name_en: str

    def name(self, lang: str) -> str:
        """The name in `lang` ("zh" or "en"); the other language where it is missing."""
        return (self.name_en or self.name_zh) if lang == "en" else (self.name_zh or self.name_en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector(Named):
    """One of the programme's main sectors (行业领域). `gbt4754` and `naics` are code prefixes; the longest wins."""

    gbt4754: tuple[str, ...] = ()
    naics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry(Named):
    """A GB/T 4754-2017 class of 2 to 4 digits (行业类别); the code's prefix is its parent."""

    sector: str
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process(Named):
    """A manufacturing process (工艺). `sectors` are those where it is common; empty means all."""

    sectors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Named):
    """A level of a scheme. `rank` rises from 1."""

    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme(Named):
    """A certification or evaluation scheme (认证/评价项目) with its ordered levels, lowest first; none is possible.

    `bases` are those that count towards its level; a certificate on another basis is shown but not counted.
    """

    short_zh: str
    short_en: str
    levels: tuple[Level, ...] = ()
    bases: tuple[Basis, ...] = (Basis.THIRD_PARTY,)
    territory: str = "CN"
    reference: str = ""

    def level(self, code: str) -> Level:
        """The level of that code. Raises KeyError."""
        for level in self.levels:
            if level.code == code:
                return level
        raise KeyError(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Named):
    """A dated recognition (梯度类型), valid for `years`; `rank` rises from 1."""

    rank: int
    years: int
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region(Named):
    """A present place: GB/T 2260 code (6 digits), `US-XX`, or an ISO 3166-1 country code such as `VN`.

    `parent` is the next place up (a county's prefecture, a prefecture's province, a US state's `US`); None on top.
    `kind`: country, province, prefecture, county, state.
    """

    parent: str | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionGroup(Named):
    """A group of criteria; `dimension` is the bar of the supplier page it adds to: quality, standards or brand."""

    dimension: str


class Guided(StrEnum):
    """What a guidance speaks of: a scheme, a level of one (`scheme:level`), a group of criteria."""

    SCHEME = "scheme"
    LEVEL = "level"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What a firm needs to reach something: the evidence, who assesses it, where to apply; in both languages."""

    evidence_zh: str
    evidence_en: str
    assessed_by_zh: str
    assessed_by_en: str
    apply_at_zh: str
    apply_at_en: str

    def evidence(self, lang: str) -> str:
        """What is to be shown, in the words of `lang`."""
        return self.evidence_en if lang == "en" else self.evidence_zh

    def assessed_by(self, lang: str) -> str:
        """Who looks at it."""
        return self.assessed_by_en if lang == "en" else self.assessed_by_zh

    def apply_at(self, lang: str) -> str:
        """Where to go with it."""
        return self.apply_at_en if lang == "en" else self.apply_at_zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Named):
    """A normative criterion (评价指标).

    `sector` None means it holds for all. `industries` (code prefixes) tie it to where it makes sense; empty: all of the
    sector. A NUMBER criterion is met when its value is `at_least` or `at_most` the threshold, in `unit`.
    `met_zh`/`met_en` say in words when it is met. `verified`: yes, number_only or no (was the reference looked up?).
    """

    group: str
    sector: str | None
    industries: tuple[str, ...]
    evidence: EvidenceKind
    unit: str
    at_least: float | None
    at_most: float | None
    met_zh: str
    met_en: str
    reference: str
    verified: str
    common: bool
    unit_en: str = ""

    def unit_in(self, lang: str) -> str:
        """The unit in words of `lang`; signs such as % are the same in both."""
        return (self.unit_en or self.unit) if lang == "en" else self.unit

    def met(self, lang: str) -> str:
        """When it is met, in the words of `lang`."""
        return self.met_en if lang == "en" else self.met_zh

    def applies_to(self, sector: str, industries: tuple[str, ...]) -> bool:
        """Whether a firm of that sector and those industry codes can be asked for it."""
        if self.sector is not None and self.sector != sector:
            return False
        return not self.industries or any(code.startswith(self.industries) for code in industries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Synonym:
    """Words that mean the same in trade: 轴承 = bearing. Each word may be several tokens long."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingMethod(Named):
    """How an edition is computed: `weights` by criterion group (they add up to 100) and grades by best share.

    `grades`: (grade, upper bound of the best share in per cent), best first, the last at 100.
    `minimum_assessed`: the least share of applicable criteria that must be assessed for a firm to be ranked.
    """

    version: str
    weights: Mapping[str, int]
    grades: tuple[tuple[str, int], ...]
    minimum_assessed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit(Named):
    """A unit of report: its places, and where its tile lies on the map (from 1). `kind`: province, city, corps."""

    short_zh: str
    short_en: str
    kind: str
    regions: tuple[str, ...]
    column: int
    row: int

    def short(self, lang: str) -> str:
        """What stands on its tile."""
        return self.short_en if lang == "en" else self.short_zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Named):
    """A target (目标任务): `goal` firms that a search finds, certified from the day `base` on, by the day `due`.

    `search` are the parameters of the search and their codes, `units` goals of single units of report. `verify_*`: what
    nobody has looked up yet.
    """

    document: str
    search: tuple[tuple[str, tuple[str, ...]], ...]
    goal: int
    base: date
    due: date
    verify_zh: str = ""
    verify_en: str = ""
    units: Mapping[str, int] = field(default_factory=dict)

    def verify(self, lang: str) -> str:
        """What is to be verified, in the words of `lang`."""
        return self.verify_en if lang == "en" else self.verify_zh


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All of it. Mappings keep the files' order and are keyed by code."""

    title_zh: str
    title_en: str
    authority: str
    version: str
    demonstration: bool
    as_of: date
    sectors: Mapping[str, Sector]
    industries: Mapping[str, Industry]
    processes: Mapping[str, Process]
    schemes: Mapping[str, Scheme]
    tiers: Mapping[str, Tier]
    sizes: Mapping[str, Named]
    statuses: Mapping[str, Named]
    risk_kinds: Mapping[str, Named]
    regions: Mapping[str, Region]
    retired_regions: Mapping[str, str]
    groups: Mapping[str, CriterionGroup]
    criteria: Mapping[str, Criterion]
    synonyms: tuple[Synonym, ...]
    company_forms: tuple[str, ...]
    methods: Mapping[str, RankingMethod]
    units: Mapping[str, Unit] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    guidance: Mapping[tuple[Guided, str], Guidance] = field(default_factory=dict)
    fingerprint: str = field(default="", compare=False)

    def industry_path(self, code: str) -> tuple[str, ...]:
        """The code and all above it, topmost first; empty for an unknown code."""
        path: list[str] = []
        at: str | None = code
        while at is not None and at in self.industries:
            path.append(at)
            at = self.industries[at].parent
        return tuple(reversed(path))

    def region_path(self, code: str) -> tuple[str, ...]:
        """The place and all above it, topmost first; a retired code counts as its successor; empty if unknown."""
        path: list[str] = []
        at: str | None = self.retired_regions.get(code, code)
        while at is not None and at in self.regions:
            path.append(at)
            at = self.regions[at].parent
        return tuple(reversed(path))

    def guide(self, kind: Guided, code: str) -> Guidance | None:
        """The guidance to it; of a level without one, its scheme's."""
        found = self.guidance.get((kind, code))
        if found is None and kind is Guided.LEVEL:
            return self.guidance.get((Guided.SCHEME, code.partition(":")[0]))
        return found

    @cached_property
    def region_paths(self) -> Mapping[str, tuple[str, ...]]:
        """`region_path` of every present place."""
        return {code: self.region_path(code) for code in self.regions}

    @cached_property
    def industry_paths(self) -> Mapping[str, tuple[str, ...]]:
        """`industry_path` of every industry."""
        return {code: self.industry_path(code) for code in self.industries}

    @cached_property
    def industry_children(self) -> Mapping[str | None, tuple[Industry, ...]]:
        """Industries by parent code (None: the top)."""
        return _children(self.industries)

    @cached_property
    def region_children(self) -> Mapping[str | None, tuple[Region, ...]]:
        """Regions by parent code (None: the top)."""
        return _children(self.regions)

    @cached_property
    def group_criteria(self) -> Mapping[str, tuple[Criterion, ...]]:
        """Criteria by group, by their codes."""
        found: dict[str, list[Criterion]] = {code: [] for code in self.groups}
        for code in sorted(self.criteria):
            found[self.criteria[code].group].append(self.criteria[code])
        return {code: tuple(criteria) for code, criteria in found.items()}

    def applicable_criteria(self, sector: str, industries: tuple[str, ...]) -> tuple[Criterion, ...]:
        """The criteria a firm of that sector and those industries can be asked for, in catalogue order."""
        return tuple(c for c in self.criteria.values() if c.applies_to(sector, industries))

    def count_applicable(self, sector: str, industries: Iterable[str]) -> int:
        """How many `applicable_criteria` there are; quick, for lists of many firms."""
        general, tied = self._ties[sector] if sector in self._ties else self._ties[None]
        met = {place for code in industries for place, prefixes in enumerate(tied) if code.startswith(prefixes)}
        return general + len(met)

    @cached_property
    def _ties(self) -> Mapping[str | None, tuple[int, tuple[tuple[str, ...], ...]]]:
        """By sector (None: one without criteria of its own): how many criteria all have, and the others' industries."""
        sectors = {None, *(criterion.sector for criterion in self.criteria.values())}
        found = {}
        for sector in sectors:
            ties = [c.industries for c in self.criteria.values() if c.sector in (None, sector)]
            found[sector] = ties.count(()), tuple(tied for tied in ties if tied)
        return found

    @cached_property
    def ranks(self) -> Mapping[tuple[str, str | None], int]:
        """The rank by scheme and level; (scheme, None) is 0, for schemes without levels alone."""
        ranks: dict[tuple[str, str | None], int] = {}
        for scheme in self.schemes.values():
            levels: dict[str | None, int] = {level.code: level.rank for level in scheme.levels}
            ranks |= {(scheme.code, level): rank for level, rank in (levels or {None: 0}).items()}
        return ranks

    @cached_property
    def scheme_order(self) -> Mapping[str, int]:
        """The place of each scheme: those with levels first, then as the file has them."""
        ordered = sorted(self.schemes.values(), key=lambda scheme: not scheme.levels)
        return {scheme.code: place for place, scheme in enumerate(ordered)}

    def sector_of_industry(self, code: str) -> str:
        """The sector a GB/T 4754 code falls under by longest prefix, else "other"."""
        return self._by_prefix(code, "gbt4754")

    def sector_of_naics(self, code: str) -> str:
        """The sector a NAICS code falls under by longest prefix, else "other"."""
        return self._by_prefix(code, "naics")

    def _by_prefix(self, code: str, attribute: str) -> str:
        best, sector_code = "", "other"
        for sector in self.sectors.values():
            for prefix in getattr(sector, attribute):
                if code.startswith(prefix) and len(prefix) > len(best):
                    best, sector_code = prefix, sector.code
        return sector_code


_Placed = TypeVar("_Placed", Industry, Region)


def _children(items: Mapping[str, _Placed]) -> Mapping[str | None, tuple[_Placed, ...]]:
    children: dict[str | None, list[_Placed]] = {}
    for item in items.values():
        children.setdefault(item.parent, []).append(item)
    return {parent: tuple(found) for parent, found in children.items()}
