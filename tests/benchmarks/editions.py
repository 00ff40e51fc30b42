"""An edition over SIZE assessments: computed by the worker's job, published, its firms made due; on SQLite.

The register is filled by rows written directly: sample firms with their assessments, used over and over under other
numbers. The job runs in a process of its own, as the worker's does, so its memory is seen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import sessionmaker

from portal.care.edition_preview import preview
from portal.cli.bulk import expect_many_objects
from portal.indexing.sessions import Sessions, writing
from portal.models import Assessment, Base, Edition, Organisation, Supplier, User, now, table_of
from portal.models.database import engine_options
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue, load_catalogue
from portal.register.clock import today_china
from portal.register.edition_life import Step
from portal.register.marks import marks_of
from portal.register.ranking import RankingRequest
from portal.register.sample import sample_records
from portal.register.stored import results_value
from portal.workspace import edition_jobs
from portal.workspace.handlers import HANDLERS
from portal.workspace.jobs import Runner
from tests.benchmarks.filling import CATALOGUE_DIR
from tests.benchmarks.pages import peak_mb
from tests.benchmarks.timing import Figure

SECONDS, MB = 180.0, 1024.0
SECTOR = "machinery"
MODELS = 500
"""Different assessments."""
BATCH = 5_000
DAY = date(2025, 6, 1)
PEOPLE = 2


def edition_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """The figures."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'portal.db'}"
        sessions = sessions_of(url)
        start = time.perf_counter()
        _fill(sessions, catalogue, size)
        yield Figure(f"register of {size:,} assessments filled", f"{time.perf_counter() - start:.0f} s", "–", True)
        request = RankingRequest(sector=SECTOR, period="2025", as_of=date(2025, 12, 31))
        edition = _ask(sessions, catalogue, request)
        computed, memory = _worked(url)
        value = f"{computed:.1f} s; {memory:.0f} MB at most"
        yield Figure(f"draft over {size:,} assessments", value, f"≤ {MB:.0f} MB", memory <= MB)
        yield _previewed(sessions, edition)
        start = time.perf_counter()
        _publish(sessions, edition)
        published = time.perf_counter() - start
        due, most = _worked(url)
        total = computed + published + due
        value = f"{total:.0f} s ({computed:.0f} + {published:.2f} + {due:.0f}); {max(memory, most):.0f} MB at most"
        held = total <= SECONDS and max(memory, most) <= MB
        yield Figure("computed, published, every firm due", value, f"≤ {SECONDS:.0f} s, ≤ {MB:.0f} MB", held)


def sessions_of(url: str) -> Sessions:
    """Sessions of a database that has its tables."""
    engine = create_engine(url, **engine_options(url))
    Base.metadata.create_all(engine)
    return sessionmaker(engine)


def _fill(sessions: Sessions, catalogue: Catalogue, size: int) -> None:
    models = list(_models(catalogue))
    with writing(sessions) as session:
        organisation = Organisation(kind="ministry", name="部", state="approved")
        session.add(organisation)
        session.flush()
        of = {"organisation_id": organisation.id, "name": "王芳", "role": "staff_publisher"}
        session.add_all(User(sign_in=str(n), **of) for n in range(PEOPLE))
    at = now()
    for first in range(1, size + 1, BATCH):
        ids = range(first, min(first + BATCH, size + 1))
        with writing(sessions) as session:
            session.execute(insert(table_of(Supplier)), [_firm(n, models[n % len(models)][0], at) for n in ids])
            session.execute(
                insert(table_of(Assessment)), [{"supplier_id": n} | models[n % len(models)][1] for n in ids]
            )


def _models(catalogue: Catalogue) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Industries, and what an assessment's row holds."""
    assessed = (
        record
        for record in sample_records(100_000, 1, catalogue)
        if record.supplier.sector == SECTOR and record.assessments
    )
    for record in islice(assessed, MODELS):
        results = results_value(record.assessments[0].results)
        row = {"assessed_on": DAY, "assessor": "示范评价机构", "results": results, "marks": marks_of(results)}
        yield list(record.supplier.industries or ()), row | {"current": True}


def _firm(number: int, industries: list[str], at: Any) -> dict[str, Any]:
    names = {"scheme": "CN-USCC", "number": f"91310000{number:010d}", "name_zh": f"第{number}机械有限公司"}
    return names | {
        "sector": SECTOR,
        "status": "active",
        "industries": industries,
        "listed_at": at,
        "updated_at": at,
        "index_version": 1,
    }


def _ask(sessions: Sessions, catalogue: Catalogue, request: RankingRequest) -> int:
    with writing(sessions) as session:
        return edition_jobs.ask(session, _owner(session), catalogue, request, Actor("user/1")).id


def _owner(session: Any, identity: int = 1) -> User:
    found: User = session.get_one(User, identity)
    return found


def _publish(sessions: Sessions, edition: int) -> None:
    """By a second person, after the notice."""
    today = today_china()
    with writing(sessions) as session:
        first, row = Step(session, 1, Actor("user/1"), today), session.get_one(Edition, edition)
        first.open_notice(row, 1)
        second = Step(session, 2, Actor("user/2"), today + timedelta(days=2))
        edition_jobs.ask_due(session, _owner(session, 2), row, second.publish(row))


def _previewed(sessions: Sessions, edition: int) -> Figure:
    start = time.perf_counter()
    with sessions() as session:
        seen = preview(session, session.scalars(select(Edition).where(Edition.id == edition)).one(), today_china())
    seconds = time.perf_counter() - start
    return Figure("preview of the draft", f"{seconds:.1f} s; {seen.outliers.count:,} outliers", "–", True)


def _worked(url: str) -> tuple[float, float]:
    """Have a process do the job that waits: seconds with its start, MB at most."""
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.editions", url], check=True, stdout=subprocess.PIPE, text=True
    )
    return time.perf_counter() - start, float(run.stdout)


def work(url: str) -> None:
    """In that process."""
    expect_many_objects()
    catalogue = load_catalogue(CATALOGUE_DIR)
    assert Runner(sessions_of(url), catalogue, HANDLERS, threading.Event()).run_one()
    print(peak_mb(os.getpid()))


if __name__ == "__main__":
    work(sys.argv[1])
