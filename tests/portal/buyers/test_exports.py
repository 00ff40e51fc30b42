"""Exports on their pages: asked for, waited for, fetched, and whose they are."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.buyers.export_words import column_labels, words
from portal.models import Export
from portal.services import services
from portal.workspace import exports
from portal.workspace.export_columns import COLUMNS
from portal.workspace.rows import row_of
from tests.factories import credit_code, supplier_key
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import FIRMS
from tests.portal.buyers.forms import send
from tests.portal.buyers.test_own_lists import matched

Work = Callable[[], None]


def ask(browser: Visitor, path: str, form: str = "csv", columns: tuple[str, ...] = ("number", "name_zh")) -> str:
    """The address of the newest export, which was just asked for."""
    answer = send(browser, path, follow=False, form=form, column=list(columns))
    assert (answer.status_code, answer.location) == (302, "/exports"), answer.text
    newest = max(int(number) for number in re.findall(r"/exports/(\d+)", browser.get("/exports").text))
    return f"/exports/{newest}"


def fetched(browser: Visitor, export: str) -> TestResponse:
    """The file, read and closed."""
    answer = browser.get(f"{export}/file")
    answer.get_data()
    answer.close()
    return answer


def table(answer: TestResponse) -> list[list[str]]:
    assert answer.status_code == 200
    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        raw = archive.read("data.csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(raw.decode("utf-8-sig").splitlines()))


def beside(answer: TestResponse) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        return dict(csv.reader(archive.read("about.csv").decode("utf-8-sig").splitlines()))


def test_a_result_from_the_button_to_the_file(wang: Visitor, work: Work) -> None:
    assert "No exports yet" in wang.get("/exports").text
    page = wang.get("/suppliers?sector=electronics&per_page=10").text
    button = re.search(r'href="(/exports/new[^"]*)"', page)
    assert button
    form = wang.get(button[1].replace("&amp;", "&")).text
    assert "All 20 rows of:" in form
    assert "<dt>Sector</dt><dd>Electronics" in form
    export = ask(wang, "/exports/new?sector=electronics")
    busy = wang.get("/exports").text
    assert '<meta http-equiv="refresh"' in busy
    assert f'data-progress="{export}/progress"' in busy
    assert wang.get(f"{export}/progress").get_json() == {"state": "waiting", "done": 0, "total": 20}
    assert fetched(wang, export).status_code == 404
    work()
    assert wang.get(f"{export}/progress").get_json() == {"state": "done", "done": 20, "total": 20}
    assert "20 rows" in wang.get("/exports").text
    file = fetched(wang, export)
    assert file.headers["Content-Security-Policy"] == "sandbox"
    assert file.headers["Content-Disposition"].startswith("attachment")
    rows = table(file)
    assert rows[0] == ["Registration number", "Chinese name"]
    assert {row[0] for row in rows[1:]} == {credit_code(number) for number in range(3, FIRMS + 1, 3)}
    assert len(rows) == 21
    said = beside(file)
    assert said["Sector"].startswith("Electronics")
    assert said["Address"].endswith("/suppliers?sector=electronics")
    assert said["Number of rows"] == "20"
    assert int(said["Data version"]) > 0
    assert said["Time"].endswith("+08:00")


def test_headings_and_labels_are_in_the_visitor_s_language(wang: Visitor, work: Work) -> None:
    columns = ("number", "sector", "levels", "published", "issuing_body", "document_number", "issued_on", "link")
    wang.get("/?lang=zh")
    export = ask(wang, "/exports/new?sector=electronics", "xlsx", columns)
    wang.get("/?lang=en")
    work()
    book = CalamineWorkbook.from_filelike(BytesIO(fetched(wang, export).data))
    about, data = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    sources = ["来源：发布单位", "来源：文号", "来源：日期", "来源：链接"]
    assert data[0] == ["登记号码", "行业领域", "等级", "榜单发布方式", *sources]
    assert len(data) == 21
    assert {row[1] for row in data[1:]} == {"电子"}
    assert {row[3] for row in data[1:]} == {"门户试算，非官方榜单"}
    assert all(row[4] for row in data[1:])
    assert ["行数", 20] in [line[:2] for line in about]
    assert "门户试算" in str(about[-1][1])


def test_mine_and_conditions_are_exported_as_they_are_shown(wang: Visitor, work: Work) -> None:
    matched(wang, work)
    ours = ask(wang, "/exports/new?mine=only")
    others = ask(wang, "/exports/new?mine=hide")
    kept = send(wang, "/conditions/new?level_min=quality:assurance", follow=False, name="轴承", shared="1")
    identifier = re.search(r"/conditions/(\d+)", kept.location or "")
    assert identifier, kept.text
    conditioned = ask(wang, f"/exports/new?conditions={identifier[1]}&sector=machinery")
    work()
    assert {row[0] for row in table(fetched(wang, ours))[1:]} == {credit_code(1), credit_code(2)}
    assert len(table(fetched(wang, others))) == FIRMS - 2 + 1
    file = fetched(wang, conditioned)
    assert "轴承" in beside(file)["Sourcing conditions"]
    shown = wang.get(f"/suppliers?conditions={identifier[1]}&sector=machinery&per_page=100").text
    on_page = set(re.findall(r'name="id" value="CN-USCC/([^"]+)" form="compare-form"', shown))
    assert {row[0] for row in table(file)[1:]} == on_page


def test_a_shortlist_with_what_is_kept_of_each_firm(wang: Visitor, work: Work) -> None:
    answer = send(wang, "/shortlists", follow=False, name="=名单", shared="1")
    page = answer.location
    send(wang, "/shortlists/add", id=[supplier_key(1), supplier_key(2)], list=page.rpartition("/")[2])
    entry = re.search(r'name="entry" value="(\d+)"', wang.get(page).text)
    assert entry
    send(wang, page, do="status", status="not_recommended", reason="=1+1", entry=entry[1])
    every = ask(wang, f"{page}/export")
    some = ask(wang, f"{page}/export?status=not_recommended", "ndjson")
    work()
    rows = table(fetched(wang, every))
    assert rows[0][:4] == ["Registration number", "Chinese name", "Status on the list", "Reason"]
    assert {row[0] for row in rows[1:]} == {credit_code(1), credit_code(2)}
    assert {row[3] for row in rows[1:]} == {"", "'=1+1"}
    with zipfile.ZipFile(BytesIO(fetched(wang, some).data)) as archive:
        [line] = archive.read("data.ndjson").decode().splitlines()
        told = json.loads(archive.read("about.json"))
    assert json.loads(line)["entry_reason"] == "=1+1"
    assert ["Status", "not recommended"] in told["about"]
    assert told["columns"]["entry_reason"] == "Reason"


def test_an_own_list_with_the_rows_that_are_no_firm(wang: Visitor, work: Work) -> None:
    page = matched(wang, work)
    every, some = ask(wang, f"{page}/export", columns=("number", "levels")), ask(wang, f"{page}/export?show=missing")
    book = ask(wang, f"{page}/export", "xlsx", ("number", "levels"))
    work()
    rows = table(fetched(wang, every))
    assert rows[0][:5] == ["我方编号", "统一社会信用代码", "企业名称", "Found", "How"]
    assert rows[1][3:5] == ["found", "by its number"]
    assert "Quality capability Inspection" in rows[1][-1]
    assert (rows[4][0], rows[4][3], rows[4][-1]) == ("'=1+1", "not found", "")
    assert len(rows) == 5
    assert len(table(fetched(wang, some))) == 3
    sheet = CalamineWorkbook.from_filelike(BytesIO(fetched(wang, book).data)).get_sheet_by_index(1).to_python()
    assert [[str(cell).removesuffix(".0") for cell in row] for row in sheet] == rows


def test_what_cannot_be_made_says_so(wang: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Tick at least one column." in send(wang, "/exports/new", form="csv").text
    assert "Choose a form of file." in send(wang, "/exports/new", form="pdf", column="number").text
    assert send(wang, "/exports/new?sector=nonsense", form="csv", column="number").status_code == 400
    monkeypatch.setattr(exports, "MAX_EXPORTS", 1)
    ask(wang, "/exports/new")
    again = send(wang, "/exports/new", form="csv", column="number")
    assert again.status_code == 422
    assert "You keep 1 exports" in again.text


def test_removing_one_removes_its_file(wang: Visitor, work: Work, buyers_app: Flask, people: People) -> None:
    waiting = ask(wang, "/exports/new?sector=electronics")
    send(wang, f"{waiting}/delete")
    work()
    export = ask(wang, "/exports/new?sector=electronics")
    work()
    with buyers_app.app_context(), people.session() as session:
        folder = services().settings.exports_dir
        path = exports.file_of(folder, session.get_one(Export, int(export[9:])))
    assert path.is_file()
    assert "was removed" in send(wang, f"{export}/delete").text
    assert not path.exists()
    assert fetched(wang, export).status_code == 404


ROUTES = ("export_progress", "export_file", "delete_export")


def test_the_table_names_every_route_to_an_export(buyers_app: Flask) -> None:
    rules = [rule for rule in buyers_app.url_map.iter_rules() if rule.rule.startswith("/exports")]
    assert {rule.endpoint[7:] for rule in rules if "identifier" in rule.arguments} == set(ROUTES)


@pytest.mark.parametrize("endpoint", ROUTES)
def test_another_organisation_s_export_is_not_there(
    wang: Visitor, zhao: Visitor, work: Work, people: People, buyers_app: Flask, endpoint: str
) -> None:
    export = ask(wang, "/exports/new?sector=electronics")
    work()
    before = state(people)
    [rule] = [rule for rule in buyers_app.url_map.iter_rules() if rule.endpoint == f"buyers.{endpoint}"]
    for browser, identifier in ((zhao, export[9:]), (wang, "99999999")):
        path = rule.rule.replace("<int:identifier>", identifier)
        answer = send(browser, path) if "POST" in (rule.methods or ()) else browser.get(path)
        assert answer.status_code == 404
    assert state(people) == before
    assert export not in zhao.get("/exports").text


def test_a_colleague_fetches_what_stands_on_nothing_private(wang: Visitor, li: Visitor, work: Work) -> None:
    private = send(wang, "/shortlists", follow=False, name="私人").location
    send(wang, "/shortlists/add", id=supplier_key(1), list=private.rpartition("/")[2])
    hidden, open_ = ask(wang, f"{private}/export"), ask(wang, "/exports/new?sector=electronics")
    work()
    assert fetched(li, hidden).status_code == 404
    assert fetched(li, open_).status_code == 200
    assert open_ not in li.get("/exports").text
    assert send(li, f"{open_}/delete").status_code == 404


def state(people: People) -> list[dict[str, Any]]:
    with people.session() as session:
        return [{key: str(value) for key, value in row_of(row).items()} for row in session.scalars(select(Export))]


def test_every_column_has_a_heading(buyers_app: Flask) -> None:
    with buyers_app.test_request_context("/"):
        assert list(column_labels()) == list(COLUMNS)
        assert all(words().values())


def test_visitors_are_offered_no_export(buyers_app: Flask) -> None:
    page = Visitor(buyers_app, "203.0.113.202").get("/suppliers").text
    assert "/exports" not in page
