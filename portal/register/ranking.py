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

A million assessments are scored in about a minute and 200 MB: they are streamed by their marks (`register.marks`), and
of each firm only one integer is kept. Nothing is written meanwhile, so nobody waits.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import Assessment, Edition, EditionState, Supplier
from portal.models.database import begin_write
from portal.register import editions
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue, RankingMethod, Sector
from portal.register.editions import Place
from portal.register.facts import EditionFacts
from portal.register.marks import MET, NOT_APPLICABLE, NOT_MET
from portal.register.problems import FactProblem, WriteError

THOUSAND = 1000
FULL = 100 * THOUSAND
ID_BITS = 44
STREAMED = 2_000
"""Rows fetched at once; how far it is is told as often."""


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


class Scorer:
    """Scores firms of a sector by a method."""

    def __init__(self, catalogue: Catalogue, method: RankingMethod, sector: str) -> None:
        self._catalogue, self._method, self._sector = catalogue, method, sector
        self._known = lru_cache(maxsize=4096)(self._marks)
        sizes = Counter(criterion.group for criterion in catalogue.criteria.values())
        self._common = math.lcm(*range(1, max(sizes.values(), default=1) + 1))
        minimum = method.minimum_assessed.as_integer_ratio()
        self._least, self._of = minimum

    def _marks(self, industries: tuple[str, ...]) -> tuple[int, Mapping[str, tuple[str, str]]]:
        """How many criteria apply; and of each mark of theirs its group and its sign."""
        criteria = self._catalogue.applicable_criteria(self._sector, industries)
        signs = (MET, NOT_MET, NOT_APPLICABLE)
        return len(criteria), {one.code + sign: (one.group, sign) for one in criteria for sign in signs}

    def score(self, industries: tuple[str, ...], marks: str) -> int | None:
        """Thousandths of a point; None for a firm that is not ranked. `marks` as `register.marks` makes them."""
        applicable, known = self._known(industries)
        met: dict[str, int] = {}
        assessed: dict[str, int] = {}
        for of, count in Counter(map(known.get, marks.split())).items():
            if of is None:
                continue
            group, sign = of
            if sign == NOT_APPLICABLE:
                applicable -= count
                continue
            assessed[group] = assessed.get(group, 0) + count
            if sign == MET:
                met[group] = count
        if sum(assessed.values()) * self._of < applicable * self._least:
            return None
        return self._mean(met, assessed)

    def _mean(self, met: Mapping[str, int], assessed: Mapping[str, int]) -> int | None:
        weights = self._method.weights
        total = sum(weights.get(group, 0) for group in assessed) * self._common
        if not total:
            return None
        points = sum(weights.get(group, 0) * met.get(group, 0) * (self._common // n) for group, n in assessed.items())
        return (2 * FULL * points + total) // (2 * total)


class Scores:
    """The scores of a sector's firms. Each is one integer, in which less is better: a million take 40 MB."""

    def __init__(self) -> None:
        self._packed: list[int] = []
        self.left_out = 0

    def __len__(self) -> int:
        return len(self._packed)

    def add(self, supplier_id: int, score: int | None) -> None:
        """Take a firm's score; None: it is left out."""
        if score is None:
            self.left_out += 1
        else:
            self._packed.append((FULL - score) << ID_BITS | supplier_id)

    def places(self, method: RankingMethod) -> Iterator[Place]:
        """Best first; equal scores share a position and are ordered by id."""
        position, before, grade = 0, -1, ""
        self._packed.sort()
        for place, packed in enumerate(self._packed, start=1):
            score = FULL - (packed >> ID_BITS)
            if score != before:
                position, before = place, score
                grade = grade_of(method, position, len(self))
            yield Place(packed & (1 << ID_BITS) - 1, position, score, grade)


def grade_of(method: RankingMethod, position: int, peers: int) -> str:
    """The grade of a position by the best share in per cent."""
    share = -(-100 * position // peers)
    return next((grade for grade, bound in method.grades if share <= bound), "")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request asks for by the catalogue."""

    request: RankingRequest
    sector: Sector
    method: RankingMethod
    catalogue: Catalogue

    @classmethod
    def of(cls, catalogue: Catalogue, request: RankingRequest) -> Plan:
        """Raises KeyError for an unknown sector or method."""
        method = catalogue.methods[request.method] if request.method else next(iter(catalogue.methods.values()))
        return cls(request, catalogue.sectors[request.sector], method, catalogue)

    def facts(self, code: str) -> EditionFacts:
        """Of the edition, under that code."""
        period = self.request.period
        return EditionFacts(
            code=code,
            sector=self.sector.code,
            period=period,
            as_of=self.request.as_of,
            official=False,
            title_zh=f"{self.sector.name_zh}供应商榜单 {period}（门户试算）",
            title_en=f"{self.sector.name_en}: suppliers ranked, {period} (computed by the portal)",
            method=self.method.code,
            method_version=self.method.version,
        )

    def scores(self, session: Session, progress: Callable[[int], None] = lambda _done: None) -> Scores:
        """Every firm's score, of one state of the register. `progress` is told of the firms done."""
        scorer, scores = Scorer(self.catalogue, self.method, self.sector.code), Scores()
        for done, row in enumerate(_newest(session, self.request), start=1):
            scores.add(row.id, scorer.score(tuple(row.industries), row.marks))
            if done % STREAMED == 0:
                progress(done)
        return scores

    def count(self, session: Session) -> int:
        """About how many firms there are to score."""
        wanted = select(func.count(Supplier.id)).where(Supplier.sector == self.sector.code)
        return session.scalar(wanted) or 0


def free_code(session: Session, base: str) -> str:
    """`base`, or with a number behind it where such an edition was taken back. Raises WriteError if one is alive."""
    code, number = base, 1
    while (state := session.scalar(select(Edition.state).where(Edition.code == code))) is not None:
        if state != EditionState.TAKEN_BACK:
            raise WriteError([FactProblem("edition.code", code, editions.TAKEN[EditionState(state)])])
        number += 1
        code = f"{base}-{number}"
    return code


def publish_computed(session: Session, catalogue: Catalogue, request: RankingRequest, *, actor: str) -> Computed:
    """Compute an edition and publish it, in the caller's transaction (it must be new; the caller commits).

    Raises KeyError for an unknown sector or method, NothingToRank, and WriteError when it is published already.
    """
    plan = Plan.of(catalogue, request)
    begin_write(session)
    facts = plan.facts(free_code(session, request.edition_code))
    scores = plan.scores(session)
    if not len(scores):
        raise NothingToRank(f"no firm of sector {facts.sector!r} has enough criteria assessed as of {request.as_of}")
    who = Actor(actor[:120], f"computed {facts.code}")
    published = editions.publish(session, facts, scores.places(plan.method), actor=who, provenance_id=None)
    return Computed(published.code, len(scores), scores.left_out)


def _newest(session: Session, request: RankingRequest) -> Iterator[Any]:
    """Each firm's newest assessment up to the day, streamed: rows come firm by firm, oldest first."""
    wanted = (
        select(Supplier.id, Supplier.industries, Assessment.marks)
        .join(Assessment, Assessment.supplier_id == Supplier.id)
        .where(
            Supplier.sector == request.sector,
            Supplier.withdrawn_at.is_(None),
            Assessment.assessed_on <= request.as_of,
        )
        .order_by(Supplier.id, Assessment.assessed_on, Assessment.assessor)
    )
    before: Any = None
    for row in session.execute(wanted.execution_options(yield_per=STREAMED)):
        if before is not None and row.id != before.id:
            yield before
        before = row
    if before is not None:
        yield before
