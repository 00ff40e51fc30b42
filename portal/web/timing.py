"""The engine as a web process uses it: each call timed for the access line and the metrics, failures counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

from flask import g, has_app_context

from portal.services import Services
from portal.web import metrics
from search.contract import (
    ApplyReport,
    Build,
    Change,
    Changes,
    Crosstab,
    EngineUnavailable,
    FacetRequest,
    Health,
    Prepared,
    SearchEngine,
    SearchPage,
    SearchQuery,
    SupplierDocument,
    Tallied,
)


@contextmanager
def timed(operation: str) -> Iterator[None]:
    """Time what happens inside; adds to the request's engine time."""
    started = perf_counter()
    try:
        yield
    except EngineUnavailable:
        metrics.ENGINE_FAILURES.labels(operation).inc()
        raise
    finally:
        seconds = perf_counter() - started
        metrics.ENGINE_SECONDS.labels(operation).observe(seconds)
        if has_app_context():
            g.engine_seconds = g.get("engine_seconds", 0.0) + seconds


class TimedEngine:
    """A SearchEngine that hands every call to another one."""

    def __init__(self, engine: SearchEngine) -> None:
        self.engine = engine

    def search(self, query: SearchQuery) -> SearchPage:
        """See SearchEngine."""
        with timed("search"):
            return self.engine.search(query)

    def counts(self, queries: Sequence[SearchQuery]) -> list[int]:
        """See SearchEngine."""
        with timed("counts"):
            return self.engine.counts(queries)

    def without_each(self, query: SearchQuery, others: Sequence[SearchQuery] = ()) -> tuple[dict[str, int], list[int]]:
        """See SearchEngine."""
        with timed("without_each"):
            return self.engine.without_each(query, others)

    def suggest(self, text: str, size: int = 8) -> tuple[str, ...]:
        """See SearchEngine."""
        with timed("suggest"):
            return self.engine.suggest(text, size)

    def did_you_mean(self, query: SearchQuery) -> str | None:
        """See SearchEngine."""
        with timed("did_you_mean"):
            return self.engine.did_you_mean(query)

    def similar(self, document: SupplierDocument, size: int = 6) -> tuple[str, ...]:
        """See SearchEngine."""
        with timed("similar"):
            return self.engine.similar(document, size)

    def count_by(self, query: SearchQuery, rows: FacetRequest, columns: FacetRequest) -> Crosstab:
        """See SearchEngine."""
        with timed("count_by"):
            return self.engine.count_by(query, rows, columns)

    def tally(self, queries: Sequence[SearchQuery], requests: Sequence[FacetRequest]) -> list[Tallied]:
        """See SearchEngine."""
        with timed("tally"):
            return self.engine.tally(queries, requests)

    def health(self) -> Health:
        """See SearchEngine."""
        with timed("health"):
            return self.engine.health()

    def scan(self, query: SearchQuery) -> Iterator[str]:
        """See SearchEngine. Not timed: the reader sets the pace."""
        return self.engine.scan(query)

    def prepare(self, changes: Sequence[Change]) -> Prepared:
        """See SearchEngine."""
        return self.engine.prepare(changes)

    def apply(self, changes: Changes, *, visible: bool = True) -> ApplyReport:
        """See SearchEngine."""
        return self.engine.apply(changes, visible=visible)

    def begin_build(self) -> Build:
        """See SearchEngine."""
        return self.engine.begin_build()

    def discard_builds(self) -> None:
        """See SearchEngine."""
        self.engine.discard_builds()

    def close(self) -> None:
        """See SearchEngine."""
        self.engine.close()


class TimedServices(Services):
    """The services of a web process: its engine is timed."""

    def open_engine(self) -> SearchEngine:
        """See Services."""
        return TimedEngine(super().open_engine())
