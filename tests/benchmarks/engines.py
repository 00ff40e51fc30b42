"""Figures of an engine alone: filled with sample documents, asked the questions of `queries.py`."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from portal.register.catalogue import Catalogue
from portal.web.presenters.near import count_musts
from search.contract import SearchEngine, SearchPage, SearchQuery, SupplierDocument
from tests.benchmarks.queries import Questions
from tests.benchmarks.timing import Figure, Times, figure, timed

REPEATS = 200
FIRST = 25
WARM = 300
"""Questions of each kind before those that count: a Java engine compiles what it repeats."""

LIMITS = {
    "tantivy": {"filtered": 20.0, "everything": 15.0, "worded": 10.0, "suggest": 10.0, "profile": 150.0},
    "elasticsearch": {"filtered": 45.0, "everything": 30.0, "worded": 20.0, "suggest": 20.0, "profile": 400.0},
}
"""Milliseconds: p95 for filtered, suggest (issue 1) and profile (issue 4), p50 for the others."""


def asked(
    engine: SearchEngine, queries: Iterator[SearchQuery], repeats: int = REPEATS
) -> tuple[Times, list[SearchPage]]:
    """Each query once."""
    return timed((partial(engine.search, query) for query in itertools.islice(queries, WARM + repeats)), warm=WARM)


def _first_answers(
    engine: SearchEngine, queries: Iterator[SearchQuery], forget: Callable[[], object]
) -> Iterator[Callable[[], SearchPage]]:
    """Each question with nothing kept from those before."""
    for query in itertools.islice(queries, FIRST):
        forget()
        yield partial(engine.search, query)


def profiled(engine: SearchEngine, query: SearchQuery) -> tuple[int, int]:
    """What the engine answers of a requirement profile: hits by fit; then near misses, and what each must costs.

    Which criteria a hit misses is read from the register with its card, not from the engine.
    """
    found = engine.search(query)
    counted = count_musts(query, engine)
    assert counted.total == found.total <= min(counted.without.values())
    return found.total, counted.near or 0


def profile_figure(engine: SearchEngine, questions: Questions, limit: float) -> Figure:
    """The figure of issue 4: 30 musts and 20 nice to have."""
    queries = itertools.islice(questions.profiles(), WARM + REPEATS)
    times, found = timed((partial(profiled, engine, query) for query in queries), warm=WARM)
    name = "30 musts + 20 nices: hits by fit, near misses, what each must costs"
    made = figure(name, times, [total for total, _near in found], p95=limit)
    near = statistics.median(missed for _total, missed in found)
    return replace(made, value=f"{made.value}, near misses {near:,.0f}")


def engine_figures(
    kind: str,
    engine: SearchEngine,
    catalogue: Catalogue,
    kept: list[SupplierDocument],
    forget: Callable[[], object],
) -> list[Figure]:
    """The figures of issue 1 that speak of the engine's own time. `forget` drops the counts that the engine keeps."""
    questions = Questions(catalogue, kept)
    limits = LIMITS[kind]
    rows: list[Figure] = []
    times, pages = asked(engine, questions.filtered())
    rows.append(
        figure("2 filters + 3 criteria + 7 facets", times, [page.total for page in pages], p95=limits["filtered"])
    )
    times, pages = asked(engine, questions.everything())
    rows.append(figure("all firms + 7 facets", times, [page.total for page in pages], p50=limits["everything"]))
    times, pages = timed(_first_answers(engine, questions.everything(), forget))
    rows.append(figure("the same, first answer after a change", times, [page.total for page in pages]))
    times, pages = asked(engine, questions.worded())
    rows.append(figure("two words + 2 filters + 7 facets", times, [page.total for page in pages], p50=limits["worded"]))
    typed = itertools.islice(questions.typed(), WARM + REPEATS)
    times, found = timed((partial(engine.suggest, text) for text in typed), warm=WARM)
    rows.append(figure("suggest", times, [len(ids) for ids in found], p95=limits["suggest"]))
    rows.append(profile_figure(engine, questions, limits["profile"]))
    return rows
