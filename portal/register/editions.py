"""Editions (榜单) written: places streamed in, the current edition of the sector settled, firms made due.

How an edition comes from draft to publication, and back, is in `edition_life`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.models import AuditEntry, Edition, EditionState, Ranking, Supplier, now, table_of
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


@dataclass(frozen=True, slots=True)
class Place:
    """A firm's place in an edition; `score` in thousandths of a point."""

    supplier_id: int
    position: int
    score: int | None
    grade: str

    def row(self, edition_id: int) -> dict[str, Any]:
        """A row of `ranking`."""
        return {
            "edition_id": edition_id,
            "supplier_id": self.supplier_id,
            "position": self.position,
            "score": self.score,
            "grade": self.grade,
        }


def publish(
    session: Session, facts: EditionFacts, places: Iterable[Place], *, actor: Actor, provenance_id: int | None
) -> Edition:
    """Write an edition that was checked, in force at once. Raises WriteError: the code is taken, a place is wrong."""
    row = begin(session, facts, EditionState.DRAFT, provenance_id=provenance_id)
    ranked = fill(session, row, places, facts.peers)
    due = put_in_force(session, row)
    raised = raise_versions(session, select(Ranking.supplier_id).where(Ranking.edition_id.in_(due)), touch=True)
    changes = {"ranked": [None, ranked], "peers": [None, row.peers], "current": [None, row.current], "due": raised}
    note(session, actor, "edition.published", row, changes)
    session.expire_all()
    return row


def draft(
    session: Session,
    facts: EditionFacts,
    places: Iterable[Place],
    *,
    actor: Actor,
    provenance_id: int | None,
    made_by: int | None = None,
) -> Edition:
    """Write an edition that was checked as a draft, which nobody but staff sees. Raises WriteError, as `publish`."""
    row = begin(session, facts, EditionState.DRAFT, provenance_id=provenance_id, made_by=made_by)
    ranked = fill(session, row, places, facts.peers)
    note(session, actor, "edition.drafted", row, {"ranked": [None, ranked], "peers": [None, row.peers]})
    return row


def begin(
    session: Session,
    facts: EditionFacts,
    state: EditionState,
    *,
    provenance_id: int | None = None,
    made_by: int | None = None,
) -> Edition:
    """An edition without places. Raises WriteError where its code is taken."""
    there = session.scalar(select(Edition.state).where(Edition.code == facts.code))
    if there is not None:
        raise WriteError([FactProblem("edition.code", facts.code, TAKEN[EditionState(there)])])
    row = Edition(**_columns(facts), peers=0, state=state, provenance_id=provenance_id, made_by=made_by)
    session.add(row)
    session.flush()
    return row


TAKEN = {
    EditionState.MAKING: "is being computed already",
    EditionState.DRAFT: "is there already as a draft: discard that first",
    EditionState.NOTICE: "is under public notice already",
    EditionState.PUBLISHED: "is published already, and editions never change",
    EditionState.TAKEN_BACK: "was taken back: a corrected list needs a code of its own",
}
"""Why a code cannot be had: an address never means two lists."""


def fill(session: Session, row: Edition, places: Iterable[Place], peers: int | None) -> int:
    """Write all places of an edition; how many. `peers` None: as many. Raises WriteError."""
    written = last = 0
    for some in chunks(places, IN_LIST):
        write_places(session, row.id, some)
        written += len(some)
        last = max(last, *(place.position for place in some))
    row.peers = peers if peers is not None else written
    if max(written, last) > row.peers:
        message = f"{written} firms ranked, the last at {last}: more than the peers"
        raise WriteError([FactProblem("edition.peers", str(row.peers), message)])
    session.flush()
    return written


def write_places(session: Session, edition_id: int, places: Iterable[Place]) -> None:
    """Write some places. Raises WriteError for a firm that has one already."""
    rows = [place.row(edition_id) for place in places]
    try:
        session.execute(insert(table_of(Ranking)), rows)
    except IntegrityError as error:
        raise WriteError([FactProblem("rankings.supplier", "", "a firm is ranked twice")]) from error


def put_in_force(session: Session, row: Edition) -> list[int]:
    """Publish an edition that has its places; ids of the editions whose firms become due for the index."""
    row.state, row.published_at = EditionState.PUBLISHED, now()
    session.flush()
    return [row.id, *settle_current(session, row)]


def note(session: Session, actor: Actor, action: str, row: Edition, changes: Mapping[str, Any]) -> None:
    """Add an entry on an edition to the operation log."""
    session.execute(insert(table_of(AuditEntry)), [actor.entry(now(), action, f"edition:{row.code}", changes)])


def _columns(facts: EditionFacts) -> dict[str, Any]:
    names = ("code", "sector", "industry", "period", "title_zh", "title_en", "official", "method", "method_version")
    return {name: getattr(facts, name) for name in (*names, "as_of")}


def placed(session: Session, rankings: Iterable[RankingFacts]) -> Iterator[Place]:
    """The places that are stated, as they are asked for. Raises WriteError for what is wrong, and unknown firms."""
    done = 0
    for some in chunks(rankings, IN_LIST):
        ids = _supplier_ids(session, [ranking.supplier for ranking in some])
        problems = [problem.at(done + place) for place, ranking in enumerate(some) for problem in _check(ranking, ids)]
        if problems:
            raise WriteError(problems)
        for ranking in some:
            score = None if ranking.score is None else round(ranking.score * 1000)
            yield Place(ids[ranking.supplier], ranking.position, score, ranking.grade)
        done += len(some)


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


def settle_current(session: Session, changed: Edition) -> list[int]:
    """Mark the current edition of the sector of one that was published or taken back; ids of those that changed.

    Of the published editions not tied to an industry: those of the period that the latest day of data belongs to, an
    official one first, then the latest (so an old one that is imported late never becomes current).
    """
    if changed.industry is not None:
        return []
    editions = session.scalars(
        select(Edition)
        .where(Edition.sector == changed.sector, Edition.industry.is_(None), Edition.state == EditionState.PUBLISHED)
        .order_by(Edition.as_of.desc(), Edition.period.desc())
        .with_for_update()
    ).all()
    of_period = [edition for edition in editions if edition.period == editions[0].period]
    current = max(of_period, key=_rank, default=None)
    moved = [edition.id for edition in editions if edition.current is not (edition is current)]
    for edition in editions:
        edition.current = edition is current
    session.flush()
    return [identity for identity in moved if identity != changed.id]


def _rank(edition: Edition) -> tuple[Any, ...]:
    return edition.official, edition.as_of, edition.published_at, edition.id
