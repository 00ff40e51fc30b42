"""Exports as the worker writes them: all rows, on both databases; cells that cannot run; kills, stops and ends."""

from __future__ import annotations

import csv
import os
import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.indexing import leases
from portal.indexing.documents import documents
from portal.indexing.sessions import Sessions, writing
from portal.indexing.vocabulary import vocabulary
from portal.models import Export, Job, JobState, Organisation, Supplier, User, now
from portal.register.catalogue import Catalogue
from portal.register.writer import Writer
from portal.usage.spool import Spool
from portal.workspace import export_files, exporting, exports, jobs
from portal.workspace.buyer import Buyer
from portal.workspace.conditions import stored_query
from portal.workspace.export_columns import COLUMNS
from portal.workspace.export_files import Headed, opened
from portal.workspace.exporting import Exporter, keys
from portal.workspace.handlers import handlers
from portal.workspace.imports import Uploads
from portal.workspace.jobs import Runner
from portal.workspace.sheets import harmless
from search import SearchEngine, open_engine
from search.contract import SearchQuery, Sort
from tests.factories import credit_code, provenance_facts, record

FIRMS = 30
WORDS = dict.fromkeys(
    (
        *("sheet", "about", "withdrawn", "official", "computed", "no_risk", "unchecked", "time", "data_version"),
        *("rows", "note", "computed_note", "fictional_note"),
    )
)


class Killed(BaseException):
    pass


class Desk:
    """A buyer, firms of which the index knows, and a worker that does jobs when told."""

    def __init__(self, sessions: Sessions, catalogue: Catalogue, folder: Path) -> None:
        self.sessions, self.catalogue, self.folder = sessions, catalogue, folder / "exports"
        self.url = f"tantivy://{folder / 'index'}"
        self.stop = threading.Event()
        with writing(sessions) as session:
            organisation = Organisation(kind="buyer", name="甲集团", state="approved")
            session.add(organisation)
            session.flush()
            user = User(organisation_id=organisation.id, sign_in="a", name="王芳", role="buyer")
            session.add(user)
            session.flush()
            self.buyer = Buyer(user.id, organisation.id)
            Writer(session, catalogue, actor="t", provenance=provenance_facts()).write(
                [
                    record(number, sector="electronics" if number % 3 == 0 else "machinery")
                    for number in range(1, FIRMS + 1)
                ]
            )
        engine = self.open()
        build = engine.begin_build()
        with sessions() as session:
            build.apply(documents(session, catalogue, list(session.scalars(select(Supplier.id)))))
        build.swap()
        engine.close()

    def open(self) -> SearchEngine:
        return open_engine(self.url, vocabulary(self.catalogue))

    def ask(self, form: str = "csv", query: SearchQuery | None = None, **stated: Any) -> int:
        payload: dict[str, Any] = {
            "lang": "zh",
            "origin": "https://portal.example",
            "columns": [(code, f"列 {code}") for code in COLUMNS],
            "words": {code: code for code in WORDS},
            "about": [("条件", "=1+1")],
        }
        if "rows" not in stated:
            payload["query"] = stored_query(query or SearchQuery())
        order = exports.Order("供应商", form, payload | stated)
        with writing(self.sessions) as session:
            return exports.ask(session, self.buyer, now(), order).id

    def work(self) -> bool:
        doing = handlers(Exporter(self.folder, self.open, Spool(self.folder.with_name("usage"))), Uploads(self.folder))
        return Runner(self.sessions, self.catalogue, doing, self.stop).run_one()

    def export(self, identifier: int) -> Export:
        with self.sessions() as session:
            return session.get_one(Export, identifier)

    def job(self, identifier: int) -> Job:
        with self.sessions() as session:
            return session.get_one(Job, self.export(identifier).job_id)

    def file(self, identifier: int) -> Path:
        return exports.file_of(self.folder, self.export(identifier))

    def rows(self, identifier: int) -> list[dict[str, str]]:
        with zipfile.ZipFile(self.file(identifier)) as archive:
            text = archive.read("data.csv").decode("utf-8-sig")
        return [{code[2:]: cell for code, cell in row.items()} for row in csv.DictReader(text.splitlines())]


@pytest.fixture
def desk(sessions: Sessions, catalogue: Catalogue, tmp_path: Path) -> Desk:
    return Desk(sessions, catalogue, tmp_path)


def test_all_rows_of_a_query_and_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 7)
    every, some = desk.ask(), desk.ask(query=SearchQuery(sectors=("electronics",)))
    with writing(desk.sessions) as session:
        firm = session.scalars(select(Supplier).where(Supplier.number == credit_code(2))).one()
        firm.withdrawn_at = now()  # the index does not know yet
    assert desk.work()
    assert desk.work()
    rows = desk.rows(every)
    assert {row["number"] for row in rows} == {credit_code(n) for n in range(1, FIRMS + 1) if n != 2}
    assert {row["number"] for row in desk.rows(some)} == {credit_code(n) for n in range(3, FIRMS + 1, 3)}
    export = desk.export(every)
    assert (export.rows, export.size) == (len(rows), desk.file(every).stat().st_size)
    assert (desk.job(every).state, desk.job(every).done) == (JobState.DONE, FIRMS - 1)
    assert set(rows[0]) == set(COLUMNS)
    assert rows[0]["issuing_body"] == provenance_facts().issuing_body
    assert rows[0]["document_number"] == (provenance_facts().document_number or "–")
    assert rows[0]["url"] == f"https://portal.example/suppliers/CN-USCC/{rows[0]['number']}"
    assert "保证级" in rows[0]["levels"]
    with zipfile.ZipFile(desk.file(every)) as archive:
        about = dict(csv.reader(archive.read("about.csv").decode("utf-8-sig").splitlines()))
    assert about["条件"] == "'=1+1"
    assert about["rows"] == str(FIRMS - 1)
    assert len(list(desk.folder.iterdir())) == 2


def test_rows_come_in_the_order_of_the_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    query = SearchQuery(sort=Sort.NAME, per_page=100)
    engine = desk.open()
    expected = [hit.id for hit in engine.search(query).hits]
    assert list(keys(engine, query, FIRMS)) == expected
    monkeypatch.setattr(exporting, "MAX_HITS", 5)
    assert sorted(keys(engine, query, FIRMS)) == sorted(expected)
    engine.close()


def test_a_list_keeps_rows_that_are_no_firm_and_firms_that_are_gone(desk: Desk) -> None:
    with writing(desk.sessions) as session:
        session.scalars(select(Supplier).where(Supplier.number == credit_code(2))).one().withdrawn_at = now()
    rows = [(f"CN-USCC/{credit_code(2)}", ("甲", 1)), (None, ("+86", None)), ("CN-USCC/unknown", ("丙", 3))]
    listed = desk.ask(rows=rows, extra=[("a", "列 a"), ("b", "列 b")], extra_first=True)
    assert desk.work()
    found = desk.rows(listed)
    assert [(row["a"], row["b"], row["number"], row["status"]) for row in found] == [
        ("甲", "1", credit_code(2), "withdrawn"),
        ("'+86", "", "", ""),
        ("丙", "3", "", ""),
    ]
    assert desk.export(listed).rows == 3


def test_a_worker_that_dies_half_way_doubles_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCH", 10)
    asked = desk.ask("xlsx")
    read, calls = exporting._firms, []

    def dying(*given: Any, **stated: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return read(*given, **stated)

    monkeypatch.setattr(exporting, "_firms", dying)
    with pytest.raises(Killed):
        desk.work()
    assert desk.export(asked).finished_at is None
    assert not desk.file(asked).exists()
    assert (desk.job(asked).state, desk.job(asked).done) == (JobState.RUNNING, 10)
    assert desk.work()
    assert (desk.job(asked).state, desk.export(asked).rows) == (JobState.DONE, FIRMS)
    book = CalamineWorkbook.from_path(str(desk.file(asked)))
    numbers = [row[1] for row in book.get_sheet_by_index(1).to_python()[1:]]
    assert len(numbers) == len(set(numbers)) == FIRMS


def test_one_that_died_after_the_last_step_is_done(desk: Desk) -> None:
    asked = desk.ask()
    assert desk.work()
    before = desk.file(asked).stat().st_mtime_ns
    with writing(desk.sessions) as session:
        session.get_one(Job, desk.export(asked).job_id).state = JobState.RUNNING
    assert desk.work()
    assert desk.job(asked).state == JobState.DONE
    assert desk.file(asked).stat().st_mtime_ns == before


def test_a_worker_that_lost_its_lease_offers_nothing(desk: Desk) -> None:
    asked = desk.ask()
    run = jobs.Run(desk.job(asked).id, desk.job(asked).payload, desk.sessions, desk.catalogue, "long gone", desk.stop)
    with pytest.raises(leases.LeaseLost):
        Exporter(desk.folder, desk.open, Spool(desk.folder.with_name("usage"))).run(run)
    assert desk.export(asked).finished_at is None
    assert list(desk.folder.iterdir()) == []


def test_files_end_after_a_week(desk: Desk) -> None:
    asked = desk.ask()
    assert desk.work()
    (desk.folder / "tmpkilled").mkdir()
    os.utime(desk.folder / "tmpkilled", (0, 0))
    (desk.folder / "tmpalive").mkdir()
    file = desk.file(asked)
    exports.purge(desk.sessions, desk.folder, now() + timedelta(days=6))
    assert file.exists()
    assert sorted(path.name for path in desk.folder.iterdir()) == sorted(["tmpalive", file.name])
    exports.purge(desk.sessions, desk.folder, now() + timedelta(days=8))
    assert not file.exists()
    with desk.sessions() as session:
        assert session.scalars(select(Export)).all() == []
        assert session.scalars(select(Job)).all() == []


def test_the_worker_keeps_house_once_in_a_while(desk: Desk) -> None:
    done: list[int] = []
    runner = Runner(desk.sessions, desk.catalogue, {}, desk.stop, lambda: done.append(1))
    runner.keep_house()
    runner.keep_house()
    assert done == [1]


@pytest.mark.parametrize("text", ["=1+1", "+86 10", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"])
def test_no_cell_runs(text: str, tmp_path: Path) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(-1) == -1
    headed = Headed(codes=("a",), headings=(text,), sheet="表", about="说明")
    for form in ("csv", "xlsx"):
        with opened(form, tmp_path / form, headed) as table:
            table.row([text])
            table.state([(text, text)])
    with zipfile.ZipFile(tmp_path / "csv") as archive:
        for name in archive.namelist():
            assert all(cell.startswith("'") for cell in _cells(archive.read(name).decode("utf-8-sig")))
    book = CalamineWorkbook.from_path(str(tmp_path / "xlsx"))
    for name in book.sheet_names:
        assert all(str(cell).startswith("'") for row in book.get_sheet_by_name(name).to_python() for cell in row)


def _cells(text: str) -> Iterator[str]:
    for row in csv.reader(text.splitlines(keepends=True)):
        yield from row


def test_a_table_that_is_longer_than_a_sheet_goes_on_on_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "MAX_SHEET", 3)
    headed = Headed(codes=("a",), headings=("甲",), sheet="表", about="说明")
    with opened("xlsx", tmp_path / "a.xlsx", headed) as table:
        for number in range(5):
            table.row([number])
        table.state([])
    book = CalamineWorkbook.from_path(str(tmp_path / "a.xlsx"))
    assert book.sheet_names == ["说明", "表", "表 2", "表 3"]
    assert [row[0] for name in book.sheet_names[1:] for row in book.get_sheet_by_name(name).to_python()[1:]] == [
        *range(5)
    ]
