"""Editions computed by the portal (门户试算) from assessments, by a method of the catalogue.

How a firm is scored:

1. Its assessment is the newest up to the day (`as_of`); of one day, the last assessor by name. Withdrawn firms are
   left out.
2. Applicable are the catalogue's criteria for its sector and industries, less those recorded as not applicable.
   Assessed are the applicable ones that are met or not met. What was not assessed counts neither for nor against.
3. A firm with less than the method's `minimum_assessed` share of its applicable criteria assessed is not ranked.
4. A group's share is met / assessed. The score is the mean of the shares by the method's weights, over the groups in
   which anything was assessed; a group of weight 0, or that the method does not name, does not count.
5. Score in thousandths of a point (0 to 100,000), halves up, in integers throughout: the same register gives the same
   edition, to the byte, on every machine.
6. Equal scores share a position (1, 2, 2, 4). The grade follows from ceil(100 x position / peers), peers being all
   that are ranked.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from portal.models import Assessment, Edition, Supplier
from portal.models.database import begin_write
from portal.register.catalogue import Catalogue, RankingMethod
from portal.register.facts import EditionFacts, RankingFacts, Result
from portal.register.writer import Writer

THOUSAND = 1000
FULL = 100 * THOUSAND


class NothingToRank(Exception):
    """No firm of the sector has enough criteria assessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingRequest:
    """An edition to compute. `method` None: the catalogue's first. `as_of` None: today."""

    sector: str
    period: str
    as_of: date
    method: str | None = None

    @property
    def edition_code(self) -> str:
        """The code it is published under; one computed edition a sector and period."""
        return f"{self.sector}-{self.period}-computed"


@dataclass(frozen=True, slots=True)
class Computed:
    """An edition that was published: how many firms it ranks, and how many too little was assessed of."""

    code: str
    ranked: int
    left_out: int


class StoredResult(msgspec.Struct, frozen=True):
    """The part of a criterion's stored result that counts."""

    result: str


_decode = msgspec.json.Decoder(dict[str, StoredResult]).decode
_MET, _NOT_APPLICABLE = Result.MET.value, Result.NOT_APPLICABLE.value


class Scorer:
    """Scores firms of a sector by a method."""

    def __init__(self, catalogue: Catalogue, method: RankingMethod, sector: str) -> None:
        self._catalogue, self._method, self._sector = catalogue, method, sector
        self._groups = lru_cache(maxsize=4096)(self._applicable)
        sizes = Counter(criterion.group for criterion in catalogue.criteria.values())
        self._common = math.lcm(*range(1, max(sizes.values(), default=1) + 1))
        minimum = method.minimum_assessed.as_integer_ratio()
        self._least, self._of = minimum

    def _applicable(self, industries: tuple[str, ...]) -> Mapping[str, str]:
        criteria = self._catalogue.applicable_criteria(self._sector, industries)
        return {criterion.code: criterion.group for criterion in criteria}

    def score(self, industries: tuple[str, ...], results: Mapping[str, StoredResult]) -> int | None:
        """Thousandths of a point; None for a firm that is not ranked. `results` by criterion code."""
        groups = self._groups(industries)
        met: dict[str, int] = {}
        assessed: dict[str, int] = {}
        excluded = 0
        for code, stored in results.items():
            group = groups.get(code)
            if group is None:
                continue
            if stored.result == _NOT_APPLICABLE:
                excluded += 1
                continue
            assessed[group] = assessed.get(group, 0) + 1
            if stored.result == _MET:
                met[group] = met.get(group, 0) + 1
        if sum(assessed.values()) * self._of < (len(groups) - excluded) * self._least:
            return None
        return self._mean(met, assessed)

    def _mean(self, met: Mapping[str, int], assessed: Mapping[str, int]) -> int | None:
        weights = self._method.weights
        total = sum(weights.get(group, 0) for group in assessed) * self._common
        if not total:
            return None
        points = sum(weights.get(group, 0) * met.get(group, 0) * (self._common // n) for group, n in assessed.items())
        return (2 * FULL * points + total) // (2 * total)


def publish_computed(session: Session, catalogue: Catalogue, request: RankingRequest, *, actor: str) -> Computed:
    """Compute an edition and publish it, in the caller's transaction (it must be new; the caller commits).

    Raises KeyError for an unknown sector or method, NothingToRank, and WriteError when it is published already.
    """
    sector = catalogue.sectors[request.sector]
    method = catalogue.methods[request.method] if request.method else next(iter(catalogue.methods.values()))
    begin_write(session)
    scored, left_out = _scores(session, Scorer(catalogue, method, sector.code), request)
    if not scored:
        raise NothingToRank(f"no firm of sector {sector.code!r} has enough criteria assessed as of {request.as_of}")
    edition = EditionFacts(
        code=request.edition_code,
        sector=sector.code,
        period=request.period,
        as_of=request.as_of,
        official=False,
        title_zh=f"{sector.name_zh}供应商榜单 {request.period}（门户试算）",
        title_en=f"{sector.name_en}: suppliers ranked, {request.period} (computed by the portal)",
        method=method.code,
        method_version=method.version,
        peers=len(scored),
    )
    writer = Writer(session, catalogue, actor=actor, origin=f"computed {request.edition_code}")
    published: Edition = writer.publish_edition(edition, ranked(scored, method))
    return Computed(published.code, len(scored), left_out)


def ranked(scored: list[tuple[int, str]], method: RankingMethod) -> Iterator[RankingFacts]:
    """Rankings of (score, supplier key), best first; equal scores share a position and are ordered by key."""
    position, before = 0, -1
    for place, (score, key) in enumerate(sorted(scored, key=lambda item: (-item[0], item[1])), start=1):
        if score != before:
            position, before = place, score
        yield RankingFacts(
            supplier=key, position=position, score=score / THOUSAND, grade=grade_of(method, position, len(scored))
        )


def grade_of(method: RankingMethod, position: int, peers: int) -> str:
    """The grade of a position by the best share in per cent."""
    share = -(-100 * position // peers)
    return next((grade for grade, bound in method.grades if share <= bound), "")


def _scores(session: Session, scorer: Scorer, request: RankingRequest) -> tuple[list[tuple[int, str]], int]:
    scored: list[tuple[int, str]] = []
    left_out = 0
    for row in _newest(session, request):
        score = scorer.score(tuple(row.industries), _decode(row.results))
        if score is None:
            left_out += 1
        else:
            scored.append((score, f"{row.scheme}/{row.number}"))
    return scored, left_out


def _newest(session: Session, request: RankingRequest) -> Iterator[Any]:
    """Each firm's newest assessment up to the day, streamed: rows come firm by firm, oldest first."""
    columns = (Supplier.id, Supplier.scheme, Supplier.number, Supplier.industries)
    wanted = (
        select(*columns, cast(Assessment.results, Text).label("results"))
        .join(Assessment, Assessment.supplier_id == Supplier.id)
        .where(
            Supplier.sector == request.sector,
            Supplier.withdrawn_at.is_(None),
            Assessment.assessed_on <= request.as_of,
        )
        .order_by(Supplier.id, Assessment.assessed_on, Assessment.assessor)
    )
    before: Any = None
    for row in session.execute(wanted.execution_options(yield_per=500)):
        if before is not None and row.id != before.id:
            yield before
        before = row
    if before is not None:
        yield before
