"""The coverage page of a large register: every two dimensions, the first view and the second, page and table whole."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from flask import Flask, request

from config.settings import Settings
from portal.app import create_app
from portal.coverage.axes import Dimension
from portal.extensions import db
from portal.indexing.vocabulary import vocabulary
from portal.ministry.coverage_asked import PATH, asked
from portal.ministry.coverage_page import coverage_page
from portal.models import Base
from portal.register.catalogue import Catalogue
from portal.web.presenters.context import context
from portal.web.templating import render_template
from search import open_engine
from tests.benchmarks.filling import fill
from tests.benchmarks.timing import Figure, Times

FILTERS = ("", "&sector=machinery", "&certified_from=2024-01-01", "&level_min=quality_capability:inspection&size=small")


def questions() -> Iterator[str]:
    """Every two dimensions, each with one of the filters in turn."""
    for number, (rows, columns) in enumerate(combinations(Dimension, 2)):
        yield f"{PATH}?rows={rows}&columns={columns}{FILTERS[number % len(FILTERS)]}"


def coverage_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """On tantivy."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"tantivy://{folder}/index"
        engine = open_engine(url, vocabulary(catalogue))
        fill(engine, url, size)
        engine.close()
        yield from measured(Path(folder), url, 150.0)


def measured(folder: Path, url: str, limit: float) -> Iterator[Figure]:
    """On an index that is filled: pages as the web process makes them, without sign-in and transport."""
    variables = {"DATA_DIR": str(folder / "data"), "SEARCH_URL": url, "LOG_LEVEL": "warning", "SEARCH_TIMEOUT": "60"}
    app = create_app(Settings.from_environment(os.environ | variables))
    with app.app_context():
        Base.metadata.create_all(db.engine)
    _view(app, PATH)  # templates are compiled, targets counted
    views = [(_view(app, address), _view(app, address), address) for address in questions()]
    first, second = (Times(tuple(column)) for column in list(zip(*views, strict=True))[:2])
    worst = max(views)[2].partition("?")[2]
    yield Figure(
        "coverage page, any two dimensions, first view",
        f"p50 {first.p50:.0f} ms, p95 {first.p95:.0f} ms, slowest {max(first.samples):.0f} ms ({worst})",
        f"p95 ≤ {limit:g} ms",
        first.p95 <= limit,
    )
    yield Figure(
        "second view at the same data version",
        f"p50 {second.p50:.0f} ms, p95 {second.p95:.0f} ms",
        "p95 ≤ 30 ms",
        second.p95 <= 30,
        "the template: a table of a hundred rows has thousands of links",
    )


def _view(app: Flask, address: str) -> float:
    with app.test_request_context(address):
        start = time.perf_counter()
        at = context()
        render_template("ministry/coverage.html", page=coverage_page(asked(request.args, at), at))
        return (time.perf_counter() - start) * 1000
