"""Prometheus metrics: requests, engine time, the outbox. Shown by `/metrics` (portal.operation).

With several workers each writes to PROMETHEUS_MULTIPROC_DIR, which must be set before this module is first imported
(config/gunicorn.conf.py does), and a scrape adds them up (libraries.md, trap 8). The outbox is read at scrape.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import structlog
from flask import Flask, Response, request
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db
from portal.models import DeadLetter, OutboxRow, now
from portal.web.logging import elapsed

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

REQUESTS = Counter("portal_requests", "Requests answered.", ("method", "route", "status"))
REQUEST_SECONDS = Histogram("portal_request_seconds", "Time to answer.", ("route",), buckets=SECONDS)
ENGINE_SECONDS = Histogram("portal_engine_seconds", "Time in the search engine.", ("operation",), buckets=SECONDS)
ENGINE_FAILURES = Counter("portal_engine_failures", "Calls the engine did not answer wholly.", ("operation",))

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
log = structlog.stdlib.get_logger("portal.metrics")


def init_app(app: Flask) -> None:
    """Count every answer."""
    app.after_request(count)


def count(response: Response) -> Response:
    """Count one answer, by route and not by path, so that the number of series stays bounded."""
    route = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(method, route, str(response.status_code)).inc()
    REQUEST_SECONDS.labels(route).observe(elapsed())
    return response


class OutboxCollector(Collector):
    """Depth of the outbox, age of its oldest row and number of dead letters, read when scraped in an app context."""

    def collect(self) -> Iterator[Metric]:
        """The three gauges; none, and a log line, when the database does not answer."""
        try:
            # Rows that the live index has are kept only for a rebuild: nobody waits for them.
            waiting = select(func.count(OutboxRow.id), func.min(OutboxRow.at)).where(OutboxRow.live.is_(False))
            depth, oldest = db.session.execute(waiting).one()
            dead = db.session.scalar(select(func.count(DeadLetter.id))) or 0
        except SQLAlchemyError:
            log.exception("the outbox could not be read for the metrics")
            return
        age = max(0.0, (now() - oldest).total_seconds()) if depth else 0.0
        yield GaugeMetricFamily("portal_outbox_rows", "Changes waiting for the index.", value=depth)
        yield GaugeMetricFamily("portal_outbox_age_seconds", "Age of the oldest waiting change.", value=age)
        yield GaugeMetricFamily("portal_dead_letters", "Changes the engine refused for good.", value=dead)


def registries() -> tuple[CollectorRegistry, ...]:
    """What a scrape shows: the counters of all workers (or of this process) and the outbox. Needs an app context."""
    outbox = CollectorRegistry()
    outbox.register(OutboxCollector())
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY, outbox
    workers = CollectorRegistry()
    MultiProcessCollector(workers)  # type: ignore[no-untyped-call]
    return workers, outbox
