"""Suppliers as cards: what it makes, at which valid level, where; then what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import quote

from portal.models import Edition
from portal.profiles.visible import Own
from portal.register.catalogue import Named
from portal.register.marks import MET, NOT_APPLICABLE, NOT_MET, is_met
from portal.web.presenters.context import Context
from portal.web.presenters.matched import Matcher
from portal.web.presenters.rows import Firm, RankRow, Wanted, read_firms
from portal.web.presenters.validity import levels_held
from portal.web.tree import Coded, CriteriaCount, FitView, Name, RankView, ResultItem, TierHeld
from search.contract import SearchQuery, Sort

MAX_INDUSTRIES = 3
BETTER_HALF = 50
"""Best x per cent is praise up to here; "top 94 %" is none."""

NOTHING_ASKED = SearchQuery()


@dataclass(frozen=True)
class Asked:
    """What the cards answer: the query, the fit of each hit, and whether rank and criteria are shown unasked."""

    query: SearchQuery = NOTHING_ASKED
    fits: Mapping[str, int] = field(default_factory=dict)
    full: bool = False

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The criteria asked, musts first."""
        return self.query.asked_criteria

    @property
    def rank(self) -> bool:
        """Whether a place in a ranking was asked for."""
        query = self.query
        return query.sort is Sort.RANK or bool(query.grades) or query.top is not None or query.edition is not None

    @property
    def criteria(self) -> bool:
        """Whether criteria were asked for."""
        return bool(self.codes or self.query.criteria_not) or self.query.sort is Sort.CRITERIA


def cards(
    keys: Sequence[str], at: Context, asked: Asked, owns: Mapping[int, Own] | None = None
) -> tuple[ResultItem, ...]:
    """The cards of these suppliers in this order; those withdrawn meanwhile are left out.

    `owns`: own words by the supplier's id, of drafts, say, in place of what is published.
    """
    editions = _editions(at, asked)
    wanted = Wanted(asked.full or asked.criteria, tuple(edition.id for edition in editions), owns or {})
    firms = read_firms(at.session, keys, at.today, wanted)
    maker = CardMaker(at, asked, {edition.id: edition for edition in editions})
    return tuple(maker.card(firms[key]) for key in keys if key in firms)


def supplier_url(key: str) -> str:
    """The address of a supplier's page."""
    return f"/suppliers/{quote(key, safe='/')}"


def _editions(at: Context, asked: Asked) -> list[Edition]:
    """The editions whose places are shown: the one asked for, else every sector's current one."""
    if not (asked.full or asked.rank):
        return []
    if asked.query.edition:
        return [at.editions[asked.query.edition]]
    return [edition for edition in at.editions.values() if edition.current]


def percentile(position: int, peers: int) -> int:
    """Best x per cent, as the index reckons (contract: ceil(100 * position / peers))."""
    return -(-100 * position // max(peers, 1))


def rank_view(row: RankRow, edition: Edition, label: str) -> RankView:
    """A place in an edition."""
    best = percentile(row.position, edition.peers)
    return RankView(
        edition=edition.code,
        label=label,
        official=edition.official,
        position=row.position,
        peers=edition.peers,
        percentile=best,
        top=best <= BETTER_HALF,
        grade=row.grade,
        score=None if row.score is None else row.score / 1000,
    )


class Placed(Protocol):
    """What a firm's place is read from."""

    @property
    def sites(self) -> list[Any]:
        """Its production sites."""

    @property
    def region(self) -> str | None:
        """Where it is registered."""


def place_of(row: Placed, at: Context, wanted: Iterable[str] = ()) -> tuple[Coded, ...]:
    """Where it makes things: the site in one of the wanted regions, else the first site, else the registered place."""
    sites = [site["region"] for site in row.sites if site.get("region")]
    paths = [at.catalogue.region_path(code) for code in sites] or [at.catalogue.region_path(row.region or "")]
    asked = set(wanted)
    chosen = next((path for path in paths if asked.intersection(path)), paths[0])
    return at.path(chosen, at.catalogue.regions)


def products_of(zh: Sequence[str], en: Sequence[str], lang: str) -> tuple[str, ...]:
    """What it makes, in the language, else in the other one."""
    return tuple((en or zh) if lang == "en" else (zh or en))


class CardMaker:
    """Makes cards for one page; labels are looked up once."""

    def __init__(self, at: Context, asked: Asked, editions: Mapping[int, Edition]) -> None:
        self.at = at
        self.asked = asked
        self.editions = editions
        self.edition_labels = {edition.id: at.edition_label(edition) for edition in editions.values()}
        self.matcher = Matcher(asked.query.text, at) if asked.query.text else None
        self._coded: dict[tuple[int, str], Coded] = {}

    def card(self, firm: Firm) -> ResultItem:
        """One card."""
        row, catalogue = firm.row, self.at.catalogue
        levels = levels_held(firm.certificates, catalogue, self.at.lang, self.at.today)
        return ResultItem(
            id=row.key,
            name=Name(zh=row.name_zh, en=row.name_en),
            sector=self._code(row.sector, catalogue.sectors),
            industries=tuple(self._code(code, catalogue.industries) for code in row.industries[:MAX_INDUSTRIES]),
            region=place_of(row, self.at, self.asked.query.regions),
            status=self._code(row.status, catalogue.statuses),
            size=self._code(row.size, catalogue.sizes) if row.size else None,
            products=products_of(row.products_zh, row.products_en, self.at.lang),
            processes=tuple(self._code(process["code"], catalogue.processes) for process in row.processes),
            levels=levels,
            tiers=self.tiers(firm.tiers),
            certified=bool(levels),
            rank=self._rank(firm),
            criteria=self._count(firm),
            fit=self._fit(firm),
            matched=self.matcher.matched(firm) if self.matcher else (),
            fictional=firm.fictional,
            url=supplier_url(row.key),
        )

    def tiers(self, held: Iterable[tuple[str, date]]) -> tuple[TierHeld, ...]:
        """Tiers in force, the highest first, each until its latest end."""
        ends = dict(sorted(held))
        known = self.at.catalogue.tiers
        ordered = sorted(ends, key=lambda tier: -known[tier].rank if tier in known else 0)
        return tuple(
            TierHeld(tier=tier, label=self._code(tier, known).label, expires_on=ends[tier]) for tier in ordered
        )

    def _code(self, code: str, names: Mapping[str, Named]) -> Coded:
        key = (id(names), code)
        if key not in self._coded:
            self._coded[key] = self.at.coded(code, names)
        return self._coded[key]

    def _rank(self, firm: Firm) -> RankView | None:
        for row in firm.ranks:
            edition = self.editions[row.edition_id]
            # "The current edition" is that of the firm's own sector.
            if self.asked.query.edition or edition.sector == firm.row.sector:
                return rank_view(row, edition, self.edition_labels[edition.id])
        return None

    def _count(self, firm: Firm) -> CriteriaCount | None:
        if firm.marks is None:
            return None
        met, not_met = firm.marks.count(MET), firm.marks.count(NOT_MET)
        askable = self.at.catalogue.count_applicable(firm.row.sector, firm.row.industries)
        applicable = askable - firm.marks.count(NOT_APPLICABLE)
        return CriteriaCount(met=met, applicable=max(applicable, met + not_met), assessed=met + not_met)

    def _fit(self, firm: Firm) -> FitView | None:
        codes = self.asked.codes
        if not codes:
            return None
        met = {code for code in codes if firm.marks and is_met(firm.marks, code)}
        weights = self.asked.query.nice
        score = self.asked.fits.get(firm.row.key)
        if score is None:
            score = sum(weight for code, weight in weights if code in met)
        return FitView(
            met=tuple(code for code in codes if code in met),
            missing=tuple(code for code in codes if code not in met),
            score=score,
            of=sum(weight for _code, weight in weights),
        )
