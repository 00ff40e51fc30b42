"""Processes that make a large register ready for the index: the same index, and no process left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from portal.indexing import rebuild
from portal.indexing.preparing import Origin, Preparers
from portal.indexing.rebuild import Rebuild
from portal.indexing.sessions import Sessions, writing
from portal.models import Supplier
from portal.register.catalogue import Catalogue
from search import SearchEngine
from tests.factories import record
from tests.portal.indexing import TODAY, everything, until, withdraw, write
from tests.servers.account import ROOT

FIRMS = 60


@pytest.fixture
def origin(database: Engine, tmp_path: Path) -> Origin:
    url = database.url.render_as_string(hide_password=False)
    return Origin(url, f"tantivy://{tmp_path / 'index'}", ROOT / "config/catalogue")


@pytest.fixture
def keys(sessions: Sessions, catalogue: Catalogue) -> list[str]:
    records = [record(number) for number in range(1, FIRMS + 1)]
    write(sessions, catalogue, *records)
    withdraw(sessions, catalogue, records[0].supplier.key)
    return sorted(one.supplier.key for one in records[1:])


def test_other_processes_make_the_same_index(
    sessions: Sessions,
    catalogue: Catalogue,
    engine: SearchEngine,
    origin: Origin,
    keys: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rebuild, "MANY", 1)
    monkeypatch.setattr(rebuild, "BATCH", 7)
    done: list[int] = []
    rebuilt = Rebuild(sessions, engine, catalogue, origin=origin, progress=done.append, on=TODAY).run()
    assert rebuilt.documents == FIRMS - 1
    assert everything(engine) == keys
    assert done == sorted(done)
    assert done[-1] == FIRMS - 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_firm_that_cannot_be_indexed_spoils_nothing_for_the_others(
    sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, origin: Origin, keys: list[str]
) -> None:
    with writing(sessions) as session:
        session.query(Supplier).filter(Supplier.number == keys[0].partition("/")[2]).update({"processes": [{}]})
    preparers = Preparers(origin, catalogue)
    made = preparers.submit(range(1, FIRMS + 1), TODAY).result()
    preparers.close()
    assert sorted(change.id for change in made.changes) == sorted([*keys[1:], *_withdrawn(made.firms, keys)])
    assert [failure.reason for failure in made.failures] == ["KeyError: 'code'"]


def _withdrawn(firms: dict[str, tuple[int, int]], keys: list[str]) -> set[str]:
    """The one firm that was withdrawn: its tombstone is made too."""
    return firms.keys() - set(keys)


BEGIN = """
import sys
from pathlib import Path
from portal.indexing.preparing import Origin, Preparers
from portal.register.catalogue import load_catalogue
if __name__ == "__main__":
    folder = Path(sys.argv[1])
    origin = Origin(f"sqlite:///{folder}/portal.db", f"tantivy://{folder}/index", folder)
    preparers = Preparers(origin, load_catalogue(folder))
    preparers.submit([], __import__("datetime").date(2026, 1, 15)).result()
    print(*preparers._pool._processes, flush=True)
    sys.stdin.read()
"""


def test_they_end_with_a_process_that_was_killed(sqlite_database: Engine, tmp_path: Path) -> None:
    (tmp_path / "begin.py").write_text(BEGIN)
    for file in (ROOT / "config/catalogue").iterdir():
        (tmp_path / file.name).symlink_to(file)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "begin.py"), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        children = [int(number) for number in process.stdout.readline().split()]
        process.send_signal(signal.SIGKILL)
    assert children
    until(lambda: not any(_runs(child) for child in children))


def _runs(pid: int) -> bool:
    """Whether there is such a process; one that has ended and waits to be collected runs no more."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
