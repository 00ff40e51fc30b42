"""Fictional assessments: which of a firm's criteria were looked at, and met, by how good the firm is."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from random import Random

from portal.register.catalogue import Catalogue, Criterion, EvidenceKind
from portal.register.facts import AssessmentFacts, CriterionResult, Result

STEPS = 25
"""Classes of quality, from -3 to 3, for which chances are worked out beforehand."""

FEWEST, MOST = 64, 250
"""Criteria aimed at; about so many are looked at."""

VARIANTS = 8
"""Results of a kind that a criterion has, to choose from."""

ASSESSORS = ("演示评价机构甲（虚构）", "演示评价机构乙（虚构）", "演示评价机构丙（虚构）", "企业自评（虚构）")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a firm of some sector and industries can be asked: codes with their results, and chances in 256 by class."""

    rows: tuple[tuple[str, tuple[CriterionResult, ...], tuple[CriterionResult, ...]], ...]
    chances: tuple[bytes, ...]


class Assessor:
    """Assesses fictional firms. Results are made once and shared by all firms: a million of them cost little."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._pools = {code: _pool(criterion) for code, criterion in catalogue.criteria.items()}
        self._chances = {code: _chances(code) for code in catalogue.criteria}
        self._asked = lru_cache(maxsize=4096)(self._ask)
        self._distinct: dict[tuple[str, ...], _Asked] = {}

    def _ask(self, sector: str, industries: tuple[str, ...]) -> _Asked:
        codes = tuple(criterion.code for criterion in self._catalogue.applicable_criteria(sector, industries))
        asked = self._distinct.get(codes)
        if asked is None:
            rows = tuple((code, *self._pools[code]) for code in codes)
            chances = tuple(bytes(self._chances[code][step] for code in codes) for step in range(STEPS))
            asked = self._distinct[codes] = _Asked(rows, chances)
        return asked

    def assess(
        self, rng: Random, sector: str, industries: tuple[str, ...], quality: float, on: date
    ) -> AssessmentFacts | None:
        """An assessment of about 40 to 250 of the criteria that apply, None where none does."""
        asked = self._asked(sector, industries)
        count = len(asked.rows)
        if not count:
            return None
        wanted = FEWEST + (MOST - FEWEST) * rng.random() ** 1.4
        step = max(0, min(STEPS - 1, round((quality + 3) / 6 * (STEPS - 1))))
        looked_at = min(256, int(256 * wanted / count))
        drawn = zip(asked.rows, asked.chances[step], rng.randbytes(count), rng.randbytes(count), strict=True)
        results = {
            code: met[byte % VARIANTS] if byte < chance else other[byte % VARIANTS]
            for (code, met, other), chance, byte, look in drawn
            if look < looked_at
        }
        assessor = ASSESSORS[int(rng.random() * len(ASSESSORS))]
        return AssessmentFacts(assessed_on=on, assessor=assessor, results=results)


def _chances(code: str) -> list[int]:
    """The chance in 256 that a criterion is met, by class of quality; some are harder, by their code's hash."""
    spread = int.from_bytes(hashlib.blake2b(code.encode(), digest_size=2).digest(), "big") / 65535
    ease = 2.4 - 3.2 * spread
    return [int(256 / (1 + math.exp(-(ease + 1.1 * (6 * step / (STEPS - 1) - 3))))) for step in range(STEPS)]


def _pool(criterion: Criterion) -> tuple[tuple[CriterionResult, ...], tuple[CriterionResult, ...]]:
    """Figures lie on the right side of the threshold; one in eight of the results that are not met is 不适用."""
    none = CriterionResult(result=Result.NOT_APPLICABLE)
    if criterion.evidence is not EvidenceKind.NUMBER:
        return (CriterionResult(result=Result.MET),) * VARIANTS, (*[CriterionResult(result=Result.NOT_MET)] * 7, none)
    met = [CriterionResult(result=Result.MET, value=value) for value in _figures(criterion, good=True)]
    missed = [CriterionResult(result=Result.NOT_MET, value=value) for value in _figures(criterion, good=False)]
    return tuple(met), (*missed, none)


def _figures(criterion: Criterion, *, good: bool) -> list[float]:
    """Eight figures that meet the threshold, or seven that miss it; percentages stay between 0 and 100."""
    at_least = criterion.at_least
    threshold = at_least if at_least is not None else criterion.at_most or 0.0
    above = good is (at_least is not None)
    percent = criterion.unit == "%" and 0 <= threshold <= 100
    room = (100 - threshold if percent else max(threshold, 1.0)) if above else threshold
    steps = range(VARIANTS) if good else range(1, VARIANTS)
    return [round(threshold + (room if above else -room) * step / 8, 4) for step in steps]
