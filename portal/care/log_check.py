"""The job that checks the operation log's chain, and notes in the log what it found."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.indexing.sessions import snapshot
from portal.models import Job, JobState
from portal.register.audit import Actor
from portal.register.auditing.checking import record_check
from portal.register.auditing.verifying import verify
from portal.workspace import jobs
from portal.workspace.jobs import Handler, Owner, Run

KIND = "log_check"


def ask(session: Session, owner: Owner, actor: Actor) -> int:
    """Have it checked; the job's id. While a check is under way, that one's."""
    under_way = newest(session)
    if under_way is not None and under_way.state in {JobState.WAITING, JobState.RUNNING}:
        return under_way.id
    return jobs.enqueue(session, owner, KIND, {"actor": actor.name, "origin": actor.origin})


def newest(session: Session) -> Job | None:
    """The check that was asked for last."""
    return session.scalars(select(Job).where(Job.kind == KIND).order_by(Job.id.desc()).limit(1)).first()


def handler(key: str) -> Handler:
    """What does the job; `key` is the one that the chain's ends are signed with."""

    def check(run: Run) -> None:
        with snapshot(run.sessions) as session:
            report = verify(session, key, progress=run.at)
        with run.step(report.entries, report.entries) as session:
            record_check(session, Actor(run.payload["actor"], run.payload["origin"]), report)

    return check
