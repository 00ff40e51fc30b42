"""Dimensions of a table of coverage: the values of each, and the search that choosing one asks for.

A cell is a search like any other: the table's own filters, with the value of its row and that of its column chosen. So
its address is one of the lookup, and its number that search's total. What cannot be chosen together is no cell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from portal.register.catalogue import Catalogue
from search.contract import CriteriaMode, FacetName, LevelChoice, SearchQuery


class Dimension(StrEnum):
    """By what firms are counted."""

    PROVINCE = "province"
    UNIT = "unit"
    CITY = "city"
    SECTOR = "sector"
    INDUSTRY = "industry"
    LEVEL = "level"
    SCHEME = "scheme"
    TIER = "tier"
    SIZE = "size"
    GROUP = "group"


class Meet(StrEnum):
    """How many of the criteria of a group a firm must meet to count in it."""

    ANY = "any"
    HALF = "half"
    ALL = "all"


MAX_DEPTH = 3
"""Of industries: division, group, class."""

NONE = ""
"""The value of firms that have none of the dimension's."""

FIELDS: Mapping[Dimension, str] = {
    Dimension.PROVINCE: "regions",
    Dimension.UNIT: "regions",
    Dimension.CITY: "regions",
    Dimension.SECTOR: "sectors",
    Dimension.INDUSTRY: "industries",
    Dimension.LEVEL: "levels",
    Dimension.SCHEME: "levels",
    Dimension.TIER: "tiers",
    Dimension.SIZE: "sizes",
    Dimension.GROUP: "criteria",
}
"""The field of SearchQuery that a choice fills."""

LACKED: Mapping[Dimension, str] = {
    Dimension.PROVINCE: "region",
    Dimension.UNIT: "region",
    Dimension.CITY: "region",
    Dimension.INDUSTRY: "industry",
    Dimension.LEVEL: "certificate",
    Dimension.SCHEME: "certificate",
    Dimension.TIER: "recognition",
    Dimension.SIZE: "size",
    Dimension.GROUP: "assessment",
}
"""The flag that firms without any value lack (notes: rule 14); every firm has a sector."""

Facet = tuple[FacetName, int]
Found = Mapping[Facet, Mapping[str, int]]
"""Numbers of firms by facet and depth, then value."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A dimension of a table. `depth`: of industries. `meet`: of groups of criteria."""

    dimension: Dimension
    depth: int = 1
    meet: Meet = Meet.ANY

    @property
    def field(self) -> str:
        """The field of SearchQuery that it fills."""
        return FIELDS[self.dimension]


@dataclass(frozen=True, slots=True)
class Slot:
    """A value of an axis. `codes`: the places or industries it stands for.

    `bucket`: the facet, and the value in it, whose number is that of the slot wherever nothing else is chosen of the
    same field; None where only a search of its own tells.
    """

    value: str
    codes: tuple[str, ...] = ()
    bucket: tuple[Facet, str] | None = None


def has_dates(query: SearchQuery) -> bool:
    """Whether certificates of some days only are asked for."""
    return any((query.valid_through, query.expires_before, query.certified_from, query.certified_to))


def facets(axis: Axis, query: SearchQuery) -> tuple[Facet, ...]:
    """The facets that tell the axis' numbers under the query; none where each value is a search of its own."""
    dimension = axis.dimension
    if getattr(query, axis.field) or dimension is Dimension.GROUP or (axis.field == "levels" and has_dates(query)):
        return ()
    own: Mapping[Dimension, tuple[Facet, ...]] = {
        Dimension.PROVINCE: (("region", 1),),
        Dimension.UNIT: (("region", 1), ("region", 2)),
        Dimension.CITY: (("region", 2),),
        Dimension.SECTOR: (("sector", 1),),
        Dimension.INDUSTRY: (("industry", axis.depth),),
        Dimension.LEVEL: (("level", 1),),
        Dimension.SCHEME: (("level", 1),),
        Dimension.TIER: (("tier", 1),),
        Dimension.SIZE: (("size", 1),),
    }
    return own[dimension]


def slots(axis: Axis, query: SearchQuery, catalogue: Catalogue, found: Found) -> tuple[Slot, ...]:
    """The axis' values that the query leaves possible, in the catalogue's order, firms without any last.

    Those of short lists are there at zero too; of cities and industries, where nothing narrows them, those found.
    """
    counted = facets(axis, query)
    made = [slot for slot in _slots(axis, query, catalogue, found, counted) if chosen(axis, slot, query, catalogue)]
    lacked = LACKED.get(axis.dimension)
    if lacked and not getattr(query, axis.field) and lacked not in query.has:
        made.append(Slot(NONE))  # a search of its own: to tally all flags of all firms takes thrice as long
    return tuple(made)


def _slots(
    axis: Axis, query: SearchQuery, catalogue: Catalogue, found: Found, counted: Sequence[Facet]
) -> Iterator[Slot]:
    if axis.dimension is Dimension.UNIT:
        for unit in catalogue.units.values():
            depth = len(catalogue.region_path(unit.regions[0]))
            single = counted and len(unit.regions) == 1 and depth <= 2
            yield Slot(unit.code, unit.regions, (("region", depth), unit.regions[0]) if single else None)
        return
    for value in _values(axis, query, catalogue, found):
        yield Slot(value, (value,), (counted[0], value) if counted else None)


def _values(axis: Axis, query: SearchQuery, catalogue: Catalogue, found: Found) -> Iterable[str]:
    if axis.dimension in (Dimension.PROVINCE, Dimension.CITY):
        return _places(1 if axis.dimension is Dimension.PROVINCE else 2, query, catalogue, found)
    if axis.dimension is Dimension.INDUSTRY:
        if query.industries:
            paths = map(catalogue.industry_path, catalogue.industries)
            return [path[-1] for path in paths if len(path) == axis.depth and _meets(path, query.industries, catalogue)]
        counts = found.get(("industry", axis.depth), {})
        return [code for code in catalogue.industries if counts.get(code)]
    if axis.dimension is Dimension.LEVEL:
        return [f"{scheme.code}:{level.code}" for scheme in catalogue.schemes.values() for level in scheme.levels]
    plain: Mapping[Dimension, Mapping[str, object]] = {
        Dimension.SECTOR: catalogue.sectors,
        Dimension.SCHEME: catalogue.schemes,
        Dimension.TIER: catalogue.tiers,
        Dimension.SIZE: catalogue.sizes,
        Dimension.GROUP: catalogue.groups,
    }
    return list(plain[axis.dimension])


def _meets(path: tuple[str, ...], wanted: Sequence[str], catalogue: Catalogue) -> bool:
    """Whether the last code of the path lies under one that is wanted, or one that is wanted under it."""
    return any(code in path or path[-1] in catalogue.industry_path(code) for code in wanted)


def _places(depth: int, query: SearchQuery, catalogue: Catalogue, found: Found) -> list[str]:
    """Provinces of China always, countries with firms; cities under what is selected, else those with firms."""
    counts = found.get(("region", depth), {})
    if depth == 1:
        tops = (region for region in catalogue.regions.values() if region.parent is None)
        return [top.code for top in tops if query.regions or top.kind == "province" or counts.get(top.code)]
    if not query.regions:
        return [code for code in catalogue.regions if counts.get(code)]
    paths = [catalogue.region_path(code) for code in query.regions]
    below = {path[1] for path in paths if len(path) > 1}
    below |= {child.code for path in paths if len(path) == 1 for child in catalogue.region_children.get(path[0], ())}
    return [code for code in catalogue.regions if code in below]


def chosen(axis: Axis, slot: Slot, query: SearchQuery, catalogue: Catalogue) -> SearchQuery | None:
    """The query with the value chosen too; None for what its own filters, or its flags, leave impossible."""
    if slot.value == NONE:
        lacked = LACKED[axis.dimension]
        return None if lacked in query.has else replace(query, lacks=_union(query.lacks, lacked))
    if axis.dimension is Dimension.GROUP:
        return _with_group(axis, slot.value, query, catalogue)
    if axis.field == "levels":
        return _with_level(slot.value, query)
    before: tuple[str, ...] = getattr(query, axis.field)
    if axis.field in ("regions", "industries"):
        paths = catalogue.region_paths if axis.field == "regions" else catalogue.industry_paths
        codes = tuple(sorted({code for own in slot.codes for code in _within(own, before, paths)}))
    else:
        codes = (slot.value,) if not before or slot.value in before else ()
    changed: dict[str, Any] = {axis.field: codes}
    return replace(query, **changed) if codes else None


def _union(codes: Iterable[str], code: str) -> tuple[str, ...]:
    return tuple(sorted({*codes, code}))


def _within(code: str, before: Sequence[str], paths: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """What firms of `code` and of one of `before` have in common: the lower of two of which one lies in the other."""
    path = paths[code]
    for other in before:
        if other in path:
            return (code,)
    return [other for other in before if code in paths[other]] if before else (code,)


def _with_level(value: str, query: SearchQuery) -> SearchQuery | None:
    """A level that is asked for, or lies in a scheme that is; of a scheme the levels that are asked for."""
    scheme, _, level = value.partition(":")
    choices: tuple[LevelChoice, ...] = (LevelChoice(scheme, level or None),)
    if query.levels and choices[0] not in query.levels and LevelChoice(scheme) not in query.levels:
        choices = () if level else tuple(choice for choice in query.levels if choice.scheme == scheme)
    return replace(query, levels=choices) if choices else None


def group_codes(group: str, sectors: Collection[str], catalogue: Catalogue) -> tuple[str, ...]:
    """The group's criteria that firms of these sectors (none: of all) can be asked for."""
    criteria = catalogue.group_criteria[group]
    return tuple(c.code for c in criteria if c.sector is None or not sectors or c.sector in sectors)


def _with_group(axis: Axis, group: str, query: SearchQuery, catalogue: Catalogue) -> SearchQuery | None:
    """Criteria that are asked for already leave no place for a group: both speak of `criteria`."""
    asked = [code for code in group_codes(group, query.sectors, catalogue) if code not in query.criteria_not]
    if query.criteria or not asked:
        return None
    modes: Mapping[Meet, CriteriaMode] = {Meet.ANY: "any", Meet.HALF: -(-len(asked) // 2), Meet.ALL: "all"}
    return replace(query, criteria=tuple(asked), criteria_mode=modes[axis.meet])
