"""The small facts that the worker keeps by name."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Fact, table_of

DATA_VERSION = "data_version"
"""The last change_seq given out: one for each change that came into the index. Only who holds the drain raises it."""

SWEPT_ON = "swept_on"
"""The day in China up to which starts and ends of certificates and recognitions are in the index."""


_VERSION = select(table_of(Fact).c.value).where(table_of(Fact).c.name == DATA_VERSION)


def data_version(session: Session) -> int:
    """The last change_seq; 0 before the first."""
    value = session.connection().scalar(_VERSION)
    return int(value or 0)


def raise_data_version(session: Session, by: int) -> int:
    """Give out so many change_seq; the last one. The transaction must be a writing one.

    To its end no other gives any out: so what goes by change_seq is seen in their order. By 0 it only sees to that.
    """
    fact = session.get(Fact, DATA_VERSION, with_for_update=True, populate_existing=True)
    if fact is None:
        fact = Fact(name=DATA_VERSION, value="0")
        session.add(fact)
    fact.value = str(int(fact.value) + by)
    session.flush()
    return int(fact.value)


def swept_on(session: Session) -> date | None:
    """The day of the last sweep; None before the first."""
    return session.scalar(select(Fact.on).where(Fact.name == SWEPT_ON))


def set_swept_on(session: Session, day: date) -> None:
    """Note a sweep. The transaction must be a writing one."""
    fact = session.get(Fact, SWEPT_ON, with_for_update=True)
    if fact is None:
        session.add(Fact(name=SWEPT_ON, value=day.isoformat(), on=day))
    else:
        fact.value, fact.on = day.isoformat(), day
    session.flush()
