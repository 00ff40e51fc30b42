"""Ranking lists: official editions, written whole or not at all: as drafts, or published at once.

What is published by an import has no second person and no notice; that is for whoever commands the server, to bring in
lists that were published elsewhere (`flask import --publish`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Edition, EditionState, Ranking, Supplier
from portal.models.database import begin_write
from portal.register.facts import EditionFacts, RankingFacts
from portal.register.importing.checking import Checked
from portal.register.importing.job import ImportJob
from portal.register.importing.problems import CellProblem
from portal.register.importing.reading import Table
from portal.register.importing.records import Ranked, RecordMaker
from portal.register.importing.report import ImportReport
from portal.register.loading import chunks
from portal.register.problems import Outcome, WriteError

STAYS = frozenset({EditionState.DRAFT, EditionState.NOTICE, EditionState.PUBLISHED})
"""An edition in these states that says the same as the file is left as it is."""


@dataclass(slots=True)
class _List:
    """One edition of a file: the rows that are good, by place, and whether any was refused."""

    facts: EditionFacts
    line: int
    rankings: dict[int, RankingFacts] = field(default_factory=dict)
    refused: bool = False


def publish_rankings(job: ImportJob, table: Table, maker: RecordMaker, checked: Checked, report: ImportReport) -> None:
    """Write the editions of a file, each in one transaction; what is refused goes to `checked.problems`.

    A file with any refused row writes nothing: a row that could not be read may belong to any of its editions.
    An edition that is there already with the very same content is unchanged.
    """
    session = job.session
    lists = _lists(table, maker, checked)
    for found in lists.values():
        _refuse_unknown(session, found, checked)
    session.rollback()
    if checked.problems:
        report.editions.update(dict.fromkeys(lists, "not written: rows are refused"))
        return
    for code, found in lists.items():
        begin_write(session)
        job.guard(session, None)
        try:
            outcome = _write(job, found, report.file)
        except WriteError as error:
            session.rollback()
            _blame(error, found, maker, checked)
            report.editions[code] = "not written: refused"
            continue
        session.rollback() if job.dry_run else session.commit()
        report.editions[code] = outcome
        report.outcomes[outcome] += len(found.rankings)
        for place in found.rankings:
            checked.fates.set(place, outcome)


def _lists(table: Table, maker: RecordMaker, checked: Checked) -> dict[str, _List]:
    lists: dict[str, _List] = {}
    for place, row in enumerate(table.rows()):
        if place in checked.problems or place in checked.merged:
            continue
        ranked = maker.make(row)
        if not isinstance(ranked, Ranked):
            continue
        found = lists.setdefault(ranked.edition.code, _List(ranked.edition, row.line))
        if ranked.edition != found.facts:
            reason = f"line {found.line} says something else of the same edition"
            checked.problems[place] = (CellProblem("", ranked.edition.code, reason),)
        else:
            found.rankings[place] = ranked.ranking
    return lists


def _refuse_unknown(session: Session, found: _List, checked: Checked) -> None:
    for some in chunks(found.rankings.items(), 500):
        numbers = {ranking.supplier.partition("/")[2] for _, ranking in some}
        there = session.execute(select(Supplier.scheme, Supplier.number).where(Supplier.number.in_(numbers)))
        known = {f"{scheme}/{number}" for scheme, number in there}
        for place, ranking in some:
            if ranking.supplier not in known:
                reason = "is not in the register: import its firm first"
                checked.problems[place] = (CellProblem("", ranking.supplier, reason),)


def _write(job: ImportJob, found: _List, file: str) -> Outcome:
    session, writer = job.session, job.writer(file)
    there = session.scalars(select(Edition).where(Edition.code == found.facts.code)).one_or_none()
    rankings = [found.rankings[place] for place in sorted(found.rankings)]
    stays = (EditionState.PUBLISHED,) if job.publish else STAYS
    if there is not None and there.state in stays and _same(session, there, found.facts, rankings):
        return Outcome.UNCHANGED
    if job.publish:
        writer.publish_edition(found.facts, rankings)
    else:
        writer.draft_edition(found.facts, rankings, made_by=job.made_by)
    return Outcome.CREATED


def _same(session: Session, there: Edition, facts: EditionFacts, rankings: list[RankingFacts]) -> bool:
    stated = replace(facts, peers=facts.peers or len(rankings))
    if any(getattr(there, name) != getattr(stated, name) for name in EditionFacts.__dataclass_fields__):
        return False
    wanted = select(Supplier.scheme, Supplier.number, Ranking.position, Ranking.score, Ranking.grade)
    kept = session.execute(
        wanted.join(Ranking, Ranking.supplier_id == Supplier.id).where(Ranking.edition_id == there.id)
    )
    return {(f"{row.scheme}/{row.number}", row.position, row.score, row.grade) for row in kept} == set(_rows(rankings))


def _rows(rankings: Iterable[RankingFacts]) -> Iterator[tuple[str, int, int | None, str]]:
    for ranking in rankings:
        score = None if ranking.score is None else round(ranking.score * 1000)
        yield ranking.supplier, ranking.position, score, ranking.grade


def _blame(error: WriteError, found: _List, maker: RecordMaker, checked: Checked) -> None:
    """Refusals of single rankings go to their rows, those of the edition to its first row."""
    places = sorted(found.rankings)
    for problem in error.problems:
        place = places[problem.index] if problem.index is not None else places[0]
        blamed = maker.blame(problem)
        checked.problems[place] = (*checked.problems.get(place, ()), blamed)
