"""Sourcing records kept: made once, never changed, withdrawn or replaced but not deleted. What they say: `record_tree`.

The file is on the disk before the row is committed: there is no row without a whole file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.models import Organisation, RecordPart, SourcingRecord, User
from portal.workspace import record_files
from portal.workspace.buyer import Buyer, Reason, Refused
from portal.workspace.record_files import ZIP, Packed
from portal.workspace.record_tree import Record

MAX_RECORDS = 5_000
"""Of an organisation: nothing of them is ever deleted."""

MAX_TITLE = 200
MAX_REFERENCE = 120
MAX_STATEMENT = 4_000
MAX_REASON = 1_000


class Listed(NamedTuple):
    """A record among others: who made it, and whether a later one replaces it."""

    record: SourcingRecord
    person: str
    replaced: bool


class Public(NamedTuple):
    """What was public of a firm; the name by which the record calls it, `facts` as `portal.workspace.facts` writes."""

    supplier_id: int
    name: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A record that has its code and time, its file, and what it stands on beside what it says.

    `public`: what was public of its firms; `replaces`: the id of an earlier record.
    """

    record: Record
    packed: Packed
    code: str
    shortlist_id: int
    private: bool
    public: Sequence[Public]
    language: str
    replaces: int | None = None


_later = aliased(SourcingRecord)
_REPLACED = exists().where(_later.replaces_id == SourcingRecord.id)


def visible(buyer: Buyer) -> ColumnElement[bool]:
    """The condition for what a member sees: their own, and others' that stand on nothing private."""
    return and_(
        SourcingRecord.organisation_id == buyer.organisation_id,
        or_(SourcingRecord.private.is_(False), SourcingRecord.user_id == buyer.id),
    )


def may_manage(buyer: Buyer, record: SourcingRecord) -> bool:
    """Whether they may withdraw or replace it: its maker, and administrators of the organisation."""
    return record.user_id == buyer.id or buyer.admin


def listed(session: Session, buyer: Buyer, most: int, first: int = 0) -> list[Listed]:
    """What a member sees, the newest first."""
    wanted = (
        select(SourcingRecord, User.name, _REPLACED)
        .join(User, User.id == SourcingRecord.user_id)
        .where(visible(buyer))
        .order_by(SourcingRecord.made_at.desc(), SourcingRecord.id.desc())
    )
    return [Listed(*row) for row in session.execute(wanted.limit(most).offset(first))]


def held(session: Session, buyer: Buyer) -> int:
    """How many a member sees."""
    return session.scalar(select(func.count(SourcingRecord.id)).where(visible(buyer))) or 0


def replaceable(session: Session, buyer: Buyer) -> list[SourcingRecord]:
    """Those that a new one may replace: the newest of their line, and the member's to manage; withdrawn ones too."""
    wanted = select(SourcingRecord).where(visible(buyer), ~_REPLACED)
    if not buyer.admin:
        wanted = wanted.where(SourcingRecord.user_id == buyer.id)
    return list(session.scalars(wanted.order_by(SourcingRecord.made_at.desc(), SourcingRecord.id.desc()).limit(200)))


def make(session: Session, folder: Path, buyer: Buyer, fixed: Fixed) -> int:
    """Keep a record; its id. Raises Refused: too many, or what it replaces has been replaced meanwhile."""
    record, packed = fixed.record, fixed.packed
    assert record.made.at is not None, "a preview is not kept"  # noqa: S101
    session.execute(select(Organisation.id).where(Organisation.id == buyer.organisation_id).with_for_update())
    kept = select(func.count(SourcingRecord.id)).where(SourcingRecord.organisation_id == buyer.organisation_id)
    if (session.scalar(kept) or 0) >= MAX_RECORDS:
        raise Refused(Reason.TOO_MANY_RECORDS, MAX_RECORDS)
    if fixed.replaces is not None and fixed.replaces not in {one.id for one in replaceable(session, buyer)}:
        raise Refused(Reason.REPLACED)
    made = SourcingRecord(
        organisation_id=buyer.organisation_id,
        user_id=buyer.id,
        shortlist_id=fixed.shortlist_id,
        private=fixed.private,
        code=fixed.code,
        title=record.title,
        reference=record.reference,
        organisation=record.made.organisation,
        language=fixed.language,
        firms=len(record.entries),
        data_version=record.basis.data_version,
        valid_on=record.basis.valid_on,
        sha256=packed.sha256,
        size=len(packed.content),
        facts=[list(one) for one in fixed.public],
        made_at=record.made.at,
        replaces_id=fixed.replaces,
    )
    session.add(made)
    session.flush()
    hashes = {**packed.parts, ZIP: packed.sha256}
    session.add_all(RecordPart(sha256=sha256, record_id=made.id, name=name) for name, sha256 in hashes.items())
    session.flush()
    record_files.store(folder, packed)
    return made.id


def withdraw(buyer: Buyer, record: SourcingRecord, reason: str, at: datetime) -> None:
    """Say that it holds no longer, and why. Raises Refused."""
    if not may_manage(buyer, record):
        raise Refused(Reason.NOT_YOURS)
    if not reason:
        raise Refused(Reason.WITHDRAWAL_REASON)
    if record.withdrawn_at is None:
        record.withdrawn_at, record.withdrawn_by_id, record.withdrawn_reason = at, buyer.id, reason


def public(record: SourcingRecord) -> list[Public]:
    """What was public of its firms when it was made."""
    return [Public(*one) for one in record.facts]


def parts(session: Session, record: SourcingRecord) -> dict[str, str]:
    """Name → hash of its files, the whole first."""
    found = session.execute(select(RecordPart.name, RecordPart.sha256).where(RecordPart.record_id == record.id))
    hashes = {name: sha256 for name, sha256 in found}  # noqa: C416  (rows are no pairs to mypy)
    return dict(sorted(hashes.items(), key=lambda part: (part[0] != ZIP, part[0])))


def by_code(session: Session, code: str) -> SourcingRecord | None:
    """The record that has this code (`record_codes.read`)."""
    return session.scalar(select(SourcingRecord).where(SourcingRecord.code == code))


def by_hash(session: Session, sha256: str) -> tuple[SourcingRecord, str] | None:
    """The record of which a file has this hash, and the file's name."""
    wanted = (
        select(SourcingRecord, RecordPart.name)
        .join(RecordPart, RecordPart.record_id == SourcingRecord.id)
        .where(RecordPart.sha256 == sha256)
    )
    found = session.execute(wanted).first()
    return (found[0], found[1]) if found else None


def replaced_by(session: Session, record: SourcingRecord) -> SourcingRecord | None:
    """The later record that replaces it."""
    return session.scalar(select(SourcingRecord).where(SourcingRecord.replaces_id == record.id))
