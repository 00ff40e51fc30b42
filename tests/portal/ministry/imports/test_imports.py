"""Imports in the browser: from the file to the register and back, and what is told where something is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.ministry.import_reasons import told
from portal.models import AuditEntry, ImportSource, ImportState, Job, JobState, Role, Supplier
from portal.services import services
from tests.factories import credit_code
from tests.portal.accounts.conftest import People
from tests.portal.importing import HEADINGS
from tests.portal.ministry.imports.conftest import Desk, listing, stored

Rows = Callable[[int], list[list[str]]]
Work = Callable[[], None]


def firms(people: People, rows: list[list[str]]) -> dict[str, Supplier]:
    with people.session() as session:
        wanted = select(Supplier).where(Supplier.number.in_([row[0] for row in rows]))
        return {firm.number: firm for firm in session.scalars(wanted)}


def actions(people: People, page: str) -> list[str]:
    subject = f"import/{page.rpartition('/')[2]}"
    with people.session() as session:
        wanted = select(AuditEntry.action).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
        return list(session.scalars(wanted))


def test_from_the_file_to_the_register_and_back(people: People, desk: Desk, work: Work, new_firms: Rows) -> None:
    rows = new_firms(3)
    bad = [credit_code(9)[:-1] + "X", "坏代码有限公司", "渔业", "320500", "2010-01-01"]
    page = desk.upload(listing([*rows, rows[0], bad]))
    assert "Which column holds what?" in desk.get(page).text
    assert desk.check(page).status_code == 302
    assert "Every row is being checked" in desk.get(page).text
    work()
    shown = desk.get(page).text
    assert "3 new firms" in shown
    assert firms(people, rows) == {}  # nothing has been changed
    assert desk.confirm(page).status_code == 302
    work()
    found = firms(people, rows)
    assert len(found) == 3
    done = stored(people, page)
    assert (done.state, done.problem) == (ImportState.DONE, "")
    assert done.report["counts"] == {"created": 3, "changed": 0, "unchanged": 0, "merged": 1, "refused": 1}
    assert done.report["firms"] == {"made": 3, "changed": 0}
    with people.session() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == f"CN-USCC/{rows[0][0]}")).one()
        assert entry.actor == f"user/{done.confirmed_by}"
        assert entry.origin.startswith(f"import {done.id} 名单.csv lines 2-")
    assert "Undo the import?" in desk.get(f"{page}/undo").text
    assert desk.submit(f"{page}/undo").status_code == 302
    work()
    assert stored(people, page).state == ImportState.UNDONE
    assert all(firm.withdrawn_at is not None for firm in firms(people, rows).values())
    assert actions(people, page) == ["import.handed_in", "import.mapped", "import.confirmed", "import.undo"]
    assert "名单.csv" in desk.get("/ministry/imports").text
    assert desk.get(f"/suppliers/CN-USCC/{rows[0][0]}").status_code == 410


def test_staff_import_into_their_territory_alone(
    people: People, desk: Desk, staff: Callable[..., Desk], work: Work, new_firms: Rows
) -> None:
    held, inside, outside, moved = new_firms(4)
    held[3] = outside[3] = "330200"
    page = desk.upload(listing([held]))
    desk.check(page)
    work()
    desk.confirm(page)
    work()
    limited = staff(user=people.user(Role.STAFF_EDITOR, regions=["320000"]))
    elsewhere = [held[0], "改名的外地企业有限公司", *held[2:3], "320500", held[4]]
    page = limited.upload(listing([inside, outside, elsewhere, moved]))
    limited.check(page)
    work()
    assert "lies outside your territory" in limited.get(page).text
    limited.confirm(page)
    work()
    found = firms(people, [held, inside, outside, moved])
    assert stored(people, page).report["counts"]["refused"] == 2
    assert found.keys() == {held[0], inside[0], moved[0]}
    assert found[held[0]].name_zh == held[1]
    assert found[held[0]].region == "330200"


def test_every_row_s_fate_can_be_seen_and_fetched(desk: Desk, work: Work, new_firms: Rows) -> None:
    rows = new_firms(60)
    bad = [rows[0][0][:-1] + "?", '=cmd|"x"', "渔业", "999999", "gestern"]
    page = desk.upload(listing([*rows, rows[0], bad]), name="../../etc/名单 7.csv")
    desk.check(page)
    work()
    shown = desk.get(page).text
    assert "gestern" in shown  # the refused rows are shown first
    assert shown.count("<tr>") == 2
    every = desk.get(f"{page}?fate=all&page=2").text
    assert every.count("<tr>") == 13
    assert "Says the same as an earlier row" in desk.get(f"{page}?fate=merged").text
    assert desk.get(f"{page}?fate=nonsense&page=99999").status_code == 200
    with desk.get(f"{page}/rows.csv") as answer:
        assert answer.headers["Content-Security-Policy"] == "sandbox"
        assert "attachment" in answer.headers["Content-Disposition"]
        table = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(table) == 62
    assert [row["fate"] for row in table] == ["created"] * 60 + ["merged", "refused"]
    assert table[-1]["name"] == '\'=cmd|"x"'
    assert "gestern" in table[-1]["value"]
    with desk.get(f"{page}/refused.csv") as answer:
        mend = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert mend[0] == [*HEADINGS, "#line", "#column", "#value", "#reason"]
    assert mend[1][5] == "63"
    assert "名单 7.csv" in shown
    assert "etc" not in shown


def test_columns_are_guessed_corrected_and_kept_as_a_source(
    people: People, desk: Desk, work: Work, new_firms: Rows
) -> None:
    [row] = new_firms(1)
    headings = ("甲", "乙", "丙")
    page = desk.upload(listing([[row[0], row[1], "注"]], headings))
    columns = desk.columns(page)
    assert columns["field_0"] == "supplier.number"
    assert columns["field_1"] == "supplier.name_zh"
    assert desk.check(page, field_2="supplier.address", save_as="苏州名单").status_code == 302
    work()
    with people.session() as session:
        kept = session.scalars(select(ImportSource).where(ImportSource.name == "苏州名单")).one()
        assert [column["field"] for column in kept.mapping["column"]] == [
            "supplier.number",
            "supplier.name_zh",
            "supplier.address",
        ]
    again = desk.upload(listing([[row[0], row[1], "注"]], headings))
    assert desk.columns(again)["source"] == "苏州名单"
    assert desk.columns(again)["field_2"] == "supplier.address"
    taken = desk.check(again, save_as="suppliers")
    assert taken.status_code == 422
    assert "choose another" in taken.text
    assert desk.check(again, save_as="a b!").status_code == 422


def test_a_mapping_that_fits_nothing_says_what_is_missing(people: People, desk: Desk) -> None:
    page = desk.upload(listing([["苹果", "3"]], ("水果", "价格")))
    answer = desk.check(page)
    assert answer.status_code == 422
    assert "<strong>Registration number</strong>: Nothing fills it" in answer.text
    certificates = desk.check(page, kind="certificates", source="")
    for name in ("Registration number", "Scheme", "Issued on"):
        assert f"<strong>{name}</strong>: Nothing fills it" in certificates.text
    assert desk.check(page, issuing_body="").text.count("Say whose list it is") == 1
    twice = desk.check(page, field_0="supplier.number", field_1="supplier.number")
    assert "Several columns fill it: 水果, 价格" in twice.text
    assert desk.check(page, field_0="supplier.number", field_1="edition.code").status_code == 422
    assert desk.check(page, field_0="supplier.number", issued_on="gestern").status_code == 422
    assert stored(people, page).state == ImportState.MAPPING
    assert "Certificate" in desk.get(f"{page}?kind=certificates").text
    assert desk.get(f"{page}?source=osh_facilities").status_code == 200


def test_the_same_for_every_row_is_stated_once(people: People, desk: Desk, work: Work, new_firms: Rows) -> None:
    [row] = new_firms(1)
    page = desk.upload(listing([[row[0], row[1], "保证级", "2025-01-05"]], ("代码", "单位", "等级", "发证日期")))
    assert desk.check(page, **{"constant.certificate.scheme": "quality_capability"}).status_code == 302
    work()
    desk.confirm(page)
    work()
    assert stored(people, page).report["counts"]["created"] == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (bytes(range(256)) * 9, "not a CSV, XLSX or NDJSON file"),
        (b"PK\x03\x04broken", "not a readable workbook"),
        (b'[{"a": 1}]', "a JSON array"),
    ],
)
def test_what_is_no_list_is_told_at_once(desk: Desk, content: bytes, told: str) -> None:
    answer = desk.hand_in(content, "bad.xlsx")
    assert answer.status_code == 422
    assert told in answer.text
    assert not re.search(r"[0-9a-f]{64}", answer.text)  # it is called as its owner calls it


def test_no_file_and_too_large_a_file(desk: Desk) -> None:
    assert "Choose a file first" in desk.submit("/ministry/imports").text
    answer = desk.client.post(
        "/ministry/imports", data=b"a" * (2 << 20), content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert "larger than the 1 MB" in answer.text


def test_of_two_who_confirm_one_does(
    people: People, desk: Desk, staff: Callable[..., Desk], work: Work, new_firms: Rows
) -> None:
    rows = new_firms(2)
    page = desk.upload(listing(rows))
    desk.check(page)
    work()
    other = staff(Role.STAFF_PUBLISHER)
    found = re.search(r'name="checked" value="([^"]+)"', desk.get(page).text)
    assert found
    desk.confirm(page)
    other.submit(f"{page}/confirm", "/ministry/imports", checked=found[1])
    assert "The worker is at this import already" in other.get(page).text
    work()
    other.submit(f"{page}/confirm", "/ministry/imports", checked=found[1])
    assert "confirmed already" in other.get(page).text
    assert actions(people, page).count("import.confirmed") == 1
    assert stored(people, page).run_id is not None


def test_what_was_confirmed_is_what_was_seen(people: People, desk: Desk, work: Work, new_firms: Rows) -> None:
    page = desk.upload(listing(new_firms(1)))
    desk.check(page)
    work()
    found = re.search(r'name="checked" value="([^"]+)"', desk.get(page).text)
    assert found
    assert "Which column holds what?" in desk.get(f"{page}?columns=1").text
    desk.submit(f"{page}/check", f"{page}?columns=1", **desk.columns(f"{page}?columns=1", field_4=""))
    work()
    desk.submit(f"{page}/confirm", page, checked=found[1])
    assert "Check again before you import" in desk.get(page).text
    assert stored(people, page).state == ImportState.CHECKED


def test_a_list_that_changes_nothing_cannot_be_confirmed(desk: Desk, work: Work, new_firms: Rows) -> None:
    rows = new_firms(2)
    first = desk.upload(listing(rows))
    desk.check(first)
    work()
    desk.confirm(first)
    work()
    page = desk.upload(listing(rows))
    desk.check(page)
    work()
    shown = desk.get(page).text
    assert "No row would change the register" in shown
    assert "Import now" not in shown


def test_firms_that_were_touched_later_keep_the_import(people: People, desk: Desk, work: Work, new_firms: Rows) -> None:
    rows = new_firms(2)
    first = desk.upload(listing(rows))
    desk.check(first)
    work()
    desk.confirm(first)
    work()
    later = desk.upload(listing([[rows[0][0], "改名后的有限公司", *rows[0][2:]]]))
    desk.check(later)
    work()
    desk.confirm(later)
    work()
    desk.submit(f"{first}/undo")
    shown = desk.get(first).text
    assert f"1 of its firms were changed since, such as CN-USCC/{rows[0][0]}" in shown
    assert stored(people, first).state == ImportState.DONE
    desk.submit(f"{later}/undo")
    work()
    assert firms(people, rows)[rows[0][0]].name_zh == rows[0][1]


def test_what_never_ran_can_be_removed(people: People, desk: Desk) -> None:
    page = desk.upload(listing([[credit_code(1), "甲有限公司"]], ("代码", "单位")))
    desk.submit(f"{page}/remove", page)
    assert "was removed" in desk.get("/ministry/imports").text
    assert desk.get(page).status_code == 404
    assert desk.get("/ministry/imports/99999").status_code == 404


def test_rankings_need_the_right_to_publish(people: People, desk: Desk, staff: Callable[..., Desk], work: Work) -> None:
    headings = ("榜单代码", "行业领域", "期间", "截止日期", "统一社会信用代码", "排名")
    row = ["machinery-web-2030", "工业机械和装备", "2030", "2030-12-31", credit_code(1), "1"]
    page = desk.upload(listing([row], headings))
    desk.check(page)
    work()
    assert "by those who may publish" in desk.get(page).text
    desk.submit(f"{page}/confirm", page, checked="x")
    assert stored(people, page).state == ImportState.CHECKED
    publisher = staff(Role.STAFF_PUBLISHER)
    publisher.confirm(page)
    work()
    assert stored(people, page).state == ImportState.DONE
    shown = publisher.get(page).text
    assert "Undo the import" not in shown
    made = re.search(r'href="(/ministry/editions/\d+)"', shown)
    assert made
    assert "Open the public notice" in publisher.get(made[1]).text  # a draft, which is not in force
    assert publisher.get("/editions/machinery-web-2030").status_code == 404
    publisher.submit(f"{page}/undo", page)
    assert "a draft can be discarded there" in publisher.get(page).text
    limited = staff(user=people.user(Role.STAFF_PUBLISHER, regions=["330000"]))
    again = limited.upload(listing([["machinery-web-2031", *row[1:]]], headings))
    limited.check(again)
    work()
    limited.submit(f"{again}/confirm", again, checked="x")
    assert stored(people, again).state == ImportState.CHECKED


def test_a_job_that_was_given_up_can_go_on(people: People, desk: Desk, work: Work, new_firms: Rows) -> None:
    rows = new_firms(1)
    page = desk.upload(listing(rows))
    desk.check(page)
    work()
    desk.confirm(page)
    with people.session() as session, session.begin():
        job = session.get_one(Job, stored(people, page).job_id)
        job.state = JobState.FAILED
    shown = desk.get(page).text
    assert "It stopped half-way" in shown
    assert "did not succeed" in desk.get("/ministry/imports").text
    desk.submit(f"{page}/confirm", page)
    work()
    assert stored(people, page).state == ImportState.DONE
    assert len(firms(people, rows)) == 1


def test_how_far_it_is_is_told_to_the_script(desk: Desk, work: Work, new_firms: Rows) -> None:
    page = desk.upload(listing(new_firms(1)))
    assert desk.get(f"{page}/progress").status_code == 404
    desk.check(page)
    assert desk.get(f"{page}/progress").json == {"state": "waiting", "done": 0, "total": 0}
    assert desk.get(f"{page}/rows.csv").status_code == 404
    work()
    answer = desk.get(f"{page}/progress").json
    assert answer is not None
    assert answer["state"] == "done"
    assert answer["done"] == answer["total"] > 0


def test_a_visitor_to_the_empty_list_is_taught(ministry_app: Flask, desk: Desk) -> None:
    shown = desk.get("/ministry/imports?page=1").text
    assert "Upload a list" in shown
    assert "统一社会信用代码" in shown  # the headings that are known


SPOKEN = {
    "is missing": "缺失",
    "the check digit is wrong": "校验码错误",
    "unknown sector: the catalogue's codes and names are known": "未知的行业领域：可用目录中的代码和名称",
    "no such day: month must be in 1..12": "没有这一天：month must be in 1..12",
    "unknown level of quality_capability": "quality_capability 没有这个等级",
    "list.csv: the file is empty": "list.csv：文件为空",
    "before 2024-01-01, when it begins": "早于起始日 2024-01-01",
    "a source's own words": "a source's own words",
    "100% wrong": "100% wrong",
}


@pytest.mark.parametrize("english", SPOKEN)
def test_reasons_are_told_in_the_reader_s_language(ministry_app: Flask, english: str) -> None:
    for lang, expected in (("zh", SPOKEN[english]), ("en", english)):
        with ministry_app.test_request_context(f"/?lang={lang}"):
            found = told(english, lang, services().catalogue)
            assert found.casefold() == expected.casefold()
