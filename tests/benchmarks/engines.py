"""Figures of an engine alone: filled with sample documents, asked the questions of `queries.py`."""

from __future__ import annotations

import itertools
import resource
import time
from collections.abc import Iterator
from functools import partial

from portal.register.catalogue import Catalogue
from search.contract import SearchEngine, SearchPage, SearchQuery, SupplierDocument, batches
from tests.benchmarks.queries import Questions
from tests.benchmarks.timing import Figure, Times, figure, timed

REPEATS = 200
WARM = 300
"""Questions of each kind before those that count: a Java engine compiles what it repeats."""
BATCH = 2_000
NAMES_KEPT = 2_000

LIMITS = {
    "tantivy": {"filtered": 20.0, "everything": 15.0, "worded": 10.0, "suggest": 10.0},
    "elasticsearch": {"filtered": 45.0, "everything": 30.0, "worded": 20.0, "suggest": 20.0},
}
"""Milliseconds: p95 for filtered and suggest, p50 for the others (issue 1)."""


def fill(engine: SearchEngine, documents: Iterator[SupplierDocument]) -> tuple[list[SupplierDocument], float, float]:
    """Build the index beside and swap it in; some of the documents, seconds, and MB by which memory peaked higher."""
    kept: list[SupplierDocument] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    build = engine.begin_build()
    for batch in batches(documents, BATCH):
        build.apply(batch)
        if len(kept) < NAMES_KEPT:
            kept.extend(one for one in batch[:: max(1, BATCH // 100)] if isinstance(one, SupplierDocument))
    build.count()
    build.swap()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return kept, time.perf_counter() - start, grown


def asked(
    engine: SearchEngine, queries: Iterator[SearchQuery], repeats: int = REPEATS
) -> tuple[Times, list[SearchPage]]:
    """Each query once."""
    return timed((partial(engine.search, query) for query in itertools.islice(queries, WARM + repeats)), warm=WARM)


def engine_figures(kind: str, engine: SearchEngine, catalogue: Catalogue, kept: list[SupplierDocument]) -> list[Figure]:
    """The figures of issue 1 that speak of the engine's own time."""
    questions = Questions(catalogue, kept)
    limits = LIMITS[kind]
    rows: list[Figure] = []
    times, pages = asked(engine, questions.filtered())
    rows.append(
        figure("2 filters + 3 criteria + 7 facets", times, [page.total for page in pages], p95=limits["filtered"])
    )
    times, pages = asked(engine, questions.everything())
    rows.append(figure("all firms + 7 facets", times, [page.total for page in pages], p50=limits["everything"]))
    times, pages = asked(engine, questions.worded())
    rows.append(figure("two words + 2 filters + 7 facets", times, [page.total for page in pages], p50=limits["worded"]))
    typed = itertools.islice(questions.typed(), WARM + REPEATS)
    times, found = timed((partial(engine.suggest, text) for text in typed), warm=WARM)
    rows.append(figure("suggest", times, [len(ids) for ids in found], p95=limits["suggest"]))
    return rows
