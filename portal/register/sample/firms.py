"""Fictional firms: names in both languages that say the same, places, products and processes that fit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from portal.register.catalogue import Catalogue
from portal.register.facts import Process, RiskFact, Site, SupplierFacts
from portal.register.sample.numbers import credit_code
from portal.register.sample.words import (
    FORM_WEIGHTS,
    FORMS,
    GIVEN,
    ROADS,
    SURNAMES,
    Line,
    Place,
    Vocabulary,
)

_Item = TypeVar("_Item")

SIZES = (("micro", 14), ("small", 70), ("medium", 96), ("large", 100))
STATUSES = (("active", 955), ("moved_out", 965), ("suspended", 975), ("deregistered", 988), ("revoked", 995))
RISK_SOURCE = "演示数据（虚构，未向任何名录核查）"
CLUSTERED = 0.55
"""The share of firms that sit where their sector gathers."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What is settled first about a firm; everything else follows from it."""

    index: int
    line: Line
    place: Place
    brand_zh: str
    brand_en: str
    quality: float


class FirmMaker:
    """Makes the register's own facts of fictional firms."""

    def __init__(self, catalogue: Catalogue, words: Vocabulary, *, seed: int, year: int) -> None:
        self._catalogue, self._words, self._seed = catalogue, words, seed
        self._start = date(year, 1, 1)
        self._siblings: dict[str, list[str]] = {}
        self._neighbours: dict[str, list[str]] = {}
        for line in words.lines:
            self._siblings.setdefault(line.sector, []).append(line.industry)
        # a few neighbours each: the combinations stay few enough for what is cached by them
        for line in words.lines:
            near = self._siblings[line.sector]
            place = near.index(line.industry)
            self._neighbours[line.industry] = (near * 2)[place + 1 : place + 4]
        self._statuses = [(code, bound) for code, bound in STATUSES if code in catalogue.statuses]
        self._sizes = [(code, bound) for code, bound in SIZES if code in catalogue.sizes]

    def outline(self, rng: Random, index: int) -> Outline:
        """The firm's business, place, brand and quality (0 in the middle, mostly within -2 and 2)."""
        words = self._words
        line = words.lines[words.line_weights.draw(rng)]
        gathered = words.clusters.get(line.sector)
        if gathered and rng.random() < CLUSTERED:
            place = words.places[gathered[int(rng.random() ** 1.5 * len(gathered))]]
        else:
            place = words.places[words.place_weights.draw(rng)]
        brand_zh, brand_en = self._brand(rng)
        return Outline(index, line, place, brand_zh, brand_en, rng.gauss(0, 0.9))

    def _brand(self, rng: Random) -> tuple[str, str]:
        brands = self._words.brands
        parts = [brands[int(rng.random() * len(brands))] for _ in range(3 if rng.random() < 0.25 else 2)]
        return "".join(zh for zh, _ in parts), "".join(en for _, en in parts).capitalize()

    def facts(self, rng: Random, outline: Outline) -> SupplierFacts:
        """The firm's own row."""
        line, place = outline.line, outline.place
        county = _pick(rng, place.counties)
        drawn = rng.random() * 100
        form = next(form for form, bound in zip(FORMS, FORM_WEIGHTS, strict=True) if drawn < bound)
        products = _some(rng, line.products, 1)
        industries = self._industries(rng, line)
        own = rng.random() < 0.35 + 0.1 * outline.quality
        road = _pick(rng, ROADS)
        address = f"{place.region.name_zh}{county.name_zh if county is not place.region else ''}{road[0]}路"
        address += f"{1 + int(rng.random() * 998)}号"
        return SupplierFacts(
            scheme="CN-USCC",
            number=credit_code(county.code, outline.index, self._seed),
            name_zh=f"{place.name_zh}{outline.brand_zh}{line.word_zh}{form[0]}",
            name_en=f"{place.name_en} {outline.brand_en} {line.word_en} {form[1]}",
            former_names=self._former(rng, outline, form[0]),
            sector=line.sector,
            size=_by_bound(self._sizes, rng.random() * 100),
            status=_by_bound(self._statuses, rng.random() * 1000),
            status_on=self._start - timedelta(days=int(rng.random() * 300)),
            established_on=self._start - timedelta(days=900 + int(rng.random() ** 1.3 * 11_000)),
            region=county.code,
            address=address,
            legal_representative=_pick(rng, SURNAMES)
            + "".join(_pick(rng, GIVEN) for _ in range(1 + (rng.random() < 0.7))),
            phone=f"+86 000 555{int(rng.random() * 100_000):05d}",  # no area has the code 000
            website=f"https://www.{outline.brand_en.lower()}-{outline.index}.example" if rng.random() < 0.6 else None,
            description_zh=_description_zh(outline, products) if own else None,
            description_en=_description_en(outline, products) if own and rng.random() < 0.8 else None,
            industries=industries,
            processes=self._processes(rng, line),
            products_zh=tuple(zh for zh, _ in products),
            products_en=tuple(en for _, en in products),
            sites=self._sites(rng, outline, county.code, address),
            risks=self._risks(rng, outline.quality),
            self_declared=("description_en", "description_zh") if own else None,
        )

    def _industries(self, rng: Random, line: Line) -> tuple[str, ...]:
        more = self._neighbours[line.industry]
        drawn = rng.random()
        others = [_pick(rng, more) for _ in range(0 if drawn < 0.6 else 1 if drawn < 0.9 else 2)]
        return tuple(dict.fromkeys((line.industry, *others)))

    def _processes(self, rng: Random, line: Line) -> tuple[Process, ...]:
        return tuple(Process(code=code, subcontracted=rng.random() < 0.2) for code in _some(rng, line.processes, 1))

    def _sites(self, rng: Random, outline: Outline, county: str, address: str) -> tuple[Site, ...]:
        sites = [Site(region=county, name="总厂", address=address)]
        drawn = rng.random()
        for number in range(0 if drawn < 0.8 else 1 if drawn < 0.95 else 2):
            near = rng.random() < 0.7
            place = outline.place if near else self._words.places[self._words.place_weights.draw(rng)]
            region = _pick(rng, place.counties)
            where = f"{place.region.name_zh}{region.name_zh if region is not place.region else ''}工业园区"
            sites.append(
                Site(region=region.code, name=f"{number + 2}号工厂", address=f"{where}{1 + int(rng.random() * 60)}号")
            )
        return tuple(sites)

    def _former(self, rng: Random, outline: Outline, form: str) -> tuple[tuple[str, date | None], ...] | None:
        if rng.random() > 0.08:
            return None
        brand, _ = self._brand(rng)
        until = self._start - timedelta(days=400 + int(rng.random() * 3000))
        return ((f"{outline.place.name_zh}{brand}{outline.line.word_zh}{form}", until),)

    def _risks(self, rng: Random, quality: float) -> dict[str, RiskFact] | None:
        """Three firms in four were checked, mostly for every kind; few are on a list."""
        risks = {}
        checked = rng.random() < 0.75
        for kind in self._catalogue.risk_kinds:
            if checked and rng.random() < 0.95:
                on = self._start - timedelta(days=int(rng.random() * 120))
                risks[kind] = RiskFact(answer=rng.random() < 0.025 - 0.01 * quality, source=RISK_SOURCE, checked_on=on)
        return risks or None


def _pick(rng: Random, items: Sequence[_Item]) -> _Item:
    return items[int(rng.random() * len(items))]


def _some(rng: Random, items: tuple[_Item, ...], least: int) -> tuple[_Item, ...]:
    """At least so many of the items, in a drawn order; fewer where there are not so many."""
    if not items:
        return ()
    first = int(rng.random() * len(items))
    return (items[first:] + items[:first])[: least + int(rng.random() * len(items))]


def _by_bound(bounds: list[tuple[str, int]], drawn: float) -> str | None:
    return next((code for code, bound in bounds if drawn < bound), None)


def _description_zh(outline: Outline, products: Sequence[tuple[str, str]]) -> str:
    made = "、".join(zh for zh, _ in products)
    return (
        f"（虚构企业）{outline.brand_zh}专业生产{made}，位于{outline.place.region.name_zh}，产品服务于国内外整机企业。"
    )


def _description_en(outline: Outline, products: Sequence[tuple[str, str]]) -> str:
    made = ", ".join(en for _, en in products)
    firm = f"{outline.brand_en} of {outline.place.name_en}"
    return f"(Fictional firm) {firm} makes {made} for manufacturers at home and abroad."
