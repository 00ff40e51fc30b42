"""What the portal and every engine agree on: documents in, queries in, pages out. No engine's dict crosses this line.

An engine is opened by `search.open_engine(url, vocabulary)`. Dates are calendar days, China time (Asia/Shanghai).

Semantics, stated once (the contract suite holds every engine to them):

- OR within a facet, AND between facets. Each facet is counted under every *other* selection: a value's number is the
  total of the query with that value alone chosen in its facet.
- `levels` is a facet: `LevelChoice(scheme, level)` matches firms whose highest valid level in that scheme is that one;
  `LevelChoice(scheme, None)` any valid certificate of the scheme. `levels_min` are ANDed: that level or higher.
- A date condition speaks of the certificate that a level choice names: `valid_through` that the latest end at that
  level or above is on or after the day, `expires_before` that it is before the day, `certified_from`/`certified_to`
  that the earliest start at that level or above is on or after / on or before the day. Without any level choice they
  speak of the firm's certificates taken together (latest end, earliest start of all). With several choices each carries
  the dates; so the level facet counts each level within the dates of its own certificates.
- Criteria: ALL, ANY, at least N of `criteria` (codes distinct, 1 <= N <= their number), or at least N and at most M
  (N <= M < their number: near misses). `criteria_not` are codes not
  recorded as met. Under ALL the criteria facet counts what adding each code would leave; under the others it is
  counted without `criteria`; `criteria_not` always applies.
- `edition` chooses the edition that `grades`, `top` and the RANK sort speak of; None: the current edition of each
  firm's own sector. `grades` is a facet. `top` = best x per cent (1 to 100): ceil(100 * position / peers) <= x.
  `edition` alone (with no grades and no top) asks for firms ranked in it. The edition facet is counted without
  `edition`, `grades` and `top`: they speak of one edition.
- `has` and `lacks` are flags of the document, all must hold; one flag in both is a QueryError. The flag facet counts
  what adding each to `has` would leave.
- Fit is the sum of `nice` weights met; musts add nothing.
- Every order ends in a salted hash of the id, so it is total and favours nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal, Protocol

from search.batching import batches as batches  # noqa: PLC0414  (part of the contract)

MAX_HITS = 10_000
"""Paging ends here on every engine; what lies beyond is `scan`'s."""

MAX_PER_PAGE = 100
MAX_WORDS = 32
"""More words of text than these are left out, and a notice says so (notes: rule 23)."""


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate that is valid on the day the document was made, on a basis that counts. `until` None: no end."""

    scheme: str
    level: str | None
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A firm's place in an edition. `current`: the edition is the current one of the firm's own sector."""

    edition: str
    position: int
    peers: int
    grade: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierDocument:
    """One firm as the index knows it; public facts only.

    `id` is "<scheme>/<number>". `version` rises with every change. `industries` and `regions` are paths, topmost code
    first, e.g. ("34", "345", "3451"). `codes` are exact keys that must find the firm: its number, certificate numbers.
    `flags` are what `has` and `lacks` ask for. `listed` is a day number or second count: newer is greater.
    """

    id: str
    version: int
    names: tuple[str, ...]
    codes: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    sort_name: str = ""
    sector: str = "other"
    industries: tuple[tuple[str, ...], ...] = ()
    processes: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    size: str | None = None
    status: str | None = None
    regions: tuple[tuple[str, ...], ...] = ()
    certificates: tuple[HeldCertificate, ...] = ()
    criteria_met: tuple[str, ...] = ()
    assessed_on: date | None = None
    standings: tuple[Standing, ...] = ()
    flags: tuple[str, ...] = ()
    listed: int = 0


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A withdrawn firm: found by nothing, kept with its version so that a late older write cannot bring it back."""

    id: str
    version: int


Change = SupplierDocument | Tombstone


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the search must know of the catalogue: levels (lowest first) by scheme, trade synonyms, company-form words.

    The first scheme that has levels is the one the LEVEL sort uses when a query names none.
    """

    schemes: Mapping[str, tuple[str, ...]]
    synonyms: tuple[tuple[str, ...], ...] = ()
    company_forms: tuple[str, ...] = ()
    fingerprint: str = ""


class Sort(StrEnum):
    """Orders of a result. RELEVANCE without text falls back to NEWEST."""

    RELEVANCE = "relevance"
    FIT = "fit"
    RANK = "rank"
    LEVEL = "level"
    CRITERIA = "criteria"
    NAME = "name"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A scheme, and a level of it or None for any."""

    scheme: str
    level: str | None = None


FacetName = Literal[
    "sector", "industry", "process", "tier", "size", "status", "region", "level", "criteria", "grade", "flag", "edition"
]


@dataclass(frozen=True, slots=True)
class FacetRequest:
    """A facet to count: its `size` largest values (ties by value), of `industry` and `region` at `depth` (1 = top).

    `values`, if not empty, limits the buckets to those values. `keep` are values shown even at zero; the selected
    values of a facet without depth are kept anyway. The level facet has "scheme" and "scheme:level" values.
    """

    name: FacetName
    size: int = 50
    depth: int = 1
    values: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


CriteriaMode = Literal["all", "any"] | int | tuple[int, int]
"""How many of the criteria must be met: all, any, at least so many, or (at least, at most) so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A question to the index. Tuples hold distinct values; what is empty or None does not filter."""

    text: str = ""
    sectors: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    levels: tuple[LevelChoice, ...] = ()
    levels_min: tuple[LevelChoice, ...] = ()
    criteria: tuple[str, ...] = ()
    criteria_mode: CriteriaMode = "all"
    criteria_not: tuple[str, ...] = ()
    nice: tuple[tuple[str, int], ...] = ()
    edition: str | None = None
    grades: tuple[str, ...] = ()
    top: int | None = None
    valid_through: date | None = None
    expires_before: date | None = None
    certified_from: date | None = None
    certified_to: date | None = None
    assessed_since: date | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    ids: tuple[str, ...] | None = None
    ids_not: tuple[str, ...] = ()
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    per_page: int = 20
    facets: tuple[FacetRequest, ...] = ()

    @property
    def asked_criteria(self) -> tuple[str, ...]:
        """The criteria that it names as met, the musts before the nice ones, each once."""
        return tuple(dict.fromkeys((*self.criteria, *(code for code, _weight in self.nice))))


@dataclass(frozen=True, slots=True)
class Hit:
    """A firm found: its id, and the fit (sum of the nice weights met; 0 without `nice`)."""

    id: str
    fit: int = 0


@dataclass(frozen=True, slots=True)
class Bucket:
    """A value of a facet and how many firms it would leave."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """A counted facet, largest first (ties by value); `truncated` when values beyond `size` were left out."""

    name: FacetName
    buckets: tuple[Bucket, ...]
    depth: int = 1
    truncated: bool = False


class Notice(StrEnum):
    """Something the engine did with the text that a reader should be told."""

    WORDS_LEFT_OUT = "words_left_out"
    COMPANY_FORMS_IGNORED = "company_forms_ignored"


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits with the exact total. `pages`: what paging reaches (MAX_HITS); `took_ms` is engine time."""

    total: int
    hits: tuple[Hit, ...]
    facets: tuple[Facet, ...]
    page: int
    pages: int
    took_ms: float
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Crosstab:
    """Firms by two facets: `cells[row][column]`; rows and columns as asked, each firm once a cell it belongs to."""

    cells: Mapping[str, Mapping[str, int]]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class Tallied:
    """A query's total, and its firms by the values of facets: each as asked, but counted under the whole query."""

    total: int
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class PreparedChange:
    """A change in the form in which an engine writes it; `row` is that engine's own affair, and can be pickled."""

    id: str
    version: int
    row: Any


@dataclass(frozen=True, slots=True)
class Prepared:
    """Changes made ready by an engine's `prepare`, in this process or another; `failed`: ids it refuses, and why."""

    changes: tuple[PreparedChange, ...]
    failed: Mapping[str, str]


Changes = Sequence[Change] | Prepared


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of each change: applied, stale (the index has that version or a newer one), failed with a reason."""

    applied: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    failed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """An engine's state. `current` is False when the index was built by other fields, analysis or catalogue."""

    engine: str
    version: str
    documents: int
    current: bool
    index: str


class SearchError(Exception):
    """Anything the search could not do."""


class QueryError(SearchError):
    """A query that contradicts itself or names what does not exist; `field` is the SearchQuery field at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class EngineUnavailable(SearchError):
    """The engine did not answer, or not wholly (a failed shard, a time-out): nothing may be concluded."""


class IndexMissing(EngineUnavailable):
    """There is no index yet, or it was built by other fields or another analysis: `flask index rebuild`."""


class Build(Protocol):
    """An index being built beside the live one. Nothing is visible until `swap`; `discard` leaves no trace."""

    name: str

    def apply(self, changes: Changes) -> ApplyReport:
        """Write changes into the new index (versions hold as in the live one)."""

    def count(self) -> int:
        """How many firms (tombstones apart) the new index holds; makes them searchable first."""

    def swap(self) -> None:
        """Make it the live index; the old one goes."""

    def discard(self) -> None:
        """Remove it."""


class SearchEngine(Protocol):
    """An index of supplier documents. Every method may raise EngineUnavailable; those with a query, QueryError."""

    def search(self, query: SearchQuery) -> SearchPage:
        """The page of hits, exact total and facets of a query, from one engine request."""

    def counts(self, queries: Sequence[SearchQuery]) -> list[int]:
        """The exact total of each query, from one engine request."""

    def without_each(self, query: SearchQuery, others: Sequence[SearchQuery] = ()) -> tuple[dict[str, int], list[int]]:
        """The total of the query without each of its criteria in turn, all of which it asks (mode ALL).

        And the totals of `others`, from the same engine request.
        """

    def suggest(self, text: str, size: int = 8) -> tuple[str, ...]:
        """Ids of firms whose name begins with the text (characters, pinyin, its initials, Latin words) as typed."""

    def did_you_mean(self, query: SearchQuery) -> str | None:
        """A text that differs by homophones or one edit a word and has hits under the same filters, or None."""

    def similar(self, document: SupplierDocument, size: int = 6) -> tuple[str, ...]:
        """Ids of firms of the same sector that share most (industries, processes, products); not itself."""

    def count_by(self, query: SearchQuery, rows: FacetRequest, columns: FacetRequest) -> Crosstab:
        """Counts under the query for each pair of values of two different facets."""

    def tally(self, queries: Sequence[SearchQuery], requests: Sequence[FacetRequest]) -> list[Tallied]:
        """Each query's total and facets, counted under all of its conditions (its own selection too), in one request.

        Under dates the level facet is refused: there a level has dates of its own.
        """

    def scan(self, query: SearchQuery) -> Iterator[str]:
        """Every hit's id, each once, in no promised order; a consistent snapshot of the moment it began."""

    def prepare(self, changes: Sequence[Change]) -> Prepared:
        """Work out what `apply` would write. Needs no index and no server, so other processes can do it (rebuilds)."""

    def apply(self, changes: Changes, *, visible: bool = True) -> ApplyReport:
        """Write changes by version into the live index; `visible`: found when this returns. For the worker alone."""

    def begin_build(self) -> Build:
        """A new empty index beside the live one."""

    def discard_builds(self) -> None:
        """Remove what killed builds left behind."""

    def health(self) -> Health:
        """The state of the live index. Raises IndexMissing when there is none."""

    def close(self) -> None:
        """Let go of files and connections."""
