"""Databases, the catalogue and an index for tests of the portal.

`database` is an engine on a database of the test's own with all tables, by default SQLite and PostgreSQL in turn;
`sqlite_database` is the first alone. `session` is a transaction on it that is rolled back. Tests of processes and of
transactions use `sessions`, which commits: SQLite files are the test's own, PostgreSQL's tables are emptied afterwards.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from portal.indexing.sessions import Sessions
from portal.indexing.vocabulary import vocabulary
from portal.models import Base
from portal.models.database import WRITES, engine_options
from portal.register.catalogue import Catalogue, load_catalogue
from portal.register.writer import Writer
from search import SearchEngine, open_engine
from tests.factories import provenance_facts
from tests.servers.account import ROOT


def make_engine(url: str) -> Engine:
    return create_engine(url, **engine_options(url))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The default catalogue."""
    return load_catalogue(ROOT / "config/catalogue")


@pytest.fixture(scope="session")
def empty_sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.db"
    engine = make_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return file


@pytest.fixture
def sqlite_database(empty_sqlite_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite database in `tmp_path`."""
    file = tmp_path / "portal.db"
    shutil.copyfile(empty_sqlite_file, file)
    engine = make_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_tables(postgres_url: str) -> Iterator[Engine]:
    """A PostgreSQL database with all tables."""
    engine = make_engine(postgres_url)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_schema_url(postgres_url: str) -> Iterator[str]:
    """An empty schema of its own: the other tests' tables stay."""
    engine = create_engine(postgres_url)
    for ddl in ("DROP SCHEMA IF EXISTS own CASCADE", "CREATE SCHEMA own"):
        with engine.begin() as connection:
            connection.execute(text(ddl))
    yield f"{postgres_url}&options=-csearch_path%3Down"
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA own CASCADE"))
    engine.dispose()


@pytest.fixture
def postgres_database(postgres_tables: Engine) -> Iterator[Engine]:
    """An empty PostgreSQL database."""
    yield postgres_tables
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    with postgres_tables.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Engine:
    """An empty database: the test runs on both kinds."""
    engine: Engine = request.getfixturevalue(f"{request.param}_database")
    return engine


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """A session whose commits are undone after the test."""
    with database.connect() as connection:
        connection.execution_options(**{WRITES: True})
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        transaction.rollback()


@pytest.fixture
def writer(session: Session, catalogue: Catalogue) -> Writer:
    """The official writer, of a ministry's list, in the transaction that is rolled back."""
    return Writer(session, catalogue, actor="tester", origin="test", provenance=provenance_facts())


@pytest.fixture
def sessions(database: Engine) -> Sessions:
    """Makes sessions that commit."""
    return sessionmaker(database)


@pytest.fixture
def engine(catalogue: Catalogue, tmp_path: Path) -> Iterator[SearchEngine]:
    """A search engine without an index, in `tmp_path`."""
    opened = open_engine(f"tantivy://{tmp_path / 'index'}", vocabulary(catalogue))
    yield opened
    opened.close()
