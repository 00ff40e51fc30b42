"""What a sourcing record says, as one frozen tree: `record.json` is it, `record.html` shows it.

Names stand in both languages where the catalogue has both; codes stand beside them. Instants are China time with the
offset. Sources are listed once, and facts name them by their place, from 1; 0: none is recorded.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

FORMAT = 1


class Struct(msgspec.Struct, frozen=True, kw_only=True):
    """Of every part."""


class Both(Struct, frozen=True, kw_only=True):
    """A text in both languages; either may be empty."""

    zh: str = ""
    en: str = ""

    def text(self, lang: str) -> str:
        """The one in that language, else the other one."""
        return (self.en or self.zh) if lang == "en" else (self.zh or self.en)


class Labelled(Struct, frozen=True, kw_only=True):
    """A code of the catalogue with its name."""

    code: str
    name: Both


class Source(Struct, frozen=True, kw_only=True):
    """A document that facts come from."""

    issuing_body: str
    title: str
    document_number: str
    batch: str
    issued_on: date | None
    link: str


class Made(Struct, frozen=True, kw_only=True):
    """By whom it was made, and when."""

    organisation: str
    person: str
    at: datetime | None = None


class Basis(Struct, frozen=True, kw_only=True):
    """What it was made from: the state of the register, the catalogue, and the rules by which documents are made."""

    data_version: int
    valid_on: date
    catalogue: Both
    catalogue_version: str
    catalogue_demonstration: bool
    fingerprint: str


class Earlier(Struct, frozen=True, kw_only=True):
    """The record that this one replaces."""

    code: str
    title: str
    made_at: datetime


class StepView(Struct, frozen=True, kw_only=True):
    """A condition: what it says, how an address asks it, and how many firms there were before and after it."""

    number: int
    parameter: str
    said: Both
    address: str
    before: int
    after: int


class Nice(Struct, frozen=True, kw_only=True):
    """A criterion that is nice to have: it orders the hits and leaves none out."""

    code: str
    name: Both
    weight: int


class Kept(Struct, frozen=True, kw_only=True):
    """The version of kept sourcing conditions; `extended`: the address asked more, or less, than they do."""

    name: str
    version: int
    author: str
    at: datetime
    extended: bool


class Conditions(Struct, frozen=True, kw_only=True):
    """What was asked, as a funnel. `stale`: what the kept conditions name that the catalogue does not know."""

    kept: Kept | None
    address: str
    start: Both
    total: int
    steps: tuple[StepView, ...]
    nices: tuple[Nice, ...]
    found: int
    stale: tuple[str, ...] = ()


class Standing(Struct, frozen=True, kw_only=True):
    """How a firm stands against the conditions on the day: the numbers of those it does not meet (0: the start)."""

    meets_all: bool
    failed: tuple[int, ...]
    nices: tuple[str, ...] = ()
    fit: int = 0


class Note(Struct, frozen=True, kw_only=True):
    """A note of the organisation's own."""

    author: str
    at: datetime
    text: str


class CertificateFact(Struct, frozen=True, kw_only=True):
    """A certificate. `counts`: on a basis that counts towards a level. `state` on the day of the record."""

    scheme: Labelled
    level: Labelled | None
    number: str
    issuer: str
    basis: str
    issued_on: date
    expires_on: date | None
    state: str
    state_on: date | None
    counts: bool
    source: int


class RiskFact(Struct, frozen=True, kw_only=True):
    """A kind of risk: yes, no, or not_checked."""

    kind: Labelled
    answer: str
    source: str = ""
    checked_on: date | None = None


class RankFact(Struct, frozen=True, kw_only=True):
    """A place in the current edition of the firm's sector; not `official`: computed by the portal."""

    edition: str
    title: Both
    official: bool
    as_of: date
    position: int
    peers: int
    grade: str
    score: int | None
    source: int


class TierFact(Struct, frozen=True, kw_only=True):
    """A tier in force."""

    tier: Labelled
    recognised_on: date
    expires_on: date
    source: int


class CriterionFact(Struct, frozen=True, kw_only=True):
    """The result of a criterion that was asked for: met, not_met, not_applicable or not_assessed."""

    code: str
    result: str
    value: str = ""
    unit: Both = Both()


class AssessmentFact(Struct, frozen=True, kw_only=True):
    """The current assessment: how many criteria, and the result of each that was asked for."""

    assessed_on: date
    assessor: str
    met: int
    assessed: int
    asked: tuple[CriterionFact, ...]
    source: int


class Facts(Struct, frozen=True, kw_only=True):
    """What the register said of a firm on the day. `self_declared`: which of it the firm declared itself."""

    status: Labelled
    status_on: date | None
    sector: Labelled
    place: Both
    address: str
    certificates: tuple[CertificateFact, ...]
    risks: tuple[RiskFact, ...]
    rank: RankFact | None
    tiers: tuple[TierFact, ...]
    assessment: AssessmentFact | None
    self_declared: tuple[str, ...]
    source: int


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided of a firm; `by` and `at` empty while nobody has."""

    status: str
    reason: str
    by: str
    at: datetime | None


class Entry(Struct, frozen=True, kw_only=True):
    """A firm that was shortlisted. `gone`: "", withdrawn or merged; `withdrawn_reason` is the register's."""

    scheme: str
    number: str
    name: Both
    added_by: str
    added_at: datetime
    decision: Decision
    gone: str
    withdrawn_reason: str
    standing: Standing | None
    facts: Facts
    notes: tuple[Note, ...] = ()


class TakenOff(Struct, frozen=True, kw_only=True):
    """A firm that was taken off the list within the last day; what was taken off before is not known any more."""

    scheme: str
    number: str
    name: Both
    by: str
    at: datetime
    decision: Decision


class Record(Struct, frozen=True, kw_only=True):
    """The whole. `code` and `verify` are empty in a preview."""

    format: int = FORMAT
    kind: str = "xunyuan-sourcing-record"
    code: str = ""
    verify: str = ""
    title: str
    reference: str
    statement: str
    made: Made
    basis: Basis
    fictional: bool
    replaces: Earlier | None
    shortlist: str
    conditions: Conditions | None
    entries: tuple[Entry, ...]
    taken_off: tuple[TakenOff, ...]
    with_notes: bool
    sources: tuple[Source, ...]


def encoded(record: Record) -> bytes:
    """The tree as JSON: UTF-8, keys in the order of the alphabet, so that the same record is the same bytes."""
    return msgspec.json.format(msgspec.json.encode(record, order="sorted"), indent=1) + b"\n"


def decoded(text: bytes) -> Record:
    """The tree again."""
    return msgspec.json.decode(text, type=Record)
