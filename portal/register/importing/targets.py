"""The fields of the register that a column can fill, and of what kind each is: one table for mappings and readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    REGISTRATION = "registration"
    DATE = "date"
    NUMBER = "number"
    WHOLE = "whole"
    YES_NO = "yes_no"
    REGISTER = "register"
    SECTOR = "sector"
    SIZE = "size"
    STATUS = "status"
    REGION = "region"
    INDUSTRY = "industry"
    PROCESS = "process"
    SCHEME = "scheme"
    LEVEL = "level"
    BASIS = "basis"
    STATE = "state"
    TIER = "tier"
    ACHIEVEMENT = "achievement"
    CRITERION = "criterion"
    RESULT = "result"
    RESULTS = "results"
    SITE = "site"
    FORMER_NAME = "former_name"
    WEBSITE = "website"
    NAICS = "naics"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Target:
    """A field: `many` takes a list of values, split at the column's separators."""

    kind: Kind
    many: bool = False


class SourceKind(StrEnum):
    """What a list is about."""

    SUPPLIERS = "suppliers"
    CERTIFICATES = "certificates"
    ASSESSMENTS = "assessments"
    RANKINGS = "rankings"


_TEXT, _DATE = Target(Kind.TEXT), Target(Kind.DATE)
_TEXTS = Target(Kind.TEXT, many=True)

SUPPLIER: Mapping[str, Target] = {
    "scheme": Target(Kind.REGISTER),
    "number": Target(Kind.REGISTRATION),
    "name_zh": _TEXT,
    "name_en": _TEXT,
    "former_names": Target(Kind.FORMER_NAME, many=True),
    "sector": Target(Kind.SECTOR),
    "sector_by_naics": Target(Kind.NAICS),
    "size": Target(Kind.SIZE),
    "status": Target(Kind.STATUS),
    "status_on": _DATE,
    "established_on": _DATE,
    "region": Target(Kind.REGION),
    "address": _TEXT,
    "legal_representative": _TEXT,
    "phone": _TEXT,
    "website": Target(Kind.WEBSITE),
    "description_zh": _TEXT,
    "description_en": _TEXT,
    "industries": Target(Kind.INDUSTRY, many=True),
    "processes": Target(Kind.PROCESS, many=True),
    "products_zh": _TEXTS,
    "products_en": _TEXTS,
    "sites": Target(Kind.SITE, many=True),
    "self_declared": Target(Kind.FIELD, many=True),
}
CERTIFICATE: Mapping[str, Target] = {
    "scheme": Target(Kind.SCHEME, many=True),
    "level": Target(Kind.LEVEL),
    "number": _TEXT,
    "issuer": _TEXT,
    "scope": _TEXT,
    "sites": _TEXTS,
    "basis": Target(Kind.BASIS),
    "issued_on": _DATE,
    "expires_on": _DATE,
    "state": Target(Kind.STATE),
    "state_on": _DATE,
    "state_reason": _TEXT,
}
ASSESSMENT: Mapping[str, Target] = {
    "assessed_on": _DATE,
    "assessor": _TEXT,
    "results": Target(Kind.RESULTS),
    "criterion": Target(Kind.CRITERION),
    "result": Target(Kind.RESULT),
    "value": _TEXT,
    "evidence": _TEXT,
}
RECOGNITION: Mapping[str, Target] = {"tier": Target(Kind.TIER), "recognised_on": _DATE, "expires_on": _DATE}
ACHIEVEMENT: Mapping[str, Target] = {
    "kind": Target(Kind.ACHIEVEMENT),
    "title_zh": _TEXT,
    "title_en": _TEXT,
    "description": _TEXT,
    "dated": _DATE,
    "self_declared": Target(Kind.YES_NO),
}
EDITION: Mapping[str, Target] = {
    "code": _TEXT,
    "sector": Target(Kind.SECTOR),
    "industry": Target(Kind.INDUSTRY),
    "period": _TEXT,
    "as_of": _DATE,
    "title_zh": _TEXT,
    "title_en": _TEXT,
    "method": _TEXT,
    "method_version": _TEXT,
    "peers": Target(Kind.WHOLE),
}
RANKING: Mapping[str, Target] = {
    "position": Target(Kind.WHOLE),
    "score": Target(Kind.NUMBER),
    "grade": _TEXT,
}

TARGETS: Mapping[str, Target] = {
    f"{group}.{name}": target
    for group, fields in (
        ("supplier", SUPPLIER),
        ("certificate", CERTIFICATE),
        ("assessment", ASSESSMENT),
        ("recognition", RECOGNITION),
        ("achievement", ACHIEVEMENT),
        ("edition", EDITION),
        ("ranking", RANKING),
    )
    for name, target in fields.items()
} | {"risk.source": _TEXT, "risk.checked_on": _DATE}
"""All but `risk.<kind>`, whose kinds are the catalogue's."""

NEEDED: Mapping[SourceKind, tuple[str, ...]] = {
    SourceKind.SUPPLIERS: (),
    SourceKind.CERTIFICATES: ("certificate.scheme", "certificate.issued_on"),
    SourceKind.ASSESSMENTS: ("assessment.assessed_on", "assessment.assessor"),
    SourceKind.RANKINGS: (
        "edition.code",
        "edition.sector",
        "edition.period",
        "edition.as_of",
        "ranking.position",
    ),
}
"""What a row of each kind must say besides scheme and number, by a column or a constant."""


def target(name: str) -> Target | None:
    """The field of that name, None if there is no such field (a risk's kind is checked with the catalogue)."""
    if name.startswith("risk.") and name not in TARGETS:
        return Target(Kind.YES_NO)
    return TARGETS.get(name)
