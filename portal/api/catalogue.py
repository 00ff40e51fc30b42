"""GET /api/v1/catalogue: every code that the parameters take, with its names in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portal.register.catalogue import Catalogue, Criterion, Named, RankingMethod, Region, Scheme
from portal.web.tree import Name, Struct


class CatalogueCode(Struct, frozen=True):
    """A code and its name."""

    code: str
    name: Name


class CataloguePlace(Struct, frozen=True):
    """A code below another one (`parent` null: on top)."""

    code: str
    name: Name
    parent: str | None


class CatalogueIndustry(Struct, frozen=True):
    """A GB/T 4754 class, the sector it falls under and the class it lies in."""

    code: str
    name: Name
    parent: str | None
    sector: str


class CatalogueLevel(Struct, frozen=True):
    """A level of a scheme; `rank` rises from 1."""

    code: str
    name: Name
    rank: int


class CatalogueScheme(Struct, frozen=True):
    """A certification or evaluation scheme; `bases` are those that count towards its level."""

    code: str
    name: Name
    short: Name
    levels: tuple[CatalogueLevel, ...]
    bases: tuple[str, ...]
    territory: str
    reference: str


class CatalogueTier(Struct, frozen=True):
    """A dated recognition, valid for `years`."""

    code: str
    name: Name
    rank: int
    years: int
    reference: str


class CatalogueGroup(Struct, frozen=True):
    """A group of criteria, and the dimension (quality, standards, brand) it adds to."""

    code: str
    name: Name
    dimension: str


class CatalogueCriterion(Struct, frozen=True):
    """A criterion with its test of "met". `sector` null: for all. `verified`: was its reference looked up?"""

    code: str
    name: Name
    group: str
    sector: str | None
    industries: tuple[str, ...]
    evidence: str
    unit: Name
    at_least: float | None
    at_most: float | None
    met: Name
    reference: str
    verified: str
    common: bool


class CatalogueGrade(Struct, frozen=True):
    """A grade, given to the best `share` per cent that no better grade covers."""

    code: str
    share: int


class CatalogueMethod(Struct, frozen=True):
    """How an edition is computed: weights by criterion group, in per cent."""

    code: str
    name: Name
    version: str
    weights: dict[str, int]
    grades: tuple[CatalogueGrade, ...]
    minimum_assessed: float


class CatalogueView(Struct, frozen=True):
    """The catalogue. `demonstration`: not an authority's own."""

    title: Name
    authority: str
    version: str
    as_of: date
    demonstration: bool
    sectors: tuple[CatalogueCode, ...]
    industries: tuple[CatalogueIndustry, ...]
    processes: tuple[CatalogueCode, ...]
    schemes: tuple[CatalogueScheme, ...]
    tiers: tuple[CatalogueTier, ...]
    sizes: tuple[CatalogueCode, ...]
    statuses: tuple[CatalogueCode, ...]
    risk_kinds: tuple[CatalogueCode, ...]
    regions: tuple[CataloguePlace, ...]
    groups: tuple[CatalogueGroup, ...]
    criteria: tuple[CatalogueCriterion, ...]
    methods: tuple[CatalogueMethod, ...]


def catalogue_view(catalogue: Catalogue) -> CatalogueView:
    """The catalogue as the API shows it."""
    return CatalogueView(
        title=Name(zh=catalogue.title_zh, en=catalogue.title_en),
        authority=catalogue.authority,
        version=catalogue.version,
        as_of=catalogue.as_of,
        demonstration=catalogue.demonstration,
        sectors=_codes(catalogue.sectors.values()),
        industries=tuple(
            CatalogueIndustry(code=i.code, name=_name(i), parent=i.parent, sector=i.sector)
            for i in catalogue.industries.values()
        ),
        processes=_codes(catalogue.processes.values()),
        schemes=tuple(_scheme(scheme) for scheme in catalogue.schemes.values()),
        tiers=tuple(
            CatalogueTier(code=t.code, name=_name(t), rank=t.rank, years=t.years, reference=t.reference)
            for t in catalogue.tiers.values()
        ),
        sizes=_codes(catalogue.sizes.values()),
        statuses=_codes(catalogue.statuses.values()),
        risk_kinds=_codes(catalogue.risk_kinds.values()),
        regions=tuple(_region(region) for region in catalogue.regions.values()),
        groups=tuple(
            CatalogueGroup(code=g.code, name=_name(g), dimension=g.dimension) for g in catalogue.groups.values()
        ),
        criteria=tuple(_criterion(criterion) for criterion in catalogue.criteria.values()),
        methods=tuple(_method(method) for method in catalogue.methods.values()),
    )


def _name(item: Named) -> Name:
    return Name(zh=item.name_zh, en=item.name_en)


def _codes(items: Iterable[Named]) -> tuple[CatalogueCode, ...]:
    return tuple(CatalogueCode(code=item.code, name=_name(item)) for item in items)


def _region(region: Region) -> CataloguePlace:
    return CataloguePlace(code=region.code, name=_name(region), parent=region.parent)


def _scheme(scheme: Scheme) -> CatalogueScheme:
    return CatalogueScheme(
        code=scheme.code,
        name=_name(scheme),
        short=Name(zh=scheme.short_zh, en=scheme.short_en),
        levels=tuple(CatalogueLevel(code=level.code, name=_name(level), rank=level.rank) for level in scheme.levels),
        bases=tuple(basis.value for basis in scheme.bases),
        territory=scheme.territory,
        reference=scheme.reference,
    )


def _criterion(criterion: Criterion) -> CatalogueCriterion:
    return CatalogueCriterion(
        code=criterion.code,
        name=_name(criterion),
        group=criterion.group,
        sector=criterion.sector,
        industries=criterion.industries,
        evidence=criterion.evidence.value,
        unit=Name(zh=criterion.unit_in("zh"), en=criterion.unit_in("en")),
        at_least=criterion.at_least,
        at_most=criterion.at_most,
        met=Name(zh=criterion.met_zh, en=criterion.met_en),
        reference=criterion.reference,
        verified=criterion.verified,
        common=criterion.common,
    )


def _method(method: RankingMethod) -> CatalogueMethod:
    return CatalogueMethod(
        code=method.code,
        name=_name(method),
        version=method.version,
        weights=dict(method.weights),
        grades=tuple(CatalogueGrade(code=code, share=share) for code, share in method.grades),
        minimum_assessed=method.minimum_assessed,
    )
