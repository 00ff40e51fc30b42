"""What counting adds to a result page, and how fast near misses and demand are told of a large search log."""

from __future__ import annotations

import os
import random
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from sqlalchemy.orm import sessionmaker

from config.settings import Settings
from portal.app import create_app
from portal.coverage.demand import By
from portal.extensions import db
from portal.identity import demo
from portal.ministry.coverage_demand import demand_page
from portal.models import Appearance, AskedQuery, Role, SearchCount, Supplier
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.services import services
from portal.suppliers.near_misses import missed_page
from portal.usage import notes
from portal.usage.adding import Adder
from portal.usage.pseudonyms import quarter
from portal.web.presenters.context import context
from portal.web.templating import render_template
from search.contract import LevelChoice, SearchQuery
from tests.benchmarks.pages import addresses
from tests.benchmarks.timing import Figure, Times

PAGES = 300
LOGGED = 10_000
ORGANISATIONS = 6
FIRMS = 100


def appearance_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """All of them, on SQLite and tantivy."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {"DATA_DIR": folder, "LOG_LEVEL": "warning", "RATE_LIMIT": "1000000/minute"}
        app = create_app(Settings.from_environment(os.environ | variables))
        for words in (("db", "upgrade"), ("sample", "load", "--size", str(size)), ("index", "rebuild")):
            _flask(app, *words)
        _flask(app, "accounts", "demo")
        yield from _counting(app)
        with app.app_context():
            _log(catalogue)
        yield from _telling(app)


def _flask(app: Flask, *words: str) -> None:
    done = app.test_cli_runner().invoke(args=list(words))
    assert done.exit_code == 0, (words, done.output, done.exception)


def _counting(app: Flask) -> Iterator[Figure]:
    """Result pages of a signed-in buyer with counting and without, in turn, while the worker adds up."""
    client = _buyer(app)
    stop = threading.Event()
    with app.app_context():
        adder = Adder(sessionmaker(db.engine), Path(services().settings.usage_dir), 180, stop)
    worker = adder.start()
    counted, silent = _pages(client)
    stop.set()
    worker.join()
    adder.step()
    with app.app_context():
        searches = db.session.scalar(select(func.sum(SearchCount.searches))) or 0
        shown = db.session.scalar(select(func.sum(Appearance.shown))) or 0
    added = counted.p50 - silent.p50
    yield Figure(
        "counting, on a result page",
        f"{added:+.2f} ms at p50 ({counted.p50:.1f} with, {silent.p50:.1f} without)",
        "≤ +2 ms at p50",
        added <= 2,
    )
    yield Figure(
        "lost of what was counted",
        f"{PAGES - searches} of {PAGES} searches; {shown:,} appearances",
        "nothing",
        searches == PAGES,
    )


def _buyer(app: Flask) -> FlaskClient:
    client = app.test_client()
    form = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/sign-in").text)
    assert form
    fields = {"csrf_token": form[1], "sign_in": demo.sign_in_name(Role.BUYER), "password": demo.PASSWORD}
    assert client.post("/sign-in", data=fields).status_code == 302
    return client


def _pages(client: FlaskClient) -> tuple[Times, Times]:
    taken: tuple[list[float], list[float]] = [], []
    for number, address in enumerate(islice(addresses(""), 2 * PAGES)):
        # A year tells each pair of searches from the one before, as a buyer's next search would be.
        asked = f"{address}&certified_from={1990 + number // 2 % 30}-01-01"
        without = number % 2
        with patch("portal.lookup.views.note_search") if without else nullcontext():
            start = time.perf_counter()
            answer = client.get(asked)
            taken[without].append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200
    return Times(tuple(taken[0])), Times(tuple(taken[1]))


def _log(catalogue: Catalogue) -> None:
    """So many different searches, each by some organisations yesterday."""
    chance, yesterday = random.Random(1), today_china() - timedelta(days=1)
    queries = {repr(query): query for query in (_query(chance, catalogue) for _ in range(2 * LOGGED))}
    rows = [
        {"id": 10_000 + number, "hash": f"bench{number}", "query": notes.conditions(query), "whole": True}
        for number, query in enumerate(islice(queries.values(), LOGGED))
    ]
    assert len(rows) == LOGGED
    counts = [
        {"day": yesterday, "query_id": row["id"], "organisation": f"{quarter(yesterday)}:{who}", "searches": 2}
        for row in rows
        for who in chance.sample(range(40), ORGANISATIONS)
    ]
    db.session.execute(insert(AskedQuery), rows)
    db.session.execute(insert(SearchCount), counts)
    db.session.commit()


def _query(chance: random.Random, catalogue: Catalogue) -> SearchQuery:
    criteria = chance.sample(sorted(catalogue.criteria), chance.randint(0, 5))
    provinces = [region.code for region in catalogue.regions.values() if region.parent is None]
    level = chance.choice(catalogue.schemes["quality_capability"].levels).code
    return SearchQuery(
        sectors=(chance.choice(sorted(catalogue.sectors)),) if chance.random() < 0.8 else (),
        processes=(chance.choice(sorted(catalogue.processes)),) if chance.random() < 0.5 else (),
        regions=(chance.choice(provinces),) if chance.random() < 0.4 else (),
        levels_min=(LevelChoice("quality_capability", level),),
        criteria=tuple(sorted(criteria)),
        has=("certificate",),
    )


def _telling(app: Flask) -> Iterator[Figure]:
    with app.app_context():
        firms = list(db.session.scalars(select(Supplier.id).order_by(Supplier.id).limit(FIRMS + 1)))
    first, *others = (_near_misses(app, firm) for firm in firms)
    times = Times(tuple(others))
    yield Figure(
        f"near misses, {LOGGED:,} different searches",
        f"p50 {times.p50:.0f} ms, p95 {times.p95:.0f} ms; a process's first of the day {first:.0f} ms",
        "p95 ≤ 150 ms",
        times.p95 <= 150,
    )
    views = [(_demand(app, by), _demand(app, by)) for by in By]
    first_views, second = (Times(tuple(column)) for column in zip(*views, strict=True))
    yield Figure(
        f"demand and supply, {LOGGED:,} different searches",
        f"first views {', '.join(f'{one:.0f}' for one in first_views.samples)} ms; later p95 {second.p95:.0f} ms",
    )


def _near_misses(app: Flask, firm: int) -> float:
    with app.test_request_context("/firm/near-misses"):
        found = db.session.get_one(Supplier, firm)
        start = time.perf_counter()
        render_template("suppliers/near_misses.html", firm=found, page=missed_page(found, context()))
        return (time.perf_counter() - start) * 1000


def _demand(app: Flask, by: By) -> float:
    with app.test_request_context(f"/ministry/coverage/demand?by={by}"):
        start = time.perf_counter()
        render_template("ministry/coverage_demand.html", page=demand_page(by, None, context()))
        return (time.perf_counter() - start) * 1000
