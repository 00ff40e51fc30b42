"""Facets with depth: industries (two levels open), regions (province → place), schemes with their levels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from portal.register.catalogue import Catalogue, Industry, Region, Scheme
from portal.web.addresses import Addresses, level_text
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.tree import AtLeast, FacetValue, FacetView
from search.contract import Facet, FacetName, FacetRequest, LevelChoice, SearchQuery

Counted = Mapping[tuple[FacetName, int], Facet]


def industry_requests(query: SearchQuery, catalogue: Catalogue) -> list[FacetRequest]:
    """Divisions and groups of the chosen sectors; classes below the groups that lead to what is selected."""
    fitting = [i for i in catalogue.industries.values() if not query.sectors or i.sector in query.sectors]
    paths = [catalogue.industry_path(code) for code in query.industries]
    by_depth: dict[int, list[str]] = {1: [], 2: []}
    for industry in fitting:
        depth = len(industry.code) - 1
        if depth in by_depth:
            by_depth[depth].append(industry.code)
    open_groups = {path[1] for path in paths if len(path) > 1}
    deeper = [child.code for code in sorted(open_groups) for child in catalogue.industry_children.get(code, ())]
    chosen = [{path[depth - 1] for path in paths if len(path) >= depth} for depth in (1, 2)]
    asked = [
        _values("industry", depth, [*by_depth[depth], *sorted(chosen[depth - 1])], chosen[depth - 1])
        for depth in (1, 2)
    ]
    if deeper:
        asked.append(_values("industry", 3, deeper, set(query.industries) & set(deeper)))
    return [request for request in asked if request.values]


def region_requests(query: SearchQuery, catalogue: Catalogue) -> list[FacetRequest]:
    """All provinces (and countries); the places of those that are selected or hold a selected place."""
    paths = [catalogue.region_path(code) for code in query.regions]
    tops = {path[0] for path in paths}
    places = [child.code for top in sorted(tops) for child in catalogue.region_children.get(top, ())]
    asked = [FacetRequest("region", size=100, depth=1, keep=tuple(sorted(tops)))]
    if places:
        asked.append(_values("region", 2, places, {path[1] for path in paths if len(path) > 1}))
    return asked


def _values(name: FacetName, depth: int, values: Iterable[str], keep: Iterable[str]) -> FacetRequest:
    distinct = tuple(dict.fromkeys(values))
    return FacetRequest(name, size=max(len(distinct), 1), depth=depth, values=distinct, keep=tuple(sorted(keep)))


def industries(search: Search, counted: Counted, addresses: Addresses, at: Context, label: str) -> FacetView:
    """The tree of industries; "2911 橡胶" is called by code and name."""
    selected = search.query.industries
    below = {code for chosen in selected for code in at.catalogue.industry_path(chosen)[:-1]}
    make = _Maker("industries", selected, below, addresses.changing("industry"), at)
    return _tree("industry", label, counted, make, at.catalogue.industries)


def regions(search: Search, counted: Counted, addresses: Addresses, at: Context, label: str) -> FacetView:
    """The tree of regions."""
    selected = search.query.regions
    below = {code for chosen in selected for code in at.catalogue.region_path(chosen)[:-1]}
    make = _Maker("regions", selected, below, addresses.changing("region"), at)
    return _tree("region", label, counted, make, at.catalogue.regions)


class _Maker:
    """Makes the values of one tree."""

    def __init__(
        self,
        of: str,
        selected: Sequence[str],
        above: set[str],
        link: Callable[[Iterable[str]], str],
        at: Context,
    ) -> None:
        self.selected, self.above, self.link, self.at = selected, above, link, at
        self.path = at.catalogue.industry_path if of == "industries" else at.catalogue.region_path
        self.paths = {code: self.path(code) for code in selected}

    def value(self, item: Industry | Region, count: int, children: tuple[FacetValue, ...]) -> FacetValue:
        """A value whose address replaces what lies above and below it (rule 13)."""
        chosen = item.code in self.selected
        return FacetValue(
            value=item.code,
            label=item.name(self.at.lang),
            count=count,
            selected=chosen,
            url=self.link(
                self._with(item.code) if not chosen else [code for code in self.selected if code != item.code]
            ),
            children=children,
            open=item.code in self.above,
        )

    def _with(self, code: str) -> list[str]:
        """The selection with the code, as the reader of the address would narrow it: a place replaces its province."""
        above = self.path(code)
        return sorted([code, *(other for other, path in self.paths.items() if code not in path and other not in above)])


def _tree(
    name: FacetName, label: str, counted: Counted, make: _Maker, items: Mapping[str, Industry] | Mapping[str, Region]
) -> FacetView:
    """Values of each depth below their parents; a value that no longer is in the catalogue is left out."""
    depths = sorted(depth for facet, depth in counted if facet == name)
    children: dict[str | None, list[FacetValue]] = {}
    for depth in reversed(depths):
        above: dict[str | None, list[FacetValue]] = {}
        for bucket in counted[name, depth].buckets:
            item = items.get(bucket.value)
            if item is not None:
                parent = item.parent if depth > 1 else None
                above.setdefault(parent, []).append(make.value(item, bucket.count, tuple(children.get(item.code, ()))))
        children = above
    truncated = any(counted[name, depth].truncated for depth in depths)
    return FacetView(name=name, label=label, values=tuple(children.get(None, ())), truncated=truncated)


def levels(search: Search, facet: Facet, addresses: Addresses, at: Context, label: str) -> FacetView:
    """Schemes in catalogue order, each with its levels, the highest first."""
    counts = {bucket.value: bucket.count for bucket in facet.buckets}
    maker = _Levels(search.query, counts, addresses, at)
    shown = [scheme for scheme in at.catalogue.schemes.values() if scheme.code in counts or maker.touches(scheme.code)]
    return FacetView(
        name="level", label=label, values=tuple(maker.scheme(scheme) for scheme in shown), truncated=facet.truncated
    )


class _Levels:
    """Makes the values of the level facet: a scheme is asked for at levels (`level`), or at least at one."""

    def __init__(self, query: SearchQuery, counts: Mapping[str, int], addresses: Addresses, at: Context) -> None:
        self.query, self.counts, self.addresses, self.at = query, counts, addresses, at
        self.least = {choice.scheme: choice.level for choice in query.levels_min}
        dates = (query.valid_through, query.expires_before, query.certified_from, query.certified_to)
        # Under dates, or beside levels of other schemes, "or higher" is not the sum of the levels above.
        self.sums = not any(dates) and not query.levels

    def touches(self, scheme: str) -> bool:
        """Whether the query names the scheme."""
        return scheme in self.least or any(choice.scheme == scheme for choice in self.query.levels)

    def scheme(self, scheme: Scheme) -> FacetValue:
        """A scheme with its levels."""
        short = scheme.short_en if self.at.lang == "en" else scheme.short_zh
        children = tuple(self._level(scheme, level.code, level.name(self.at.lang)) for level in reversed(scheme.levels))
        bare = LevelChoice(scheme.code)
        return FacetValue(
            value=scheme.code,
            label=short or scheme.name(self.at.lang),
            count=self.counts.get(scheme.code, 0),
            selected=bare in self.query.levels,
            url=self._url(bare),
            children=children,
            open=any(child.selected or (child.at_least is not None and child.at_least.selected) for child in children),
        )

    def _level(self, scheme: Scheme, level: str, label: str) -> FacetValue:
        choice = LevelChoice(scheme.code, level)
        return FacetValue(
            value=level_text(choice),
            label=label,
            count=self.counts.get(level_text(choice), 0),
            selected=choice in self.query.levels,
            url=self._url(choice),
            at_least=self._at_least(scheme, level),
        )

    def _url(self, choice: LevelChoice) -> str:
        """The address with the choice in `level` or out of it. `level_min` stays, as the counts are made under it."""
        current = set(self.query.levels)
        if choice in current:
            wanted = current - {choice}
        elif choice.level is None:
            wanted = {other for other in current if other.scheme != choice.scheme} | {choice}
        else:
            wanted = (current - {LevelChoice(choice.scheme)}) | {choice}
        return self.addresses.of(level=_texts(wanted))

    def _others(self, scheme: str) -> set[LevelChoice]:
        return {other for other in self.query.levels_min if other.scheme != scheme}

    def _at_least(self, scheme: Scheme, level: str) -> AtLeast:
        asked = self.least.get(scheme.code)
        others = self._others(scheme.code)
        wanted = others if asked == level else others | {LevelChoice(scheme.code, level)}
        kept = {choice for choice in self.query.levels if choice.scheme != scheme.code}
        rank = scheme.level(level).rank
        known = self.sums and (asked is None or rank >= scheme.level(asked).rank)
        above = [f"{scheme.code}:{other.code}" for other in scheme.levels if other.rank >= rank]
        return AtLeast(
            count=sum(self.counts.get(value, 0) for value in above) if known else None,
            selected=asked == level,
            url=self.addresses.of(level=_texts(kept), level_min=_texts(wanted)),
        )


def _texts(choices: Iterable[LevelChoice]) -> str:
    return ",".join(sorted(map(level_text, choices)))
