"""Fictional certificates and recognitions: in every state and basis, levels as skewed as in life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from portal.register.catalogue import Catalogue, Scheme
from portal.register.facts import CertificateFacts, CertificateState, RecognitionFacts

ISSUERS = ("演示认证中心（虚构）", "样例质量认证有限公司（虚构）", "示范检验认证研究院（虚构）")
SHARES = {"quality_capability": 70, "gbt19001": 74, "iatf16949": 14, "gbt24001": 42, "gbt45001": 30, "ccc": 12}
SHARES |= {"industrial_product_licence": 9, "special_equipment_licence": 5}
SECTORS = {
    "iatf16949": ("machinery", "electronics", "steel", "nonferrous"),
    "ccc": ("electronics", "machinery", "building_materials"),
    "special_equipment_licence": ("machinery",),
    "industrial_product_licence": ("machinery", "building_materials", "steel"),
}
LEVELS = (36, 30, 20, 10, 4)
TIERS = (50, 20, 24, 6)
_STATES = (
    (CertificateState.SUSPENDED, "监督审核未按期进行（虚构）"),
    (CertificateState.REVOKED, "认证范围内出现严重不符合（虚构）"),
    (CertificateState.GIVEN_UP, "企业申请注销（虚构）"),
)


class Certifier:
    """Certifies fictional firms as of 1 January of `year`."""

    def __init__(self, catalogue: Catalogue, year: int) -> None:
        self._schemes = [scheme for scheme in catalogue.schemes.values() if scheme.territory == "CN"]
        self._tiers = list(catalogue.tiers.values())
        self._tier_weights = list(accumulate((*TIERS, *[5] * len(self._tiers))[: len(self._tiers)]))
        self._start = date(year, 1, 1)

    def certificates(self, rng: Random, sector: str, scope: str, quality: float) -> list[CertificateFacts]:
        """A firm's certificates; better firms have more of them, and higher levels."""
        found: list[CertificateFacts] = []
        for scheme in self._schemes:
            sectors = SECTORS.get(scheme.code)
            if sectors is not None and sector not in sectors:
                continue
            if rng.random() * 100 < SHARES.get(scheme.code, 10) + 12 * quality:
                found.append(self._certificate(rng, scheme, scope, quality, ago=0))
                if rng.random() < 0.15:
                    found.append(self._certificate(rng, scheme, scope, quality - 0.6, ago=3))
        return found

    def _certificate(self, rng: Random, scheme: Scheme, scope: str, quality: float, ago: int) -> CertificateFacts:
        issued = self._start - timedelta(days=ago * 365 + int(rng.random() * 1250))
        level = None
        if scheme.levels:
            place = _level(rng, len(scheme.levels), quality)
            level = scheme.levels[place].code
        state, state_on, reason = self._state(rng, issued)
        return CertificateFacts(
            scheme=scheme.code,
            level=level,
            number=f"YX-{scheme.code[:4].upper()}-{issued.year}-{rng.getrandbits(32):08X}",
            issuer=ISSUERS[int(rng.random() * len(ISSUERS))],
            scope=scope,
            basis=_basis(rng, scheme, level),
            issued_on=issued,
            expires_on=_years_on(issued, 3) if rng.random() < 0.98 else None,
            state=state,
            state_on=state_on,
            state_reason=reason,
        )

    def _state(self, rng: Random, issued: date) -> tuple[CertificateState, date | None, str | None]:
        drawn = rng.random()
        if drawn < 0.93:
            return CertificateState.VALID, None, None
        state, reason = _STATES[int((drawn - 0.93) / 0.07 * len(_STATES)) % len(_STATES)]
        return state, min(issued + timedelta(days=200), self._start), reason

    def recognitions(self, rng: Random, quality: float) -> list[RecognitionFacts]:
        """Tiers recognised, for about a third of the firms; some have run out."""
        if not self._tiers or rng.random() > 0.3 + 0.12 * quality:
            return []
        tier = rng.choices(self._tiers, cum_weights=self._tier_weights)[0]
        on = self._start - timedelta(days=int(rng.random() * 1400))
        return [RecognitionFacts(tier=tier.code, recognised_on=on, expires_on=_years_on(on, tier.years))]


def _level(rng: Random, count: int, quality: float) -> int:
    bounds: Sequence[int] = list(accumulate(LEVELS[:count] if count <= len(LEVELS) else [1] * count))
    drawn = rng.choices(range(count), cum_weights=bounds)[0]
    return max(0, min(count - 1, drawn + (1 if quality > 0.9 else 0) - (1 if quality < -0.9 else 0)))


def _basis(rng: Random, scheme: Scheme, level: str | None) -> str:
    """Where levels may be self-assessed, the lower ones mostly are; elsewhere a third party's word, rarely another."""
    if level is None or len(scheme.bases) == 1:
        return "third_party" if rng.random() < 0.97 else "self"
    low = scheme.level(level).rank <= 2
    drawn = rng.random()
    if drawn < (0.55 if low else 0.12):
        return "self"
    return "second_party" if drawn < (0.7 if low else 0.3) else "third_party"


def _years_on(day: date, years: int) -> date:
    """The last day of a validity of so many years."""
    return day + timedelta(days=365 * years + years // 4 - 1)
