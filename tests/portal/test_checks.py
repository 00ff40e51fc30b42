"""What the writer refuses of a record, without looking at the database."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.register.catalogue import Catalogue
from portal.register.facts import CriterionResult, Process, Result, RiskFact, Site, SupplierRecord
from portal.register.writer import WriteError, Writer
from tests.factories import (
    achievement_facts,
    assessment_facts,
    certificate_facts,
    credit_code,
    provenance_facts,
    recognition_facts,
    supplier_facts,
)

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("supplier.number", {"number": credit_code()[:-1] + "*"}),
    ("supplier.number", {"number": credit_code()[:-1] + ("1" if credit_code()[-1] != "1" else "2")}),
    ("supplier.number", {"scheme": "US-UEI", "number": "OOOOOOOOOOOO"}),
    ("supplier.number", {"scheme": "OSH", "number": "xyz"}),
    ("supplier.scheme", {"scheme": "XX"}),
    ("supplier.name_zh", {"name_zh": "长" * 201}),
    ("supplier.name_zh", {"name_zh": "a\0b"}),
    ("supplier.name_zh", {"name_zh": "\ud800"}),
    ("supplier.sector", {"sector": "unknown"}),
    ("supplier.size", {"size": "vast"}),
    ("supplier.status", {"status": "asleep"}),
    ("supplier.region", {"region": "999999"}),
    ("supplier.website", {"website": "javascript:alert(1)"}),
    ("supplier.website", {"website": "http://[bad"}),
    ("supplier.industries[0]", {"industries": ("9999",)}),
    ("supplier.processes[0]", {"processes": (Process(code="magic"),)}),
    ("supplier.sites[0].region", {"sites": (Site(region="1"),)}),
    ("supplier.products_zh[0]", {"products_zh": ("长" * 301,)}),
    ("supplier.risks.odd", {"risks": {"odd": RiskFact(answer=True, source="", checked_on=date(2025, 1, 1))}}),
    ("supplier.self_declared[0]", {"self_declared": ("number",)}),
]


@pytest.mark.parametrize(("field", "stated"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_refused_of_a_firm(catalogue: Catalogue, field: str, stated: dict[str, Any]) -> None:
    refused = SupplierRecord(supplier=supplier_facts(**stated))
    assert [problem.field for problem in unbound(catalogue).check(refused)] == [field]


BELONGING: list[tuple[str, dict[str, Any]]] = [
    ("certificates[0].scheme", {"certificates": (certificate_facts(scheme="none"),)}),
    ("certificates[0].level", {"certificates": (certificate_facts(level="none"),)}),
    ("certificates[0].level", {"certificates": (certificate_facts(level=None),)}),
    ("certificates[0].level", {"certificates": (certificate_facts(scheme="gbt19001"),)}),
    ("certificates[0].basis", {"certificates": (certificate_facts(basis="hearsay"),)}),
    ("certificates[0].number", {"certificates": (certificate_facts("9" * 101),)}),
    ("certificates[0].expires_on", {"certificates": (certificate_facts(expires_on=date(2020, 1, 1)),)}),
    ("assessments[0].results.X99-99", {"assessments": (assessment_facts(X99_99="met"),)}),
    ("assessments[0].assessor", {"assessments": (assessment_facts(assessor=" "),)}),
    ("recognitions[0].tier", {"recognitions": (recognition_facts("giant"),)}),
    ("recognitions[0].expires_on", {"recognitions": (recognition_facts(expires_on=date(2020, 1, 1)),)}),
    ("achievements[0].kind", {"achievements": (achievement_facts(kind="dreamt"),)}),
    ("achievements[0].title_zh", {"achievements": (achievement_facts(" "),)}),
]


@pytest.mark.parametrize(("field", "stated"), BELONGING, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_refused_of_what_belongs_to_a_firm(catalogue: Catalogue, field: str, stated: dict[str, Any]) -> None:
    refused = SupplierRecord(supplier=supplier_facts(), **stated)
    assert [problem.field for problem in unbound(catalogue).check(refused)] == [field]


def unbound(catalogue: Catalogue) -> Writer:
    return Writer(Session(), catalogue, actor="tester")


def test_a_value_that_is_no_number_is_refused(catalogue: Catalogue) -> None:
    results = {"X01-04": CriterionResult(result=Result.MET, value=float("nan"))}
    facts = assessment_facts()
    refused = SupplierRecord(
        supplier=supplier_facts(),
        assessments=(type(facts)(assessed_on=facts.assessed_on, assessor="x", results=results),),
    )
    assert [problem.field for problem in unbound(catalogue).check(refused)] == ["assessments[0].results.X01-04.value"]


def test_a_source_is_checked(session: Session, catalogue: Catalogue) -> None:
    with pytest.raises(WriteError) as caught:
        Writer(session, catalogue, actor="tester", provenance=provenance_facts(link="ftp://x", issuing_body=" "))
    assert [problem.field for problem in caught.value.problems] == ["provenance.issuing_body", "provenance.link"]
