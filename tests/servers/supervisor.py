"""Runs one server until the test run that asked for it has ended: `python -m tests.servers.supervisor KIND FOLDER`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.servers.cache import locked
from tests.servers.elastic import running_elasticsearch
from tests.servers.postgres import running_postgres

RUNNERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "elastic": lambda: running_elasticsearch(os.environ.get("ELASTIC_HEAP") or "1g"),
    "postgres": running_postgres,
}


def main(kind: str, folder: Path) -> None:
    """Start it, say where it is, wait for the owner to end, stop it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with locked(folder / f"{kind}.alive"), RUNNERS[kind]() as url:
        written = folder / f"{kind}.writing"
        written.write_text(url, encoding="utf-8")
        written.rename(folder / f"{kind}.url")
        with locked(folder / "owner.lock"):
            pass


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
