"""Official facts on their way into the register: what importing, the sample and staff hand to the writer.

None means "not stated", and leaves what is there; an empty text or tuple states that there is nothing.
Codes are the catalogue's; the writer refuses unknown ones. Dates are calendar days, China time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CertificateState(StrEnum):
    """State of a certificate (证书状态); expired follows from the date."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    GIVEN_UP = "given_up"


class Result(StrEnum):
    """Result of a criterion in an assessment; a code that is absent was not assessed."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceFacts:
    """Where facts come from (see models.Provenance)."""

    issuing_body: str
    title: str = ""
    document_number: str = ""
    batch: str = ""
    issued_on: date | None = None
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """One certificate; identified within the firm and scheme by number, else by level and date of issue."""

    scheme: str
    issued_on: date
    level: str | None = None
    number: str = ""
    issuer: str | None = None
    scope: str | None = None
    sites: tuple[str, ...] | None = None
    basis: str | None = None
    expires_on: date | None = None
    state: CertificateState | None = None
    state_on: date | None = None
    state_reason: str | None = None

    @property
    def key(self) -> str:
        """What tells it apart from the firm's other certificates of the scheme."""
        return self.number or f"{self.level or ''}@{self.issued_on.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """A criterion's result; a number in the catalogue's unit as `value`, where the evidence is as `evidence`."""

    result: Result
    value: float | str | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentFacts:
    """One assessment, identified within the firm by day and assessor.

    `results` by criterion code replace those there; codes that are not stated keep theirs.
    """

    assessed_on: date
    assessor: str
    results: Mapping[str, CriterionResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionFacts:
    """A tier recognised on a day; `expires_on` None: after the catalogue's years."""

    tier: str
    recognised_on: date
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AchievementFacts:
    """A scientific or technological result; `kind` in_use, on_offer or wanted. Identified by kind and title."""

    kind: str
    title_zh: str = ""
    title_en: str = ""
    description: str = ""
    dated: date | None = None
    self_declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFact:
    """Whether a firm is on a risk list, by whom and when it was checked."""

    answer: bool
    source: str
    checked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process, in-house unless subcontracted."""

    code: str
    subcontracted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A production site."""

    region: str | None = None
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierFacts:
    """A firm by scheme and number with what is stated of it (see models.Supplier for the meanings)."""

    scheme: str
    number: str
    name_zh: str | None = None
    name_en: str | None = None
    former_names: tuple[tuple[str, date | None], ...] | None = None
    sector: str | None = None
    size: str | None = None
    status: str | None = None
    status_on: date | None = None
    established_on: date | None = None
    region: str | None = None
    address: str | None = None
    legal_representative: str | None = None
    phone: str | None = None
    website: str | None = None
    description_zh: str | None = None
    description_en: str | None = None
    industries: tuple[str, ...] | None = None
    processes: tuple[Process, ...] | None = None
    products_zh: tuple[str, ...] | None = None
    products_en: tuple[str, ...] | None = None
    sites: tuple[Site, ...] | None = None
    risks: Mapping[str, RiskFact] | None = None
    self_declared: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """As in addresses and the index: "<scheme>/<number>"."""
        return f"{self.scheme}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierRecord:
    """A firm with what belongs to it, as one unit of writing."""

    supplier: SupplierFacts
    certificates: tuple[CertificateFacts, ...] = ()
    assessments: tuple[AssessmentFacts, ...] = ()
    recognitions: tuple[RecognitionFacts, ...] = ()
    achievements: tuple[AchievementFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingFacts:
    """A firm's place in an edition; `score` in points (0 to 100)."""

    supplier: str
    position: int
    score: float | None = None
    grade: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionFacts:
    """An edition to publish; `peers` None: as many as are ranked."""

    code: str
    sector: str
    period: str
    as_of: date
    official: bool
    industry: str | None = None
    title_zh: str = ""
    title_en: str = ""
    method: str = ""
    method_version: str = ""
    peers: int | None = None
