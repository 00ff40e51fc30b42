"""Facets: which to count for a search, and the counted ones as values with labels and addresses.

A value's address adds it (or lets it go when it is selected); every address is made from one prefix a facet (trap 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.indexing.documents import FLAGS
from portal.register.catalogue import Named
from portal.web.addresses import Addresses
from portal.web.parameters import Search
from portal.web.presenters import trees
from portal.web.presenters.chosen import common_criteria, criteria_open
from portal.web.presenters.context import Context
from portal.web.presenters.labels import facet_labels
from portal.web.tree import FacetValue, FacetView
from search.contract import Facet, FacetName, FacetRequest, SearchPage

MAX_EDITIONS = 12


@dataclass(frozen=True, slots=True)
class Flat:
    """A facet without depth: its parameter, the query's field, and how many values are counted."""

    facet: FacetName
    field: str
    size: int


FLAT = (
    Flat("sector", "sectors", 20),
    Flat("process", "processes", 60),
    Flat("tier", "tiers", 20),
    Flat("size", "sizes", 20),
    Flat("grade", "grades", 20),
)
ORDER = ("sector", "industry", "process", "level", "criteria", "region", "tier", "size", "edition", "grade", "has")
"""How pages and the API list them."""


def requests(search: Search, at: Context) -> tuple[FacetRequest, ...]:
    """What to count. The criteria only when their panel is open (rule 29)."""
    query = search.query
    asked = [FacetRequest(flat.facet, size=flat.size) for flat in FLAT]
    asked += trees.industry_requests(query, at.catalogue)
    asked += trees.region_requests(query, at.catalogue)
    asked.append(FacetRequest("level", size=200))
    asked.append(FacetRequest("flag", size=len(FLAGS), values=tuple(FLAGS)))
    if editions := _editions(search, at):
        asked.append(FacetRequest("edition", size=MAX_EDITIONS, values=editions))
    if criteria_open(search):
        codes = common_criteria(query, at.catalogue)
        asked.append(FacetRequest("criteria", size=len(codes), values=codes, keep=query.criteria))
    return tuple(asked)


def views(search: Search, found: SearchPage, path: str, at: Context) -> dict[str, FacetView]:
    """The counted facets, by name, in the order of ORDER."""
    show = _Facets(search, path, at)
    counted = {(facet.name, facet.depth): facet for facet in found.facets}
    made: dict[str, FacetView] = {flat.facet: show.flat(flat, counted[flat.facet, 1]) for flat in FLAT}
    made["industry"] = trees.industries(search, counted, show.addresses, at, show.labels["industry"])
    made["region"] = trees.regions(search, counted, show.addresses, at, show.labels["region"])
    made["level"] = trees.levels(search, counted["level", 1], show.addresses, at, show.labels["level"])
    made["has"] = show.flags(counted["flag", 1])
    if facet := counted.get(("edition", 1)):
        made["edition"] = show.editions(facet)
    if facet := counted.get(("criteria", 1)):
        made["criteria"] = show.criteria(facet)
    return {name: made[name] for name in ORDER if name in made}


def toggled(selected: Iterable[str], value: str) -> list[str]:
    """The selection with the value added, or without it when it is there; sorted, as addresses have it."""
    return sorted(set(selected) ^ {value})


def _joined(values: Iterable[str]) -> str:
    return ",".join(sorted(values))


def _editions(search: Search, at: Context) -> tuple[str, ...]:
    """The editions to choose from: those of the chosen sectors, else the newest of all; the chosen one in any case."""
    sectors, chosen = search.query.sectors, search.query.edition
    fitting = [code for code, edition in at.editions.items() if not sectors or edition.sector in sectors]
    kept = fitting[:MAX_EDITIONS]
    return tuple(kept if chosen is None or chosen in kept else [*kept, chosen])


class _Facets:
    """Makes the facets without depth of one page."""

    def __init__(self, search: Search, path: str, at: Context) -> None:
        self.query, self.at = search.query, at
        self.addresses = Addresses(search, path)
        self.labels = facet_labels()

    def flat(self, flat: Flat, facet: Facet) -> FacetView:
        """Values of the catalogue, the largest first; grades as the methods list them."""
        selected: tuple[str, ...] = getattr(self.query, flat.field)
        names: Mapping[str, Named] = getattr(self.at.catalogue, flat.field, {})
        link = self.addresses.changing(flat.facet)
        values = [
            FacetValue(
                value=bucket.value,
                label=names[bucket.value].name(self.at.lang) if bucket.value in names else bucket.value,
                count=bucket.count,
                selected=bucket.value in selected,
                url=link(toggled(selected, bucket.value)),
            )
            for bucket in facet.buckets
        ]
        if flat.facet == "grade":
            order = self._grade_order()
            values.sort(key=lambda value: order.get(value.value, len(order)))
        return FacetView(
            name=flat.facet, label=self.labels[flat.facet], values=tuple(values), truncated=facet.truncated
        )

    def _grade_order(self) -> dict[str, int]:
        grades = [grade for method in self.at.catalogue.methods.values() for grade, _best in method.grades]
        return {grade: place for place, grade in enumerate(dict.fromkeys(grades))}

    def flags(self, facet: Facet) -> FacetView:
        """What `has` and `lacks` ask for, in one list in a fixed order: a flag is asked for, excluded, or neither."""
        counts = {bucket.value: bucket.count for bucket in facet.buckets}
        values = tuple(self._flag(flag, named, counts.get(flag, 0)) for flag, named in FLAGS.items())
        return FacetView(name="has", label=self.labels["has"], values=values, truncated=False)

    def _flag(self, flag: str, named: Named, count: int) -> FacetValue:
        has, lacks = self.query.has, self.query.lacks
        return FacetValue(
            value=flag,
            label=named.name(self.at.lang),
            count=count,
            selected=flag in has,
            url=self.addresses.of(has=_joined(toggled(has, flag)), lacks=_joined(set(lacks) - {flag})),
            exclude=self.addresses.of(has=_joined(set(has) - {flag}), lacks=_joined(toggled(lacks, flag))),
            excluded=flag in lacks,
        )

    def editions(self, facet: Facet) -> FacetView:
        """Newest first; one at a time. Grades and best x per cent are of one edition: another one comes without."""
        counts = {bucket.value: bucket.count for bucket in facet.buckets}
        chosen, known = self.query.edition, self.at.editions
        link = self.addresses.of
        values = tuple(
            FacetValue(
                value=code,
                label=self.at.edition_label(edition),
                count=counts.get(code, 0),
                selected=code == chosen,
                url=link(edition=None) if code == chosen else link(edition=code, grade=None, top=None),
            )
            for code, edition in known.items()
            if code in counts
        )
        return FacetView(
            name="edition", label=self.labels["edition"], values=values, truncated=len(known) > len(values)
        )

    def criteria(self, facet: Facet) -> FacetView:
        """Each criterion can be asked for or excluded; the mode never asks for more than are chosen."""
        known = self.at.catalogue.criteria
        values = tuple(
            self._criterion(known[bucket.value], bucket.count) for bucket in facet.buckets if bucket.value in known
        )
        return FacetView(name="criteria", label=self.labels["criteria"], values=values, truncated=True)

    def _criterion(self, criterion: Named, count: int) -> FacetValue:
        code, query, addresses = criterion.code, self.query, self.addresses
        return FacetValue(
            value=code,
            label=criterion.name(self.at.lang),
            count=count,
            selected=code in query.criteria,
            url=addresses.criteria(query, must=toggled(query.criteria, code), without=(code,)),
            exclude=addresses.criteria(query, must=set(query.criteria) - {code}, toggle=code),
            excluded=code in query.criteria_not,
        )
