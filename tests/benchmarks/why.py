"""The page "Why don't I appear?" of many firms of a large register, through gunicorn."""

from __future__ import annotations

import itertools
import re
import signal
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import requests

from portal.identity import demo
from portal.models import Role
from portal.register.catalogue import Catalogue
from tests.benchmarks.timing import Figure, timed
from tests.browser.conftest import start_portal

REPEATS = 200
LIMIT = 150.0
MANY = 17
"""Criteria of the searches with many conditions."""

SEARCHES = (
    "q=轴承&sector=machinery&has=certificate",
    "region=330000,320000&level_min=quality_capability:assurance&valid_through=2027-06-30&has=certificate",
    "sector=electronics&criteria=X01-05,X01-06,X02-05&top=10&lacks=risk",
    "criteria={many}&criteria_mode=8&level=gbt19001,iatf16949&certified_from=2024-01-01",
    "criteria={many}&q=数控机床+主轴&size=small&tier=srdi",
)


def why_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """Searches of few and of many conditions, by turns."""
    with tempfile.TemporaryDirectory() as folder:
        portal, server = start_portal(Path(folder), firms=size)
        with requests.Session() as session:
            shown = session.get(f"{portal.url}/sign-in", timeout=30)
            token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', shown.text)
            assert token
            fields = {
                "csrf_token": token[1],
                "sign_in": demo.sign_in_name(Role.SUPPLIER_ADMIN),
                "password": demo.PASSWORD,
            }
            assert session.post(f"{portal.url}/sign-in", data=fields, timeout=30).ok
            times, answers = timed(calls(session, f"{portal.url}/firm/why", catalogue))
        server.send_signal(signal.SIGTERM)
        server.wait(60)
    assert all("verdict" in answer for answer in answers)
    yield Figure(
        "why don't I appear, page whole",
        f"p50 {times.p50:.0f} ms, p95 {times.p95:.0f} ms",
        f"p95 ≤ {LIMIT:g} ms",
        times.p95 <= LIMIT,
        "an index in memory of the one firm is made for each page, which takes the most time",
    )


def calls(session: requests.Session, page: str, catalogue: Catalogue) -> Iterator[Callable[[], str]]:
    """The page of each search in turn."""
    many = ",".join(itertools.islice(catalogue.criteria, MANY))
    for search in itertools.islice(itertools.cycle(SEARCHES), REPEATS):
        yield partial(_text, session, f"{page}?{search.format(many=many)}")


def _text(session: requests.Session, url: str) -> str:
    answer = session.get(url, timeout=30)
    assert answer.ok, answer.text[:300]
    return answer.text
