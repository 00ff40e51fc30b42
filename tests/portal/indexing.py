"""What the tests of the worker and of rebuilds share: engines that fail on demand, writing, looking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import func, select, update

from portal.indexing.sessions import Sessions, writing
from portal.models import Lease, OutboxRow, now
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from search.contract import (
    ApplyReport,
    Build,
    Change,
    Changes,
    Health,
    Prepared,
    PreparedChange,
    SearchEngine,
    SearchQuery,
)

TODAY = date(2026, 1, 15)

Given = Sequence[Change | PreparedChange]
Before = Callable[[Given], ApplyReport | None]


def given(changes: Changes) -> Given:
    """The changes, prepared or not."""
    return changes.changes if isinstance(changes, Prepared) else changes


class Meddling:
    """An engine, or a build of it, that does something before it applies; an answer given there stands for its own."""

    def __init__(self, engine: SearchEngine, live: Before | None = None, build: Before | None = None) -> None:
        self.engine = engine
        self.live = live
        self.build = build

    def prepare(self, changes: Sequence[Change]) -> Prepared:
        return self.engine.prepare(changes)

    def apply(self, changes: Changes, *, visible: bool = True) -> ApplyReport:
        answer = self.live(given(changes)) if self.live else None
        return answer or self.engine.apply(changes, visible=visible)

    def begin_build(self) -> Build:
        begun = self.engine.begin_build()
        return MeddlingBuild(begun, self.build) if self.build else begun

    def discard_builds(self) -> None:
        self.engine.discard_builds()

    def health(self) -> Health:
        return self.engine.health()

    def close(self) -> None:
        self.engine.close()


class MeddlingBuild:
    """See Meddling."""

    def __init__(self, begun: Build, before: Before) -> None:
        self.begun = begun
        self.before = before
        self.name = begun.name

    def apply(self, changes: Changes) -> ApplyReport:
        return self.before(given(changes)) or self.begun.apply(changes)

    def count(self) -> int:
        return self.begun.count()

    def swap(self) -> None:
        self.begun.swap()

    def discard(self) -> None:
        self.begun.discard()


def write(sessions: Sessions, catalogue: Catalogue, *records: SupplierRecord) -> None:
    """Write and commit."""
    with writing(sessions) as session:
        Writer(session, catalogue, actor="tester").write(records)


def withdraw(sessions: Sessions, catalogue: Catalogue, key: str) -> None:
    """Withdraw and commit."""
    with writing(sessions) as session:
        Writer(session, catalogue, actor="tester").withdraw(key, "测试")


def waiting(sessions: Sessions) -> int:
    """Rows in the outbox, of every kind."""
    with sessions() as session:
        return session.scalar(select(func.count(OutboxRow.id))) or 0


def found(engine: SearchEngine, text: str) -> set[str]:
    """Ids of the first hundred hits."""
    return {hit.id for hit in engine.search(SearchQuery(text=text, per_page=100)).hits}


def everything(engine: SearchEngine) -> list[str]:
    """Every id in the index, sorted, doubled ones doubly."""
    return sorted(engine.scan(SearchQuery()))


def let_run_out(sessions: Sessions, names: Iterable[str]) -> None:
    """As if the time of these leases, whose holders are dead, had gone by."""
    with writing(sessions) as session:
        session.execute(update(Lease).where(Lease.name.in_(names)).values(expires_at=now() - timedelta(seconds=1)))


def until(condition: Callable[[], bool], seconds: float = 60.0) -> float:
    """Wait for a condition; how long it took. Raises AssertionError."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "waited in vain"
        time.sleep(0.01)
    return time.monotonic() - started
