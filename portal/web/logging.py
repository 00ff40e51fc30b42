"""Structured logs: one line an event, JSON or for a console, each with the request's id; one access line a request.

Flask, SQLAlchemy and every other library log through the standard library and get the same form. No query strings are
logged: they say what a buyer looks for.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import MutableMapping
from time import perf_counter
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, request
from structlog.types import Processor

SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
"""A proxy's X-Request-Id is taken over if it looks like this; anything else could forge log lines or headers."""

QUIET = frozenset({"static", "bootstrap.static", "operation.healthz", "operation.metrics"})
access_log = structlog.stdlib.get_logger("portal.access")


class PortalHandler(logging.StreamHandler[Any]):
    """The one handler that `configure` puts on the root logger; its own class, so that it can be found and replaced."""


def configure(*, as_json: bool, level: str) -> None:
    """Send everything of `level` and above to standard error. May be called again; the last call holds."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_request_id,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = PortalHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(as_json=as_json))
    )
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, PortalHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())


def _rendering(*, as_json: bool) -> list[Processor]:
    first: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        return [*first, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Plain tracebacks: the default ones show local variables, which hold what a buyer looks for.
    plain = structlog.dev.plain_traceback
    return [*first, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def request_id() -> str:
    """The id of the present request: the proxy's if sane, else a new one.

    Made at first use: whatever asks first, an error page or an after_request function, gets the same one (trap 4).
    """
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if SANE_ID.fullmatch(given) else secrets.token_hex(8)
    identifier: str = g.request_id
    return identifier


def add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: the request's id, inside a request."""
    if has_request_context():
        event.setdefault("request_id", request_id())
    return event


def init_app(app: Flask) -> None:
    """Time every request, write its access line, and send its id back. Call before other after_request functions."""

    @app.before_request
    def start() -> None:
        # `g` may be that of an outer app context (tests, a shell): nothing may be left of an earlier request.
        g.pop("request_id", None)
        g.engine_seconds = 0.0
        g.started = perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        response.headers["Server-Timing"] = f"engine;dur={engine_ms()}, total;dur={elapsed() * 1000:.1f}"
        log_access(response)
        return response


def elapsed() -> float:
    """Seconds since the request came in."""
    started: float = g.get("started", 0.0)
    return perf_counter() - started if started else 0.0


def engine_ms() -> float:
    """Milliseconds that the request spent in the search engine."""
    return round(float(g.get("engine_seconds", 0.0)) * 1000, 1)


def log_access(response: Response) -> None:
    """The access line; static files and probes only at level debug."""
    write = access_log.debug if request.endpoint in QUIET else access_log.info
    write(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round(elapsed() * 1000, 1),
        engine_ms=engine_ms(),
    )
