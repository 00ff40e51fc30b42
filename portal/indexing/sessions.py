"""Units of work of the worker and of rebuilds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from portal.models.database import begin_write

Sessions = Callable[[], Session]
"""Makes a session of its own; `sessionmaker(engine)`."""


@contextmanager
def writing(sessions: Sessions) -> Iterator[Session]:
    """A transaction that writes, committed at the end of the block."""
    with sessions() as session, session.begin():
        begin_write(session)
        yield session


@contextmanager
def snapshot(sessions: Sessions) -> Iterator[Session]:
    """A reading transaction in which every statement sees the same state."""
    with sessions() as session, session.begin():
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        yield session
