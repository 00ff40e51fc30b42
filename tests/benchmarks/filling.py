"""An index filled as `flask index rebuild` fills it: documents made ready by processes, written by this one."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from config.settings import ROOT
from portal.cli.bulk import expect_many_objects
from portal.indexing.vocabulary import vocabulary
from portal.register.catalogue import Catalogue, load_catalogue
from portal.register.sample import sample_documents
from search import open_engine
from search.contract import Prepared, SearchEngine, SupplierDocument

BATCH = 1_000
KEPT = 2_000
"""Documents that the questions are made from."""
CATALOGUE_DIR = Path(os.environ.get("CATALOGUE_DIR") or ROOT / "config" / "catalogue")


@dataclass(frozen=True, slots=True)
class Filled:
    """How it went: some of the documents, seconds, peak MB of this process and of the largest of the others."""

    documents: list[SupplierDocument]
    seconds: float
    own_mb: float
    others_mb: float


_workshop: list[tuple[Catalogue, SearchEngine]] = []


def _begin(url: str) -> None:
    catalogue = load_catalogue(CATALOGUE_DIR)
    _workshop.append((catalogue, open_engine(url, vocabulary(catalogue))))
    expect_many_objects()


def _batch(first: int, size: int, keep: int) -> tuple[Prepared, list[SupplierDocument]]:
    [(catalogue, engine)] = _workshop
    documents = list(islice(sample_documents(size, 1, catalogue, first=first), BATCH))
    return engine.prepare(documents), documents[:keep]


def fill(engine: SearchEngine, url: str, size: int) -> Filled:
    """Build an index of `size` fictional firms beside, and swap it in."""
    kept: list[SupplierDocument] = []
    processes = os.cpu_count() or 1
    keep = max(1, KEPT * BATCH // size)
    start = time.perf_counter()
    build = engine.begin_build()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(url,)) as pool:
        firsts = iter(range(0, size, BATCH))
        waiting = deque(pool.submit(_batch, first, size, keep) for first in islice(firsts, 2 * processes))
        while waiting:
            prepared, some = waiting.popleft().result()
            report = build.apply(prepared)
            assert not report.failed, report.failed
            kept += some
            waiting.extend(pool.submit(_batch, first, size, keep) for first in islice(firsts, 1))
    assert build.count() == size
    build.swap()
    seconds = time.perf_counter() - start
    own, others = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Filled(kept, seconds, own, others)
