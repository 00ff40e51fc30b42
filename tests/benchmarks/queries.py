"""The questions that are timed: the same mix for every engine, from the catalogue, a seed and firms of the index."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from portal.register.catalogue import Catalogue
from search.contract import FacetRequest, LevelChoice, SearchQuery, Sort, SupplierDocument

SEVEN_FACETS = (
    FacetRequest("sector"),
    FacetRequest("industry", depth=2, size=100),
    FacetRequest("process"),
    FacetRequest("level"),
    FacetRequest("region", depth=1),
    FacetRequest("tier"),
    FacetRequest("size"),
)
SCHEME = "quality_capability"
MUSTS, NICES = 30, 20
"""Of a requirement profile (issue 4)."""


class Questions:
    """Endless random questions of each kind; the same seed and firms give the same ones."""

    def __init__(self, catalogue: Catalogue, firms: Sequence[SupplierDocument], seed: int = 1) -> None:
        self.catalogue = catalogue
        self.firms = firms
        self.random = random.Random(seed)
        self.sectors = [code for code in catalogue.sectors if code != "other"]

    def everything(self) -> Iterator[SearchQuery]:
        """All firms and seven facets; pages differ so that no hits are a repetition."""
        while True:
            yield SearchQuery(facets=SEVEN_FACETS, page=self.random.randint(1, 20))

    def filtered(self) -> Iterator[SearchQuery]:
        """Two filters (a sector, a least level), three criteria asked of all, seven facets."""
        while True:
            sector = self.random.choice(self.sectors)
            codes = [code for code, one in self.catalogue.criteria.items() if one.sector is None and not one.industries]
            yield SearchQuery(
                sectors=(sector,),
                levels_min=(LevelChoice(SCHEME, self.random.choice(["experience", "inspection", "assurance"])),),
                criteria=tuple(self.random.sample(codes, 3)),
                facets=SEVEN_FACETS,
            )

    def worded(self) -> Iterator[SearchQuery]:
        """Two words that some firm has (a product and its name's first two characters), two filters, seven facets."""
        while True:
            firm = self.random.choice(self.firms)
            yield SearchQuery(
                text=f"{self.random.choice(firm.products)} {firm.names[0][:2]}" if firm.products else firm.names[0],
                sectors=(firm.sector,),
                regions=firm.regions[0][:1],
                facets=SEVEN_FACETS,
            )

    def profiles(self) -> Iterator[SearchQuery]:
        """30 musts that some firm meets, 20 criteria of its sector nice to have, ordered by fit."""
        rich = [firm for firm in self.firms if len(firm.criteria_met) >= MUSTS]
        while True:
            firm = self.random.choice(rich)
            musts = tuple(sorted(self.random.sample(firm.criteria_met, MUSTS)))
            others = [
                code
                for code, one in self.catalogue.criteria.items()
                if one.sector in (None, firm.sector) and code not in musts
            ]
            nice = tuple((code, self.random.randint(1, 5)) for code in sorted(self.random.sample(others, NICES)))
            yield SearchQuery(criteria=musts, nice=nice, sort=Sort.FIT)

    def typed(self) -> Iterator[str]:
        """What somebody typed so far of a firm's name."""
        while True:
            name = self.random.choice(self.random.choice(self.firms).names)
            yield name[: self.random.randint(1, 6)]
