"""Figures of an SME's profile: handed in until found, with a worker running; its page and the preview of it."""

from __future__ import annotations

import os
import re
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from portal.identity import demo
from portal.models import Role
from tests.benchmarks.pages import process
from tests.benchmarks.timing import Figure, Times
from tests.browser.conftest import Portal, start_portal
from tests.servers.elastic import running_elasticsearch

PUBLISHED = 40
PAGES = 60
WARM = 5


def profile_figures(size: int) -> Iterator[Figure]:
    """On SQLite and tantivy."""
    yield from _figures(size)


def profile_elastic_figures(size: int) -> Iterator[Figure]:
    """On SQLite and an Elasticsearch of its own."""
    with running_elasticsearch(os.environ.get("ELASTIC_HEAP", "4g")) as url:
        yield from _figures(size, SEARCH_URL=f"{url}/profiles", SEARCH_TIMEOUT="60")


def _figures(size: int, **settings: str) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as data:
        portal, server = start_portal(Path(data), firms=size, PROFILE_REVIEW="none", **settings)
        try:
            with process(portal, "worker"), requests.Session() as editor:
                _sign_in(portal, editor)
                yield _published(portal, editor)
                yield _page(portal, editor, "the form", "/firm/profile")
                yield _page(portal, editor, "profile page", _own_page(portal, editor))
                yield _page(portal, editor, "preview", "/firm/profile/preview")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _sign_in(portal: Portal, editor: requests.Session) -> None:
    fields = {"sign_in": demo.sign_in_name(Role.SUPPLIER_ADMIN), "password": demo.PASSWORD}
    answer = editor.post(f"{portal.url}/sign-in", data=fields | _hidden(portal, editor, "/sign-in"), timeout=30)
    assert answer.url.endswith("/firm"), answer.url


def _hidden(portal: Portal, editor: requests.Session, path: str) -> dict[str, str]:
    page = editor.get(portal.url + path, timeout=30).text
    names = ("csrf_token", "base")
    found = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def _own_page(portal: Portal, editor: requests.Session) -> str:
    found = re.search(r'href="(/suppliers/CN-USCC/[^"]+)"', editor.get(f"{portal.url}/firm", timeout=30).text)
    assert found
    return found[1]


def _published(portal: Portal, editor: requests.Session) -> Figure:
    """From the moment the form is sent until a search finds the new word, and no longer the one before."""
    taken = []
    for number in range(PUBLISHED + WARM):
        fields = _hidden(portal, editor, "/firm/profile")
        word, last = f"fabu{number}q", f"fabu{number - 1}q"
        start = time.perf_counter()
        fields |= {"do": "submit", "products-0-zh": f"轴承 {word}"}
        assert editor.post(f"{portal.url}/firm/profile", data=fields, timeout=30).ok
        while not (_total(portal, word) == 1 and _total(portal, last) == 0):
            assert time.perf_counter() - start < 30, word
            time.sleep(0.02)
        taken.append((time.perf_counter() - start) * 1000)
    times = Times(tuple(taken[WARM:]))
    value = f"p50 {times.p50:.0f} ms, p95 {times.p95:.0f} ms"
    return Figure("publish → found, withdrawn words gone, worker running", value, "p95 ≤ 1 s", times.p95 <= 1000)


def _total(portal: Portal, word: str) -> int:
    answer = requests.get(f"{portal.url}/api/v1/suppliers", params={"q": word}, timeout=30)
    total: int = answer.json()["total"]
    return total


def _page(portal: Portal, editor: requests.Session, name: str, path: str) -> Figure:
    taken = []
    for _ in range(PAGES + WARM):
        start = time.perf_counter()
        assert editor.get(portal.url + path, timeout=30).ok
        taken.append((time.perf_counter() - start) * 1000)
    times = Times(tuple(taken[WARM:]))
    value = f"p50 {times.p50:.0f} ms, p95 {times.p95:.0f} ms"
    return Figure(name, value, "p50 ≤ 60 ms", times.p50 <= 60)
