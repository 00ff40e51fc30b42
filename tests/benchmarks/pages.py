"""Figures of the whole portal: pages and JSON through gunicorn, an import until found, an edit until found, memory."""

from __future__ import annotations

import csv
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from config.settings import Settings
from portal.app import create_app
from portal.extensions import db
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierFacts, SupplierRecord
from portal.register.sample import sample_records
from portal.register.writer import Writer
from portal.services import services
from tests.benchmarks.timing import Figure, Times
from tests.browser.conftest import ROOT, Portal, start_portal

REPEATS = 100
IMPORTED = int(os.environ.get("IMPORTED") or 100_000)
EDITS = 30
ADDRESS = "/suppliers?sector={sector}&level_min=quality_capability:experience&criteria={criteria}"
SECTORS = ("machinery", "electronics", "textiles", "steel", "building_materials", "nonferrous")


def over_engine(session: requests.Session, address: str) -> tuple[float, float]:
    """One request: wall milliseconds at the client, and those over the engine's own, which the answer states."""
    start = time.perf_counter()
    answer = session.get(address, timeout=30)
    wall = (time.perf_counter() - start) * 1000
    assert answer.ok, answer.text[:300]
    stated = re.search(r"engine;dur=([\d.]+)", answer.headers["Server-Timing"])
    assert stated
    return wall, wall - float(stated[1])


def addresses(prefix: str) -> Iterator[str]:
    """Result addresses with two filters, three criteria and the facets of the page."""
    codes = ("X01-20,X01-21,X01-15", "X01-16,X01-19,X02-05", "X03-01,X04-06,X05-11")
    for sector, criteria in itertools.cycle(itertools.product(SECTORS, codes)):
        yield prefix + ADDRESS.format(sector=sector, criteria=criteria)


def page_figure(portal: Portal, name: str, prefix: str, limit: float) -> Figure:
    """The median over the engine's own time of `name` pages."""
    with requests.Session() as session:
        taken = [
            over_engine(session, portal.url + address) for address in itertools.islice(addresses(prefix), REPEATS + 10)
        ]
    wall, over = (Times(tuple(column)) for column in zip(*taken[10:], strict=True))
    value = f"+{over.p50:.1f} ms at p50 (+{over.p95:.1f} at p95; whole {wall.p50:.1f})"
    remark = "the presenters, the templates and the card queries, all Python; no cache is kept between requests"
    return Figure(name, value, f"+{limit:g} ms at p50", over.p50 <= limit, remark)


def memory_mb(pid: int) -> float:
    """Resident memory of the largest child of a process, in MB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    sizes = [
        int(line.split()[1])
        for child in children
        for line in Path(f"/proc/{child}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    ]
    return max(sizes) / 1024


def write_list(path: Path, catalogue: Catalogue, rows: int) -> None:
    """A list of firms as an authority would send it, in the shape of the source "suppliers"."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["credit code", "name", "name_en", "sector", "industries", "products", "region"])
        for record in sample_records(rows, 99, catalogue):
            firm = record.supplier
            writer.writerow(
                [
                    firm.number,
                    firm.name_zh,
                    firm.name_en,
                    firm.sector,
                    ";".join(firm.industries or ()),
                    ";".join(firm.products_zh or ()),
                    firm.region,
                ]
            )


@contextmanager
def process(portal: Portal, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A flask command on the portal's data, running; stopped at the end if it still does."""
    started = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words], cwd=ROOT, env=portal.environment, stdout=sys.stderr
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.send_signal(signal.SIGTERM)
            started.wait(30)


def peak_mb(pid: int) -> float:
    """The most memory that a running process has had, in MB; for gunicorn's, of its largest child see memory_mb."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def import_figure(portal: Portal, catalogue: Catalogue) -> Figure:
    """A list of IMPORTED firms imported into the portal, and all of them found, a worker running."""
    with tempfile.TemporaryDirectory() as folder, process(portal, "worker") as worker:
        path = Path(folder) / "list.csv"
        write_list(path, catalogue, IMPORTED)
        start = time.perf_counter()
        with process(portal, "import", str(path), "--source", "suppliers") as importing:
            _, status, used = os.wait4(importing.pid, 0)
            importing.returncode = os.waitstatus_to_exitcode(status)
        assert importing.returncode == 0
        written = time.perf_counter() - start
        portal.flask("index", "drain")
        seconds = time.perf_counter() - start
        own, workers = used.ru_maxrss / 1024, peak_mb(worker.pid)
    value = f"{seconds:.0f} s ({written:.0f} s until written); import {own:.0f} MB, worker {workers:.0f} MB"
    held = seconds <= 150 and max(own, workers) <= 500
    return Figure(f"import of {IMPORTED:,} rows, then found", value, "≤ 150 s, ≤ 500 MB", held)


def edit_figure(portal: Portal, rename: Callable[[str], str]) -> Figure:
    """An edit by the writer until a search finds it, a worker running."""
    with process(portal, "worker"):
        words = (f"bianji{number}q{os.getpid()}" for number in range(EDITS))
        samples = tuple(_edit_until_found(portal, rename(word)) for word in words)[3:]
    times = Times(samples)
    return Figure(
        "edit → found, worker running",
        f"p50 {times.p50:.0f} ms, p95 {times.p95:.0f} ms",
        "p95 ≤ 1 s",
        times.p95 <= 1000,
    )


def _edit_until_found(portal: Portal, word: str) -> float:
    start = time.perf_counter()
    while time.perf_counter() - start < 30:
        if requests.get(f"{portal.url}/api/v1/suppliers", params={"q": word}, timeout=30).json()["total"]:
            return (time.perf_counter() - start) * 1000
        time.sleep(0.02)
    raise TimeoutError(word)


def portal_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """All of them, on a portal of `size` sample firms, as they are measured."""
    with tempfile.TemporaryDirectory() as data:
        start = time.perf_counter()
        portal, server = start_portal(Path(data), firms=size)
        yield Figure(f"sample of {size:,} loaded, ranked and indexed", f"{time.perf_counter() - start:.0f} s")
        try:
            yield page_figure(portal, "whole page through gunicorn, over the engine's time", "", 15)
            yield page_figure(portal, "JSON, over the engine's time", "/api/v1", 8)
            used = memory_mb(server.pid)
            yield Figure(f"a web worker at {size:,}", f"{used:.0f} MB", "≤ 300 MB", used <= 300)
            yield edit_figure(portal, renamer(portal))
            yield rebuild_figure(portal, size)
            yield import_figure(portal, catalogue)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def rebuild_figure(portal: Portal, size: int) -> Figure:
    """`flask index rebuild` of the whole register, beside the live index."""
    start = time.perf_counter()
    portal.flask("index", "rebuild")
    seconds = time.perf_counter() - start
    return Figure(
        f"rebuild of {size:,}",
        f"{seconds:.0f} s",
        "≤ 60 s",
        seconds <= 60,
        "reading the rows and making tokens, in Python",
    )


def renamer(portal: Portal) -> Callable[[str], str]:
    """A function that renames one firm in the portal's database by the writer, and gives the new word back."""
    app = create_app(Settings.from_environment(portal.environment))
    first = requests.get(f"{portal.url}/api/v1/suppliers?has=certificate&per_page=1", timeout=30).json()["items"][0][
        "id"
    ]
    scheme, _, number = first.partition("/")

    def rename(word: str) -> str:
        with app.app_context():
            facts = SupplierFacts(scheme=scheme, number=number, name_en=f"{word} Bearing Co., Ltd.")
            session = db.session()
            Writer(session, services().catalogue, actor="bench").write([SupplierRecord(supplier=facts)])
            session.commit()
        return word

    return rename
