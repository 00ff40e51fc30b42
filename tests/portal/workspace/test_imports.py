"""Imports as the worker does them, on both databases: kills, stops, lost leases, files that changed, undo in steps."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from portal.indexing import leases
from portal.indexing.sessions import Sessions, writing
from portal.models import (
    AuditEntry,
    Edition,
    ImportRun,
    ImportState,
    ImportTouch,
    ImportUndo,
    Job,
    JobState,
    Lease,
    Organisation,
    OutboxRow,
    Supplier,
    User,
    WebImport,
    now,
)
from portal.register.catalogue import Catalogue
from portal.register.importing import ImportJob, load_mapping
from portal.register.importing.making import restored, stored
from portal.register.importing.undoing import undo_some
from portal.register.writer import Writer
from portal.workspace import import_jobs, imports
from portal.workspace.buyer import Buyer
from portal.workspace.handlers import LANES
from portal.workspace.import_fates import ALL, page_of
from portal.workspace.import_jobs import Importer
from portal.workspace.imports import Refused, Uploads, Why, look
from portal.workspace.jobs import Lane, Run, Runner
from tests.factories import credit_code, edition_facts, provenance_facts, ranking_facts, record
from tests.portal.importing import HEADINGS, csv_text, firm_row
from tests.servers.account import ROOT

SOURCE = load_mapping("suppliers", provenance={"issuing_body": "测试部门"})


class Killed(BaseException):
    """As `kill -9`: nothing that catches errors catches it."""


class Desk:
    """Staff with lists, and a worker that does a job when told."""

    def __init__(self, sessions: Sessions, catalogue: Catalogue, folder: Path) -> None:
        self.sessions, self.catalogue = sessions, catalogue
        self.uploads = Uploads(folder / "uploads")
        self.stop = threading.Event()
        with writing(sessions) as session:
            organisation = Organisation(kind="ministry", name="部", state="approved")
            session.add(organisation)
            session.flush()
            user = User(organisation_id=organisation.id, sign_in="a", name="王芳", role="staff_editor")
            session.add(user)
            session.flush()
            self.user = Buyer(user.id, organisation.id)

    def hand_in(self, rows: list[list[str]], headings: tuple[str, ...] = HEADINGS, name: str = "名单.csv") -> int:
        kept = self.uploads.keep(io.BytesIO(csv_text(rows, headings).encode()))
        seen = look(self.uploads.folder / kept.hash, {"suppliers": SOURCE}, self.catalogue)
        with writing(self.sessions) as session:
            return imports.hand_in(session, self.user, kept, name, seen).id

    def step(self, identifier: int, step: Callable[[Session, WebImport], None]) -> None:
        with writing(self.sessions) as session:
            found = imports.locked(session, identifier)
            assert found is not None
            step(session, found)

    def check(self, identifier: int) -> None:
        self.step(identifier, lambda session, web: imports.check(session, self.user, web, SOURCE, "suppliers"))

    def confirm(self, identifier: int) -> None:
        self.step(identifier, lambda session, web: imports.confirm(session, self.user, web, imports.token(web)))

    def undo(self, identifier: int) -> None:
        self.step(identifier, lambda session, web: imports.undo(session, self.user, web))

    def runner(self, lane: Lane | None = None) -> Runner:
        doing = {imports.KIND: Importer(self.uploads).run}
        return Runner(self.sessions, self.catalogue, doing, self.stop, lane=lane)

    def work(self) -> bool:
        return self.runner().run_one()

    def web(self, identifier: int) -> WebImport:
        with self.sessions() as session:
            return session.get_one(WebImport, identifier)

    def job(self, identifier: int) -> Job:
        with self.sessions() as session:
            return session.get_one(Job, self.web(identifier).job_id)

    def imported(self, rows: list[list[str]]) -> int:
        made = self.hand_in(rows)
        for step in (self.check, self.confirm):
            step(made)
            assert self.work()
        assert self.web(made).state == ImportState.DONE
        return made

    def count(self, model: type[Any], *where: Any) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


@pytest.fixture
def desk(sessions: Sessions, catalogue: Catalogue, tmp_path: Path) -> Desk:
    return Desk(sessions, catalogue, tmp_path)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_jobs, "UNDONE_AT_ONCE", 2)
    monkeypatch.setattr(import_jobs, "ImportJob", lambda **given: ImportJob(**given | {"batch": 2}))


def dying(turn: int, inner: Callable[..., Any]) -> Callable[..., Any]:
    """`inner`, which kills the worker at that call."""
    calls: Iterator[int] = iter(range(1_000))

    def call(*given: Any, **stated: Any) -> Any:
        if next(calls) == turn:
            raise Killed
        return inner(*given, **stated)

    return call


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("turn", [0, 1, 2, 3, 4])
def test_a_worker_that_dies_in_an_import_doubles_and_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    made = desk.hand_in([firm_row(number) for number in range(1, 8)])
    desk.check(made)
    assert desk.work()
    desk.confirm(made)
    with monkeypatch.context() as patched:
        patched.setattr(Writer, "write", dying(turn, Writer.write))
        if turn < 4:
            with pytest.raises(Killed):
                desk.work()
            assert desk.count(Supplier) == 2 * turn
            assert desk.job(made).state == JobState.RUNNING
        else:
            assert desk.work()
    desk.work()
    web = desk.web(made)
    assert (web.state, web.report["counts"]["created"]) == (ImportState.DONE, 7)
    assert web.report["firms"] == {"made": 7, "changed": 0}
    assert desk.count(Supplier) == desk.count(ImportTouch) == desk.count(OutboxRow) == 7
    assert desk.count(AuditEntry, AuditEntry.action == "supplier.created") == 7
    assert desk.count(ImportRun) == 1


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("turn", [0, 1, 3])
def test_a_worker_that_dies_in_an_undo_is_taken_up(desk: Desk, monkeypatch: pytest.MonkeyPatch, turn: int) -> None:
    made = desk.imported([firm_row(number) for number in range(1, 8)])
    desk.undo(made)
    with monkeypatch.context() as patched:
        patched.setattr(import_jobs, "undo_some", dying(turn, undo_some))
        with pytest.raises(Killed):
            desk.work()
    assert desk.count(Supplier, Supplier.import_undo == ImportUndo.UNDONE) == 2 * turn
    assert desk.count(Supplier, Supplier.import_undo == ImportUndo.HELD) == 7 - 2 * turn
    assert desk.work()
    assert desk.web(made).state == ImportState.UNDONE
    assert desk.count(Supplier, Supplier.withdrawn_at.is_not(None)) == 7
    assert desk.count(AuditEntry, AuditEntry.action == "supplier.import_undone") == 7


def test_one_that_died_after_its_last_step_is_done(desk: Desk) -> None:
    made = desk.imported([firm_row(1)])
    with writing(desk.sessions) as session:
        session.get_one(Job, desk.web(made).job_id).state = JobState.RUNNING
    assert desk.work()
    assert desk.job(made).state == JobState.DONE
    assert desk.count(ImportRun) == 1


@pytest.mark.usefixtures("small_steps")
def test_a_worker_that_is_stopped_leaves_the_rest_to_the_next(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_jobs, "EVERY", 0.0)
    made = desk.hand_in([firm_row(number) for number in range(1, 8)])
    desk.check(made)
    assert desk.work()
    desk.confirm(made)
    write = Writer.write

    def stopping(*given: Any) -> Any:
        desk.stop.set()
        return write(*given)

    with monkeypatch.context() as patched:
        patched.setattr(Writer, "write", stopping)
        desk.work()
    assert (desk.job(made).state, desk.job(made).attempts) == (JobState.WAITING, 0)
    assert desk.count(Supplier) == 2
    desk.stop.clear()
    assert desk.work()
    assert desk.count(Supplier) == 7


def test_a_worker_that_lost_its_lease_writes_nothing(desk: Desk) -> None:
    made = desk.hand_in([firm_row(1)])
    desk.check(made)
    assert desk.work()
    desk.confirm(made)
    run = Run(desk.job(made).id, desk.job(made).payload, desk.sessions, desk.catalogue, "long gone", desk.stop)
    with pytest.raises(leases.LeaseLost):
        Importer(desk.uploads).run(run)
    assert desk.count(Supplier) == 0
    assert desk.work()
    assert desk.count(Supplier) == 1


def test_a_file_that_is_another_one_is_not_imported(desk: Desk) -> None:
    made = desk.hand_in([firm_row(1)])
    desk.check(made)
    assert desk.work()
    desk.confirm(made)
    desk.uploads.list_of(desk.web(made)).write_text(csv_text([firm_row(2)]))
    assert desk.work()
    web = desk.web(made)
    assert (web.state, desk.count(Supplier)) == (ImportState.CHECKED, 0)
    assert "not the one that was handed in" in web.problem
    desk.uploads.list_of(web).unlink()
    desk.confirm(made)
    assert desk.work()
    assert "not there any more" in desk.web(made).problem


def test_a_mapping_that_does_not_fit_the_file_leaves_it_to_be_mapped_again(desk: Desk) -> None:
    made = desk.hand_in([["x", "y"]], ("企业名称", "地址"))
    desk.check(made)
    assert desk.work()
    web = desk.web(made)
    assert (web.state, desk.job(made).state) == (ImportState.MAPPING, JobState.DONE)
    assert "lacks the column 统一社会信用代码" in web.problem
    assert web.report == {}


def test_a_firm_that_changes_before_the_worker_begins_stops_the_undo(desk: Desk, catalogue: Catalogue) -> None:
    made = desk.imported([firm_row(1), firm_row(2)])
    desk.undo(made)
    with writing(desk.sessions) as session:
        Writer(session, catalogue, actor="t", provenance=provenance_facts()).write([record(2)])
    assert desk.work()
    web = desk.web(made)
    assert (web.state, web.problem) == (ImportState.DONE, "touched")
    assert web.report["later"] == {"count": 1, "firms": [f"CN-USCC/{credit_code(2)}"]}
    assert desk.count(Supplier, Supplier.withdrawn_at.is_not(None)) == 0
    assert desk.count(Supplier, Supplier.import_undo != "") == 0
    with pytest.raises(Refused) as told:
        desk.undo(made)
    assert told.value.why is Why.TOUCHED


@pytest.mark.usefixtures("small_steps")
def test_an_import_that_stopped_half_way_can_be_undone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk.hand_in([firm_row(number) for number in range(1, 8)])
    desk.check(made)
    assert desk.work()
    desk.confirm(made)
    with monkeypatch.context() as patched:
        patched.setattr(Writer, "write", dying(2, Writer.write))
        with pytest.raises(Killed):
            desk.work()
    with writing(desk.sessions) as session:
        session.get_one(Job, desk.web(made).job_id).attempts = 3
    assert desk.work()  # it is given up
    assert imports.given_up(desk.web(made), desk.job(made))
    desk.undo(made)
    assert desk.work()
    assert desk.web(made).state == ImportState.UNDONE
    assert desk.count(Supplier, Supplier.withdrawn_at.is_not(None)) == desk.count(Supplier) == 4


def test_what_must_not_be_done_now_is_refused(desk: Desk) -> None:
    made = desk.hand_in([firm_row(1)])
    for step, why in ((desk.confirm, Why.CHANGED), (desk.undo, Why.NOT_RUN)):
        with pytest.raises(Refused) as told:
            step(made)
        assert told.value.why is why
    desk.check(made)
    for step in (desk.check, desk.confirm, desk.undo):
        with pytest.raises(Refused) as told:
            step(made)
        assert told.value.why is Why.BUSY
    assert desk.work()
    desk.confirm(made)
    assert desk.work()
    for step, why in ((desk.check, Why.CONFIRMED), (desk.confirm, Why.CONFIRMED)):
        with pytest.raises(Refused) as told:
            step(made)
        assert told.value.why is why
    with pytest.raises(Refused) as told:
        desk.step(made, imports.remove)
    assert told.value.why is Why.CONFIRMED


def test_of_many_rows_with_bad_ones_each_says_what_becomes_of_it(desk: Desk) -> None:
    rows = [firm_row(number) for number in range(1, 2001)]
    for place in range(0, 2000, 20):
        rows[place][2] = "渔业"
    made = desk.hand_in(rows)
    desk.check(made)
    assert desk.work()
    web = desk.web(made)
    assert web.report["counts"] == {"created": 1900, "changed": 0, "unchanged": 0, "merged": 0, "refused": 100}
    assert [reason[1] for reason in web.report["reasons"]] == [100]
    path = desk.uploads.fates_of(web)
    assert [row.line for row in page_of(path, "refused", 98, 50)] == [1962, 1982]
    assert [row.problems[0][:2] for row in page_of(path, "refused", 0, 2)] == [("行业领域", "渔业")] * 2
    assert len(page_of(path, ALL, 1990, 50)) == 10
    assert page_of(path, "merged", 0, 50) == []
    assert desk.count(Supplier) == 0


def test_imports_do_not_keep_other_jobs_waiting(desk: Desk) -> None:
    made = desk.hand_in([firm_row(1)])
    desk.check(made)
    others, own, _editions = (desk.runner(lane) for lane in LANES)
    assert not others.run_one()
    with desk.sessions() as session:
        assert session.get_one(Job, desk.web(made).job_id).state == JobState.WAITING
    assert own.run_one()
    assert desk.web(made).state == ImportState.CHECKED


def test_files_that_nobody_needs_go(desk: Desk) -> None:
    ran = desk.imported([firm_row(1)])
    left, removed = desk.hand_in([firm_row(2)]), desk.hand_in([firm_row(3)])
    desk.step(removed, imports.remove)
    paths = {name: desk.uploads.list_of(desk.web(name)) for name in (ran, left, removed)}
    for path in desk.uploads.folder.iterdir():
        os.utime(path, (0, 0))
    imports.purge(desk.sessions, desk.uploads, now())
    assert {name: path.exists() for name, path in paths.items()} == {ran: True, left: True, removed: False}
    imports.purge(desk.sessions, desk.uploads, now() + timedelta(days=31))
    assert {name: path.exists() for name, path in paths.items()} == {ran: True, left: False, removed: False}
    assert desk.uploads.fates_of(desk.web(ran)).exists()
    assert desk.web(left).removed_at is not None


def test_one_file_handed_in_twice_lies_there_once(desk: Desk) -> None:
    first, second = desk.hand_in([firm_row(1)]), desk.hand_in([firm_row(1)], name="../etc/passwd")
    assert desk.uploads.list_of(desk.web(first)) == desk.uploads.list_of(desk.web(second))
    assert [path.name for path in desk.uploads.folder.iterdir()] == [desk.web(first).file_hash]
    assert restored(stored(SOURCE)) == SOURCE


def test_a_killed_worker_process_is_followed_by_another(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    """With real processes and `kill -9`, at whatever row it comes."""
    desk = Desk(sessionmaker(sqlite_database), catalogue, tmp_path)
    made = desk.hand_in([firm_row(number) for number in range(1, 3001)])
    desk.check(made)
    assert desk.work()
    desk.confirm(made)
    url = sqlite_database.url.render_as_string(hide_password=False)
    environment = os.environ | {"WORK_DATABASE": url, "WORK_UPLOADS": str(desk.uploads.folder)}
    script = (
        "import os, threading; from pathlib import Path\n"
        "from sqlalchemy import create_engine; from sqlalchemy.orm import sessionmaker\n"
        "from portal.models.database import engine_options; from portal.register.catalogue import load_catalogue\n"
        "from portal.workspace import imports; from portal.workspace.import_jobs import Importer\n"
        "from portal.workspace.jobs import Runner\n"
        "url = os.environ['WORK_DATABASE']\n"
        "sessions = sessionmaker(create_engine(url, **engine_options(url)))\n"
        "doing = {imports.KIND: Importer(imports.Uploads(Path(os.environ['WORK_UPLOADS']))).run}\n"
        "catalogue = load_catalogue(Path('config/catalogue'))\n"
        "Runner(sessions, catalogue, doing, threading.Event()).run_one()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment)
    watching = create_engine(url)
    with watching.connect() as connection:
        while process.poll() is None and not connection.scalar(select(func.count(Supplier.id))):
            connection.rollback()
    watching.dispose()
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert process.returncode == -signal.SIGKILL
    assert 0 < desk.count(Supplier) < 3000
    with writing(desk.sessions) as session:
        session.scalars(select(Lease)).one().expires_at = now() - timedelta(seconds=1)  # instead of waiting
    assert desk.work()
    assert desk.web(made).state == ImportState.DONE
    assert desk.count(Supplier) == desk.count(ImportTouch) == 3000
    assert desk.web(made).report["counts"]["created"] == 3000


def test_of_two_who_confirm_at_the_very_same_time_one_does(desk: Desk) -> None:
    made = desk.hand_in([firm_row(1)])
    desk.check(made)
    assert desk.work()
    told: list[str] = []
    together = threading.Barrier(2)

    def confirm() -> None:
        together.wait(10)
        try:
            desk.confirm(made)
            told.append("done")
        except Refused as refused:
            told.append(refused.why)

    people = [threading.Thread(target=confirm) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join(30)
    assert sorted(told) == [Why.BUSY, "done"]
    assert desk.count(Job, Job.state == JobState.WAITING) == 1


@pytest.mark.usefixtures("small_steps")
def test_an_edition_that_is_published_during_an_import_disturbs_neither(
    desk: Desk, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_jobs, "EVERY", 0.0)
    made = desk.hand_in([firm_row(number) for number in range(1, 8)])
    desk.check(made)
    assert desk.work()
    desk.confirm(made)
    at = Run.at

    def publishing(run: Run, done: int, total: int) -> None:
        at(run, done, total)
        with writing(desk.sessions) as session:
            there = session.scalar(select(func.count(Supplier.id))) or 0
            if there == 4 and not session.scalar(select(func.count(Edition.id))):
                writer = Writer(session, catalogue, actor="publisher", provenance=provenance_facts())
                writer.publish_edition(edition_facts(), [ranking_facts(1, 1), ranking_facts(2, 2)])

    monkeypatch.setattr(Run, "at", publishing)
    assert desk.work()
    assert (desk.web(made).state, desk.count(Supplier), desk.count(Edition)) == (ImportState.DONE, 7, 1)
    with pytest.raises(Refused) as told:
        desk.undo(made)
    assert told.value.later is not None
    assert told.value.later.count == 2  # those that are ranked now
