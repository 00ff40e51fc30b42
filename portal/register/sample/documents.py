"""Fictional firms as search documents, without a database: for benchmarks of a million of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from portal.indexing.documents import DocumentMaker
from portal.indexing.firms import FirmRows
from portal.register.catalogue import Catalogue, RankingMethod
from portal.register.facts import CriterionResult, Result, SupplierRecord
from portal.register.marks import marks_of
from portal.register.ranking import grade_of
from portal.register.sample.generator import SampleMaker
from search.contract import SupplierDocument


def sample_documents(
    size: int, seed: int, catalogue: Catalogue, *, year: int | None = None, first: int = 0
) -> Iterator[SupplierDocument]:
    """The documents of fictional firms `first` to `size` - 1, made as the register's are (as of 1 January of `year`).

    Only the places in rankings are made up, from the firm's quality: an edition a sector and year, all firms peers.
    """
    maker = SampleMaker(catalogue, seed=seed, year=year)
    documents = DocumentMaker(catalogue, date(maker.year, 1, 1))
    method = next(iter(catalogue.methods.values()), None)
    listed = datetime(maker.year - 1, 1, 1, tzinfo=UTC)
    peers = max(1, size // max(1, len(catalogue.sectors) - 1))
    for index in range(first, size):
        firm = maker.firm(index, history=False)
        rows = _rows(firm.record, index + 1, listed + timedelta(seconds=index % 30_000_000))
        if method is not None and firm.record.assessments:
            rows.rankings.extend(_standings(rows.supplier.sector, firm.quality, peers, method, maker.year))
        document = documents.change(rows)
        if isinstance(document, SupplierDocument):
            yield document


def _rows(record: SupplierRecord, identity: int, listed_at: datetime) -> FirmRows:
    """The record in the shape in which the register's rows come."""
    facts = record.supplier
    row = SimpleNamespace(
        id=identity,
        index_version=1,
        withdrawn_at=None,
        profile_hidden_at=None,
        scheme=facts.scheme,
        number=facts.number,
        name_zh=facts.name_zh or "",
        name_en=facts.name_en or "",
        former_names=[{"name": name} for name, _ in facts.former_names or ()],
        sector=facts.sector,
        size=facts.size,
        status=facts.status or "unknown",
        region=facts.region,
        website=facts.website or "",
        description_zh=facts.description_zh or "",
        description_en=facts.description_en or "",
        industries=facts.industries or (),
        processes=[{"code": process.code} for process in facts.processes or ()],
        products_zh=facts.products_zh or (),
        products_en=facts.products_en or (),
        sites=[{"region": site.region} for site in facts.sites or ()],
        risks={kind: {"answer": "yes" if risk.answer else "no"} for kind, risk in (facts.risks or {}).items()},
        self_declared=facts.self_declared or (),
        listed_at=listed_at,
    )
    rows: Any = FirmRows(row)
    rows.certificates = list(record.certificates)
    rows.recognitions = list(record.recognitions)
    rows.achievements = list(record.achievements)
    rows.assessments = [
        SimpleNamespace(assessed_on=item.assessed_on, marks=marks_of(_results(item.results)))
        for item in record.assessments[:1]
    ]
    found: FirmRows = rows
    return found


def _results(results: Mapping[str, CriterionResult]) -> dict[str, dict[str, str]]:
    return {code: _AS_ROW[item.result] for code, item in results.items()}


_AS_ROW = {result: {"result": result.value} for result in Result}


def _standings(sector: str, quality: float, peers: int, method: RankingMethod, year: int) -> Iterator[Any]:
    """Last year's place and the one before: the better the firm, the nearer the top."""
    for years_ago in (1, 2):
        share = 1 / (1 + pow(2.718281828, 1.9 * (quality - 0.05 * (years_ago - 1))))
        position = min(peers, 1 + int(share * peers))
        yield SimpleNamespace(
            code=f"{sector}-{year - years_ago}-computed",
            position=position,
            peers=peers,
            grade=grade_of(method, position, peers),
            sector=sector,
            current=years_ago == 1,
        )
