"""The worker's part of editions: computing a draft, and making the firms of a published one due for the index.

Both go in small transactions, so nobody waits for a million firms, and both can be killed at any moment: a draft begins
anew and is none before it is whole, firms are made due again, which does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.indexing.sessions import snapshot
from portal.models import Edition, EditionState, ImportState, Ranking, Supplier, WebImport
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue
from portal.register.editions import begin, note, write_places
from portal.register.loading import chunks
from portal.register.ranking import Plan, RankingRequest, Scores, free_code
from portal.register.versions import raise_versions
from portal.workspace import jobs
from portal.workspace.jobs import Owner, Run

KIND = "edition"
DUE = "edition_due"

AT_ONCE = 5_000
"""Places written, or firms made due, in one transaction."""

EVERY = 0.4
"""Seconds between two words on how far it is."""

NOTHING = "nothing"
"""Remark of an edition that is not made: no firm has enough criteria assessed."""
IMPORTING = "importing"
"""Remark of one that was computed while an import was under way: it holds what had been written by then."""


def ask(session: Session, owner: Owner, catalogue: Catalogue, request: RankingRequest, actor: Actor) -> Edition:
    """Have a draft computed. Raises KeyError for an unknown sector or method, WriteError if there is such a one."""
    plan = Plan.of(catalogue, request)
    code = free_code(session, request.edition_code)
    row = begin(session, plan.facts(code), EditionState.MAKING, made_by=owner.id)
    asked = {"sector": request.sector, "period": request.period, "as_of": request.as_of.isoformat()}
    order = {"edition": row.id, "method": plan.method.code, "actor": actor.name, **asked}
    row.job_id = jobs.enqueue(session, owner, KIND, order)
    note(session, actor, "edition.asked", row, {name: [None, value] for name, value in asked.items()})
    return row


def ask_due(session: Session, owner: Owner, row: Edition, editions: Sequence[int]) -> None:
    """Have the firms of these editions shown anew, as `row` was published or taken back."""
    if editions:
        total = session.scalar(select(func.sum(Edition.peers)).where(Edition.id.in_(editions))) or 0
        row.job_id = jobs.enqueue(session, owner, DUE, {"editions": list(editions)}, total)


def importing(session: Session) -> bool:
    """Whether an import, or the undo of one, is under way."""
    states = (ImportState.RUNNING, ImportState.UNDOING)
    return session.scalar(select(WebImport.id).where(WebImport.state.in_(states)).limit(1)) is not None


def run_making(run: Run) -> None:
    """Compute a draft."""
    asked = run.payload
    request = RankingRequest(
        sector=asked["sector"],
        period=asked["period"],
        as_of=date.fromisoformat(asked["as_of"]),
        method=asked["method"],
    )
    plan = Plan.of(run.catalogue, request)
    with run.step(0, 0) as session:
        row = _wanted(session, run)
        if row is None:
            return
        session.execute(delete(Ranking).where(Ranking.edition_id == row.id))  # of an attempt that died
        row.remark = IMPORTING if importing(session) else ""
    with snapshot(run.sessions) as session:
        total = plan.count(session)
        scores = plan.scores(session, _now_and_then(lambda done: run.at(min(done, total), 2 * total)))
    _write(run, plan, scores, total)


def _write(run: Run, plan: Plan, scores: Scores, total: int) -> None:
    done = 0
    for some in chunks(scores.places(plan.method), AT_ONCE):
        done += len(some)
        with run.step(total + done, 2 * total) as session:
            row = _wanted(session, run)
            if row is None:
                return
            write_places(session, row.id, some)
    with run.step(2 * total, 2 * total) as session:
        row = _wanted(session, run)
        if row is None:
            return
        if not done:
            row.remark = NOTHING
            return
        row.state, row.peers = EditionState.DRAFT, done
        changes = {"ranked": [None, done], "left_out": [None, scores.left_out]}
        note(session, Actor(run.payload["actor"], f"computed {row.code}"), "edition.drafted", row, changes)


def _wanted(session: Session, run: Run) -> Edition | None:
    """The edition, locked; None where it was discarded meanwhile, or made by an attempt that then died."""
    wanted = select(Edition).where(
        Edition.id == run.payload["edition"], Edition.job_id == run.job_id, Edition.state == EditionState.MAKING
    )
    return session.scalars(wanted.with_for_update()).one_or_none()


def _now_and_then(say: Callable[[int], None]) -> Callable[[int], None]:
    said = float("-inf")

    def maybe(done: int) -> None:
        nonlocal said
        if time.monotonic() >= said + EVERY:
            said = time.monotonic()
            say(done)

    return maybe


def run_due(run: Run) -> None:
    """Make the firms of editions due for the index."""
    editions: list[int] = run.payload["editions"]
    of_these = select(Ranking.supplier_id).where(Ranking.edition_id.in_(editions)).distinct()
    with run.sessions() as session:
        total = sum(session.scalars(select(Edition.peers).where(Edition.id.in_(editions))))
    last = done = 0
    while True:
        with run.sessions() as session:
            wanted = of_these.where(Ranking.supplier_id > last).order_by(Ranking.supplier_id).limit(AT_ONCE)
            ids = session.scalars(wanted).all()
        if not ids:
            break
        last, done = ids[-1], done + len(ids)
        with run.step(min(done, total), total) as session:
            raise_versions(session, select(Supplier.id).where(Supplier.id.in_(ids)), touch=True)
    run.at(total, total)
