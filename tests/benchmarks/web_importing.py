"""A list of 200,000 firms, one row in twenty bad, imported in the browser: uploaded, checked, confirmed, undone.

Gunicorn serves and a worker works, as `make run` starts them; meanwhile other pages are asked for.
"""

from __future__ import annotations

import csv
import os
import re
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import requests

from portal.identity import demo, totp
from portal.models import Role, now
from portal.register.catalogue import Catalogue
from tests.benchmarks.pages import addresses, memory_mb, peak_mb, process, write_list
from tests.benchmarks.timing import Figure, Times
from tests.browser.conftest import Portal, start_portal

ROWS = int(os.environ.get("ROWS") or 200_000)
BAD_EVERY = 20
SECONDS, MB = 300.0, 500.0
PAUSE = 0.2
"""Seconds between two pages that a reader asks for."""


class Browser:
    """Staff, signed in."""

    def __init__(self, portal: Portal) -> None:
        self.url = portal.url
        self.session = requests.Session()
        name = demo.sign_in_name(Role.STAFF_ADMIN)
        self.submit("/sign-in", "/sign-in", sign_in=name, password=demo.PASSWORD)
        self.submit("/sign-in/code", "/sign-in/code", code=totp.code_at(demo.TOTP_SECRET, now()))

    def text(self, path: str) -> str:
        """A page."""
        answer = self.session.get(self.url + path, timeout=60)
        assert answer.ok, answer.text[:400]
        return answer.text

    def submit(self, path: str, page: str, /, upload: Path | None = None, **fields: str) -> str:
        """Send a form that stands on `page`; the path one comes to."""
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', self.text(page))
        assert found, page
        files = {"file": upload.open("rb")} if upload else None
        answer = self.session.post(self.url + path, data={"csrf_token": found[1], **fields}, files=files, timeout=120)
        assert answer.ok, answer.text[:400]
        return answer.url.removeprefix(self.url).partition("?")[0]


@dataclass
class Reader(threading.Thread):
    """Someone who searches meanwhile."""

    url: str
    taken: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Ask for page after page."""
        with requests.Session() as session:
            for address in addresses(""):
                start = time.perf_counter()
                answer = session.get(self.url + address, timeout=60)
                assert answer.ok, answer.text[:300]
                self.taken.append((time.perf_counter() - start) * 1000)
                if self.over.wait(PAUSE):
                    return

    def stop(self) -> Times:
        """What it took."""
        self.over.set()
        self.join()
        return Times(tuple(self.taken))


def spoil(path: Path) -> None:
    """Make every so many rows one that must be refused."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    place = rows[0].index("sector")
    for number in range(BAD_EVERY, len(rows), BAD_EVERY):
        rows[number][place] = "渔业"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def web_import_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """The figures, against a register of `size` firms."""
    with tempfile.TemporaryDirectory() as folder:
        portal, server = start_portal(Path(folder) / "data", firms=size, WEB_WORKERS="2", UPLOAD_LIMIT="200")
        path = Path(folder) / "list.csv"
        write_list(path, catalogue, ROWS)
        spoil(path)
        try:
            with process(portal, "worker") as worker:
                staff = Browser(portal)
                yield from _measured(portal, staff, path)
                worked, served = peak_mb(worker.pid), memory_mb(server.pid)
                value = f"worker {worked:.0f} MB, largest web process {served:.0f} MB"
                yield Figure("memory", value, f"≤ {MB:.0f} MB", max(worked, served) <= MB)
                yield _undone(staff, worker.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _undone(staff: Browser, worker: int) -> Figure:
    [page] = set(re.findall(r'href="(/ministry/imports/\d+)"', staff.text("/ministry/imports")))
    staff.submit(f"{page}/undo", f"{page}/undo")
    _first, seconds = _wait(staff, page)
    return Figure("undo of all of it", f"{seconds:.0f} s; worker {peak_mb(worker):.0f} MB at most", "–", True)


def _measured(portal: Portal, staff: Browser, path: Path) -> Iterator[Figure]:
    quiet = Reader(portal.url)
    quiet.start()
    time.sleep(20)
    before = quiet.stop()
    start = time.perf_counter()
    page = staff.submit("/ministry/imports", "/ministry/imports", upload=path, source="suppliers")
    yield Figure(f"upload of {path.stat().st_size / 1e6:.0f} MB", f"{time.perf_counter() - start:.1f} s", "–", True)
    form = _columns(staff, page)
    reader = Reader(portal.url)
    reader.start()
    for name in ("check", "confirm"):
        fields = form if name == "check" else {"checked": _token(staff, page)}
        staff.submit(f"{page}/{name}", page, None, **fields)
        first, seconds = _wait(staff, page)
        value = f"{seconds:.0f} s; first progress after {first:.2f} s"
        reached = seconds <= SECONDS and first <= 1
        yield Figure(f"web {name} of {ROWS:,} rows", value, f"≤ {SECONDS:.0f} s, ≤ 1 s", reached)
    during = reader.stop()
    value = f"p95 {before.p95:.0f} → {during.p95:.0f} ms (p50 {before.p50:.0f} → {during.p50:.0f})"
    yield Figure("other pages meanwhile", value, "p95 at most doubled", during.p95 <= 2 * before.p95)
    assert f"{ROWS // BAD_EVERY:,}" in staff.text(page)


def _columns(staff: Browser, page: str) -> dict[str, str]:
    shown = staff.text(page)
    form = {"kind": "suppliers", "source": "suppliers", "issuing_body": "示范部门"}
    for name, body in re.findall(r'<select[^>]* name="(field_\d+)"[^>]*>(.*?)</select>', shown, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        form[name] = chosen[1] if chosen else ""
    return form


def _token(staff: Browser, page: str) -> str:
    found = re.search(r'name="checked" value="([^"]+)"', staff.text(page))
    assert found
    return found[1]


def _wait(staff: Browser, page: str) -> tuple[float, float]:
    """Seconds until the first progress is told, and until it is done."""
    start = time.perf_counter()
    first = 0.0
    while True:
        job = staff.session.get(f"{staff.url}{page}/progress", timeout=60).json()
        taken = time.perf_counter() - start
        if job["done"] and not first:
            first = taken
        if job["state"] not in {"waiting", "running"}:
            assert job["state"] == "done", job
            return first, taken
        time.sleep(0.1)
