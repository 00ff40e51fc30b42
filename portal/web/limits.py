"""How many requests one address may make; counted by each web process for itself (libraries.md, trap 8).

It keeps one eager client from crowding out the others; lock-outs, which must be exact, belong in the database. One
window for all addresses, forgotten whole at its end: Flask-Limiter's memory store does the same but starts a thread for
each request, 8 % of the time of a JSON result.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import time

from flask import Flask, request
from werkzeug.exceptions import TooManyRequests

from portal.web.security import STATIC_ENDPOINTS

UNLIMITED = STATIC_ENDPOINTS | {"operation.healthz", "operation.readyz", "operation.metrics"}
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Limit:
    """At most `most` requests an address in each window of `seconds`; safe to use from every thread."""

    def __init__(self, most: int, seconds: int, clock: Callable[[], float] = time) -> None:
        self.most = most
        self.seconds = seconds
        self._clock = clock
        self._window = 0
        self._counts: dict[str, int] = {}
        self._lock = Lock()

    def wait(self, address: str) -> int:
        """Count a request; 0 if it may pass, else the seconds until the next window."""
        now = self._clock()
        window = int(now // self.seconds)
        with self._lock:
            if window != self._window:
                self._window, self._counts = window, {}
            count = self._counts[address] = self._counts.get(address, 0) + 1
        return 0 if count <= self.most else max(1, int((window + 1) * self.seconds - now + 0.999))


def init_app(app: Flask, *, rate: str) -> None:
    """Answer 429 with Retry-After beyond `rate`, such as "600/minute". Probes and static files are not counted."""
    most, _slash, period = rate.partition("/")
    limit = Limit(int(most), SECONDS[period])

    @app.before_request
    def check() -> None:
        if request.endpoint in UNLIMITED:
            return
        if wait := limit.wait(request.remote_addr or ""):
            raise TooManyRequests(retry_after=wait)
