"""Whether facts can be written at all: known codes, possible numbers and dates, texts that fit their columns.

Every check names the field, the value and what is wrong; none looks at the database.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import String

from portal.models import Achievement, Assessment, Base, Certificate, Edition, Provenance, Ranking, Supplier
from portal.register.catalogue import Catalogue
from portal.register.facts import (
    AchievementFacts,
    AssessmentFacts,
    CertificateFacts,
    ProvenanceFacts,
    RecognitionFacts,
    SupplierFacts,
    SupplierRecord,
)
from portal.register.problems import FactProblem
from portal.register.registration import CHECKS, number_problem

ITEM_LENGTH = 300
"""Of a text inside a list: a product, a site's name, a former name."""

LONG_LENGTH = 20_000
"""Of a text column without a length of its own."""

KINDS = ("in_use", "on_offer", "wanted")
"""Of achievements."""

DECLARABLE = frozenset(SupplierFacts.__dataclass_fields__) - {"scheme", "number", "self_declared"}
"""Fields a firm may have declared itself."""


def lengths(model: type[Base]) -> dict[str, int]:
    """The greatest length of each text column of a model."""
    return {
        name: column.type.length or LONG_LENGTH
        for name, column in model.__table__.columns.items()
        if isinstance(column.type, String)
    }


_SUPPLIER, _CERTIFICATE, _ASSESSMENT = lengths(Supplier), lengths(Certificate), lengths(Assessment)
_ACHIEVEMENT, _PROVENANCE = lengths(Achievement), lengths(Provenance)
EDITION_LENGTHS, RANKING_LENGTHS = lengths(Edition), lengths(Ranking)


def text_problem(value: str, longest: int) -> str:
    """What is wrong with a text that is to be stored; "" if nothing."""
    if len(value) > longest:
        return f"longer than {longest} characters ({len(value)})"
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return "holds half a character (a lone surrogate)"
    return "holds a NUL character" if "\0" in value else ""


def texts(field: str, facts: Any, limits: Mapping[str, int]) -> Iterator[FactProblem]:
    """Problems of the text fields of a facts object that are stated."""
    for name, longest in limits.items():
        value = getattr(facts, name, None)
        if value and isinstance(value, str):
            message = text_problem(value, longest)
            if message:
                yield FactProblem(f"{field}.{name}", value[:80], message)


def _items(field: str, values: Iterable[str] | None) -> Iterator[FactProblem]:
    for place, value in enumerate(values or ()):
        message = text_problem(value, ITEM_LENGTH) if value.strip() else "is empty"
        if message:
            yield FactProblem(f"{field}[{place}]", value[:80], message)


def code(field: str, value: str | None, known: Container[str], what: str) -> Iterator[FactProblem]:
    """A problem if a stated code is not known."""
    if value is not None and value not in known:
        yield FactProblem(field, value[:80], f"unknown {what}")


def _url(field: str, value: str | None) -> Iterator[FactProblem]:
    if not value:
        return
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, value))
    except ValueError:
        good = False
    if not good:
        yield FactProblem(field, value[:80], "not an http(s) address")


def _order(field: str, first: date | None, last: date | None) -> Iterator[FactProblem]:
    if first is not None and last is not None and last < first:
        yield FactProblem(field, last.isoformat(), f"before {first.isoformat()}, when it begins")


def check_provenance(facts: ProvenanceFacts) -> Iterator[FactProblem]:
    """Problems of a source."""
    if not facts.issuing_body.strip():
        yield FactProblem("provenance.issuing_body", "", "is missing")
    yield from texts("provenance", facts, _PROVENANCE)
    yield from _url("provenance.link", facts.link)


class Checker:
    """The checks of a record against one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def check(self, record: SupplierRecord) -> tuple[FactProblem, ...]:
        """Every problem of the record."""
        return tuple(self._problems(record))

    def _problems(self, record: SupplierRecord) -> Iterator[FactProblem]:
        yield from self._supplier(record.supplier)
        for place, certificate in enumerate(record.certificates):
            yield from self._certificate(f"certificates[{place}]", certificate)
        for place, assessment in enumerate(record.assessments):
            yield from self._assessment(f"assessments[{place}]", assessment)
        for place, recognition in enumerate(record.recognitions):
            yield from self._recognition(f"recognitions[{place}]", recognition)
        for place, achievement in enumerate(record.achievements):
            yield from self._achievement(f"achievements[{place}]", achievement)

    def _supplier(self, facts: SupplierFacts) -> Iterator[FactProblem]:
        known = self._catalogue
        yield from code("supplier.scheme", facts.scheme, CHECKS, "registration scheme")
        message = number_problem(facts.scheme, facts.number)
        if message:
            yield FactProblem("supplier.number", facts.number[:80], message)
        yield from texts("supplier", facts, _SUPPLIER)
        yield from code("supplier.sector", facts.sector, known.sectors, "sector")
        yield from code("supplier.size", facts.size or None, known.sizes, "size class")
        yield from code("supplier.status", facts.status, known.statuses, "registration status")
        yield from self._region("supplier.region", facts.region)
        yield from _url("supplier.website", facts.website)
        yield from self._supplier_lists(facts)

    def _supplier_lists(self, facts: SupplierFacts) -> Iterator[FactProblem]:
        known = self._catalogue
        for place, industry in enumerate(facts.industries or ()):
            yield from code(f"supplier.industries[{place}]", industry, known.industries, "industry")
        for place, process in enumerate(facts.processes or ()):
            yield from code(f"supplier.processes[{place}]", process.code, known.processes, "process")
        for place, site in enumerate(facts.sites or ()):
            yield from self._region(f"supplier.sites[{place}].region", site.region)
            yield from texts(f"supplier.sites[{place}]", site, {"name": ITEM_LENGTH, "address": ITEM_LENGTH})
        for kind, risk in (facts.risks or {}).items():
            yield from code(f"supplier.risks.{kind}", kind, known.risk_kinds, "kind of risk")
            yield from texts(f"supplier.risks.{kind}", risk, {"source": ITEM_LENGTH})
        yield from _items("supplier.products_zh", facts.products_zh)
        yield from _items("supplier.products_en", facts.products_en)
        yield from _items("supplier.former_names", [name for name, _ in facts.former_names or ()])
        for place, name in enumerate(facts.self_declared or ()):
            yield from code(f"supplier.self_declared[{place}]", name, DECLARABLE, "field")

    def _region(self, field: str, value: str | None) -> Iterator[FactProblem]:
        if value and value not in self._catalogue.regions and value not in self._catalogue.retired_regions:
            yield FactProblem(field, value[:80], "unknown place")

    def _certificate(self, field: str, facts: CertificateFacts) -> Iterator[FactProblem]:
        scheme = self._catalogue.schemes.get(facts.scheme)
        if scheme is None:
            yield FactProblem(f"{field}.scheme", facts.scheme[:80], "unknown scheme")
        elif facts.level is None and scheme.levels:
            yield FactProblem(f"{field}.level", "", f"is missing: {facts.scheme} has levels")
        elif facts.level is not None and all(level.code != facts.level for level in scheme.levels):
            yield FactProblem(f"{field}.level", facts.level[:80], f"unknown level of {facts.scheme}")
        yield from texts(field, facts, _CERTIFICATE)
        yield from _items(f"{field}.sites", facts.sites)
        yield from code(f"{field}.basis", facts.basis, BASES, "basis")
        yield from _order(f"{field}.expires_on", facts.issued_on, facts.expires_on)

    def _assessment(self, field: str, facts: AssessmentFacts) -> Iterator[FactProblem]:
        if not facts.assessor.strip():
            yield FactProblem(f"{field}.assessor", "", "is missing")
        yield from texts(field, facts, _ASSESSMENT)
        criteria = self._catalogue.criteria
        for name, result in facts.results.items():
            if name not in criteria:
                yield FactProblem(f"{field}.results.{name[:40]}", name[:80], "unknown criterion")
            if isinstance(result.value, float) and not math.isfinite(result.value):
                yield FactProblem(f"{field}.results.{name}.value", str(result.value), "not a finite number")
            if result.evidence or isinstance(result.value, str):
                yield from texts(f"{field}.results.{name}", result, {"evidence": 2000, "value": ITEM_LENGTH})

    def _recognition(self, field: str, facts: RecognitionFacts) -> Iterator[FactProblem]:
        yield from code(f"{field}.tier", facts.tier, self._catalogue.tiers, "tier")
        yield from _order(f"{field}.expires_on", facts.recognised_on, facts.expires_on)

    def _achievement(self, field: str, facts: AchievementFacts) -> Iterator[FactProblem]:
        yield from code(f"{field}.kind", facts.kind, KINDS, "kind (in_use, on_offer, wanted)")
        if not (facts.title_zh.strip() or facts.title_en.strip()):
            yield FactProblem(f"{field}.title_zh", "", "a title is missing")
        yield from texts(field, facts, _ACHIEVEMENT)


BASES = frozenset({"self", "second_party", "third_party"})
"""On whose word a certificate may rest (catalogue.Basis)."""
