"""A list of own suppliers matched with a large register, as the worker does it."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from portal.indexing.sessions import Sessions, writing
from portal.models import Base, Organisation, OwnList, OwnRow, RowState, Supplier, User, now
from portal.models.database import begin_write, engine_options
from portal.register.catalogue import Catalogue
from portal.register.sample import sample_records
from portal.register.writer import Writer
from portal.workspace import own_lists
from portal.workspace.buyer import Buyer
from portal.workspace.handlers import HANDLERS
from portal.workspace.jobs import Runner
from portal.workspace.own_reading import Guess, Table
from tests.benchmarks.timing import Figure

ROWS = 10_000
LIMIT = 20.0
BATCH = 1_000


def own_list_figures(catalogue: Catalogue, size: int) -> Iterator[Figure]:
    """A third of the rows by number, a third by name, a third by a name that is written otherwise or is unknown."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'portal.db'}"
        engine = create_engine(url, **engine_options(url))
        fill_register(engine, catalogue, size)
        sessions = sessionmaker(engine)
        own = _hand_in(sessions)
        start = time.perf_counter()
        Runner(sessions, catalogue, HANDLERS, threading.Event()).run_one()
        seconds = time.perf_counter() - start
        with sessions() as session:
            states = list(session.scalars(select(OwnRow.state).where(OwnRow.own_list_id == own)))
        engine.dispose()
    found = ", ".join(f"{states.count(state):,} {state}" for state in RowState)
    name = f"own list of {ROWS:,} rows against {size:,} suppliers"
    yield Figure(name, f"{seconds:.1f} s: {found}", f"≤ {LIMIT:g} s", seconds <= LIMIT)


def fill_register(engine: Engine, catalogue: Catalogue, size: int) -> None:
    """Tables, and so many fictional firms."""
    Base.metadata.create_all(engine)
    records = iter(sample_records(size, 1, catalogue))
    while some := list(islice(records, BATCH)):
        with Session(engine) as session, session.begin():
            begin_write(session)
            Writer(session, catalogue, actor="benchmark").write(some)


def _hand_in(sessions: Sessions) -> int:
    with writing(sessions) as session:
        organisation = Organisation(kind="buyer", name="甲集团", state="approved")
        session.add(organisation)
        session.flush()
        user = User(organisation_id=organisation.id, sign_in="a", name="王芳", role="buyer")
        session.add(user)
        session.flush()
        buyer = Buyer(user.id, organisation.id)
        own = own_lists.create(session, buyer, now(), name="清单", table=_table(session), guessed=Guess(0, 1, 1))
        own_lists.check(session, buyer, session.get_one(OwnList, own.id))
        return own.id


def _table(session: Session) -> Table:
    chance = random.Random(1)
    firms = session.execute(select(Supplier.number, Supplier.name_zh).order_by(Supplier.id)).all()
    some = chance.choices(firms, k=ROWS)
    forms: tuple[str, ...] = ("有限公司", "股份有限公司", "集团", "")
    rows = []
    for place, (number, name) in enumerate(some):
        if place % 3 == 0:
            rows.append([number, ""])
        elif place % 3 == 1:
            rows.append(["", name])
        else:
            rows.append(["", name.removesuffix("有限公司")[place % 2 :] + chance.choice(forms)])
    return rows
