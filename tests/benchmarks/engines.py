"""Figures of an engine alone: filled with sample documents, asked the questions of `queries.py`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

from portal.register.catalogue import Catalogue
from search.contract import SearchEngine, SearchPage, SearchQuery, SupplierDocument
from tests.benchmarks.queries import Questions
from tests.benchmarks.timing import Figure, Times, figure, timed

REPEATS = 200
WARM = 300
"""Questions of each kind before those that count: a Java engine compiles what it repeats."""

LIMITS = {
    "tantivy": {"filtered": 20.0, "everything": 15.0, "worded": 10.0, "suggest": 10.0},
    "elasticsearch": {"filtered": 45.0, "everything": 30.0, "worded": 20.0, "suggest": 20.0},
}
"""Milliseconds: p95 for filtered and suggest, p50 for the others (issue 1)."""


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
