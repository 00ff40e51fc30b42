"""From a row to the facts it states: SupplierRecord, or EditionFacts and RankingFacts for rankings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.register.catalogue import Catalogue
from portal.register.facts import (
    AchievementFacts,
    AssessmentFacts,
    CertificateFacts,
    CriterionResult,
    EditionFacts,
    RankingFacts,
    RecognitionFacts,
    RiskFact,
    SupplierFacts,
    SupplierRecord,
)
from portal.register.importing.cleaning import shown
from portal.register.importing.columns import Columns
from portal.register.importing.mapping import Mapping
from portal.register.importing.problems import CellError, CellProblem, RowError
from portal.register.importing.reading import Row
from portal.register.importing.results import one_result, stated_result
from portal.register.importing.targets import SourceKind
from portal.register.importing.words import Words
from portal.register.problems import FactProblem

_GROUPS = {
    "supplier": "supplier",
    "certificates": "certificate",
    "assessments": "assessment",
    "recognitions": "recognition",
    "achievements": "achievement",
    "edition": "edition",
    "ranking": "ranking",
    "rankings": "ranking",
}
_PATH = re.compile(r"(\w+)(?:\[\d+\])?(?:\.(\w+))?(?:\[\d+\])?(?:\.([\w-]+))?")


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a row of a ranking list states."""

    edition: EditionFacts
    ranking: RankingFacts

    @property
    def record(self) -> SupplierRecord:
        """The firm alone, to check its number."""
        scheme, _, number = self.ranking.supplier.partition("/")
        return SupplierRecord(supplier=SupplierFacts(scheme=scheme, number=number))


Facts = SupplierRecord | Ranked


class RecordMaker:
    """Makes facts from the rows of one file. Raises ImportFileError when the file lacks columns, naming each."""

    def __init__(self, mapping: Mapping, catalogue: Catalogue, headings: Sequence[str]) -> None:
        self.mapping, self.catalogue = mapping, catalogue
        self._words = Words(catalogue)
        self._columns = Columns(mapping, catalogue, headings, self._words)
        self._heading_of = self._columns.heading_of
        self.unused = self._columns.unused

    def places(self, *fields: str) -> tuple[int | None, ...]:
        """The columns that fill these fields, by place; None where none does."""
        return tuple(self._columns.place_of.get(field) for field in fields)

    def make(self, row: Row) -> Facts:
        """What the row states. Raises RowError with every problem of its cells."""
        if row.broken:
            raise RowError(CellProblem("", " | ".join(map(shown, row.cells))[:80], row.broken))
        values, problems = self._columns.values(row)
        try:
            results = self._columns.results(row, problems)
            if problems:
                raise RowError(*problems)
            if self.mapping.kind is SourceKind.RANKINGS:
                return self._ranked(values)
            return self._record(values, results)
        except CellError as error:
            raise RowError(*problems, CellProblem("", "", str(error))) from None

    def _record(self, values: dict[str, Any], results: dict[str, CriterionResult]) -> SupplierRecord:
        parts = _parts(values)
        assessment = parts.get("assessment", {})
        return SupplierRecord(
            supplier=self._supplier(parts),
            certificates=self._certificates(parts.get("certificate", {})),
            assessments=self._assessment(assessment, results) if assessment or results else (),
            recognitions=(RecognitionFacts(**parts["recognition"]),) if self._has(parts, "recognition", "tier") else (),
            achievements=(AchievementFacts(**parts["achievement"]),) if self._has(parts, "achievement", "kind") else (),
        )

    def _has(self, parts: dict[str, dict[str, Any]], group: str, first: str) -> bool:
        """Whether the row has such a thing; its other cells without the first are half a thing, a CellError."""
        found = parts.get(group, {})
        if first in found:
            if group == "recognition" and "recognised_on" not in found:
                raise CellError(f"{self._heading_of.get('recognition.recognised_on', 'recognised_on')} is missing")
            return True
        if any(f"{group}.{name}" in self._heading_of for name in found):
            raise CellError(f"{self._heading_of.get(f'{group}.{first}', first)} is missing")
        return False

    def _supplier(self, parts: dict[str, dict[str, Any]]) -> SupplierFacts:
        facts = dict(parts["supplier"])
        risk = dict(parts.get("risk", {}))
        source, checked_on = risk.pop("source", None), risk.pop("checked_on", None)
        if risk:
            source = source or self.mapping.provenance.issuing_body
            checked_on = checked_on or self.mapping.provenance.issued_on
            if checked_on is None:
                raise CellError("a risk answer needs the day it was checked")
            facts["risks"] = {
                kind: RiskFact(answer=answer, source=source, checked_on=checked_on) for kind, answer in risk.items()
            }
        return SupplierFacts(**facts)

    def _certificates(self, facts: dict[str, Any]) -> tuple[CertificateFacts, ...]:
        schemes = facts.get("scheme")
        if not schemes:
            stray = [name for name in facts if f"certificate.{name}" in self._heading_of]
            if stray:
                raise CellError(f"{self._heading_of[f'certificate.{stray[0]}']} without a certificate's scheme")
            return ()
        rest = {name: value for name, value in facts.items() if name not in {"scheme", "level"}}
        if "issued_on" not in rest:
            raise CellError(f"{self._heading_of.get('certificate.issued_on', 'issued_on')} is missing")
        word = facts.get("level")
        return tuple(
            CertificateFacts(scheme=scheme, level=self._words.level(scheme, word) if word else None, **rest)
            for scheme in schemes
        )

    def _assessment(self, facts: dict[str, Any], results: dict[str, CriterionResult]) -> tuple[AssessmentFacts, ...]:
        facts = dict(facts)
        results |= self._listed_results(facts.pop("results", None) or {})
        code = facts.pop("criterion", None)
        stated = [facts.pop(name, None) for name in ("result", "value", "evidence")]
        if code is not None:
            found = stated_result(self.catalogue.criteria[code], stated[0], stated[1], stated[2], self._words)
            if found is not None:
                results[code] = found
        if "assessed_on" not in facts or "assessor" not in facts:
            raise CellError("an assessment needs its date and assessor")
        if not results:
            raise CellError("no criterion has a result")
        return (AssessmentFacts(results=results, **facts),)

    def _listed_results(self, cell: Any) -> dict[str, CriterionResult]:
        if not isinstance(cell, dict):
            raise CellError("results must be an object of criterion codes")
        results = {}
        for code, value in cell.items():
            if code not in self.catalogue.criteria:
                raise CellError(f"unknown criterion {code!r:.40}")
            found = one_result(self.catalogue.criteria[code], value, self._words)
            if found is not None:
                results[code] = found
        return results

    def _ranked(self, values: dict[str, Any]) -> Ranked:
        parts = _parts(values)
        facts = parts["supplier"]
        industries = parts["edition"]
        return Ranked(
            EditionFacts(official=True, **industries),
            RankingFacts(supplier=f"{facts['scheme']}/{facts['number']}", **parts["ranking"]),
        )

    def blame(self, problem: FactProblem) -> CellProblem:
        """The cell that a fact the writer refuses came from."""
        matched = _PATH.match(problem.field)
        group, name, code = matched.groups() if matched else ("", "", "")
        field = f"{_GROUPS.get(group or '', group)}.{code if name == 'results' and code else name}"
        if name == "results" and field not in self._heading_of:
            field = "assessment.criterion"
        return CellProblem(self._heading_of.get(field, field), problem.value, problem.message)


def _parts(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Values by group: {"supplier": {"name_zh": …}, …}; columns without a field are left out."""
    parts: dict[str, dict[str, Any]] = {}
    for field, value in values.items():
        group, _, name = field.partition(".")
        if name and value is not None:
            parts.setdefault(group, {})[name] = value
    return parts
