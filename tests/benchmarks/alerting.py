"""Many kept searches after many firms have changed: they look, and write digests, mails and deliveries."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from config.settings import Settings
from portal.app import create_app
from portal.buyers.alert_letters import AlertLetters
from portal.extensions import db
from portal.indexing.documents import documents
from portal.indexing.draining import drain_all
from portal.indexing.rebuild import Rebuild
from portal.indexing.sessions import Sessions, writing
from portal.models import Alert, AlertChannel, AlertDelivery, AlertDigest, Cadence, Organisation, User, now
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.register.sample import sample_records
from portal.register.writer import Writer
from portal.services import services
from portal.workspace import alerts, conditions
from portal.workspace.alert_running import AlertRunner
from portal.workspace.alerts import Watched, Way
from portal.workspace.buyer import Buyer
from portal.workspace.conditions import Draft, Hand, Member
from search.contract import LevelChoice, SearchQuery, SupplierDocument
from tests.benchmarks.own_list import fill_register
from tests.benchmarks.queries import SCHEME, Questions
from tests.benchmarks.timing import Figure

SEARCHES, CHANGED, LIMIT = 10_000, 1_000, 30.0
OF_EACH = 100
"""Searches that one organisation keeps."""

BATCH = 500
LEVELS = ("experience", "inspection", "assurance", "prevention", "excellence")


def alert_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """From the moment they are due to the last digest in the database."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_environment({"DATA_DIR": str(Path(folder)), "LOG_LEVEL": "WARNING"}))
        with app.app_context():
            yield _figure(app, catalogue, size)
            db.session.remove()
            db.engine.dispose()


def _figure(app: Flask, catalogue: Catalogue, size: int) -> Figure:
    shared, sessions = services(), sessionmaker(db.engine)
    fill_register(db.engine, catalogue, size)
    engine = shared.open_writing_engine()
    Rebuild(sessions, engine, catalogue, origin=shared.origin).run()
    engine.close()
    asked = _keep(sessions, _distinct(catalogue, _documents(sessions, catalogue)))
    _change(sessions, catalogue, size)
    assert drain_all(sessions, shared.open_writing_engine, catalogue, seconds=600, progress=lambda _: None)
    runner = AlertRunner(sessions, catalogue, AlertLetters(app), threading.Event())
    start = time.perf_counter()
    found = runner.step(now(), every=True)
    seconds = time.perf_counter() - start
    with sessions() as session:
        told = select(func.sum(AlertDigest.entered), func.sum(AlertDigest.left), func.sum(AlertDigest.changed))
        entered, left, changed = session.execute(told).one()
        deliveries = session.scalar(select(func.count(AlertDelivery.id)))
    assert deliveries == found
    name = f"{asked:,} kept searches after {CHANGED:,} changed firms among {size:,}"
    value = f"{seconds:.1f} s: {found:,} digests, {entered:,} entered, {left:,} left, {changed:,} changed"
    return Figure(name, value, f"≤ {LIMIT:g} s", seconds <= LIMIT)


def _documents(sessions: Sessions, catalogue: Catalogue) -> list[SupplierDocument]:
    """Some firms, for searches to be made from."""
    with sessions() as session:
        made = documents(session, catalogue, range(1, 2_000))
    return [one for one in made if isinstance(one, SupplierDocument)]


def _distinct(catalogue: Catalogue, firms: list[SupplierDocument]) -> list[SearchQuery]:
    """Words with filters, least levels with criteria, requirement profiles, places and trades; no two alike."""
    ask = Questions(catalogue, firms)
    kinds = (ask.filtered(), ask.worded(), ask.profiles(), _trades(ask), _trades(ask))
    found: dict[SearchQuery, None] = {}
    while len(found) < SEARCHES:
        for kind in kinds:
            found.setdefault(replace(next(kind), facets=()))
    return list(found)[:SEARCHES]


def _trades(ask: Questions) -> Iterator[SearchQuery]:
    """Who is certified in a trade and a region, or at a level and with a criterion."""
    while True:
        firm = ask.random.choice(ask.firms)
        level = LevelChoice(SCHEME, ask.random.choice(LEVELS))
        query = SearchQuery(has=("certificate",), regions=firm.regions[0][:1] if firm.regions else ())
        if firm.industries and ask.random.random() < 0.5:
            yield replace(query, industries=(ask.random.choice(firm.industries)[-1],))
        else:
            criteria = tuple(ask.random.sample(firm.criteria_met, 1)) if firm.criteria_met else ()
            yield replace(query, levels_min=(level,), criteria=criteria)


def _keep(sessions: Sessions, queries: list[SearchQuery]) -> int:
    for first in range(0, len(queries), OF_EACH):
        with writing(sessions) as session:
            buyer = _buyer(session, first)
            for number, query in enumerate(queries[first : first + OF_EACH]):
                hand = Hand(Member(buyer.organisation_id, buyer.id), now())
                kept = conditions.keep(session, hand, Draft(f"寻源 {first + number}", "", "", query))
                webhook = number % 2 == 1
                way = (
                    Way(Cadence.DAILY, AlertChannel.WEBHOOK, "https://example.org/hook")
                    if webhook
                    else Way(Cadence.WEEKLY, AlertChannel.MAIL)
                )
                alerts.create(session, buyer, Watched(conditions_id=kept.id), way, now())
    with sessions() as session:
        return session.scalar(select(func.count(Alert.id))) or 0


def _buyer(session: Session, number: int) -> Buyer:
    organisation = Organisation(kind="buyer", name=f"集团 {number}", state="approved")
    session.add(organisation)
    session.flush()
    language = "zh" if number % (2 * OF_EACH) else "en"
    stated = {"sign_in": f"{number}@example.com", "name": "王芳", "role": "buyer", "language": language}
    user = User(organisation_id=organisation.id, **stated)
    session.add(user)
    session.flush()
    return Buyer(user.id, organisation.id)


def _change(sessions: Sessions, catalogue: Catalogue, size: int) -> None:
    """Levels, states, places and names of firms all over the register."""
    chance = random.Random(2)
    chosen = set(chance.sample(range(size), CHANGED))
    records = [record for place, record in enumerate(sample_records(size, 1, catalogue)) if place in chosen]
    others = [_otherwise(record, chance) for record in records]
    for first in range(0, len(others), BATCH):
        with writing(sessions) as session:
            Writer(session, catalogue, actor="benchmark").write(others[first : first + BATCH])


def _otherwise(record: SupplierRecord, chance: random.Random) -> SupplierRecord:
    stated: dict[str, Any] = {"name_zh": f"{record.supplier.name_zh}（新）"}
    if chance.random() < 0.3:
        stated["status"] = "suspended" if record.supplier.status == "active" else "active"
    held = tuple(
        replace(one, level=chance.choice(LEVELS)) if one.scheme == SCHEME else one for one in record.certificates
    )
    return replace(record, supplier=replace(record.supplier, **stated), certificates=held)
