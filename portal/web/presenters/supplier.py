"""One supplier whole: can I buy from them? then levels, products, places, criteria, certificates and rankings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import Achievement, Certificate, Edition, EditionState, Ranking, Recognition, Supplier
from portal.profiles.visible import Audience, Own, Stated, official_only, own_words, stated
from portal.register.catalogue import Scheme
from portal.register.clock import CHINA
from portal.register.loading import by_keys
from portal.register.merging import heads
from portal.register.showing import achievements_shown, as_shown
from portal.register.validity import counts, state_on
from portal.web.presenters import labels
from portal.web.presenters.assessment import assessment_view
from portal.web.presenters.cards import Asked, CardMaker, cards, products_of, rank_view, supplier_url
from portal.web.presenters.context import Context
from portal.web.presenters.profile import in_language, own_achievements, profile_view
from portal.web.presenters.rows import RankRow, is_fictional
from portal.web.presenters.sources import source_of
from portal.web.presenters.validity import levels_held
from portal.web.tree import (
    AchievementView,
    CertificateView,
    Coded,
    FormerName,
    Name,
    ProcessView,
    RankView,
    ResultItem,
    RiskView,
    SiteView,
)
from portal.web.tree_sheet import SupplierSheet
from search.contract import EngineUnavailable, SearchEngine, SupplierDocument

MAX_SIMILAR = 6
STATE_ORDER = ("valid", "future", "suspended", "expired", "revoked", "given_up")


@dataclass(frozen=True, slots=True)
class Moved:
    """The firm was merged into another one."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The entry was withdrawn (410)."""

    key: str
    name: str
    reason: str
    on: date | None

    def as_context(self) -> dict[str, object]:
        """The template's variables."""
        return {"name": self.name, "supplier_id": self.key, "reason": self.reason, "withdrawn_on": self.on}


def find(key: str, at: Context) -> Supplier | Moved | Withdrawn | None:
    """The supplier of "<scheme>/<number>", where it went, why it went, or None. Case does not matter in a number."""
    scheme, slash, number = key.partition("/")
    if not slash:
        return None
    spellings = [f"{scheme.upper()}/{spelling}" for spelling in dict.fromkeys((number, number.upper(), number.lower()))]
    found = at.session.scalars(
        select(Supplier).where(by_keys(spellings)).options(joinedload(Supplier.provenance))
    ).all()
    row = next((row for row in found if row.number == number), found[0] if found else None)
    if row is None or row.withdrawn_at is None:
        return row
    if row.merged_into_id is not None:
        target = at.session.get_one(Supplier, heads(at.session, [row.id])[row.id])
        return Moved(target.key, supplier_url(target.key))
    name = (row.name_en or row.name_zh) if at.lang == "en" else (row.name_zh or row.name_en)
    return Withdrawn(row.key, name, row.withdrawn_reason, row.withdrawn_at.astimezone(CHINA).date())


def sheet(row: Supplier, at: Context, audience: Audience = Audience.PUBLIC) -> SupplierSheet:
    """All public facts of a supplier that `find` gave, as far as they are shown now, and its own words for those."""
    return sheet_with(row, own_words(at.session, row.id, audience), at)


def sheet_with(row: Supplier, own: Own | None, at: Context) -> SupplierSheet:
    """The same with those own words: of a draft, say."""
    catalogue, row = at.catalogue, as_shown(row)
    says = stated(row, own)
    certificates = at.session.scalars(
        select(Certificate).where(Certificate.supplier_id == row.id).options(joinedload(Certificate.provenance))
    ).all()
    levels = levels_held(certificates, catalogue, at.lang, at.today)
    return SupplierSheet(
        id=row.key,
        scheme=row.scheme,
        number=row.number,
        name=Name(zh=row.name_zh, en=row.name_en),
        former_names=tuple(
            FormerName(name=former["name"], until=_day(former.get("until"))) for former in row.former_names
        ),
        sector=at.coded(row.sector, catalogue.sectors),
        industries=tuple(
            at.path(catalogue.industry_path(code) or (code,), catalogue.industries) for code in row.industries
        ),
        size=at.coded(row.size, catalogue.sizes) if row.size else None,
        status=at.coded(row.status, catalogue.statuses),
        status_on=row.status_on,
        established_on=row.established_on,
        region=_region(row.region, at),
        address=row.address,
        legal_representative=row.legal_representative,
        phone=says.phone,
        website=says.website,
        description=in_language(at.lang, says.description_zh, says.description_en),
        products=products_of(says.products_zh, says.products_en, at.lang),
        processes=_processes(says, at),
        sites=sites_of(says.sites, at),
        risks=_risks(row, at),
        levels=levels,
        tiers=CardMaker(at, Asked(), {}).tiers(_tiers(row, at)),
        certified=bool(levels),
        certificates=tuple(certificate_view(row, at) for row in in_order(certificates, at)),
        assessment=assessment_view(row, at),
        rankings=_rankings(row, at),
        achievements=(*_achievements(row, own, at), *own_achievements(own, at)),
        profile=profile_view(row, own, at),
        self_declared=tuple(says.self_declared),
        profile_hidden=row.profile_hidden_at is not None,
        source=source_of(row.provenance),
        fictional=row.provenance is not None and is_fictional(row.provenance.issuing_body),
        listed_at=row.listed_at,
        updated_at=row.updated_at,
        data_version=at.data_version,
        valid_on=at.today,
        url=supplier_url(row.key),
    )


def similar(row: Supplier, at: Context, engine: Callable[[], SearchEngine]) -> tuple[ResultItem, ...]:
    """Cards of firms of the same sector that make the like; none while the engine is down: the page stands without."""
    catalogue, row = at.catalogue, as_shown(row)
    says = stated(row, own_words(at.session, row.id))
    document = SupplierDocument(
        id=row.key,
        version=row.index_version,
        names=(),
        products=(*says.products_zh, *says.products_en),
        sector=row.sector,
        industries=tuple(path for code in row.industries if (path := catalogue.industry_path(code))),
        processes=tuple(process["code"] for process in says.processes if process["code"] in catalogue.processes),
    )
    try:
        keys = engine().similar(document, MAX_SIMILAR)
    except EngineUnavailable:
        return ()
    return cards(keys, at, Asked())


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _region(code: str | None, at: Context) -> tuple[Coded, ...]:
    return at.path(at.catalogue.region_path(code or ""), at.catalogue.regions)


def _processes(says: Stated, at: Context) -> tuple[ProcessView, ...]:
    return tuple(
        ProcessView(
            code=process["code"],
            label=at.coded(process["code"], at.catalogue.processes).label,
            subcontracted=bool(process.get("subcontracted")),
        )
        for process in says.processes
    )


def sites_of(sites: Iterable[Mapping[str, Any]], at: Context) -> tuple[SiteView, ...]:
    """Production sites, each in its place."""
    return tuple(
        SiteView(name=site.get("name", ""), address=site.get("address", ""), region=_region(site.get("region"), at))
        for site in sites
    )


def _risks(row: Supplier, at: Context) -> tuple[RiskView, ...]:
    """Every kind the catalogue knows: a kind without a fact was not checked, which is not "no"."""
    views = []
    for code in at.catalogue.risk_kinds:
        fact: Mapping[str, Any] = row.risks.get(code, {})
        views.append(
            RiskView(
                kind=at.coded(code, at.catalogue.risk_kinds),
                answer=fact.get("answer", "not_checked"),
                source=fact.get("source", ""),
                checked_on=_day(fact.get("checked_on")),
            )
        )
    return tuple(views)


def _tiers(row: Supplier, at: Context) -> list[tuple[str, date]]:
    held = at.session.execute(
        select(Recognition.tier, Recognition.expires_on).where(
            Recognition.supplier_id == row.id, Recognition.recognised_on <= at.today, Recognition.expires_on >= at.today
        )
    )
    return [(tier, expires_on) for tier, expires_on in held]


def in_order(rows: Sequence[Certificate], at: Context) -> list[Certificate]:
    """Valid ones first, then by scheme as the catalogue has them, the newest first."""
    places = {code: place for place, code in enumerate(at.catalogue.schemes)}

    def order(row: Certificate) -> tuple[int, int, int]:
        state = STATE_ORDER.index(state_on(row, at.today))
        return state, places.get(row.scheme, len(places)), -row.issued_on.toordinal()

    return sorted(rows, key=order)


def certificate_view(row: Certificate, at: Context) -> CertificateView:
    """A certificate, read with its provenance."""
    states, bases = labels.state_labels(), labels.basis_labels()
    state = state_on(row, at.today)
    scheme = at.catalogue.schemes.get(row.scheme)
    return CertificateView(
        scheme=at.coded(row.scheme, at.catalogue.schemes),
        level=_level(scheme, row.level, at) if row.level else None,
        number=row.number,
        issuer=row.issuer,
        scope=row.scope,
        sites=tuple(row.sites),
        basis=labels.coded(row.basis, bases),
        issued_on=row.issued_on,
        expires_on=row.expires_on,
        state=labels.coded(state, states),
        state_on=row.state_on,
        state_reason=row.state_reason,
        counts=counts(row, at.catalogue),
        days_left=(row.expires_on - at.today).days if state == "valid" and row.expires_on else None,
        source=source_of(row.provenance),
    )


def _level(scheme: Scheme | None, code: str, at: Context) -> Coded:
    return at.coded(code, {level.code: level for level in scheme.levels} if scheme else {})


def _rankings(row: Supplier, at: Context) -> tuple[RankView, ...]:
    """Newest first; of one day the official one before the computed."""
    ranked = at.session.execute(
        select(Ranking, Edition)
        .join(Edition, Edition.id == Ranking.edition_id)
        .where(Ranking.supplier_id == row.id, Edition.state == EditionState.PUBLISHED)
        .order_by(Edition.as_of.desc(), Edition.official.desc(), Edition.code)
    )
    return tuple(
        rank_view(RankRow(edition.id, place.position, place.score, place.grade), edition, at.edition_label(edition))
        for place, edition in ranked
    )


def _achievements(row: Supplier, own: Own | None, at: Context) -> tuple[AchievementView, ...]:
    kinds = labels.achievement_labels()
    held = at.session.scalars(
        select(Achievement)
        .where(Achievement.supplier_id == row.id)
        .options(joinedload(Achievement.provenance))
        .order_by(Achievement.kind, Achievement.dated.desc(), Achievement.id)
    )
    return tuple(
        AchievementView(
            kind=labels.coded(one.kind, kinds),
            title=in_language(at.lang, one.title_zh, one.title_en),
            description=one.description,
            dated=one.dated,
            self_declared=one.self_declared,
            source=source_of(one.provenance),
        )
        for one in official_only(achievements_shown(row, held), own)
    )
