"""The one frozen tree that presenters make: templates show it, the API sends it. Labels are in the request's language.

Structs whose name is in the API's contract (ResultItem, FacetView, ResultPage …) are the JSON itself: msgspec writes
them and describes them for OpenAPI. What only HTML pages show is in `portal.web.screens`. Addresses are relative to the
host. Dates are ISO days, China time; instants are UTC.
"""

from __future__ import annotations

from datetime import date

import msgspec


class Struct(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of every node. What is frozen and made from its leaves up holds no cycle for the collector to look for."""


class Name(Struct, frozen=True, kw_only=True):
    """A name in both languages; either may be empty."""

    zh: str
    en: str


class Coded(Struct, frozen=True, kw_only=True):
    """A catalogue code with its label."""

    code: str
    label: str


class Source(Struct, frozen=True, kw_only=True):
    """Provenance of an official fact."""

    issuing_body: str
    title: str
    document_number: str
    batch: str
    issued_on: date | None
    link: str


class LevelHeld(Struct, frozen=True, kw_only=True):
    """The highest valid level in a scheme (level None: a scheme without levels), and when it runs out."""

    scheme: str
    level: str | None
    label: str
    rank: int
    levels: int
    expires_on: date | None


class TierHeld(Struct, frozen=True, kw_only=True):
    """A tier in force."""

    tier: str
    label: str
    expires_on: date


class RankView(Struct, frozen=True, kw_only=True):
    """A place in an edition: "No. 12 of 431, top 3 %, computed by the portal"; `top`: in the better half."""

    edition: str
    label: str
    official: bool
    position: int
    peers: int
    percentile: int
    top: bool
    grade: str
    score: float | None


class CriteriaCount(Struct, frozen=True, kw_only=True):
    """How many criteria are met, of those that apply, of those assessed; from the current assessment."""

    met: int
    applicable: int
    assessed: int


class FitView(Struct, frozen=True, kw_only=True):
    """Of the criteria asked (musts and nice-to-haves) those met and those missing, as codes; `score` of `of` weight."""

    met: tuple[str, ...]
    missing: tuple[str, ...]
    score: int
    of: int


class Matched(Struct, frozen=True, kw_only=True):
    """A text in which words of the query were found; `pieces` alternate as (text, is a match)."""

    field: str
    pieces: tuple[tuple[str, bool], ...]


class ResultItem(Struct, frozen=True, kw_only=True):
    """A supplier in a result."""

    id: str
    name: Name
    sector: Coded
    industries: tuple[Coded, ...]
    region: tuple[Coded, ...]
    status: Coded
    size: Coded | None
    products: tuple[str, ...]
    processes: tuple[Coded, ...]
    levels: tuple[LevelHeld, ...]
    tiers: tuple[TierHeld, ...]
    certified: bool
    rank: RankView | None
    criteria: CriteriaCount | None
    fit: FitView | None
    matched: tuple[Matched, ...]
    fictional: bool
    url: str


class AtLeast(Struct, frozen=True, kw_only=True):
    """A level as "that or higher": the address that asks for it, or lets it go; `count` None where it is not known."""

    count: int | None
    selected: bool
    url: str


class FacetValue(Struct, frozen=True, kw_only=True):
    """A value of a facet; `url`: the address with it added, or removed when selected; `open`: something below it is.

    `exclude`: for criteria and flags, the address that asks for its absence (or lets that go when `excluded`).
    """

    value: str
    label: str
    count: int
    selected: bool
    url: str
    children: tuple[FacetValue, ...] = ()
    at_least: AtLeast | None = None
    exclude: str | None = None
    excluded: bool = False
    open: bool = False


class FacetView(Struct, frozen=True, kw_only=True):
    """A facet with its values, largest first; `truncated` when values are left out."""

    name: str
    label: str
    values: tuple[FacetValue, ...]
    truncated: bool


class NoticeView(Struct, frozen=True, kw_only=True):
    """Something a reader should be told: an ignored parameter, words left out, a page past the end."""

    code: str
    message: str


class ResultPage(Struct, frozen=True, kw_only=True):
    """A page of results, as JSON: GET /api/v1/suppliers."""

    total: int
    items: tuple[ResultItem, ...]
    facets: dict[str, FacetView]
    page: int
    pages: int
    per_page: int
    data_version: int
    valid_on: date
    notices: tuple[NoticeView, ...]
    next: str | None
    previous: str | None


class CertificateView(Struct, frozen=True, kw_only=True):
    """A certificate; `state` is valid, suspended, revoked, given_up, expired or future; `counts`: its basis does."""

    scheme: Coded
    level: Coded | None
    number: str
    issuer: str
    scope: str
    sites: tuple[str, ...]
    basis: Coded
    issued_on: date
    expires_on: date | None
    state: Coded
    state_on: date | None
    state_reason: str
    counts: bool
    days_left: int | None
    source: Source | None


class RiskView(Struct, frozen=True, kw_only=True):
    """A risk fact: answer yes, no or not_checked, by whom and when."""

    kind: Coded
    answer: str
    source: str
    checked_on: date | None


class ProcessView(Struct, frozen=True, kw_only=True):
    """A process it can do, in-house or subcontracted."""

    code: str
    label: str
    subcontracted: bool


class SiteView(Struct, frozen=True, kw_only=True):
    """A production site."""

    name: str
    address: str
    region: tuple[Coded, ...]


class Bar(Struct, frozen=True, kw_only=True):
    """Criteria met in a dimension (quality, standards, brand): of `assessed` were `met`; `applicable` in all."""

    code: str
    label: str
    met: int
    assessed: int
    applicable: int


class CriterionView(Struct, frozen=True, kw_only=True):
    """A criterion for this firm: result met, not_met, not_applicable or not_assessed."""

    code: str
    label: str
    result: str
    value: str
    unit: str
    evidence: str
    test: str
    reference: str
    verified: str


class CriterionGroupView(Struct, frozen=True, kw_only=True):
    """The criteria of a group with its counts."""

    code: str
    label: str
    met: int
    not_met: int
    not_applicable: int
    not_assessed: int
    criteria: tuple[CriterionView, ...]


class AssessmentView(Struct, frozen=True, kw_only=True):
    """The current assessment: who, when, source, the bars and the matrix."""

    assessed_on: date
    assessor: str
    source: Source | None
    count: CriteriaCount
    bars: tuple[Bar, ...]
    groups: tuple[CriterionGroupView, ...]


class AchievementView(Struct, frozen=True, kw_only=True):
    """A scientific or technological result in use, on offer or wanted."""

    kind: Coded
    title: str
    description: str
    dated: date | None
    self_declared: bool
    source: Source | None


class FormerName(Struct, frozen=True, kw_only=True):
    """A name the firm had until a day."""

    name: str
    until: date | None
