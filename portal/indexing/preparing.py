"""Batches of the register made ready for the index by processes of their own: one interpreter keeps one core busy."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from portal.indexing.making import Made, Prepare, make
from portal.indexing.sessions import Sessions
from portal.indexing.vocabulary import vocabulary
from portal.models.database import engine_options
from portal.register.catalogue import Catalogue, load_catalogue
from search import open_engine


@dataclass(frozen=True, slots=True)
class Origin:
    """Where another process finds what documents are made of, and for which engine it makes them ready."""

    database_url: str
    search_url: str
    catalogue_dir: Path


class Preparers:
    """Processes that make batches ready, one a core. They end with `close`, and with the process that began them."""

    def __init__(self, origin: Origin, catalogue: Catalogue) -> None:
        self.processes = os.cpu_count() or 1
        self._pool = ProcessPoolExecutor(
            self.processes,
            # Not forked: this process has threads, and the libraries' locks with them.
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(origin, catalogue.fingerprint),
        )

    def submit(self, ids: Sequence[int], on: date) -> Future[Made]:
        """The firms with these ids, as of a day. The future raises what making raises, and BrokenProcessPool."""
        return self._pool.submit(_make, ids, on)

    def close(self) -> None:
        """Let what is under way end, and nothing more begin."""
        self._pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Workshop:
    """What a process keeps from batch to batch."""

    sessions: Sessions
    catalogue: Catalogue
    prepare: Prepare


_own: list[_Workshop] = []


def _begin(origin: Origin, fingerprint: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the first process decides
    threading.Thread(target=_end_with, args=(multiprocessing.parent_process(),), daemon=True).start()
    catalogue = load_catalogue(origin.catalogue_dir)
    if catalogue.fingerprint != fingerprint:
        raise RuntimeError(f"the catalogue in {origin.catalogue_dir} has changed since this process began")
    sessions = sessionmaker(create_engine(origin.database_url, **engine_options(origin.database_url)))
    engine = open_engine(origin.search_url, vocabulary(catalogue))
    _own.append(_Workshop(sessions, catalogue, engine.prepare))
    gc.freeze()


def _end_with(parent: Any) -> None:
    """A killed process cannot tell those it began."""
    parent.join()
    os._exit(1)


def _make(ids: Sequence[int], on: date) -> Made:
    """A batch, in a short transaction of its own."""
    [own] = _own
    with own.sessions() as session:
        return make(session, own.catalogue, ids, on, own.prepare)
