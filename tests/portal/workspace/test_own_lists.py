"""Own suppliers: lists read in any form, matched with the register in the background, checked again."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import ROOT
from portal.indexing import leases
from portal.indexing.sessions import Sessions, writing
from portal.models import Job, JobState, Organisation, OwnList, OwnRow, RowState, Undo, User, now
from portal.register.catalogue import Catalogue, load_catalogue
from portal.register.clock import today_china
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from portal.workspace import jobs, own_lists, own_reading, restoring
from portal.workspace.buyer import Buyer, Refused
from portal.workspace.facts import Reader
from portal.workspace.handlers import HANDLERS
from portal.workspace.jobs import Run, Runner
from portal.workspace.matching import How
from portal.workspace.names import NameKeys
from portal.workspace.numbers import clean_number
from portal.workspace.own_reading import Guess, Table, UnreadableList, guess, read_table
from tests.factories import certificate_facts, credit_code, provenance_facts, record, supplier_facts

CATALOGUE = load_catalogue(ROOT / "config/catalogue")
KEYS = NameKeys(CATALOGUE.company_forms)


# --- reading ---


def table_of(tmp_path: Path, content: str | bytes) -> Table:
    file = tmp_path / "list.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = f"供应商台账\n序号,统一社会信用代码,企业名称\n1,{credit_code(1)},宁波东方轴承有限公司\n"
    table = table_of(tmp_path, text.encode(encoding))
    assert table[2] == ["1", credit_code(1), "宁波东方轴承有限公司"]
    assert guess(table) == Guess(1, 2, 3)


def test_a_workbook(tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(file) as book:
        book.add_worksheet("空")
        sheet = book.add_worksheet("供应商")
        sheet.write_row(0, 0, ["Vendor", "No.", "Credit code"])
        sheet.write_row(1, 0, ["宁波东方轴承有限公司", 4711, credit_code(1)])
    table = read_table(file)
    assert table == [["Vendor", "No.", "Credit code"], ["宁波东方轴承有限公司", "4711", credit_code(1)]]
    assert guess(table) == Guess(2, 0, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{credit_code(1)}\n{credit_code(2)}\n", Guess(0, None, 1)),
        ("宁波东方轴承有限公司\n上海电子集团\n", Guess(None, 0, 1)),
        ("Ningbo Bearing Co., Ltd\nShanghai Pumps Co., Ltd\n", Guess(None, 0, 1)),
        (f"宁波东方轴承有限公司\t{credit_code(1)}\n上海电子厂\t{credit_code(2)}\n", Guess(1, 0, 1)),
        (f"甲;{credit_code(1)}\n乙;{credit_code(2)}\n", Guess(1, None, 1)),
        ("华为\n小米\n", Guess(None, 0, 1)),
    ],
)
def test_columns_are_guessed_by_what_they_hold(tmp_path: Path, text: str, expected: Guess) -> None:
    assert guess(table_of(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("content", "why"),
    [(b" \n\n", "empty"), (b"\x89PNG\r\n\x1a\n\0\x01\xff\0", "no_table"), (b"PK\x03\x04 no zip", "no_table")],
)
def test_what_is_no_list_says_so(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableList, match=why):
        table_of(tmp_path, content)


def test_a_list_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_reading, "MAX_ROWS", 5)
    with pytest.raises(UnreadableList, match="too_many_rows"):
        table_of(tmp_path, "甲公司\n" * 30)


@given(content=st.binary(max_size=300))
def test_no_bytes_bring_it_down(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "bytes.csv"
    file.write_bytes(content)
    try:
        table = read_table(file)
    except UnreadableList:
        return
    assert len({len(row) for row in table}) == 1
    guess(table)


# --- keys ---


def test_numbers_as_people_and_scanners_write_them() -> None:
    code = credit_code(100)
    assert clean_number(f" '{code[:6]} {code[6:12]}-{code[12:].lower()} ") == code
    assert clean_number("".join(chr(ord(sign) + 0xFEE0) for sign in code)) == code
    assert clean_number(f"CN-USCC/{code}") == code
    assert clean_number(code.replace("0", "O")) == code
    assert clean_number(code.replace("1", "I")) == code
    assert clean_number("1.23e17") == ""


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("宁波东方轴承有限公司", "宁波東方軸承有限公司", 0),
        ("Ningbo Bearings Co., Ltd", "NINGBO BEARING CO LTD.", 0),
        ("上海（张江）泵业有限公司", "上海张江泵业有限公司", 0),
        ("宁波东方轴承有限公司", "宁波东方轴承股份有限公司", 1),
        ("Ningbo Bearings Co., Ltd", "Ningbo Bearing Inc.", 1),
        ("宁波东方轴承有限公司", "宁波冬芳轴承有限公司", 2),
    ],
)
def test_names_that_are_alike(one: str, other: str, alike: int) -> None:
    same = [first == second != "" for first, second in zip(KEYS.keys(one), KEYS.keys(other), strict=True)]
    assert same.index(True) == alike


@given(st.text(max_size=60))
def test_any_name_has_keys(name: str) -> None:
    assert KEYS.keys(name) == KEYS.keys(f" {name} ")


# --- matching, in the background ---

OTHER = ("上海精工电子有限公司", "上海京工电子有限公司", "杭州新光泵业有限公司", "杭州新光泵业股份有限公司")


class Desk:
    """A buyer, firms, and a worker that does jobs when told."""

    def __init__(self, sessions: Sessions, catalogue: Catalogue) -> None:
        self.sessions = sessions
        self.catalogue = catalogue
        self.stop = threading.Event()
        self.handlers = dict(HANDLERS)
        with writing(sessions) as session:
            organisation = Organisation(kind="buyer", name="甲集团", state="approved")
            session.add(organisation)
            session.flush()
            user = User(organisation_id=organisation.id, sign_in="a", name="王芳", role="buyer")
            session.add(user)
            session.flush()
            self.buyer = Buyer(user.id, organisation.id)
        self.write(
            *(record(number) for number in range(1, 4)),
            *(record(number, name_zh=name, name_en="") for number, name in enumerate(OTHER, start=11)),
            record(21, name_zh="宁波新名轴承有限公司", former_names=(("宁波旧名轴承厂", None),)),
        )

    def write(self, *records: SupplierRecord) -> None:
        with writing(self.sessions) as session:
            Writer(session, self.catalogue, actor="t", provenance=provenance_facts()).write(records)

    def hand_in(self, *rows: tuple[str, str]) -> int:
        with writing(self.sessions) as session:
            own = own_lists.create(
                session, self.buyer, now(), name="清单", table=[list(row) for row in rows], guessed=Guess(0, 1, 1)
            )
            return own.id

    def enqueue(self, own: int) -> int:
        with writing(self.sessions) as session:
            return own_lists.check(session, self.buyer, session.get_one(OwnList, own))

    def work(self) -> bool:
        return Runner(self.sessions, self.catalogue, self.handlers, self.stop).run_one()

    def check(self, own: int) -> list[OwnRow]:
        self.enqueue(own)
        assert self.work()
        return self.rows(own)

    def rows(self, own: int) -> list[OwnRow]:
        with self.sessions() as session:
            return list(session.scalars(select(OwnRow).where(OwnRow.own_list_id == own).order_by(OwnRow.line)))

    def job(self, own: int) -> Job:
        with self.sessions() as session:
            return session.get_one(Job, session.get_one(OwnList, own).job_id)


@pytest.fixture
def desk(sessions: Sessions, catalogue: Catalogue) -> Desk:
    return Desk(sessions, catalogue)


def test_rows_are_matched_by_the_surest_way(desk: Desk) -> None:
    own = desk.hand_in(
        (f" {credit_code(1)[:9]} {credit_code(1)[9:]}", "随便什么名字"),
        ("", "宁波第2轴承有限公司"),
        ("", "Ningbo Bearing No. 3 Co Ltd"),
        ("", "宁波旧名轴承厂"),
        ("", "宁波第2轴承集团"),
        ("", "上海精工电子"),
        ("", "上海精公电子有限公司"),
        ("", "杭州新光泵业"),
        (credit_code(999), "没有这家"),
        ("", ""),
    )
    rows = desk.check(own)
    found = [(row.state, row.how, len(row.candidates)) for row in rows]
    assert found == [
        (RowState.MATCHED, How.NUMBER, 0),
        (RowState.MATCHED, How.NAME, 0),
        (RowState.MATCHED, How.NAME, 0),
        (RowState.MATCHED, How.FORMER, 0),
        (RowState.MATCHED, How.FORM, 0),
        (RowState.MATCHED, How.FORM, 0),
        (RowState.UNSURE, "", 2),
        (RowState.UNSURE, "", 2),
        (RowState.NONE, "", 0),
        (RowState.NONE, "", 0),
    ]
    assert [how for _id, how, _confidence in rows[6].candidates] == [How.SOUND, How.SOUND]
    assert [how for _id, how, _confidence in rows[7].candidates] == [How.FORM, How.FORM]
    job = desk.job(own)
    assert (job.state, job.done) == (JobState.DONE, job.total)
    assert not desk.work()


def test_what_a_person_chose_stays(desk: Desk) -> None:
    own = desk.hand_in(("", "杭州新光泵业"), ("", "上海精公电子有限公司"))
    first, second = desk.check(own)
    chosen = first.candidates[1][0]
    with writing(desk.sessions) as session:
        reader = Reader(session, desk.catalogue, today_china())
        own_lists.choose(session, session.get_one(OwnRow, first.id), 999_999, reader)
        assert session.get_one(OwnRow, first.id).supplier_id is None
        own_lists.choose(session, session.get_one(OwnRow, first.id), chosen, reader)
        own_lists.choose(session, session.get_one(OwnRow, second.id), None, reader)
    first, second = desk.check(own)
    assert (first.state, first.how, first.supplier_id, first.certified) == ("matched", How.CHOSEN, chosen, True)
    assert (second.state, second.how, second.supplier_id) == ("none", How.REFUSED, None)


def test_what_changed_since_the_last_check(desk: Desk) -> None:
    own = desk.hand_in(*((credit_code(number), "") for number in (1, 2, 3)))
    soon = today_china() + timedelta(days=30)
    desk.write(SupplierRecord(supplier=supplier_facts(2), certificates=(certificate_facts("Q-2-0", expires_on=soon),)))
    rows = desk.check(own)
    assert [(row.certified, row.downgraded, row.expires_on) for row in rows] == [
        (True, False, date(2099, 4, 30)),
        (True, False, soon),
        (True, False, date(2099, 4, 30)),
    ]
    lower = certificate_facts("Q-1-0", level="experience")
    desk.write(SupplierRecord(supplier=supplier_facts(1), certificates=(lower,)))
    assert [row.downgraded for row in desk.check(own)] == [True, False, False]
    assert [row.downgraded for row in desk.check(own)] == [False, False, False]


def test_a_worker_that_dies_half_way_loses_and_doubles_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_lists, "WRITTEN", 1)
    own = desk.hand_in(*((credit_code(number), "") for number in (1, 2, 3)))
    desk.check(own)
    for number in (1, 2, 3):
        lower = certificate_facts(f"Q-{number}-0", level="experience")
        desk.write(SupplierRecord(supplier=supplier_facts(number), certificates=(lower,)))
    desk.enqueue(own)

    class Killed(BaseException):
        pass

    written = own_lists._write
    calls: list[int] = []

    def dying(session: Session, *given: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        written(session, *given)

    monkeypatch.setattr(own_lists, "_write", dying)
    with pytest.raises(Killed):
        desk.work()
    assert [row.downgraded for row in desk.rows(own)] == [True, False, False]
    assert desk.job(own).state == JobState.RUNNING
    assert leases.acquire(desk.sessions, jobs.LEASE, "killed", seconds=60)  # as kill -9 leaves it
    assert not desk.work()
    assert leases.prolong(desk.sessions, jobs.LEASE, "killed", seconds=-1)
    assert desk.work()
    assert [row.downgraded for row in desk.rows(own)] == [True, True, True]
    assert (desk.job(own).state, desk.job(own).attempts) == (JobState.DONE, 2)


def test_a_worker_that_is_asked_to_stop_leaves_the_job_to_the_next(desk: Desk) -> None:
    own = desk.hand_in((credit_code(1), ""))
    desk.enqueue(own)
    desk.stop.set()
    assert desk.work()
    assert (desk.job(own).state, desk.job(own).attempts) == (JobState.WAITING, 0)
    desk.stop.clear()
    assert desk.work()
    assert desk.rows(own)[0].state == RowState.MATCHED


def test_a_job_that_fails_harms_no_other_and_one_that_kills_is_given_up(desk: Desk) -> None:
    class Killed(BaseException):
        pass

    def fail(_run: Run) -> None:
        raise ValueError("broken")

    def kill(_run: Run) -> None:
        raise Killed

    desk.handlers |= {"fail": fail, "kill": kill}
    own = desk.hand_in((credit_code(1), ""))
    with writing(desk.sessions) as session:
        failing = jobs.enqueue(session, desk.buyer, "fail", {})
        killing = jobs.enqueue(session, desk.buyer, "kill", {})
        unknown = jobs.enqueue(session, desk.buyer, "unheard of", {})
    desk.enqueue(own)
    assert desk.work()
    for _attempt in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(Killed):
            desk.work()
    while desk.work() or desk.job(own).state != JobState.DONE:
        pass
    with desk.sessions() as session:
        states = [session.get_one(Job, identifier).state for identifier in (failing, killing, unknown)]
    assert states == [JobState.FAILED] * 3
    assert desk.rows(own)[0].state == RowState.MATCHED


def test_one_job_at_a_time(desk: Desk) -> None:
    own = desk.hand_in((credit_code(1), ""))
    job = desk.enqueue(own)
    assert desk.enqueue(own) == job
    assert leases.acquire(desk.sessions, jobs.LEASE, "another")
    assert not desk.work()
    leases.release(desk.sessions, jobs.LEASE, "another")
    assert desk.work()
    assert desk.enqueue(own) != job


def test_a_worker_that_lost_its_lease_writes_nothing(desk: Desk) -> None:
    own = desk.hand_in((credit_code(1), ""))
    job = desk.enqueue(own)
    run = Run(job, {"own_list": own}, desk.sessions, desk.catalogue, "long gone", desk.stop)
    with pytest.raises(leases.LeaseLost):
        own_lists.run_check(run)
    assert desk.rows(own)[0].state == RowState.NONE


def test_deleting_and_limits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    own = desk.hand_in((credit_code(1), ""))
    desk.check(own)

    def mine() -> tuple[str, ...]:
        with desk.sessions() as session:
            return own_lists.mine(session, desk.buyer).keys

    assert mine() == (f"CN-USCC/{credit_code(1)}",)
    with writing(desk.sessions) as session:
        undo = own_lists.delete_list(session, desk.buyer, session.get_one(OwnList, own), now())
    assert mine() == ()
    with writing(desk.sessions) as session:
        assert restoring.undo(session, desk.buyer, session.get_one(Undo, undo), now()).possible
    assert len(mine()) == 1
    monkeypatch.setattr(own_lists, "MAX_LISTS", 1)
    with pytest.raises(Refused, match="too_many_lists"):
        desk.hand_in(("", "甲"))
    with writing(desk.sessions) as session:
        own_lists.delete_list(session, desk.buyer, session.get_one(OwnList, own), now() - timedelta(days=5))
    second = desk.hand_in(("", "甲"))
    with writing(desk.sessions) as session:
        own_lists.delete_list(session, desk.buyer, session.get_one(OwnList, second), now())
    with desk.sessions() as session:
        assert list(session.scalars(select(OwnList.id))) == [second]
        assert session.scalars(select(Job)).all() == []
