"""Computed editions: scores by hand, ties, who is left out, and the same to the byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from portal.models import AuditEntry, Edition, Ranking, Supplier
from portal.register.catalogue import Catalogue, RankingMethod
from portal.register.facts import AssessmentFacts, CriterionResult, Result, SupplierRecord
from portal.register.marks import marks_of
from portal.register.problems import WriteError
from portal.register.ranking import (
    NothingToRank,
    RankingRequest,
    Scorer,
    Scores,
    grade_of,
    publish_computed,
)
from portal.register.writer import Writer
from tests.factories import supplier_facts

REQUEST = RankingRequest(sector="machinery", period="2025", as_of=date(2025, 12, 31))


@pytest.fixture(scope="session")
def method(catalogue: Catalogue) -> RankingMethod:
    return next(iter(catalogue.methods.values()))


def stored(results: Mapping[str, str]) -> str:
    return marks_of({code: {"result": result} for code, result in results.items()})


def codes(catalogue: Catalogue, group: str) -> list[str]:
    return [c.code for c in catalogue.applicable_criteria("machinery", ("3451",)) if c.group == group]


def test_a_score_worked_out_by_hand(catalogue: Catalogue, method: RankingMethod) -> None:
    """Quality 1 of 3, standards 2 of 2, nothing else: (16 · 1/3 + 10 · 1) / 26 with the default weights."""
    loose = replace(method, weights={"quality": 16, "standards": 10, "brand": 74}, minimum_assessed=0.01)
    quality, standards = codes(catalogue, "quality"), codes(catalogue, "standards")
    results = {quality[0]: "met", quality[1]: "not_met", quality[2]: "not_met", quality[3]: "not_applicable"}
    results |= {standards[0]: "met", standards[1]: "met", "S-TX-01": "met", "gone": "met"}
    score = Scorer(catalogue, loose, "machinery").score(("3451",), stored(results))
    assert score == round(Fraction(16, 3) / 26 * 100_000 + Fraction(10, 26) * 100_000) == 58974


def test_what_was_not_assessed_counts_neither_way(catalogue: Catalogue, method: RankingMethod) -> None:
    scorer = Scorer(catalogue, replace(method, minimum_assessed=0.0), "machinery")
    assert scorer.score(("3451",), stored({codes(catalogue, "quality")[0]: "met"})) == 100_000
    assert scorer.score(("3451",), "") is None


def test_too_little_assessed_is_not_ranked(catalogue: Catalogue, method: RankingMethod) -> None:
    applicable = [c.code for c in catalogue.applicable_criteria("machinery", ("3451",))]
    least = -(-len(applicable) * 3 // 10)
    scorer = Scorer(catalogue, replace(method, minimum_assessed=0.3), "machinery")
    assert scorer.score(("3451",), stored(dict.fromkeys(applicable[:least], "met"))) == 100_000
    assert scorer.score(("3451",), stored(dict.fromkeys(applicable[: least - 1], "met"))) is None
    excused = dict.fromkeys(applicable[: least - 1], "met") | dict.fromkeys(applicable[least:], "not_applicable")
    assert scorer.score(("3451",), stored(excused)) == 100_000


def test_ties_share_a_position(method: RankingMethod) -> None:
    scores = Scores()
    for firm, score in ((3, 500), (1, 900), (2, 500), (5, None), (4, 100)):
        scores.add(firm, score)
    found = list(scores.places(method))
    assert [(one.supplier_id, one.position) for one in found] == [(1, 1), (2, 2), (3, 2), (4, 4)]
    assert [one.score for one in found] == [900, 500, 500, 100]
    assert (len(scores), scores.left_out) == (4, 1)


def test_grades_by_best_share(method: RankingMethod) -> None:
    named = replace(method, grades=(("A", 10), ("B", 50), ("C", 100)))
    assert [grade_of(named, position, 20) for position in (1, 2, 3, 10, 11, 20)] == ["A", "A", "B", "B", "C", "C"]


@given(data=st.data())
def test_scores_are_exact(catalogue: Catalogue, method: RankingMethod, data: st.DataObject) -> None:
    """Against fractions, for any results."""
    applicable = [c.code for c in catalogue.applicable_criteria("machinery", ("3451",))]
    chosen = data.draw(st.lists(st.sampled_from(applicable), unique=True, min_size=1))
    results = {code: data.draw(st.sampled_from(["met", "not_met", "not_applicable"])) for code in chosen}
    groups: dict[str, list[bool]] = {}
    for code, result in results.items():
        if result != "not_applicable":
            groups.setdefault(catalogue.criteria[code].group, []).append(result == "met")
    total = sum(method.weights.get(group, 0) for group in groups)
    points = sum(method.weights.get(group, 0) * Fraction(sum(met), len(met)) for group, met in groups.items())
    score = Scorer(catalogue, replace(method, minimum_assessed=0.0), "machinery").score(("3451",), stored(results))
    assert score == (int(100_000 * points / total + Fraction(1, 2)) if total else None)


def firm(
    catalogue: Catalogue, number: int, met: int, on: date = date(2025, 6, 1), sector: str = "machinery"
) -> SupplierRecord:
    applicable = [c.code for c in catalogue.applicable_criteria("machinery", ("3451",))]
    results = {
        code: CriterionResult(result=Result.MET if place < met else Result.NOT_MET)
        for place, code in enumerate(applicable)
    }
    return SupplierRecord(
        supplier=supplier_facts(number, sector=sector, industries=("3451",)),
        assessments=(AssessmentFacts(assessed_on=on, assessor="评价机构", results=results),),
    )


def publish(database: Engine, catalogue: Catalogue, request: RankingRequest = REQUEST) -> str:
    with sessionmaker(database)() as session:
        computed = publish_computed(session, catalogue, request, actor="test")
        session.commit()
        return computed.code


def standings(database: Engine, code: str) -> list[tuple[str, int, int | None, str]]:
    with Session(database) as session:
        wanted = select(Supplier.number, Ranking.position, Ranking.score, Ranking.grade).join(
            Ranking, Ranking.supplier_id == Supplier.id
        )
        found = session.execute(
            wanted.join(Edition).where(Edition.code == code).order_by(Ranking.position, Supplier.number)
        )
        return [(row.number, row.position, row.score, row.grade) for row in found]


def test_an_edition_is_published_and_can_be_repeated(database: Engine, catalogue: Catalogue) -> None:
    with sessionmaker(database)() as session:
        records = [firm(catalogue, number, met) for number, met in ((1, 50), (2, 120), (3, 120), (4, 0))]
        records.append(firm(catalogue, 5, 150, sector="electronics"))
        records.append(firm(catalogue, 6, 150, on=date(2026, 1, 1)))  # after the day
        writer = Writer(session, catalogue, actor="test")
        writer.write(records)
        writer.write([firm(catalogue, 1, 150, on=date(2026, 2, 1)), firm(catalogue, 7, 150)])
        writer.withdraw(firm(catalogue, 7, 150).supplier.key, "测试")
        session.commit()
    code = publish(database, catalogue)
    assert code == "machinery-2025-computed"
    found = standings(database, code)
    assert [position for _, position, _, _ in found] == [1, 1, 3, 4]
    assert found[3][2] == 0
    with pytest.raises(WriteError, match="already"):
        publish(database, catalogue)
    again = publish(database, catalogue, replace(REQUEST, period="2025b"))
    assert standings(database, again) == found
    with Session(database) as session:
        edition = session.scalars(select(Edition).where(Edition.code == code)).one()
        assert (edition.official, edition.method, edition.peers) == (False, "weighted_groups", 4)
        assert "门户试算" in edition.title_zh
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"edition:{code}")).one()
        assert entry.changes["ranked"] == [None, 4]


def test_nothing_to_rank_publishes_nothing(sqlite_database: Engine, catalogue: Catalogue) -> None:
    with pytest.raises(NothingToRank):
        publish(sqlite_database, catalogue)
    with Session(sqlite_database) as session:
        assert session.scalars(select(Edition)).all() == []
