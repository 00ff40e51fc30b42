"""Transactions of views that write. The request's own session has read already, so on SQLite it cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker

from portal.extensions import db
from portal.indexing import sessions


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction of its own that writes, committed at the end of the block, undone by an error."""
    with sessions.writing(sessionmaker(db.engine)) as session:
        yield session
