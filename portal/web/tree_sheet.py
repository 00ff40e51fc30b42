"""One supplier whole, and several side by side, as pages show them and the API sends them."""

from __future__ import annotations

from datetime import date, datetime

from portal.web.tree import (
    AchievementView,
    AssessmentView,
    CertificateView,
    Coded,
    FormerName,
    LevelHeld,
    Name,
    ProcessView,
    RankView,
    RiskView,
    SiteView,
    Source,
    Struct,
    TierHeld,
)


class OwnProcess(Struct, frozen=True, kw_only=True):
    """A process as the firm declares it: where, how much of it, in how many days."""

    code: str
    label: str
    subcontracted: bool
    capacity: str
    lead_days: int | None


class OwnMachine(Struct, frozen=True, kw_only=True):
    """Machines of one kind, as the firm declares them."""

    name: str
    number: int | None
    year: int | None


class OwnReference(Struct, frozen=True, kw_only=True):
    """A client that the firm names, and what it supplied."""

    name: str
    supplied: str


class OwnCertificateView(Struct, frozen=True, kw_only=True):
    """A certificate that the firm names and nobody has checked."""

    name: str
    issuer: str
    number: str
    issued_on: str
    expires_on: str


class ContactView(Struct, frozen=True, kw_only=True):
    """A person to turn to; `phone` is `masked` until that person agrees to have it shown."""

    person: str
    function: str
    phone: str
    masked: bool
    email: str


class ProfileView(Struct, frozen=True, kw_only=True):
    """What the firm says of itself, checked by nobody; its achievements are among the supplier's.

    `buyers_only`: the groups of it that are here because a signed-in buyer looks.
    """

    description: str
    products: tuple[str, ...]
    processes: tuple[OwnProcess, ...]
    sites: tuple[SiteView, ...]
    equipment: tuple[OwnMachine, ...]
    markets: tuple[str, ...]
    references: tuple[OwnReference, ...]
    certificates: tuple[OwnCertificateView, ...]
    website: str
    phone: str
    contacts: tuple[ContactView, ...]
    buyers_only: tuple[str, ...]


class SupplierSheet(Struct, frozen=True, kw_only=True):
    """All public facts of a supplier, as JSON: GET /api/v1/suppliers/<scheme>/<number>.

    `profile_hidden`: what the firm declared itself is not shown at the moment.
    """

    id: str
    scheme: str
    number: str
    name: Name
    former_names: tuple[FormerName, ...]
    sector: Coded
    industries: tuple[tuple[Coded, ...], ...]
    size: Coded | None
    status: Coded
    status_on: date | None
    established_on: date | None
    region: tuple[Coded, ...]
    address: str
    legal_representative: str
    phone: str
    website: str
    description: str
    products: tuple[str, ...]
    processes: tuple[ProcessView, ...]
    sites: tuple[SiteView, ...]
    risks: tuple[RiskView, ...]
    levels: tuple[LevelHeld, ...]
    tiers: tuple[TierHeld, ...]
    certified: bool
    certificates: tuple[CertificateView, ...]
    assessment: AssessmentView | None
    rankings: tuple[RankView, ...]
    achievements: tuple[AchievementView, ...]
    profile: ProfileView | None
    self_declared: tuple[str, ...]
    profile_hidden: bool
    source: Source | None
    fictional: bool
    listed_at: datetime
    updated_at: datetime
    data_version: int
    valid_on: date
    url: str


class CompareRow(Struct, frozen=True, kw_only=True):
    """A line of the comparison: a cell a supplier; `same` when all cells agree."""

    group: str
    label: str
    cells: tuple[str, ...]
    same: bool


class Comparison(Struct, frozen=True, kw_only=True):
    """2 to 5 suppliers; `warnings`: what two share; `missing`: ids of none held here; `left_out`: beyond the fifth."""

    suppliers: tuple[SupplierSheet, ...]
    rows: tuple[CompareRow, ...]
    warnings: tuple[str, ...]
    missing: tuple[str, ...]
    left_out: tuple[str, ...]
