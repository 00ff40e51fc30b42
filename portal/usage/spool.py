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
PART_BYTES = 200_000
"""A draft's file grows to: about 7,000 firms."""


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
        """A function to note with; what it was given counts if the block ends without an error. Raises OSError.

        Of much there are many files: the worker adds each up in one transaction, and others want to write too.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        parts: list[Path] = []

        def note(text: bytes) -> None:
            if not parts or parts[-1].stat().st_size > PART_BYTES:
                parts.append(self.folder / f"{uuid.uuid4().hex}{DRAFT}")
            with parts[-1].open("ab") as file:
                file.write(text + b"\n")

        try:
            yield note
            for part in parts:
                part.rename(part.with_suffix(TAKEN))
        finally:
            for part in parts:
                part.unlink(missing_ok=True)

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


def read(file: Path) -> Iterator[bytes]:
    """The lines of a file that was taken; waits for who is writing to it still."""
    with file.open("rb") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        yield from taken


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
