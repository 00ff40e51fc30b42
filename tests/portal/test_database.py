"""Transactions on SQLite: writers wait their turn, readers never."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.models import Fact
from portal.models.database import begin_write

THREADS, TURNS = 4, 25


def test_writers_that_read_first_wait_for_each_other(database: Engine) -> None:
    """Trap 1: without BEGIN IMMEDIATE most of these fail with "database is locked"."""
    with Session(database) as session:
        session.add(Fact(name="turns", value="0"))
        session.commit()
    failures: list[Exception] = []

    def count() -> None:
        for _ in range(TURNS):
            try:
                with Session(database) as session, session.begin():
                    begin_write(session)
                    fact = session.scalars(select(Fact).with_for_update()).one()
                    fact.value = str(int(fact.value) + 1)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(database) as session:
        assert (failures, session.scalars(select(Fact.value)).one()) == ([], str(THREADS * TURNS))


def test_asking_to_write_after_reading_is_an_error(sqlite_database: Engine) -> None:
    with Session(sqlite_database) as session:
        session.scalars(select(Fact)).all()
        with pytest.raises(RuntimeError, match="before the first reading"):
            begin_write(session)


def test_asking_twice_is_fine(database: Engine) -> None:
    with Session(database) as session, session.begin():
        begin_write(session)
        begin_write(session)
        session.add(Fact(name="a", value=""))


def test_a_reader_does_not_wait_for_a_writer(sqlite_database: Engine) -> None:
    with Session(sqlite_database) as writer, Session(sqlite_database) as reader:
        begin_write(writer)
        writer.add(Fact(name="a", value=""))
        writer.flush()
        assert reader.scalars(select(Fact)).all() == []
