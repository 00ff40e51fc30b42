"""Notes on their way to the worker: each process appends to a file of its own, which the worker takes away whole.

What was noted is in the file when `note` returns: no stop of a web process loses anything, and none waits for the
database. Whoever writes holds a lock on the file, which the worker waits for after it has renamed it, so nothing is
written to a file that has been read.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

OPEN, TAKEN, DRAFT = ".notes", ".taken", ".draft"
DRAFT_SECONDS = 7 * 24 * 3600.0


class Spool:
    """The notes of all processes, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def note(self, text: bytes) -> None:
        """Keep a line, or several. Raises OSError."""
        with self._own() as file:
            # A line that a full disk cut off must not swallow the next one: each begins anew.
            _write(file, b"\n" + text + b"\n")

    @contextmanager
    def draft(self) -> Iterator[Callable[[bytes], object]]:
        """A function to note with; what it was given counts if the block ends without an error. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{uuid.uuid4().hex}{DRAFT}"
        try:
            with path.open("wb") as file:
                yield lambda text: file.write(text + b"\n")
            path.rename(path.with_suffix(TAKEN))
        finally:
            path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove the drafts of processes that were killed long ago."""
        for path in self.folder.glob(f"*{DRAFT}"):
            if time.time() - path.stat().st_mtime > DRAFT_SECONDS:
                path.unlink(missing_ok=True)

    def waiting(self) -> bool:
        """Whether there is anything to be added up."""
        return any(path.suffix in (OPEN, TAKEN) for path in self.folder.glob("*.*"))

    def take(self) -> list[Path]:
        """The files that wait to be added up, those of running processes taken from them. For one worker at a time."""
        for path in self.folder.glob(f"*{OPEN}"):
            path.rename(path.with_name(f"{uuid.uuid4().hex}{TAKEN}"))
        return sorted(self.folder.glob(f"*{TAKEN}"))

    @contextmanager
    def _own(self) -> Iterator[int]:
        """This process's file, to be appended to: another one where the worker has just taken it."""
        path = self.folder / f"{socket.gethostname()[:40]}-{os.getpid()}{OPEN}"
        while True:
            file = self._opened(path)
            try:
                fcntl.flock(file, fcntl.LOCK_SH)
                if _is_at(file, path):
                    yield file
                    return
            finally:
                os.close(file)

    def _opened(self, path: Path) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        try:
            return os.open(path, flags, 0o600)
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True)
            return os.open(path, flags, 0o600)


def read(file: Path) -> bytes:
    """All of a file that was taken; waits for who is writing to it still."""
    with file.open("rb") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        return taken.read()


def _is_at(file: int, path: Path) -> bool:
    own = os.fstat(file)
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return (own.st_dev, own.st_ino) == (there.st_dev, there.st_ino)


def _write(file: int, text: bytes) -> None:
    while text:
        text = text[os.write(file, text) :]
