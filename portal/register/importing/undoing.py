"""The undo of a whole import, while nothing later touched its firms.

First, in one transaction, it is made sure that nothing did, and all firms of the import are held: the writer refuses to
change them until they are put back. Then firms are put back in steps, each a transaction; those that are still held are
those that are still to do, so an undo that was interrupted is taken up where it stopped, and never stops half-way for
good. Firms that the import made are withdrawn, and emptied of what it said of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.orm import Session

from portal.models import ImportTouch, ImportUndo, Supplier, now
from portal.register.audit import Actor
from portal.register.images import empty, put_back
from portal.register.loading import load_firms
from portal.register.saving import save
from portal.register.state import CHILDREN, Firm

NAMED = 5
ACTION = "supplier.import_undone"


@dataclass(frozen=True, slots=True)
class Later:
    """Firms that something touched after the import: how many, and the keys of the first few."""

    count: int
    firms: tuple[str, ...]


def touched_later(session: Session, run_id: int) -> Later:
    """Those of a run. An edition that ranks a firm touches it as well."""
    last = _last(run_id).subquery()
    moved = select(Supplier).join(last, last.c.supplier_id == Supplier.id).where(Supplier.updated_at != last.c.at)
    count = session.scalar(select(func.count()).select_from(moved.subquery())) or 0
    some = session.scalars(moved.order_by(Supplier.id).limit(NAMED)) if count else ()
    return Later(count, tuple(firm.key for firm in some))


def hold(session: Session, run_id: int) -> int:
    """Hold all firms of the run, in a transaction that writes; how many. Call it when none was touched later."""
    firms = _last(run_id).subquery()
    wanted = Supplier.id.in_(select(firms.c.supplier_id))
    locked = select(Supplier.id).where(wanted).order_by(Supplier.id).with_for_update().subquery()
    count = session.scalar(select(func.count()).select_from(locked)) or 0
    held = update(Supplier).where(wanted).values(import_undo=ImportUndo.HELD.value)
    session.execute(held, execution_options={"synchronize_session": False})
    return count


def to_do(session: Session, run_id: int, most: int) -> list[tuple[str, str]]:
    """Some of the firms of the run that are still held, by scheme and number."""
    found = select(Supplier.scheme, Supplier.number).where(_held(run_id)).order_by(Supplier.id).limit(most)
    return [(scheme, number) for scheme, number in session.execute(found)]


def still_held(session: Session, run_id: int) -> int:
    """How many of the firms of the run are."""
    return session.scalar(select(func.count(Supplier.id)).where(_held(run_id))) or 0


def undo_some(session: Session, run_id: int, keys: Sequence[tuple[str, str]], actor: Actor, reason: str) -> None:
    """Put these firms back, in a transaction that writes: one log entry and one outbox row each."""
    firms = list(load_firms(session, keys, tuple(CHILDREN)).values())
    by_id = {firm.supplier.id: firm for firm in firms}
    at = now()
    for firm in firms:
        firm.supplier.set({"import_undo": ImportUndo.NONE.value})
    touches = select(ImportTouch.supplier_id, ImportTouch.before).where(
        ImportTouch.run_id == run_id, ImportTouch.supplier_id.in_(by_id)
    )
    for supplier_id, before in session.execute(touches.order_by(ImportTouch.id.desc())):
        firm = by_id[supplier_id]
        if before is None:
            empty(firm, at, reason)
        else:
            put_back(firm, before)
    _drop_added(firms)
    save(session, actor, firms, ACTION)


def _drop_added(firms: Sequence[Firm]) -> None:
    """A row that goes need not be changed first."""
    for firm in firms:
        for _model, _key, row in firm.dirty_children():
            if row.gone:
                row.values, row.before = row.values | row.before, {}


def _held(run_id: int) -> ColumnElement[bool]:
    touches = select(ImportTouch.supplier_id).where(ImportTouch.run_id == run_id)
    return and_(Supplier.import_undo == ImportUndo.HELD.value, Supplier.id.in_(touches))


def _last(run_id: int) -> Select[int, object]:
    """Supplier and instant of the run's last touch of each firm."""
    of_run = select(ImportTouch.supplier_id, func.max(ImportTouch.at).label("at"))
    return of_run.where(ImportTouch.run_id == run_id).group_by(ImportTouch.supplier_id)
