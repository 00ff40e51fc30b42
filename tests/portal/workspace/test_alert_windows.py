"""Random documents, changes, queries and windows: what is found is what the plain oracle says of before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from portal.indexing import images
from portal.indexing.images import Image, Taken, keep, packed
from portal.models import Alert, Base, ChangeNote, Fact, FirmImage, Supplier, table_of
from portal.models.database import begin_write, engine_options
from portal.register.catalogue import Catalogue
from portal.workspace import alert_windows
from portal.workspace.alert_windows import Question, results
from portal.workspace.buyer import Buyer
from portal.workspace.differences import differences
from portal.workspace.digests import Kind
from search import SearchQuery, SupplierDocument
from tests.portal.alerting import START
from tests.search.oracle import Oracle
from tests.search.strategies import VOCABULARY, make_document, queries

FIRMS, STEPS = 12, 5
State = dict[int, SupplierDocument]


@contextmanager
def register(catalogue: Catalogue) -> Iterator[Session]:
    """Tables in memory in which images are complete and an alert is interested."""
    engine = create_engine("sqlite://", **engine_options("sqlite://"))
    with closing(engine.raw_connection()) as raw:
        raw.cursor().execute("PRAGMA foreign_keys=OFF")  # no firms and no organisations stand behind them
    tables = (Alert, ChangeNote, Fact, FirmImage, Supplier)
    Base.metadata.create_all(engine, [table_of(model) for model in tables])
    with Session(engine) as session:
        begin_write(session)
        images.begin(session, catalogue)
        images.finish(session, catalogue)
        stated = {"cadence": "daily", "channel": "mail", "last_seq": 0, "due_at": START}
        session.add(Alert(uid="a", organisation_id=1, owner_id=1, conditions_id=1, **stated))
        session.flush()
        yield session
    engine.dispose()


def step(random: Random, before: State, version: int) -> State:
    """The register a moment later: some firms are new, some otherwise, some gone."""
    after = dict(before)
    for firm in random.sample(range(FIRMS), random.randint(0, FIRMS // 2)):
        if firm in after and random.random() < 0.3:
            del after[firm]
        else:
            after[firm] = make_document(random, firm, version)
    return after


def image_of(document: SupplierDocument) -> Image:
    return Image(document, document.names[0], "", (), {})


def expected(query: SearchQuery, before: State, after: State, catalogue: Catalogue) -> set[tuple[Kind, str]]:
    was, now = ({found.id for found in Oracle(VOCABULARY, state.values()).found(query)} for state in (before, after))
    ids = {document.id: firm for state in (before, after) for firm, document in state.items()}
    changed = {
        key for key in was & now if differences(image_of(before[ids[key]]), image_of(after[ids[key]]), catalogue)
    }
    return (
        {(Kind.ENTERED, key) for key in now - was}
        | {(Kind.LEFT, key) for key in was - now}
        | {(Kind.CHANGED, key) for key in changed}
    )


@pytest.fixture(scope="module")
def default(catalogue: Catalogue) -> Callable[[], Catalogue]:
    """The catalogue behind a call: Hypothesis writes out what it is given."""
    return lambda: catalogue


@given(seed=st.integers(0, 1 << 30), asked=st.lists(queries(), min_size=1, max_size=5))
def test_entered_left_and_changed_as_the_oracle_says(
    default: Callable[[], Catalogue], seed: int, asked: list[SearchQuery]
) -> None:
    random, catalogue = Random(seed), default()
    states: list[State] = [{}]
    with register(catalogue) as session, patch.object(alert_windows, "vocabulary", return_value=VOCABULARY):
        for seq in range(1, STEPS + 1):
            states.append(step(random, states[-1], seq))
            taken = {
                firm: Taken(seq, packed(image_of(states[-1][firm])) if firm in states[-1] else None)
                for firm in states[-1].keys() | states[-2].keys()
            }
            keep(session, catalogue, taken, seq)
        windows = [(query, since) for query in asked for since in range(STEPS + 1)]
        found = results(session, catalogue, [Question(Buyer(1, 1), since, query=query) for query, since in windows])
    for (query, since), result in zip(windows, found, strict=True):
        told = {(one.kind, one.key) for one in result.found.told}
        assert told == expected(query, states[since], states[-1], catalogue), (query, since)
        assert sum(result.found.counts.values()) == len(result.found.told)
