"""Facts in the form their columns hold: what a facts object states, as column → value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from portal.register.catalogue import Catalogue
from portal.register.facts import (
    AchievementFacts,
    CertificateFacts,
    CriterionResult,
    RecognitionFacts,
    RiskFact,
    SupplierFacts,
)

Values = dict[str, Any]

_PLAIN = (
    "name_zh",
    "name_en",
    "sector",
    "status",
    "status_on",
    "established_on",
    "address",
    "legal_representative",
    "phone",
    "website",
    "description_zh",
    "description_en",
)
_CERTIFICATE = ("level", "issuer", "scope", "basis", "issued_on", "expires_on", "state", "state_on", "state_reason")


def present_region(catalogue: Catalogue, code: str | None) -> str | None:
    """The present code of a place (a retired one's successor); None for none."""
    return catalogue.retired_regions.get(code, code) if code else None


def supplier_values(facts: SupplierFacts, catalogue: Catalogue) -> Values:
    """The columns of the firm's row that are stated, but `risks` and `self_declared`, which depend on what is there."""
    values = {name: value for name in _PLAIN if (value := getattr(facts, name)) is not None}
    if facts.size is not None:
        values["size"] = facts.size or None
    if facts.region is not None:
        values["region"] = present_region(catalogue, facts.region)
    for name in ("industries", "products_zh", "products_en"):
        if (items := getattr(facts, name)) is not None:
            values[name] = list(dict.fromkeys(items))
    if facts.processes is not None:
        values["processes"] = [{"code": item.code, "subcontracted": item.subcontracted} for item in facts.processes]
    if facts.sites is not None:
        values["sites"] = [
            {"region": present_region(catalogue, site.region), "name": site.name, "address": site.address}
            for site in facts.sites
        ]
    if facts.former_names is not None:
        values["former_names"] = [{"name": name, "until": iso(until)} for name, until in facts.former_names]
    return values


def risk_value(fact: RiskFact) -> Values:
    """A risk as `Supplier.risks` holds it."""
    return {"answer": "yes" if fact.answer else "no", "source": fact.source, "checked_on": fact.checked_on.isoformat()}


def certificate_values(facts: CertificateFacts) -> Values:
    """The columns of a certificate that are stated."""
    values = {name: value for name in _CERTIFICATE if (value := getattr(facts, name)) is not None}
    if facts.state is not None:
        values["state"] = facts.state.value
    if facts.number:
        values["number"] = facts.number
    if facts.sites is not None:
        values["sites"] = list(facts.sites)
    return values


def results_value(results: Mapping[str, CriterionResult]) -> dict[str, Values]:
    """Results as `Assessment.results` holds them."""
    stored: dict[str, Values] = {}
    for code, result in results.items():
        value: Values = {"result": result.result.value}
        stored[code] = value
        if result.value is not None:
            value["value"] = result.value
        if result.evidence:
            value["evidence"] = result.evidence
    return stored


def recognition_values(facts: RecognitionFacts, catalogue: Catalogue) -> Values:
    """The columns of a recognition; its last day is the one before the anniversary when none is stated."""
    expires_on = facts.expires_on or last_day(facts.recognised_on, catalogue.tiers[facts.tier].years)
    return {"expires_on": expires_on}


def last_day(first: date, years: int) -> date:
    """The last of so many years that begin on `first`."""
    try:
        anniversary = first.replace(year=first.year + years)
    except ValueError:  # 29 February
        anniversary = date(first.year + years, 3, 1)
    return anniversary - timedelta(days=1)


def achievement_values(facts: AchievementFacts) -> Values:
    """The columns of an achievement."""
    return {
        "title_zh": facts.title_zh,
        "title_en": facts.title_en,
        "description": facts.description,
        "dated": facts.dated,
        "self_declared": facts.self_declared,
    }


def iso(value: date | None) -> str | None:
    """The date as text; None for none."""
    return None if value is None else value.isoformat()
