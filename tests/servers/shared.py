"""One server of a kind for a whole test run, started by the first test that needs it, whichever process runs that test.

The run's first process owns a folder and holds the lock of a file in it. A worker that needs a server takes that
kind's lock, starts a supervisor (`tests.servers.supervisor`) if none has yet, and reads the URL it writes. A supervisor
waits for the owner's lock, which the kernel frees however the owner ends, and then stops its server.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tests.servers.account import ROOT
from tests.servers.cache import locked

Kind = Literal["elastic", "postgres"]

FOLDER = "XUNYUAN_TEST_SERVERS"
"""The variable that tells the workers of a run its folder."""
SECONDS_TO_STOP = 30


class ServerFailed(RuntimeError):
    """A server that tests need did not start; the message is what its supervisor said."""


@contextmanager
def owned_servers() -> Iterator[None]:
    """Own the servers that this process and its children ask for; all have ended when the block has."""
    folder = Path(tempfile.mkdtemp(prefix="xunyuan-tests-"))
    before = os.environ.get(FOLDER)
    os.environ[FOLDER] = str(folder)
    try:
        with locked(folder / "owner.lock"):
            yield
    finally:
        _wait_for_supervisors(folder)
        shutil.rmtree(folder, ignore_errors=True)
        if before is None:
            del os.environ[FOLDER]
        else:
            os.environ[FOLDER] = before


def _wait_for_supervisors(folder: Path) -> None:
    """Each holds its file's lock for as long as it lives."""
    end = time.monotonic() + SECONDS_TO_STOP
    for file in folder.glob("*.alive"):
        with file.open("a", encoding="ascii") as handle:
            while time.monotonic() < end:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    time.sleep(0.05)


def server(kind: Kind) -> str:
    """The URL of this run's server. Raises ServerFailed, at once if it failed before."""
    folder = Path(os.environ[FOLDER])
    address, failure = folder / f"{kind}.url", folder / f"{kind}.failed"
    with locked(folder / f"{kind}.lock"):
        if not address.exists() and not failure.exists():
            _supervise(kind, folder)
    if failure.exists():
        raise ServerFailed(failure.read_text(encoding="utf-8"))
    return address.read_text(encoding="utf-8")


def _supervise(kind: Kind, folder: Path) -> None:
    """Start a supervisor and wait until it has written a URL, or ended without."""
    output = folder / f"{kind}.output"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.supervisor", kind, str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    while not (folder / f"{kind}.url").exists():
        if process.poll() is not None:
            (folder / f"{kind}.failed").write_bytes(output.read_bytes() or b"the supervisor said nothing")
            return
        time.sleep(0.05)
    process.returncode = 0  # it outlives this worker; nobody here is to wait for it or to warn of it
