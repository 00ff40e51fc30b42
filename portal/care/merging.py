"""The merge of two firms and its undo, with everything that points at them.

What is official goes by the writer. Here the rest follows: rankings, where the kept firm has none of that edition;
firms that were merged into the merged one before, so that no address leads on twice; cases that staff are to decide;
the organisation that speaks for the firm, with its inquiries and what the firm says of itself (merging_words); codes of
letters that nobody has used; rows of buyers' own lists. Entries of shortlists stay and say that the firm
was merged: what a buyer wrote of one is not put under another one. Alerts tell of it by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.care import merging_words
from portal.models import (
    CaseKind,
    CaseState,
    ClaimCode,
    CodeKind,
    DuplicatePair,
    Inquiry,
    Organisation,
    OwnRow,
    PairState,
    Ranking,
    ReviewCase,
    Supplier,
    SupplierMerge,
    now,
)
from portal.register.loading import by_keys
from portal.register.problems import FactProblem, Stale, WriteError
from portal.register.writer import Merged, Writer

FOLLOWING = {
    "claim_code": ClaimCode.supplier_id,
    "inquiry": Inquiry.supplier_id,
    "organisation": Organisation.supplier_id,
    "own_row": OwnRow.supplier_id,
    "ranking": Ranking.supplier_id,
    "review_case": ReviewCase.supplier_id,
    "supplier": Supplier.merged_into_id,
}
"""Table → the column by which its rows follow a firm that is merged. What is new and points at a firm adds its own."""


PENDING = (CaseState.OPEN, CaseState.RETURNED)


@dataclass(frozen=True, slots=True)
class Asked:
    """`merged` is to go into `kept`, by their keys; `seen`: the newest entries of both when the form was made."""

    kept: str
    merged: str
    seen: tuple[int, int]
    reason: str
    on: date


def merge(session: Session, writer: Writer, asked: Asked) -> int:
    """Make them one; the log's entry. Raises Stale if either was changed meanwhile, and WriteError."""
    for key, seen in zip((asked.kept, asked.merged), asked.seen, strict=True):
        writer.require_unchanged(key, seen)
    done = writer.merge(asked.kept, asked.merged, reason=asked.reason, on=asked.on)
    _require_one_voice(session, asked)  # both are locked now, as for a claim
    words = merging_words.follow(session, done.kept_id, done.merged_id)
    moved = {table: ids for table, ids in (*_follow(session, done), *words.items()) if ids}
    session.add(
        SupplierMerge(
            kept_id=done.kept_id,
            merged_id=done.merged_id,
            entry_id=done.entry_id,
            before=dict(done.before),
            moved=moved,
        )
    )
    _settle_pairs(session, done.merged_id, PairState.MERGED)
    return done.entry_id


def take_back(session: Session, writer: Writer, key: str, entry_id: int) -> int:
    """Take apart what the entry of the firm `key` tells of; the new entry. Raises Stale if another followed."""
    writer.require_unchanged(key, entry_id)
    made = session.scalars(
        select(SupplierMerge).where(SupplierMerge.entry_id == entry_id, SupplierMerge.undone_at.is_(None))
    ).one_or_none()
    if made is None:
        raise WriteError([FactProblem("entry", str(entry_id), "cannot be undone")])
    kept, merged = (session.get_one(Supplier, one) for one in (made.kept_id, made.merged_id))
    if kept.key != key:
        raise Stale(key, entry_id)
    identity, moved, before = made.id, dict(made.moved), dict(made.before)
    done = writer.take_apart(kept.key, merged.key, before)
    for name, column in FOLLOWING.items():
        table = column.class_.__table__
        back = update(table).where(table.c.id.in_(moved.get(name, ())), table.c[column.key] == done.kept_id)
        session.execute(back.values({column.key: done.merged_id}))
    _take_along(session, done, moved.get("organisation", []))
    merging_words.go_back(session, done.kept_id, done.merged_id, moved)
    session.execute(update(SupplierMerge).where(SupplierMerge.id == identity).values(undone_at=now()))
    _settle_pairs(session, done.merged_id, PairState.OPEN)
    session.expire_all()
    return done.entry_id


def is_merge(session: Session, entry_id: int) -> bool:
    """Whether the entry tells of a merge."""
    return session.scalar(select(SupplierMerge.id).where(SupplierMerge.entry_id == entry_id)) is not None


def _require_one_voice(session: Session, asked: Asked) -> None:
    wanted = select(Supplier.scheme, Supplier.number).join(Organisation, Organisation.supplier_id == Supplier.id)
    spoken = {
        f"{scheme}/{number}" for scheme, number in session.execute(wanted.where(by_keys((asked.kept, asked.merged))))
    }
    if len(spoken) == 2:
        raise WriteError(
            [FactProblem("supplier", asked.merged, "an organisation speaks for each of the two: settle that first")]
        )


def _follow(session: Session, done: Merged) -> Iterator[tuple[str, list[int]]]:
    """Have the rows follow; the ids of those that did, by table."""
    ranked = select(Ranking.edition_id).where(Ranking.supplier_id == done.kept_id)
    but: dict[str, Any] = {
        "claim_code": (ClaimCode.kind == CodeKind.LETTER, ClaimCode.used_at.is_(None)),
        "ranking": (Ranking.edition_id.not_in(ranked),),
        "review_case": (ReviewCase.state.in_(PENDING),),
    }
    for name, column in FOLLOWING.items():
        of_table: Any = column.class_
        ids = list(session.scalars(select(of_table.id).where(column == done.merged_id, *but.get(name, ()))))
        if ids:
            moved = update(of_table).where(of_table.id.in_(ids)).values({column.key: done.kept_id})
            session.execute(moved, execution_options={"synchronize_session": False})
        yield name, ids


def _take_along(session: Session, done: Merged, organisations: list[int]) -> None:
    """What came to the organisation that goes back, or from it, since the merge goes with it: it could not be answered.

    A claim is on the firm that it names.
    """
    for column, *whose in (
        (Inquiry.supplier_id, Inquiry.firm_id.in_(organisations)),
        (
            ReviewCase.supplier_id,
            ReviewCase.organisation_id.in_(organisations),
            ReviewCase.kind == CaseKind.PROFILE,
            ReviewCase.state.in_(PENDING),
        ),
    ):
        of_table: Any = column.class_
        back = update(of_table).where(column == done.kept_id, *whose).values({column.key: done.merged_id})
        session.execute(back, execution_options={"synchronize_session": False})


def _settle_pairs(session: Session, merged_id: int, state: PairState) -> None:
    """A merged firm is no half of a pair that is open, and is again once it is taken apart."""
    among = (DuplicatePair.first_id == merged_id) | (DuplicatePair.second_id == merged_id)
    other = PairState.OPEN if state is PairState.MERGED else PairState.MERGED
    settled = update(DuplicatePair).where(among, DuplicatePair.state == other).values(state=state.value)
    session.execute(settled, execution_options={"synchronize_session": False})
