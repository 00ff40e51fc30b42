"""Own suppliers on their pages: handed in, matched, looked at, exported, marked in every search, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import select

from portal.buyers import own_lists
from portal.models import OwnList, OwnRow, Role, User
from portal.workspace.rows import row_of
from tests.factories import credit_code, supplier_key
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.buyers.forms import send, undo_path

ROWS = f"""我方编号,统一社会信用代码,企业名称
S-1,{credit_code(1)},宁波第1轴承有限公司
S-2,,宁波第2轴承集团
S-3,,宁波第三轴承有限公司
=1+1,{credit_code(999)},没有这家公司
"""
ALL = "/suppliers?per_page=100"


def hand_in(browser: Visitor, rows: str | bytes = ROWS, name: str = "供应商台账.csv") -> str:
    """The address of a list that was handed in as a file."""
    content = rows.encode("gb18030") if isinstance(rows, str) else rows
    answer = send(browser, "/own-suppliers", follow=False, file=(BytesIO(content), name))
    assert answer.status_code == 302, answer.text
    assert answer.location.endswith("/columns")
    return answer.location.removesuffix("/columns")


def matched(browser: Visitor, work: Callable[[], None], rows: str = ROWS) -> str:
    page = hand_in(browser, rows)
    send(browser, f"{page}/columns", number_column="1", name_column="2", first="2")
    work()
    return page


def test_from_a_file_to_what_is_certified(wang: Visitor, li: Visitor, work: Callable[[], None]) -> None:
    assert "Which of your suppliers are certified?" in wang.get("/own-suppliers").text
    page = hand_in(wang)
    columns = wang.get(f"{page}/columns").text
    assert '<option value="1" selected>Column 2: 统一社会信用代码' in columns
    assert '<option value="2" selected>Column 3: 企业名称' in columns
    assert wang.get(page).location == f"{page}/columns"
    assert "Say which column" in send(wang, f"{page}/columns").text
    both = send(wang, f"{page}/columns", number_column="1", name_column="1")
    assert "One column cannot hold both." in both.text
    busy = send(wang, f"{page}/columns", number_column="1", name_column="2", first="2")
    assert "Being found in the register" in busy.text
    assert '<meta http-equiv="refresh"' in busy.text
    assert wang.get(f"{page}/progress").json == {"state": "waiting", "done": 0, "total": 5}
    work()
    assert wang.get(f"{page}/progress").json == {"state": "done", "done": 8, "total": 8}
    shown = li.get(page).text
    assert "Being found" not in shown
    assert re.search(r"in the register</dt><dd>2 <span class=\"quiet\">/ 4", shown)
    assert "by its name, another company form" in shown
    assert "all 4" in shown
    assert wang.get(f"{page}?show=missing").text.count("<article") == 2
    assert wang.get(f"{page}?show=certified").text.count("<article") == 2
    assert "No row is like that." in wang.get(f"{page}?show=downgraded").text
    assert wang.get(f"{page}?show=nonsense&page=99").text.count("<article") == 4


def test_pasted_rows_and_what_cannot_be_read(wang: Visitor) -> None:
    pasted = send(wang, "/own-suppliers", text="宁波第1轴承有限公司\n宁波第2轴承有限公司\n")
    assert "Pasted on" in pasted.text
    assert "2 rows were read" in pasted.text
    assert "There is nothing in it." in send(wang, "/own-suppliers", text="").text
    broken = send(wang, "/own-suppliers", file=(BytesIO(b"PK\x03\x04 no zip"), "a.xlsx"))
    assert broken.status_code == 422
    assert "no CSV or XLSX file" in broken.text


def test_a_large_workbook_is_taken_here_and_nowhere_else(
    wang: Visitor, people: People, signed_in: Callable[[User], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for line in range(3000):
            sheet.write_row(line, 0, [credit_code(line), f"宁波第{line}轴承有限公司", f"地址{line * 7919 % 10007}号"])
    assert len(file.getvalue()) > 64 * 1024
    page = hand_in(wang, file.getvalue(), "大.xlsx")
    assert "3,000 rows were read" in wang.get(f"{page}/columns").text
    long = "宁波第1轴承有限公司\n" * 5000
    assert "5,000 rows were read" in send(wang, "/own-suppliers", text=long).text
    assert send(wang, "/shortlists", name="x" * 100_000).status_code == 413
    supplier = signed_in(people.user(Role.SUPPLIER_ADMIN))
    assert supplier.post("/own-suppliers", text=long).status_code == 403
    monkeypatch.setattr("portal.workspace.own_reading.MAX_ROWS", 10)
    assert "more than 10,000 rows" in send(wang, "/own-suppliers", text=long).text


def test_choosing_among_candidates(wang: Visitor, work: Callable[[], None]) -> None:
    page = matched(wang, work, "a,b,c\n,,宁波第1周承有限公司\n,,宁波第2周承有限公司\n")
    shown = wang.get(page).text
    rows = re.findall(r'action="(/own-suppliers/rows/\d+)"', shown)
    firms = re.findall(r'name="firm" value="(\d+)"', shown)
    assert len(rows) == len(firms) == 2
    assert "sounds alike, 60 %" in shown
    assert "Choose one of the firms" in send(wang, rows[0]).text
    chosen = send(wang, rows[0], firm=firms[0], next=f"{page}?show=unsure")
    assert chosen.request.full_path == f"{page}?show=unsure"
    send(wang, rows[1], firm="none")
    assert wang.get(f"{page}?show=unsure").text.count("<article") == 0
    assert "chosen by you" in wang.get(page).text
    assert "none of those found" in wang.get(page).text
    send(wang, f"{page}/check")
    work()
    assert "chosen by you" in wang.get(page).text


def test_hits_are_marked_and_filtered(
    wang: Visitor, zhao: Visitor, work: Callable[[], None], buyers_app: Flask
) -> None:
    def ids(browser: Visitor, address: str) -> set[str]:
        return set(re.findall(r'name="id" value="([^"]+)" form="compare-form"', browser.get(address).text))

    everyone = ids(wang, ALL)
    assert "has no own suppliers here yet" in wang.get(f"{ALL}&mine=only").text
    assert ids(wang, f"{ALL}&mine=only") == set()
    assert ids(wang, f"{ALL}&mine=hide") == everyone
    matched(wang, work)
    ours = {supplier_key(1), supplier_key(2)}
    page = wang.get(ALL).text
    assert page.count('class="tag tag-mine"') == 2
    assert ">yours</a>" in wang.get(f"/suppliers/{supplier_key(1)}").text
    assert "mine=only" in page
    assert ids(wang, f"{ALL}&mine=only") == ours
    assert ids(wang, f"{ALL}&mine=hide") == everyone - ours
    narrowed = wang.get("/suppliers?mine=only&sector=machinery").text
    assert "mine=only" in re.findall(r'class="facet-value[^"]*" href="([^"]+)"', narrowed)[0]
    assert "only those we have" in narrowed
    for stranger in (zhao, Visitor(buyers_app, "203.0.113.200")):
        assert "tag-mine" not in stranger.get(ALL).text
    visitor = Visitor(buyers_app, "203.0.113.201")
    assert ids(visitor, f"{ALL}&mine=only") == everyone
    assert "“mine” was ignored" in visitor.get(f"{ALL}&mine=only").text
    machine = visitor.get("/api/v1/suppliers?mine=only").get_json()
    assert [notice["code"] for notice in machine["notices"]] == ["mine_ignored"]
    assert visitor.get(f"{ALL}&mine=all").status_code == 400


def test_a_heading_that_was_taken_for_a_firm_is_let_go(wang: Visitor, work: Callable[[], None]) -> None:
    page = hand_in(wang, "宁波第1轴承有限公司\n宁波第2轴承有限公司\n")
    send(wang, f"{page}/columns", name_column="0", first="1")
    work()
    assert wang.get(page).text.count("<article") == 2
    send(wang, f"{page}/columns", name_column="0", first="2")
    work()
    assert wang.get(page).text.count("<article") == 1
    assert ">yours</a>" not in wang.get(f"/suppliers/{supplier_key(1)}").text


def test_deleting_can_be_undone(wang: Visitor, work: Callable[[], None]) -> None:
    page = matched(wang, work)
    deleted = send(wang, f"{page}/delete")
    assert "was deleted" in deleted.text
    assert wang.get(page).status_code == 404
    assert "供应商台账" in send(wang, undo_path(deleted), next="/own-suppliers").text
    assert wang.get(page).status_code == 200


ROUTES: dict[str, dict[str, Any]] = {
    "own_columns": {"number_column": "0"},
    "own_list": {},
    "own_progress": {},
    "check_own_list": {},
    "delete_own_list": {},
    "choose_own": {"firm": "none"},
    "export_own_list": {"form": "csv", "column": "number"},
}


def test_the_table_names_every_route_to_a_thing_of_own_lists(buyers_app: Flask) -> None:
    rules = [rule for rule in buyers_app.url_map.iter_rules() if rule.rule.startswith("/own-suppliers")]
    assert {rule.endpoint[7:] for rule in rules if "identifier" in rule.arguments} == set(ROUTES)


@pytest.mark.parametrize("who", ["zhao", "nobody"])
@pytest.mark.parametrize("endpoint", ROUTES)
def test_another_organisation_s_list_is_not_there(
    wang: Visitor, zhao: Visitor, people: People, buyers_app: Flask, endpoint: str, who: str
) -> None:
    page = hand_in(wang, "宁波第1轴承有限公司\n".encode())
    with people.session() as session:
        row = session.scalars(select(OwnRow.id).where(OwnRow.own_list_id == int(page.rpartition("/")[2]))).first()
    identifier = "99999999" if who == "nobody" else str(row) if endpoint == "choose_own" else page.rpartition("/")[2]
    before = state(people)
    browser = wang if who == "nobody" else zhao
    for rule in buyers_app.url_map.iter_rules():
        if rule.endpoint == f"buyers.{endpoint}":
            path = rule.rule.replace("<int:identifier>", identifier)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = send(browser, path, **ROUTES[endpoint]) if method == "POST" else browser.get(path)
                assert answer.status_code == 404, (method, path)
                assert "宁波第1" not in answer.text
    assert state(people) == before


def state(people: People) -> list[dict[str, Any]]:
    with people.session() as session:
        rows = [row_of(row) for model in (OwnList, OwnRow) for row in session.scalars(select(model))]
        return [{key: str(value) for key, value in row.items()} for row in rows]


def test_the_bound_of_an_upload_is_more_than_ten_thousand_rows_need() -> None:
    assert own_lists.MAX_UPLOAD >= 10_000 * 1000
