"""`flask audit`: what an operator sees, and the exit status a cron job goes by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.indexing.sessions import writing
from portal.models import AuditEntry, Base, now, table_of
from portal.register.audit import Actor
from portal.register.clock import today_china
from tests.portal.apps import running, settings_of


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """A portal whose log holds old and new entries, sealed."""
    with running(settings_of(tmp_path)) as made:
        with made.app_context():
            Base.metadata.create_all(db.engine)
            rows = [
                Actor("import").entry(now() - timedelta(days=days), "supplier.changed", "CN-USCC/1", {})
                for days in (400, 300, 2, 1)
            ]
            with writing(sessionmaker(db.engine)) as session:
                session.execute(insert(table_of(AuditEntry)), rows)
        run(made, "seal")
        yield made


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["audit", *words])


def test_a_whole_log_prints_its_head_and_the_check_is_logged(app: Flask) -> None:
    done = run(app, "verify")
    assert done.exit_code == 0, done.output
    assert "the log is whole" in done.output
    head = re.search(r"head +(4:[0-9a-f]{64})", done.output)
    assert head
    assert run(app, "seal").output == "1 entries sealed\n"
    assert run(app, "verify", "--anchor", head[1]).exit_code == 0
    with app.app_context():
        assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "audit.checked")).all()) == 2


def test_what_is_wrong_is_named_and_the_command_fails(app: Flask) -> None:
    with app.app_context(), writing(sessionmaker(db.engine)) as session:
        session.execute(update(AuditEntry).where(AuditEntry.seal == 2).values(actor="another"))
    done = run(app, "verify")
    assert done.exit_code == 1
    assert re.search(r"entry 2 \(id \d+\) was altered", done.output)
    refused = run(app, "prune", "--before", (today_china() - timedelta(days=200)).isoformat())
    assert refused.exit_code == 1
    assert "Nothing was removed" in refused.output


def test_pruning(app: Flask) -> None:
    done = run(app, "prune", "--before", (today_china() - timedelta(days=200)).isoformat())
    assert "2 entries removed, up to 2:" in done.output
    assert run(app, "verify").exit_code == 0
    young = run(app, "prune", "--before", (today_china() - timedelta(days=10)).isoformat())
    assert young.exit_code == 2
    assert "kept for 183 days" in young.output


def test_an_anchor_that_is_none(app: Flask) -> None:
    done = run(app, "verify", "--anchor", "4")
    assert done.exit_code == 2
    assert "NUMBER:HASH" in done.output


def test_signing_anew(app: Flask) -> None:
    assert re.search(r"head +4:[0-9a-f]{64}", run(app, "sign").output)
    assert run(app, "verify").exit_code == 0
