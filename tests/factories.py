"""Facts for tests: complete by default, each value changed by its name. Codes are the default catalogue's."""

from __future__ import annotations

from datetime import date
from typing import Any

from stdnum.cn import uscc

from portal.register.facts import (
    AchievementFacts,
    AssessmentFacts,
    CertificateFacts,
    CriterionResult,
    EditionFacts,
    ProvenanceFacts,
    RankingFacts,
    RecognitionFacts,
    Result,
    SupplierFacts,
    SupplierRecord,
)

LEVELS = ("experience", "inspection", "assurance", "prevention", "excellence")
"""Of the scheme `quality_capability`."""


def credit_code(number: int = 1) -> str:
    """A unified social credit code of valid form, each number its own."""
    body = f"91310000{number:09d}"
    return body + str(uscc.calc_check_digit(body))


def supplier_key(number: int = 1) -> str:
    """The key of `supplier_facts(number)`."""
    return f"CN-USCC/{credit_code(number)}"


def supplier_facts(number: int = 1, /, **stated: Any) -> SupplierFacts:
    """A machine maker in Ningbo."""
    values: dict[str, Any] = {
        "scheme": "CN-USCC",
        "number": credit_code(number),
        "name_zh": f"宁波第{number}轴承有限公司",
        "name_en": f"Ningbo Bearing No. {number} Co., Ltd",
        "sector": "machinery",
        "status": "active",
        "region": "330206",
        "industries": ("3451",),
        "products_zh": ("深沟球轴承",),
        "products_en": ("deep groove ball bearings",),
    }
    return SupplierFacts(**values | stated)


def key_only(number: int = 1, /, **stated: Any) -> SupplierFacts:
    """A firm by its number, and nothing stated of it but what is given."""
    return SupplierFacts(scheme="CN-USCC", number=credit_code(number), **stated)


def certificate_facts(number: str = "Q-1", /, **stated: Any) -> CertificateFacts:
    """A valid certificate at level 保证级."""
    values: dict[str, Any] = {
        "scheme": "quality_capability",
        "level": "assurance",
        "number": number,
        "issuer": "示范认证中心",
        "scope": "轴承的设计和生产",
        "issued_on": date(2024, 5, 1),
        "expires_on": date(2099, 4, 30),
    }
    return CertificateFacts(**values | stated)


def assessment_facts(on: date = date(2025, 6, 1), assessor: str = "示范评价机构", **results: str) -> AssessmentFacts:
    """An assessment; results by criterion, with _ for - in the codes: `X01_04="met"`."""
    given = results or {"X01_04": "met", "X01_05": "not_met"}
    found = {code.replace("_", "-"): CriterionResult(result=Result(result)) for code, result in given.items()}
    return AssessmentFacts(assessed_on=on, assessor=assessor, results=found)


def recognition_facts(tier: str = "srdi", on: date = date(2025, 7, 1), **stated: Any) -> RecognitionFacts:
    """A recognised tier."""
    return RecognitionFacts(tier=tier, recognised_on=on, **stated)


def achievement_facts(title: str = "高速主轴轴承", **stated: Any) -> AchievementFacts:
    """A result on offer."""
    return AchievementFacts(**{"kind": "on_offer", "title_zh": title} | stated)


def provenance_facts(**stated: Any) -> ProvenanceFacts:
    """A ministry's list."""
    values: dict[str, Any] = {
        "issuing_body": "示范主管部门",
        "title": "示范名单",
        "document_number": "示范〔2025〕1号",
        "issued_on": date(2025, 1, 2),
        "link": "https://example.org/list",
    }
    return ProvenanceFacts(**values | stated)


def record(number: int = 1, /, *, certificates: int = 1, **stated: Any) -> SupplierRecord:
    """A firm with so many certificates."""
    held = tuple(certificate_facts(f"Q-{number}-{place}") for place in range(certificates))
    return SupplierRecord(supplier=supplier_facts(number, **stated), certificates=held)


def edition_facts(code: str = "machinery-2025", **stated: Any) -> EditionFacts:
    """An official edition of the machinery sector."""
    values: dict[str, Any] = {
        "code": code,
        "sector": "machinery",
        "period": "2025",
        "as_of": date(2025, 12, 31),
        "official": True,
        "title_zh": "示范榜单",
    }
    return EditionFacts(**values | stated)


def ranking_facts(number: int = 1, position: int = 1, **stated: Any) -> RankingFacts:
    """A firm's place."""
    values: dict[str, Any] = {"supplier": supplier_key(number), "position": position, "score": 90.5, "grade": "A"}
    return RankingFacts(**values | stated)
