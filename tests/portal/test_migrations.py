"""Migrations make the tables that the models describe, on both databases, and can be taken back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Engine, inspect, select, text

from portal.extensions import db, migrate
from portal.models import Assessment, Base, OutboxRow
from portal.models.database import engine_options

INSERT_SUPPLIER = """
INSERT INTO supplier (id, scheme, number, name_zh, name_en, former_names, sector, status, address, legal_representative,
  phone, website, description_zh, description_en, industries, processes, products_zh, products_en, sites, risks,
  self_declared, listed_at, updated_at, withdrawn_reason, index_version)
VALUES (1, 'CN-USCC', '1', '', '', '[]', 'steel', 'active', '', '', '', '', '', '', '[]', '[]', '[]', '[]', '[]', '{}',
  '[]', '2025-01-01', '2025-01-01', '', 1)"""
INSERT_ASSESSMENT = """
INSERT INTO assessment (supplier_id, assessed_on, assessor, results, current)
VALUES (1, :day, '', :results, false)"""


@contextmanager
def migrating(url: str) -> Iterator[Engine]:
    """A bare app on that database."""
    app = Flask("portal")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        yield db.engine
        db.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'portal.db'}"
    found: str = request.getfixturevalue("postgres_schema_url")
    return found


def test_up_agrees_with_the_models_and_down_leaves_nothing(url: str) -> None:
    with migrating(url) as engine:
        flask_migrate.upgrade()
        assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
        flask_migrate.check()  # ends the process when a migration is missing
        flask_migrate.downgrade(revision="base")
        assert inspect(engine).get_table_names() == ["alembic_version"]


def test_marks_are_derived_for_the_assessments_that_are_there(url: str) -> None:
    with migrating(url) as engine:
        flask_migrate.upgrade(revision="0001")
        results = """{"X01-04":{"result":"met","value":3},"X01-05": {"result": "not_applicable"}}"""
        with engine.begin() as connection:
            connection.execute(text(INSERT_SUPPLIER))
            for day in ("2024-01-01", "2025-01-01"):
                connection.execute(text(INSERT_ASSESSMENT), {"day": day, "results": results})
        flask_migrate.upgrade()
        with engine.connect() as connection:
            assert connection.scalars(select(Assessment.marks)).all() == [" X01-04= X01-05~"] * 2
            assert connection.scalar(select(Assessment.results)) == json.loads(results)


def test_names_fit_postgresql() -> None:
    tables = Base.metadata.tables.values()
    names = [str(constraint.name) for table in tables for constraint in table.constraints]
    names += [str(index.name) for table in tables for index in table.indexes]
    assert max(map(len, names)) <= 63


def test_foreign_keys_hold_after_a_migration(tmp_path: Path) -> None:
    """A migration switches them off for its own connection only."""
    with migrating(f"sqlite:///{tmp_path / 'portal.db'}") as engine:
        flask_migrate.upgrade()
        with engine.connect() as connection:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert connection.scalar(text("PRAGMA journal_mode")) == "wal"


def test_ids_of_the_outbox_are_never_used_again(tmp_path: Path) -> None:
    file = tmp_path / "portal.db"
    with migrating(f"sqlite:///{file}"):
        flask_migrate.upgrade()
    connection = sqlite3.connect(file)
    made = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (OutboxRow.__tablename__,)).fetchone()
    connection.close()
    assert "AUTOINCREMENT" in made[0]
