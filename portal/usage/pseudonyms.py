"""Organisations told apart without saying who they are, for a quarter: only so can it be counted how many there were.

The key of a quarter is random, lies in a file of its own, not in the database, and is removed when the quarter is over:
from then on nobody, whatever they hold, can work out which organisation a pseudonym was. Pseudonyms of two quarters do
not compare, so whoever counts organisations takes the quarter with the most (`telling`).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from datetime import date
from pathlib import Path

_PREFIX = "key-"


def quarter(day: date) -> str:
    """The quarter of a day, as 2026Q4."""
    return f"{day.year}Q{(day.month + 2) // 3}"


class Pseudonyms:
    """Makes them by the keys in a folder; each process reads a key once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, bytes] = {}

    def of(self, organisation_id: int, day: date) -> str:
        """The organisation's in the quarter of the day. Raises OSError."""
        now = quarter(day)
        key = self._keys.get(now)
        if key is None:
            key = self._key(now)
            self._keys = {now: key}
        return f"{now}:{hashlib.blake2b(str(organisation_id).encode(), digest_size=9, key=key).hexdigest()}"

    def forget(self, today: date) -> None:
        """Remove the keys of quarters that are over."""
        for file in self._folder.glob(f"{_PREFIX}*"):
            if file.name.removeprefix(_PREFIX)[:6] < quarter(today):
                file.unlink(missing_ok=True)

    def _key(self, name: str) -> bytes:
        """The key, made first if need be: several processes may start at once and must agree on one."""
        file = self._folder / f"{_PREFIX}{name}"
        if not file.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            made = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(secrets.token_bytes(32))
            with suppress(FileExistsError):
                file.hardlink_to(made)  # atomic, and fails where another process was first
            made.unlink()
        return file.read_bytes()
