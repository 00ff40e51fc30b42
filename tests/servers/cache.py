"""Programs fetched and unpacked once, however many processes ask at the same time."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.account import cache_folder, open_to_all, within_reach


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold `file`'s lock, which the kernel lets go of even if the holder is killed."""
    with file.open("a", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache, made by `make(empty folder)` if it is not there.

    It appears under its name only when it is complete. Raises what `make` raises; then nothing is left.
    """
    cache = cache_folder()
    folder = cache / name
    with locked(cache / f"{name}.lock"):
        if not folder.exists():
            making = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=cache))
            try:
                make(making)
                open_to_all(making)
                making.rename(folder)
            except BaseException:
                shutil.rmtree(making, ignore_errors=True)
                raise
    return folder


def reachable(base: Path, parts: Sequence[str], name: str) -> Path:
    """`base`, or a copy of its folders `parts`, `name` in the cache, where the service account cannot read them."""
    if all(within_reach(base / part) for part in parts):
        return base
    return kept(name, lambda folder: _copy(base, parts, folder))


def _copy(base: Path, parts: Sequence[str], folder: Path) -> None:
    for part in parts:
        shutil.copytree(base / part, folder / part, symlinks=True)
