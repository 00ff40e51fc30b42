"""The facts that a sourcing record relies on, of many firms with a handful of statements a thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.models import Assessment, Certificate, Edition, Provenance, Ranking, Recognition, Supplier
from portal.register.catalogue import Catalogue, Named
from portal.register.loading import chunks
from portal.register.marks import MET, NOT_MET
from portal.register.sample.generator import PROVENANCE
from portal.register.showing import as_shown
from portal.register.validity import counts, state_on
from portal.workspace.record_tree import (
    AssessmentFact,
    Both,
    CertificateFact,
    CriterionFact,
    Facts,
    Labelled,
    RankFact,
    RiskFact,
    Source,
    TierFact,
)

TOLD = ("status", "sector", "region", "sites", "address")
"""The fields of a supplier that a record tells."""

FIRST = ("valid", "future", "suspended", "expired", "revoked", "given_up")


@dataclass(slots=True)
class Sources:
    """The documents named so far, each once, in the order in which they are first named."""

    rows: Mapping[int, Any] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    def place(self, identifier: int | None) -> int:
        """The place of a document, from 1; 0 where none is recorded."""
        if identifier is None or identifier not in self.rows:
            return 0
        return self.places.setdefault(identifier, len(self.places) + 1)

    def named(self) -> tuple[Source, ...]:
        """All of them, in their places."""
        found = [self.rows[identifier] for identifier in self.places]
        names = Source.__struct_fields__
        return tuple(Source(**{name: getattr(row, name) for name in names}) for row in found)

    @property
    def fictional(self) -> bool:
        """Whether any is the sample's invention."""
        return any(self.rows[one].issuing_body == PROVENANCE.issuing_body for one in self.places)


@dataclass(slots=True)
class _Rows:
    """What the register holds of some firms, by firm."""

    certificates: Mapping[int, list[Any]]
    tiers: Mapping[int, list[Any]]
    ranks: Mapping[int, list[Any]]
    assessments: Mapping[int, list[Any]]


@dataclass(frozen=True, slots=True)
class FactsReader:
    """Reads facts as of a day. `asked`: the criteria whose results are told."""

    session: Session
    catalogue: Catalogue
    today: date
    asked: Sequence[str]
    sources: Sources

    def facts(self, ids: Iterable[int]) -> dict[int, Facts]:
        """The facts of the firms with these ids, withdrawn ones too, in that order."""
        found: dict[int, Facts] = {}
        for some in chunks(ids):
            firms = {row.id: row for row in self.session.scalars(select(Supplier).where(Supplier.id.in_(some)))}
            rows = self._rows(some)
            self._learn(firms.values(), rows)
            found |= {one: self._of(firms[one], rows) for one in some if one in firms}
        return found

    def _rows(self, ids: list[int]) -> _Rows:
        return _Rows(
            certificates=self._by_firm(select(Certificate).where(Certificate.supplier_id.in_(ids))),
            tiers=self._by_firm(
                select(Recognition).where(
                    Recognition.supplier_id.in_(ids),
                    Recognition.recognised_on <= self.today,
                    Recognition.expires_on >= self.today,
                )
            ),
            ranks=self._by_firm(_ranks(ids)),
            assessments=self._by_firm(_assessments(ids, results=bool(self.asked))),
        )

    def _by_firm(self, wanted: Select[*tuple[Any, ...]]) -> Mapping[int, list[Any]]:
        found: defaultdict[int, list[Any]] = defaultdict(list)
        result = self.session.execute(wanted)
        for row in result.scalars() if len(result.keys()) == 1 else result:
            found[row.supplier_id].append(row)
        return found

    def _learn(self, firms: Iterable[Supplier], rows: _Rows) -> None:
        """Read the documents that these rows name."""
        every = (rows.certificates, rows.tiers, rows.ranks, rows.assessments)
        named = {row.provenance_id for held in every for found in held.values() for row in found}
        named |= {firm.provenance_id for firm in firms}
        missing = named - {None} - set(self.sources.rows)
        for some in chunks(sorted(one for one in missing if one)):
            read = self.session.scalars(select(Provenance).where(Provenance.id.in_(some)))
            self.sources.rows = {**self.sources.rows, **{row.id: row for row in read}}

    def _of(self, firm: Supplier, rows: _Rows) -> Facts:
        firm, source = as_shown(firm), self.sources.place(firm.provenance_id)
        return Facts(
            status=labelled(firm.status, self.catalogue.statuses),
            status_on=firm.status_on,
            sector=labelled(firm.sector, self.catalogue.sectors),
            place=self._place(firm),
            address=firm.address,
            certificates=tuple(self._certificates(rows.certificates.get(firm.id, ()))),
            risks=tuple(self._risks(firm)),
            rank=next(map(self._rank, rows.ranks.get(firm.id, ())), None),
            tiers=tuple(map(self._tier, rows.tiers.get(firm.id, ()))),
            assessment=next(map(self._assessment, rows.assessments.get(firm.id, ())), None),
            self_declared=tuple(name for name in TOLD if name in firm.self_declared),
            source=source,
        )

    def _place(self, firm: Supplier) -> Both:
        """As on a card: the first production site, else where it is registered."""
        sites = [site["region"] for site in firm.sites if site.get("region")]
        path = self.catalogue.region_path(sites[0] if sites else firm.region or "")
        regions = [self.catalogue.regions[code] for code in path]
        return Both(zh=" ".join(one.name("zh") for one in regions), en=", ".join(one.name("en") for one in regions))

    def _certificates(self, held: Iterable[Certificate]) -> Iterator[CertificateFact]:
        order = self.catalogue.scheme_order

        def first(row: Certificate) -> tuple[int, int, int, str]:
            state = FIRST.index(state_on(row, self.today))
            return state, order.get(row.scheme, len(order)), -row.issued_on.toordinal(), row.key

        for row in sorted(held, key=first):
            scheme = self.catalogue.schemes.get(row.scheme)
            levels: dict[str, Named] = {level.code: level for level in scheme.levels} if scheme else {}
            yield CertificateFact(
                scheme=labelled(row.scheme, self.catalogue.schemes),
                level=labelled(row.level, levels) if row.level else None,
                number=row.number,
                issuer=row.issuer,
                basis=row.basis,
                issued_on=row.issued_on,
                expires_on=row.expires_on,
                state=state_on(row, self.today),
                state_on=row.state_on,
                counts=counts(row, self.catalogue),
                source=self.sources.place(row.provenance_id),
            )

    def _risks(self, firm: Supplier) -> Iterator[RiskFact]:
        """Every kind there is: one without a fact was not checked, which is not "no"."""
        for code in self.catalogue.risk_kinds:
            fact = firm.risks.get(code, {})
            checked = fact.get("checked_on")
            yield RiskFact(
                kind=labelled(code, self.catalogue.risk_kinds),
                answer=fact.get("answer", "not_checked"),
                source=fact.get("source", ""),
                checked_on=date.fromisoformat(checked) if checked else None,
            )

    def _rank(self, row: Any) -> RankFact:
        sector = self.catalogue.sectors.get(row.sector)
        usual = Both(
            zh=f"{sector.name('zh') if sector else row.sector} {row.period}",
            en=f"{sector.name('en') if sector else row.sector} {row.period}",
        )
        return RankFact(
            edition=row.code,
            title=Both(zh=row.title_zh, en=row.title_en) if row.title_zh or row.title_en else usual,
            official=row.official,
            as_of=row.as_of,
            position=row.position,
            peers=row.peers,
            grade=row.grade,
            score=row.score,
            source=self.sources.place(row.provenance_id),
        )

    def _tier(self, row: Recognition) -> TierFact:
        return TierFact(
            tier=labelled(row.tier, self.catalogue.tiers),
            recognised_on=row.recognised_on,
            expires_on=row.expires_on,
            source=self.sources.place(row.provenance_id),
        )

    def _assessment(self, row: Any) -> AssessmentFact:
        met, not_met = row.marks.count(MET), row.marks.count(NOT_MET)
        return AssessmentFact(
            assessed_on=row.assessed_on,
            assessor=row.assessor,
            met=met,
            assessed=met + not_met,
            asked=tuple(self._result(code, row.results.get(code, {})) for code in self.asked),
            source=self.sources.place(row.provenance_id),
        )

    def _result(self, code: str, result: Mapping[str, Any]) -> CriterionFact:
        value, known = result.get("value"), self.catalogue.criteria.get(code)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return CriterionFact(
            code=code,
            result=result.get("result", "not_assessed"),
            value="" if value is None else format(value, ".15g") if number else str(value),
            unit=Both(zh=known.unit_in("zh"), en=known.unit_in("en")) if known and value is not None else Both(),
        )


def labelled(code: str, names: Mapping[str, Named]) -> Labelled:
    """The code with its name in both languages; itself where the catalogue does not know it."""
    named = names.get(code)
    return Labelled(code=code, name=Both(zh=named.name("zh"), en=named.name("en")) if named else Both(zh=code, en=code))


def _ranks(ids: list[int]) -> Select[*tuple[Any, ...]]:
    edition = (Edition.code, Edition.sector, Edition.period, Edition.title_zh, Edition.title_en, Edition.official)
    wanted: Select[*tuple[Any, ...]] = (
        select(
            *(Ranking.supplier_id, Ranking.position, Ranking.score, Ranking.grade),
            *(*edition, Edition.as_of, Edition.peers, Edition.provenance_id),
        )
        .join(Edition, Edition.id == Ranking.edition_id)
        .join(Supplier, Supplier.id == Ranking.supplier_id)
        .where(Ranking.supplier_id.in_(ids), Edition.current.is_(True), Edition.sector == Supplier.sector)
    )
    return wanted


def _assessments(ids: list[int], *, results: bool) -> Select[*tuple[Any, ...]]:
    """Results are hundreds a firm: read only where some were asked for."""
    columns = (Assessment.supplier_id, Assessment.assessed_on, Assessment.assessor, Assessment.marks)
    asked = (Assessment.results,) if results else ()
    return select(*columns, *asked, Assessment.provenance_id).where(
        Assessment.supplier_id.in_(ids), Assessment.current.is_(True)
    )
