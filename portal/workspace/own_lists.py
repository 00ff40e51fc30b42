"""Own suppliers (已有供应商): lists of an organisation, matched with the register in the background, checked again.

Everyone of the organisation sees and uses them. What is certified, ends soon or was downgraded is kept with each row as
of the day of the check, so that a list of any size is counted and filtered by the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, select, update
from sqlalchemy.orm import Session

from portal.models import Job, JobState, Organisation, OwnList, OwnRow, RowState, Supplier, now
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.loading import by_keys, chunks
from portal.workspace import jobs, undoing
from portal.workspace.buyer import Buyer, Reason, Refused
from portal.workspace.changes import What, changes
from portal.workspace.facts import Facts, Reader, loaded, stored
from portal.workspace.jobs import Run
from portal.workspace.matching import CONFIDENCE, Asked, How, Match, match_rows
from portal.workspace.names import NameKeys
from portal.workspace.own_reading import Guess, Table

KIND = "own_list"
MAX_LISTS = 20
MAX_MINE = 10_000
"""Firms of an organisation's lists that a search can be asked about."""

SOON_DAYS = 90
WRITTEN = 500
"""Rows written in one step of a check."""


def visible(buyer: Buyer) -> ColumnElement[bool]:
    """The condition for the lists of the member's organisation."""
    return and_(OwnList.organisation_id == buyer.organisation_id, OwnList.deleted_at.is_(None))


def lists(session: Session, buyer: Buyer) -> list[tuple[OwnList, int]]:
    """The organisation's lists with their sizes, newest first."""
    sizes = (
        select(OwnRow.own_list_id, func.count(OwnRow.id).label("size"))
        .where(OwnRow.organisation_id == buyer.organisation_id)
        .group_by(OwnRow.own_list_id)
        .subquery()
    )
    wanted = (
        select(OwnList, func.coalesce(sizes.c.size, 0))
        .outerjoin(sizes, sizes.c.own_list_id == OwnList.id)
        .where(visible(buyer))
        .order_by(OwnList.id.desc())
    )
    return [(found, size) for found, size in session.execute(wanted)]


def with_jobs(session: Session, buyer: Buyer) -> list[tuple[OwnList, Job | None]]:
    """The organisation's lists with their newest checks, newest first. One statement, which counts no rows."""
    wanted = select(OwnList, Job).outerjoin(Job, Job.id == OwnList.job_id).where(visible(buyer))
    return [(own, job) for own, job in session.execute(wanted.order_by(OwnList.id.desc()))]


def create(session: Session, buyer: Buyer, at: datetime, *, name: str, table: Table, guessed: Guess) -> OwnList:
    """Keep a list as it was handed in; it is matched once its columns are confirmed. Raises Refused: too many."""
    session.execute(select(Organisation.id).where(Organisation.id == buyer.organisation_id).with_for_update())
    if (session.scalar(select(func.count(OwnList.id)).where(visible(buyer))) or 0) >= MAX_LISTS:
        raise Refused(Reason.TOO_MANY_LISTS, MAX_LISTS)
    made = OwnList(
        organisation_id=buyer.organisation_id,
        owner_id=buyer.id,
        name=name,
        number_column=guessed.number,
        name_column=guessed.name,
        first=guessed.first,
        created_at=at,
    )
    session.add(made)
    session.flush()
    rows = [
        {"own_list_id": made.id, "organisation_id": buyer.organisation_id, "line": line, "cells": cells}
        for line, cells in enumerate(table, start=1)
    ]
    session.execute(OwnRow.__table__.insert(), [_DEFAULTS | row for row in rows])  # type: ignore[attr-defined]
    return made


_DEFAULTS: dict[str, Any] = {
    "state": RowState.NONE,
    "how": "",
    "confidence": 0,
    "candidates": [],
    "facts": {},
    "certified": False,
    "risk": False,
    "downgraded": False,
    "checked_by": 0,
}


def set_columns(session: Session, own: OwnList, columns: Guess) -> None:
    """Say which columns hold what, and where data begin; rows above are no suppliers any more."""
    own.number_column, own.name_column, own.first = columns.number, columns.name, columns.first
    above = (OwnRow.own_list_id == own.id, OwnRow.line < own.first)
    session.execute(update(OwnRow).where(*above).values(state=RowState.NONE, how="", supplier_id=None, candidates=[]))


def check(session: Session, buyer: Buyer, own: OwnList) -> int:
    """Have the list matched (again) by the worker; the job's id. One that is under way is not begun twice."""
    job = session.get(Job, own.job_id) if own.job_id else None
    if job is not None and job.state in {JobState.WAITING, JobState.RUNNING}:
        return job.id
    total = session.scalar(select(func.count(OwnRow.id)).where(OwnRow.own_list_id == own.id)) or 0
    own.job_id = jobs.enqueue(session, buyer, KIND, {"own_list": own.id}, total)
    session.flush()
    if job is not None:
        session.delete(job)
    return own.job_id


def delete_list(session: Session, buyer: Buyer, own: OwnList, at: datetime) -> int:
    """Delete a list; the id of the undo."""
    _purge(session, buyer, at - 2 * undoing.KEPT)
    own.deleted_at = at
    return undoing.record(session, buyer, undoing.Kind.DELETE_OWN_LIST, {"own_list": own.id}, at)


def choose(session: Session, row: OwnRow, supplier_id: int | None, reader: Reader) -> None:
    """Say which of the candidates a row is; None: none of them. A later check leaves that as it is."""
    if supplier_id is not None and supplier_id not in {candidate[0] for candidate in row.candidates}:
        return
    row.supplier_id = supplier_id
    row.how = How.CHOSEN if supplier_id is not None else How.REFUSED
    row.state, row.confidence = (RowState.MATCHED, 100) if supplier_id is not None else (RowState.NONE, 0)
    facts = reader.facts([supplier_id]) if supplier_id is not None else {}
    for name, value in _standing(facts.get(supplier_id or 0), None, reader.catalogue).items():
        setattr(row, name, value)
    session.flush()


def run_check(run: Run) -> None:
    """The job: match every row that no person has decided, then write rows and facts in steps.

    A check that is taken up again matches again, as that is quick and writes nothing, and leaves out rows it has
    written: they would be compared with themselves, and a downgrade be lost.
    """
    list_id: int = run.payload["own_list"]
    with run.sessions() as session:
        own = session.get(OwnList, list_id)
        if own is None or own.deleted_at is not None:
            return
        columns = (OwnRow.id, OwnRow.cells, OwnRow.how, OwnRow.supplier_id, OwnRow.facts)
        to_do = (OwnRow.own_list_id == list_id, OwnRow.line >= own.first, OwnRow.checked_by != run.job_id)
        rows = session.execute(select(*columns).where(*to_do).order_by(OwnRow.line)).all()
        open_rows = [row for row in rows if row.how not in {How.CHOSEN, How.REFUSED}]
        asked = [Asked(row.id, _cell(row, own.number_column), _cell(row, own.name_column)) for row in open_rows]
        total = 2 * len(rows)

        def progress(done: int, of: int) -> None:
            run.at(len(rows) * done // max(1, of), total)

        matches = match_rows(session, asked, NameKeys(run.catalogue.company_forms), progress)
    written = 0
    for some in chunks(rows, WRITTEN):
        written += len(some)
        with run.step(len(rows) + written, total) as session:
            _write(session, some, matches, Reader(session, run.catalogue, today_china()), run.job_id)
    with run.step(total, total) as session:
        session.execute(update(OwnList).where(OwnList.id == list_id).values(checked_at=now()))


def _cell(row: Row[Any], column: int | None) -> str:
    return str(row.cells[column]) if column is not None and column < len(row.cells) else ""


def _write(
    session: Session, rows: Sequence[Row[Any]], matches: Mapping[int, Match], reader: Reader, job_id: int
) -> None:
    firms = {row.id: matches[row.id].supplier_id if row.id in matches else row.supplier_id for row in rows}
    facts = reader.facts({firm for firm in firms.values() if firm is not None})
    changed = []
    for row in rows:
        firm = firms[row.id]
        same = firm is not None and firm == row.supplier_id and bool(row.facts)
        before = loaded(row.facts) if same else None
        values = _standing(facts.get(firm) if firm is not None else None, before, reader.catalogue)
        if row.id in matches:
            values |= _found(matches[row.id])
        changed.append({"id": row.id, "checked_by": job_id, **values})
    session.execute(update(OwnRow), changed)


def _found(match: Match) -> dict[str, Any]:
    return {
        "state": match.state,
        "how": match.how or "",
        "confidence": CONFIDENCE[match.how] if match.how else 0,
        "supplier_id": match.supplier_id,
        "candidates": [[firm, how, CONFIDENCE[how]] for firm, how in match.candidates],
    }


def _standing(facts: Facts | None, before: Facts | None, catalogue: Catalogue) -> dict[str, Any]:
    """What is kept of a firm with its row; `before`: the facts at the last check."""
    if facts is None:
        return {"facts": {}, "certified": False, "expires_on": None, "risk": False, "downgraded": False}
    ends = [end for end in facts.until.values() if end is not None]
    news = changes(before, facts, catalogue) if before is not None else ()
    return {
        "facts": stored(facts),
        "certified": bool(facts.levels) and not facts.gone,
        "expires_on": min(ends, default=None),
        "risk": bool(facts.risks) or bool(facts.gone),
        "downgraded": any(change.worse and change.what in {What.LEVEL, What.GONE} for change in news),
    }


@dataclass(frozen=True, slots=True)
class Mine:
    """The firms of an organisation's lists, by key; `cut`: there are more than a search can be asked about."""

    keys: tuple[str, ...]
    cut: bool


def mine(session: Session, buyer: Buyer) -> Mine:
    """All of them that are in the register."""
    wanted = _mine(buyer).order_by(Supplier.id).limit(MAX_MINE + 1)
    keys = [f"{scheme}/{number}" for scheme, number in session.execute(wanted)]
    return Mine(tuple(keys[:MAX_MINE]), len(keys) > MAX_MINE)


def has_any(session: Session, buyer: Buyer) -> bool:
    """Whether the organisation has own suppliers in the register."""
    return session.execute(_mine(buyer).limit(1)).first() is not None


def mine_among(session: Session, buyer: Buyer, keys: Iterable[str]) -> frozenset[str]:
    """Those of these firms that are on a list of the organisation."""
    found = session.execute(
        select(Supplier.scheme, Supplier.number)
        .join(OwnRow, OwnRow.supplier_id == Supplier.id)
        .join(OwnList, OwnList.id == OwnRow.own_list_id)
        .where(by_keys(keys), visible(buyer), OwnRow.state == RowState.MATCHED)
    )
    return frozenset(f"{scheme}/{number}" for scheme, number in found)


def _mine(buyer: Buyer) -> Any:
    listed = (
        select(OwnRow.supplier_id)
        .join(OwnList, OwnList.id == OwnRow.own_list_id)
        .where(visible(buyer), OwnRow.state == RowState.MATCHED, OwnRow.supplier_id.is_not(None))
    )
    return select(Supplier.scheme, Supplier.number).where(Supplier.id.in_(listed), Supplier.withdrawn_at.is_(None))


def _purge(session: Session, buyer: Buyer, before: datetime) -> None:
    """Remove for good what was deleted before that."""
    gone = list(
        session.execute(
            select(OwnList.id, OwnList.job_id).where(
                OwnList.organisation_id == buyer.organisation_id, OwnList.deleted_at <= before
            )
        )
    )
    ids = [identifier for identifier, _job in gone]
    session.execute(delete(OwnRow).where(OwnRow.own_list_id.in_(ids)))
    session.execute(delete(OwnList).where(OwnList.id.in_(ids)))
    session.execute(delete(Job).where(Job.id.in_([job for _list, job in gone if job])))


def soon(today: date) -> date:
    """The last day of "expiring within 90 days"."""
    return date.fromordinal(today.toordinal() + SOON_DAYS)
