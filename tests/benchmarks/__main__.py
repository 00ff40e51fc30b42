"""`make bench`: `SIZE=` suppliers on Elasticsearch and in an edition, `EMBEDDED=` on tantivy and in the portal.

Either is 100,000 by default.

`ONLY=tantivy|elasticsearch|portal|own_list|export|alerts|coverage|audit|web_import|appearances|edition|profile|why`
runs one part; coverage is measured on Elasticsearch too, and so are profiles, by `ONLY=profile_elastic`.
`REGISTER=folder` names the data folder of a portal on SQLite, such as `flask sample load --size 1000000` makes:
Elasticsearch is then filled by `flask index rebuild` from it. Exit status 0 whatever the figures: machines are noisy.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from config.settings import Settings
from portal.indexing.documents import documents
from portal.indexing.vocabulary import vocabulary
from portal.models import Supplier
from portal.register.catalogue import Catalogue, load_catalogue
from search import open_engine
from search.contract import SearchEngine, SupplierDocument
from search.elastic import ElasticEngine
from search.embedded import EmbeddedEngine
from tests.benchmarks.alerting import alert_figures
from tests.benchmarks.appearances import appearance_figures
from tests.benchmarks.auditing import audit_figures
from tests.benchmarks.coverage import coverage_figures, measured
from tests.benchmarks.editions import edition_figures
from tests.benchmarks.engines import engine_figures
from tests.benchmarks.exporting import export_figures
from tests.benchmarks.filling import CATALOGUE_DIR, fill
from tests.benchmarks.naive import naive_figure
from tests.benchmarks.own_list import own_list_figures
from tests.benchmarks.pages import portal_figures
from tests.benchmarks.profiles import profile_elastic_figures, profile_figures
from tests.benchmarks.timing import Figure, machine, print_table
from tests.benchmarks.web_importing import web_import_figures
from tests.benchmarks.why import why_figures
from tests.servers.elastic import running_elasticsearch

EMBEDDED = int(os.environ.get("EMBEDDED") or 100_000)


def filled(engine: SearchEngine, url: str, size: int) -> tuple[list[Figure], list[SupplierDocument]]:
    """Fill the engine with sample documents; the figure of it, and some of the documents."""
    done = fill(engine, url, size)
    limit = 60.0 if size <= 100_000 else 900.0
    value = (
        f"{done.seconds:.0f} s, the making of sample documents included; "
        f"at most {done.own_mb:.0f} MB, and {done.others_mb:.0f} MB each of the processes that make them"
    )
    return [Figure(f"build of {size:,}", value, f"≤ {limit:g} s", done.seconds <= limit)], done.documents


def tantivy_figures(catalogue: Catalogue) -> list[Figure]:
    """The embedded engine's."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"tantivy://{folder}/index"
        engine = open_engine(address, vocabulary(catalogue))
        rows, kept = filled(engine, address, EMBEDDED)
        assert isinstance(engine, EmbeddedEngine)
        rows += engine_figures("tantivy", engine, catalogue, kept, engine.reader.close)
        engine.close()
    return rows


def rebuilt(url: str, catalogue: Catalogue, register: str) -> tuple[list[Figure], list[SupplierDocument]]:
    """The register in the folder `register` indexed by `flask index rebuild`; the figure, and some documents."""
    environment = os.environ | {"DATA_DIR": register, "SEARCH_URL": url, "LOG_LEVEL": "warning", "SEARCH_TIMEOUT": "60"}
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "index", "rebuild"], env=environment) as run:
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0
    seconds = time.perf_counter() - start
    with Session(create_engine(Settings.from_environment(environment).database_url)) as session:
        firms = session.scalar(select(func.count(Supplier.id))) or 0
        ids = random.Random(1).sample(range(1, firms + 1), min(firms, 2_000))
        made = documents(session, catalogue, ids)
    limit = 60.0 if firms <= 100_000 else 900.0
    value = f"{seconds:.0f} s, {used.ru_maxrss / 1024:.0f} MB at most"
    figures = [Figure(f"flask index rebuild of {firms:,}", value, f"≤ {limit:g} s", seconds <= limit)]
    return figures, [document for document in made if isinstance(document, SupplierDocument)]


def elastic_figures(catalogue: Catalogue, size: int) -> list[Figure]:
    """Elasticsearch's, on a server of its own."""
    with running_elasticsearch(os.environ.get("ELASTIC_HEAP", "4g")) as url:
        address = f"{url}/bench"
        engine = open_engine(address, vocabulary(catalogue), timeout=60)
        assert isinstance(engine, ElasticEngine)
        register = os.environ.get("REGISTER")
        rows, kept = rebuilt(address, catalogue, register) if register else filled(engine, address, size)
        clear = partial(engine.client.indices.clear_cache, index=engine.layout.live, request=True)
        rows += engine_figures("elasticsearch", engine, catalogue, kept, clear)
        rows.append(naive_figure(engine, catalogue, kept))
        with tempfile.TemporaryDirectory() as folder:
            rows += measured(Path(folder), address, 800.0)
        engine.close()
    return rows


SIZE = int(os.environ.get("SIZE") or 100_000)

PARTS: Mapping[str, tuple[str, Callable[[Catalogue], Iterable[Figure]]]] = {
    "tantivy": (f"tantivy, {EMBEDDED:,} suppliers", tantivy_figures),
    "portal": (f"portal on SQLite and tantivy, {EMBEDDED:,} suppliers", lambda it: portal_figures(it, EMBEDDED)),
    "own_list": (f"own suppliers on SQLite, {EMBEDDED:,} suppliers", lambda it: own_list_figures(it, EMBEDDED)),
    "export": (f"exports on SQLite and tantivy, {EMBEDDED:,} suppliers", lambda it: export_figures(it, EMBEDDED)),
    "alerts": (f"alerts on SQLite and tantivy, {EMBEDDED:,} suppliers", lambda it: alert_figures(it, EMBEDDED)),
    "coverage": (f"coverage on tantivy, {EMBEDDED:,} suppliers", lambda it: coverage_figures(it, EMBEDDED)),
    "web_import": (
        f"web import on SQLite and tantivy, {EMBEDDED:,} suppliers",
        lambda it: web_import_figures(it, EMBEDDED),
    ),
    "appearances": (
        f"what is counted, on SQLite and tantivy, {EMBEDDED:,} suppliers",
        lambda it: appearance_figures(it, EMBEDDED),
    ),
    "edition": (f"an edition on SQLite, {SIZE:,} assessments", lambda it: edition_figures(it, SIZE)),
    "profile": (f"an SME's profile on tantivy, {EMBEDDED:,} suppliers", lambda _it: profile_figures(EMBEDDED)),
    "why": (f"why don't I appear, on SQLite and tantivy, {EMBEDDED:,} suppliers", lambda it: why_figures(it, EMBEDDED)),
    "audit": ("operation log", lambda _it: audit_figures()),
    "elasticsearch": (f"Elasticsearch, {SIZE:,} suppliers", lambda it: elastic_figures(it, SIZE)),
}
"""What `ONLY=` may name: a title, and what measures it."""

NAMED_ONLY: Mapping[str, tuple[str, Callable[[Catalogue], Iterable[Figure]]]] = {
    "profile_elastic": (
        f"an SME's profile on Elasticsearch, {SIZE:,} suppliers",
        lambda _it: profile_elastic_figures(SIZE),
    ),
}
"""Parts that take long, and are run only when they are named."""


def main() -> None:
    """Measure and print."""
    only = os.environ.get("ONLY", "")
    catalogue = load_catalogue(CATALOGUE_DIR)
    print(machine())
    for name, (title, figures) in PARTS.items():
        if only in ("", name):
            print_table(title, figures(catalogue))
    if only in NAMED_ONLY:
        title, figures = NAMED_ONLY[only]
        print_table(title, figures(catalogue))


if __name__ == "__main__":
    main()
