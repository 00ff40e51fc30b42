"""Records applied to firms in memory: what is stated replaces what is there; nothing else moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal.models import Achievement, Assessment, Certificate, Recognition
from portal.register.catalogue import Catalogue
from portal.register.facts import AssessmentFacts, CertificateFacts, SupplierFacts, SupplierRecord
from portal.register.marks import marks_of
from portal.register.problems import FactProblem
from portal.register.state import Child, Firm, Key, Row, defaults
from portal.register.stored import (
    Values,
    achievement_values,
    certificate_values,
    recognition_values,
    results_value,
    risk_value,
    supplier_values,
)


class Applier:
    """Applies records to firms; a changed row takes `provenance_id` as its source."""

    def __init__(self, catalogue: Catalogue, provenance_id: int | None) -> None:
        self._catalogue = catalogue
        self._provenance = {} if provenance_id is None else {"provenance_id": provenance_id}

    def apply(self, firm: Firm, record: SupplierRecord) -> bool:
        """Whether the record changed the firm."""
        changed = [self._supplier(firm, record.supplier)]
        changed += [self._certificate(firm, facts) for facts in record.certificates]
        changed += [self._assessment(firm, facts) for facts in record.assessments]
        for recognition in record.recognitions:
            recognised: Key = (recognition.tier, recognition.recognised_on)
            identity = {"tier": recognition.tier, "recognised_on": recognition.recognised_on}
            values = recognition_values(recognition, self._catalogue)
            changed.append(self._child(firm, Recognition, recognised, identity, values))
        for achievement in record.achievements:
            titled: Key = (achievement.kind, achievement.title_zh or achievement.title_en)
            values = achievement_values(achievement)
            changed.append(self._child(firm, Achievement, titled, {"kind": achievement.kind}, values))
        if record.assessments:
            settle_current(firm)
        return any(changed)

    def _supplier(self, firm: Firm, facts: SupplierFacts) -> bool:
        row = firm.supplier
        values = supplier_values(facts, self._catalogue)
        if facts.risks is not None:
            values["risks"] = row.values["risks"] | {kind: risk_value(risk) for kind, risk in facts.risks.items()}
        if facts.self_declared is not None:
            values["self_declared"] = sorted(set(facts.self_declared))
        elif row.values["self_declared"]:  # an official statement of a field makes it official
            values["self_declared"] = [name for name in row.values["self_declared"] if name not in values]
        if row.values["sector"] is None:
            values.setdefault("sector", self._sector(facts))
        return self._set(row, values)

    def _sector(self, facts: SupplierFacts) -> str:
        return self._catalogue.sector_of_industry(facts.industries[0]) if facts.industries else "other"

    def _certificate(self, firm: Firm, facts: CertificateFacts) -> bool:
        identity = {"scheme": facts.scheme, "key": facts.key, "issued_on": facts.issued_on}
        return self._child(firm, Certificate, (facts.scheme, facts.key), identity, certificate_values(facts))

    def _assessment(self, firm: Firm, facts: AssessmentFacts) -> bool:
        key = (facts.assessed_on, facts.assessor)
        there = firm.rows(Assessment).get(key)
        results = results_value(facts.results)
        merged = results if there is None else there.values["results"] | results
        values: Values = {"results": merged, "marks": marks_of(merged)}
        identity = {"assessed_on": facts.assessed_on, "assessor": facts.assessor, "current": False}
        return self._child(firm, Assessment, key, identity, values)

    def _child(self, firm: Firm, model: Child, key: Key, identity: dict[str, Any], values: Values) -> bool:
        rows = firm.rows(model)
        row = rows.get(key)
        if row is None:
            rows[key] = Row(None, defaults(model) | identity | values | self._provenance)
            return True
        return self._set(row, values)

    def _set(self, row: Row, values: Values) -> bool:
        changed = row.set(values)
        if changed:
            row.set(self._provenance)
        return changed


def settle_current(firm: Firm) -> None:
    """The newest assessment is the current one, whatever the order of import; on one day, the last assessor by name."""
    rows = firm.rows(Assessment)
    newest = max(rows, default=None, key=lambda key: (key[0], key[1]))
    for key, row in rows.items():
        row.set({"current": key == newest})


def leftover_problems(firm: Firm) -> Iterator[FactProblem]:
    """What can only be told once a record meets what is there: a name, and dates in order."""
    values = firm.supplier.values
    if not (values["name_zh"] or values["name_en"]):
        yield FactProblem("supplier.name_zh", "", "a new firm needs a name")
    for (scheme, key), row in firm.rows(Certificate).items():
        issued, expires = row.values["issued_on"], row.values["expires_on"]
        if row.dirty and expires is not None and expires < issued:
            yield FactProblem(f"certificates.{scheme}/{key}.expires_on", expires.isoformat(), f"before {issued}")
