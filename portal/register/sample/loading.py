"""The sample into the register: fictional firms, marked as such, and two yearly editions of every sector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Edition, Fact, Supplier
from portal.models.database import begin_write
from portal.register.catalogue import Catalogue
from portal.register.loading import chunks
from portal.register.ranking import NothingToRank, RankingRequest, publish_computed
from portal.register.sample.generator import PROVENANCE, SampleMaker
from portal.register.writer import Outcome, Writer

BATCH = 500
FICTIONAL = "fictional"
"""The Fact that makes every page say so; its value is how many firms were asked for."""


@dataclass(slots=True)
class SampleReport:
    """What loading did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    editions: list[str] = field(default_factory=list)


def register_is_empty(session: Session) -> bool:
    """Whether no firm is there."""
    found = session.scalar(select(Supplier.id).limit(1)) is None
    session.rollback()
    return found


def load_sample(
    session: Session,
    catalogue: Catalogue,
    *,
    size: int,
    seed: int,
    year: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> SampleReport:
    """Load `size` fictional firms and their editions; commits every BATCH firms.

    The same again changes nothing, so an interrupted load is taken up by repeating it. `session` must have no
    transaction open.
    """
    maker = SampleMaker(catalogue, seed=seed, year=year)
    report = SampleReport()
    done = 0
    for indexes in chunks(range(size), BATCH):
        records = [maker.firm(index).record for index in indexes]
        begin_write(session)
        writer = Writer(session, catalogue, actor="sample", origin=f"seed {seed}", provenance=PROVENANCE)
        outcomes = writer.write(records)
        if not done:
            session.merge(Fact(name=FICTIONAL, value=str(size), on=date(maker.year, 1, 1)))
        session.commit()
        session.expunge_all()
        done += len(indexes)
        report.created += outcomes.count(Outcome.CREATED)
        report.changed += outcomes.count(Outcome.CHANGED)
        report.unchanged += outcomes.count(Outcome.UNCHANGED)
        if progress is not None:
            progress(done)
    _editions(session, catalogue, maker.year, report)
    return report


def _editions(session: Session, catalogue: Catalogue, year: int, report: SampleReport) -> None:
    """Editions of the two years before, each of the assessments there were at its end; those there are stay."""
    method = next(iter(catalogue.methods), None)
    sectors = [code for code in catalogue.sectors if code != "other"]
    for period in (year - 2, year - 1):
        for sector in sectors if method is not None else ():
            request = RankingRequest(sector=sector, period=str(period), method=method, as_of=date(period, 12, 31))
            there = session.scalar(select(Edition.id).where(Edition.code == request.edition_code))
            session.rollback()
            if there is not None:
                continue
            try:
                published = publish_computed(session, catalogue, request, actor="sample")
            except NothingToRank:
                session.rollback()
                continue
            session.commit()
            report.editions.append(published.code)
