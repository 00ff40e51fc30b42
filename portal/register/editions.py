"""Editions (榜单) published: rankings streamed in, the current edition of the sector settled, firms made due."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.models import AuditEntry, Edition, Ranking, Supplier, now, table_of
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue
from portal.register.checks import EDITION_LENGTHS, RANKING_LENGTHS, code, texts
from portal.register.facts import EditionFacts, RankingFacts
from portal.register.loading import IN_LIST, chunks
from portal.register.problems import FactProblem, WriteError
from portal.register.versions import raise_versions

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""Of an edition: it stands in addresses and inside index tokens, where "|" separates and 64 characters are the most."""

GRADE = re.compile(r"[^\s|,]*")


def check_edition(facts: EditionFacts, catalogue: Catalogue) -> Iterator[FactProblem]:
    """Problems of an edition by itself."""
    if not CODE.fullmatch(facts.code):
        yield FactProblem("edition.code", facts.code[:80], "at most 40 letters, digits and . _ -")
    yield from code("edition.sector", facts.sector, catalogue.sectors, "sector")
    yield from code("edition.industry", facts.industry, catalogue.industries, "industry")
    yield from texts("edition", facts, EDITION_LENGTHS)
    if facts.peers is not None and facts.peers < 1:
        yield FactProblem("edition.peers", str(facts.peers), "less than 1")


def publish(
    session: Session,
    edition: EditionFacts,
    rankings: Iterable[RankingFacts],
    *,
    actor: Actor,
    provenance_id: int | None,
) -> Edition:
    """Write an edition that was checked. Raises WriteError: one of that code is there, or a ranking is not possible."""
    if session.scalar(select(Edition.id).where(Edition.code == edition.code)) is not None:
        raise WriteError([FactProblem("edition.code", edition.code, "is published already, and editions never change")])
    row = Edition(**_columns(edition), peers=0, published_at=now(), provenance_id=provenance_id)
    session.add(row)
    session.flush()
    ranked, last = _write_rankings(session, row.id, rankings)
    row.peers = edition.peers if edition.peers is not None else ranked
    if max(ranked, last) > row.peers:
        message = f"{ranked} firms ranked, the last at {last}: more than the peers"
        raise WriteError([FactProblem("edition.peers", str(row.peers), message)])
    session.flush()
    left = _settle_current(session, row)
    due = select(Ranking.supplier_id).where(Ranking.edition_id.in_([row.id, *left]))
    raised = raise_versions(session, due, touch=True)
    changes = {"ranked": [None, ranked], "peers": [None, row.peers], "current": [None, row.current], "due": raised}
    entry = actor.entry(now(), "edition.published", f"edition:{row.code}", changes)
    session.execute(insert(table_of(AuditEntry)), [entry])
    session.expire_all()
    return row


def _columns(facts: EditionFacts) -> dict[str, Any]:
    names = ("code", "sector", "industry", "period", "title_zh", "title_en", "official", "method", "method_version")
    return {name: getattr(facts, name) for name in (*names, "as_of")}


def _write_rankings(session: Session, edition_id: int, rankings: Iterable[RankingFacts]) -> tuple[int, int]:
    """How many were written, and the greatest position."""
    written = last = 0
    for some in chunks(rankings, IN_LIST):
        ids = _supplier_ids(session, [ranking.supplier for ranking in some])
        problems = [
            problem.at(written + place) for place, ranking in enumerate(some) for problem in _check(ranking, ids)
        ]
        if problems:
            raise WriteError(problems)
        rows = [
            {
                "edition_id": edition_id,
                "supplier_id": ids[ranking.supplier],
                "position": ranking.position,
                "score": None if ranking.score is None else round(ranking.score * 1000),
                "grade": ranking.grade,
            }
            for ranking in some
        ]
        try:
            session.execute(insert(table_of(Ranking)), rows)
        except IntegrityError as error:
            raise WriteError([FactProblem("rankings.supplier", "", "a firm is ranked twice")]) from error
        written += len(some)
        last = max(last, *(ranking.position for ranking in some), 0)
    return written, last


def _check(ranking: RankingFacts, ids: dict[str, int]) -> Iterator[FactProblem]:
    if ranking.supplier not in ids:
        yield FactProblem("rankings.supplier", ranking.supplier[:120], "is not in the register")
    if ranking.position < 1:
        yield FactProblem("rankings.position", str(ranking.position), "less than 1")
    if ranking.score is not None and not 0 <= ranking.score <= 100:
        yield FactProblem("rankings.score", str(ranking.score), "not from 0 to 100")
    if not GRADE.fullmatch(ranking.grade):
        yield FactProblem("rankings.grade", ranking.grade[:40], 'holds a space, "," or "|"')
    yield from texts("rankings", ranking, RANKING_LENGTHS)


def _supplier_ids(session: Session, keys: Iterable[str]) -> dict[str, int]:
    by_scheme: dict[str, list[str]] = {}
    for key in keys:
        scheme, _, number = key.partition("/")
        by_scheme.setdefault(scheme, []).append(number)
    found: dict[str, int] = {}
    for scheme, numbers in by_scheme.items():
        firm = func.coalesce(Supplier.merged_into_id, Supplier.id)  # a list may still name the one that was merged
        wanted = select(firm, Supplier.number).where(Supplier.scheme == scheme, Supplier.number.in_(numbers))
        found |= {f"{scheme}/{number}": identity for identity, number in session.execute(wanted)}
    return found


def _settle_current(session: Session, published: Edition) -> list[int]:
    """Mark the sector's current edition; the ids of those that were it until now.

    Of the editions not tied to an industry: those of the period that the latest day of data belongs to, an official one
    first, then the latest (so an old one that is imported late never becomes current).
    """
    if published.industry is not None:
        return []
    editions = session.scalars(
        select(Edition)
        .where(Edition.sector == published.sector, Edition.industry.is_(None))
        .order_by(Edition.as_of.desc(), Edition.period.desc())
        .with_for_update()
    ).all()
    of_period = [edition for edition in editions if edition.period == editions[0].period]
    current = max(of_period, key=lambda edition: (edition.official, edition.as_of, edition.published_at, edition.id))
    left = [edition.id for edition in editions if edition.current and edition is not current]
    for edition in editions:
        edition.current = edition is current
    session.flush()
    return left
