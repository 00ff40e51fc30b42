"""Adding up: each note once, whatever dies in between, on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.indexing.sessions import Sessions, writing
from portal.models import Appearance, AskedQuery, CountedFile, SearchCount, Supplier
from portal.register.catalogue import Catalogue
from portal.usage import notes
from portal.usage.adding import APPEARANCE_WEEKS, Adder
from portal.usage.notes import Appeared, How, Note, Searched
from portal.usage.spool import Spool
from search.contract import LevelChoice, SearchQuery
from tests.factories import record, supplier_key
from tests.portal.indexing import write

DAY = date(2026, 11, 24)
MONDAY = date(2026, 11, 23)
STEEL = {"sectors": ["steel"]}


class Desk:
    """Notes and the part of the worker that adds them up."""

    def __init__(self, sessions: Sessions, folder: Path) -> None:
        self.sessions = sessions
        self.spool = Spool(folder)

    def note(self, *noted: Note) -> None:
        self.spool.note(notes.written(noted))

    def adder(self, today: date = DAY) -> Adder:
        return Adder(self.sessions, self.spool.folder, 180, threading.Event(), lambda: today)

    def searches(self) -> dict[tuple[date, str], int]:
        with self.sessions() as session:
            return {(row.day, row.organisation): row.searches for row in session.scalars(select(SearchCount))}

    def appearances(self) -> list[tuple[str, date, int, int, int, int]]:
        wanted = select(Supplier.number, Appearance).join(Supplier, Supplier.id == Appearance.supplier_id)
        with self.sessions() as session:
            return sorted(
                (number, one.week, one.shown, one.opened, one.shortlisted, one.exported)
                for number, one in session.execute(wanted)
            )

    def queries(self) -> list[tuple[SearchQuery, bool]]:
        with self.sessions() as session:
            return [(notes.query_of(row.query), row.whole) for row in session.scalars(select(AskedQuery))]


@pytest.fixture
def desk(sessions: Sessions, catalogue: Catalogue, tmp_path: Path) -> Desk:
    write(sessions, catalogue, *(record(number) for number in (1, 2)))
    return Desk(sessions, tmp_path / "usage")


def searched(organisation: str = "2026Q4:a", day: date = DAY, whole: bool = True) -> Searched:
    return Searched(day, organisation, STEEL, whole)


def test_searches_add_up_by_day_conditions_and_organisation(desk: Desk) -> None:
    yesterday = DAY - timedelta(days=1)
    desk.note(searched(), searched("2026Q4:b"))
    assert desk.adder().step() == 1
    desk.note(searched(), searched(day=yesterday), searched(whole=False))
    desk.adder().step()
    with desk.sessions() as session:
        assert sorted(session.scalars(select(AskedQuery.whole))) == [False, True]
        rows = sorted((row.day, row.organisation, row.searches) for row in session.scalars(select(SearchCount)))
    assert rows == [
        (yesterday, "2026Q4:a", 1),
        (DAY, "2026Q4:a", 1),
        (DAY, "2026Q4:a", 2),
        (DAY, "2026Q4:b", 1),
    ]


def test_appearances_add_up_by_firm_and_week(desk: Desk) -> None:
    one, two = supplier_key(1), supplier_key(2)
    before = MONDAY - timedelta(weeks=1)
    desk.note(Appeared(MONDAY, How.SHOWN, [one, two]), Appeared(MONDAY, How.OPENED, [one]))
    desk.adder().step()
    desk.note(Appeared(MONDAY, How.SHOWN, [one]), Appeared(before, How.SHORTLISTED, [one]))
    desk.note(Appeared(MONDAY, How.EXPORTED, [two]), Appeared(MONDAY, How.SHOWN, ["CN-USCC/nobody", "x"]))
    desk.adder().step()
    numbers = [key.partition("/")[2] for key in (one, two)]
    assert desk.appearances() == sorted(
        [
            (numbers[0], before, 0, 0, 1, 0),
            (numbers[0], MONDAY, 2, 1, 0, 0),
            (numbers[1], MONDAY, 1, 0, 0, 1),
        ]
    )


def test_more_rows_than_a_statement_takes(desk: Desk) -> None:
    for _ in range(2):
        desk.note(*(Searched(DAY, f"2026Q4:{number}", {"top": number % 300 + 1}, True) for number in range(700)))
        desk.adder().step()
    with desk.sessions() as session:
        assert len(session.scalars(select(AskedQuery)).all()) == 300
        assert sum(session.scalars(select(SearchCount.searches))) == 1400


def test_a_worker_that_dies_before_it_removes_the_file_adds_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.note(searched())
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.adder().step()
    assert desk.searches() == {(DAY, "2026Q4:a"): 1}
    assert desk.spool.waiting()
    desk.adder().step()
    assert desk.searches() == {(DAY, "2026Q4:a"): 1}
    assert not desk.spool.waiting()
    with desk.sessions() as session:
        assert session.scalars(select(CountedFile)).all() == []


def test_a_worker_that_dies_before_it_commits_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.note(searched(), Appeared(MONDAY, How.SHOWN, [supplier_key(1)]))
    with monkeypatch.context() as patch:
        patch.setattr("portal.usage.adding._add_appearances", killed)
        with pytest.raises(KeyboardInterrupt):
            desk.adder().step()
    assert desk.searches() == {}
    desk.adder().step()
    assert desk.searches() == {(DAY, "2026Q4:a"): 1}
    assert [shown for _, _, shown, *_ in desk.appearances()] == [1]


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_of_two_workers_one_adds(desk: Desk) -> None:
    first, second = desk.adder(), desk.adder()
    desk.note(searched())
    files: list[Callable[[], int]] = [first.step, second.step]
    threads = [threading.Thread(target=step) for step in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.adder().step()
    assert desk.searches() == {(DAY, "2026Q4:a"): 1}


def test_what_is_old_is_forgotten(desk: Desk) -> None:
    old, kept = DAY - timedelta(days=181), DAY - timedelta(days=180)
    desk.note(searched(day=old), searched(day=kept), Searched(old, "2026Q2:a", {"sectors": ["textiles"]}, True))
    weeks = MONDAY - timedelta(weeks=APPEARANCE_WEEKS), MONDAY - timedelta(weeks=APPEARANCE_WEEKS + 1)
    desk.note(*(Appeared(week, How.SHOWN, [supplier_key(1)]) for week in weeks))
    desk.adder().step()
    assert desk.searches() == {(kept, "2026Q4:a"): 1}
    assert [query.sectors for query, _whole in desk.queries()] == [("steel",)]
    assert [week for _, week, *_ in desk.appearances()] == [weeks[0]]


def test_forgetting_waits_for_no_search(desk: Desk) -> None:
    with writing(desk.sessions) as session:
        session.add(AskedQuery(hash="x", query=STEEL, whole=True))
    assert desk.adder().step() == 0
    assert desk.queries() == []


def test_conditions_come_back_as_they_were_without_words_and_firms() -> None:
    query = SearchQuery(
        text="王芳的轴承",
        sectors=("steel",),
        levels_min=(LevelChoice("quality_capability", "assurance"),),
        criteria=("X01-05", "X01-06"),
        criteria_mode=(1, 1),
        nice=(("X02-01", 30),),
        valid_through=date(2026, 12, 31),
        ids=("CN-USCC/1",),
        page=3,
    )
    kept = notes.conditions(query)
    assert kept is not None
    assert "王芳" not in str(kept)
    assert "CN-USCC" not in str(kept)
    assert notes.query_of(kept) == SearchQuery(
        sectors=query.sectors,
        levels_min=query.levels_min,
        criteria=query.criteria,
        criteria_mode=(1, 1),
        nice=(("X02-01", 1),),
        valid_through=query.valid_through,
    )
    assert not notes.is_whole(query)


@pytest.mark.parametrize(
    "query", [SearchQuery(), SearchQuery(has=("certificate",)), SearchQuery(text="x"), SearchQuery(ids=("a/b",))]
)
def test_what_asks_no_conditions_is_not_kept(query: SearchQuery) -> None:
    assert notes.conditions(query) is None
