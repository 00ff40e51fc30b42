"""`kill -9` of a running `flask import`: taken up again, nothing is doubled and nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.models import AuditEntry, ImportRun, OutboxRow, Supplier
from portal.register.catalogue import Catalogue
from tests.portal.importing import count, csv_file, firm_row, import_file
from tests.servers.account import ROOT

FIRMS = 4000


def flask_import(data_dir: Path, database: Engine, file: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "FLASK_APP": "wsgi",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
    }
    command = [sys.executable, "-m", "flask", "import", str(file), "--source", "suppliers"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def written(database: Engine) -> int:
    try:
        return count(database, Supplier)
    except OperationalError:
        return 0


def test_a_killed_import_is_taken_up(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    rows = [firm_row(number) for number in range(1, FIRMS + 1)]
    rows[10][2] = "渔业"
    file = csv_file(tmp_path / "list.csv", [*rows, rows[0]])
    process = flask_import(tmp_path / "data", sqlite_database, file)
    until = time.monotonic() + 60
    while written(sqlite_database) == 0 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    with Session(sqlite_database) as session:
        run = session.scalars(select(ImportRun)).one()
        assert run.finished_at is None
        assert run.next_row >= count(sqlite_database, Supplier) > 0
        stopped_at = run.next_row
    again = flask_import(tmp_path / "data", sqlite_database, file)
    output, _ = again.communicate(timeout=120)
    assert again.returncode == 2, output.decode()  # one row was refused
    said = output.decode()
    assert f"taken up after row {stopped_at}" in said
    assert f"created    {FIRMS - 1}" in said
    assert "merged     1" in said
    with Session(sqlite_database) as session:
        assert session.scalar(select(func.count(Supplier.id))) == FIRMS - 1
        run = session.scalars(select(ImportRun)).one()
        assert run.finished_at is not None
        assert run.next_row == FIRMS + 1
    assert count(sqlite_database, AuditEntry) == count(sqlite_database, OutboxRow) == FIRMS - 1
    report = import_file(sqlite_database, catalogue, file)
    assert (report.created, report.changed) == (0, 0)
