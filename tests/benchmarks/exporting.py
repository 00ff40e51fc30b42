"""A result of a large register exported to a file, as the worker does it."""

from __future__ import annotations

import ctypes
import gc
import resource
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from portal.indexing.sessions import Sessions, writing
from portal.indexing.vocabulary import vocabulary
from portal.models import Export, Organisation, User, now
from portal.models.database import engine_options
from portal.register.catalogue import Catalogue
from portal.usage.spool import Spool
from portal.workspace import exports
from portal.workspace.buyer import Buyer
from portal.workspace.conditions import stored_query
from portal.workspace.export_columns import COLUMNS
from portal.workspace.exporting import Exporter
from portal.workspace.handlers import handlers
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Runner
from search import open_engine
from search.contract import SearchQuery
from tests.benchmarks.filling import fill
from tests.benchmarks.own_list import fill_register
from tests.benchmarks.timing import Figure

LIMITS = {"csv": 20.0, "xlsx": 60.0, "ndjson": 20.0}
MOST_MB = 100
WORDS = (
    *("sheet", "about", "withdrawn", "official", "computed", "no_risk", "unchecked", "time", "data_version"),
    *("rows", "note", "computed_note", "fictional_note"),
)


def export_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """All firms with all columns, in each form: seconds, and by how much the process grew at most."""
    with tempfile.TemporaryDirectory() as folder:
        url, index = f"sqlite:///{Path(folder) / 'portal.db'}", f"tantivy://{folder}/index"
        engine = create_engine(url, **engine_options(url))
        fill_register(engine, catalogue, size)
        with_index = open_engine(index, vocabulary(catalogue))
        fill(with_index, index, size)
        with_index.close()
        yield from measured(sessionmaker(engine), catalogue, index, Path(folder) / "exports")
        engine.dispose()


def measured(sessions: Sessions, catalogue: Catalogue, index: str, folder: Path) -> Iterator[Figure]:
    """The figures of a register and an index that are filled."""
    exporter = Exporter(folder, lambda: open_engine(index, vocabulary(catalogue)), Spool(folder / "usage"))
    runner = Runner(sessions, catalogue, handlers(exporter, Uploads(folder)), threading.Event())
    buyer = _buyer(sessions)
    for form, limit in LIMITS.items():
        asked = _ask(sessions, buyer, form)
        _forget_the_peak()
        before = _memory("VmRSS")
        start = time.perf_counter()
        runner.run_one()
        seconds, grown = time.perf_counter() - start, _memory("VmHWM") - before
        with sessions() as session:
            export = session.get_one(Export, asked)
        assert export.rows is not None
        assert export.size is not None
        value = f"{seconds:.1f} s, +{grown:.0f} MB, a file of {export.size / 1e6:.1f} MB"
        reached = seconds <= limit and grown <= MOST_MB
        yield Figure(f"export of {export.rows:,} rows to {form}", value, f"≤ {limit:g} s, +{MOST_MB} MB", reached)


def _buyer(sessions: Sessions) -> Buyer:
    with writing(sessions) as session:
        organisation = Organisation(kind="buyer", name="甲集团", state="approved")
        session.add(organisation)
        session.flush()
        user = User(organisation_id=organisation.id, sign_in="export@bench", name="王芳", role="buyer")
        session.add(user)
        session.flush()
        return Buyer(user.id, organisation.id)


def _ask(sessions: Sessions, buyer: Buyer, form: str) -> int:
    payload = {
        "lang": "zh",
        "origin": "https://portal.example",
        "columns": [(code, code) for code in COLUMNS],
        "words": {word: word for word in WORDS},
        "about": [],
        "query": stored_query(SearchQuery()),
    }
    with writing(sessions) as session:
        return exports.ask(session, buyer, now(), exports.Order("供应商", form, payload)).id


def _forget_the_peak() -> None:
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what an earlier export let go of is no part of this one's growth
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _memory(name: str) -> float:
    """MB, as Linux has it; elsewhere the peak since the start."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    [line] = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith(name)]
    return int(line.split()[1]) / 1024
