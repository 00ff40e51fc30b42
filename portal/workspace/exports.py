"""Exports: asked for on a page, written by the worker (`portal.workspace.exporting`), kept for a week, then purged."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from portal.indexing.sessions import Sessions, writing
from portal.models import Export, Job, JobState, User, now
from portal.workspace import jobs
from portal.workspace.buyer import Buyer, Reason, Refused
from portal.workspace.export_files import SUFFIXES

KIND = "export"
KEPT = timedelta(days=7)
MAX_EXPORTS = 50
"""Of a member, at a time."""

ORPHANED = 86_400.0
"""Seconds after which what a killed worker left in the folder is removed."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written: the payload of the job of that kind, and how the file is called."""

    title: str
    form: str
    payload: Mapping[str, Any]
    private: bool = False
    total: int = 0
    kind: str = KIND


def visible(buyer: Buyer) -> ColumnElement[bool]:
    """The condition for what a member may have: their own, and others' that stand on nothing private."""
    return and_(
        Export.organisation_id == buyer.organisation_id,
        or_(Export.private.is_(False), Export.user_id == buyer.id),
        Export.expires_at > now(),
    )


def own(session: Session, buyer: Buyer) -> Sequence[tuple[Export, Job | None]]:
    """A member's own, newest first, with their jobs."""
    wanted = (
        select(Export, Job)
        .outerjoin(Job, Job.id == Export.job_id)
        .where(visible(buyer), Export.user_id == buyer.id)
        .order_by(Export.id.desc())
    )
    return [(export, job) for export, job in session.execute(wanted)]


def ask(session: Session, buyer: Buyer, at: datetime, order: Order) -> Export:
    """Have it written. Raises Refused: too many are kept."""
    session.execute(select(User.id).where(User.id == buyer.id).with_for_update())
    kept = select(func.count(Export.id)).where(visible(buyer), Export.user_id == buyer.id)
    if (session.scalar(kept) or 0) >= MAX_EXPORTS:
        raise Refused(Reason.TOO_MANY_EXPORTS, MAX_EXPORTS)
    made = Export(
        organisation_id=buyer.organisation_id,
        user_id=buyer.id,
        private=order.private,
        title=order.title[:200],
        form=order.form,
        token=secrets.token_hex(24),
        created_at=at,
        expires_at=at + KEPT,
    )
    session.add(made)
    session.flush()
    payload = {**order.payload, "export": made.id}
    made.job_id = jobs.enqueue(session, buyer, order.kind, payload, order.total)
    session.flush()
    return made


def busy(job: Job | None) -> bool:
    """Whether the worker has it still before it."""
    return job is not None and job.state in {JobState.WAITING, JobState.RUNNING}


def file_of(folder: Path, export: Export) -> Path:
    """Where its file is, or will be."""
    return folder / f"{export.token}.{SUFFIXES[export.form]}"


def remove(session: Session, folder: Path, export: Export) -> None:
    """Remove it for good, the file too. A worker that is at it finds nothing to offer the file for."""
    file_of(folder, export).unlink(missing_ok=True)
    job = export.job_id
    session.delete(export)
    session.flush()
    session.execute(delete(Job).where(Job.id == job))


def purge(sessions: Sessions, folder: Path, at: datetime) -> None:
    """Remove what has ended, and what killed workers left behind. For the worker's housekeeping."""
    with writing(sessions) as session:
        for export in session.scalars(select(Export).where(Export.expires_at <= at)).all():
            remove(session, folder, export)
        held = {file_of(folder, export).name for export in session.scalars(select(Export))}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in held and path.stat().st_mtime < time.time() - ORPHANED:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
