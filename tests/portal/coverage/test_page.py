"""The coverage page: what staff see, what is refused and how, and what a second view costs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from portal.services import services
from search.contract import EngineUnavailable
from tests.portal.accounts.conftest import Visitor
from tests.portal.apps import FIRMS

PAGE = "/ministry/coverage"


def total_of(browser: Visitor, address: str) -> int:
    """The total of a search, by the API."""
    parts = urlsplit(unescape(address))
    answer = browser.get(f"/api/v1{parts.path}?{parts.query}")
    assert answer.status_code == 200, (address, answer.text)
    assert answer.json is not None
    return int(answer.json["total"])


def links(text: str) -> list[tuple[str, int]]:
    """The numbers of the table with the searches they link to."""
    found = re.findall(r'<td class="num[^"]*"><a href="(/suppliers[^"]*)">([\d,]+)</a></td>', text)
    return [(address, int(number.replace(",", ""))) for address, number in found]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?rows=sector&columns=tier",
        "?rows=unit&columns=size&has=certificate",
        "?rows=city&columns=scheme&certified_from=2024-01-01",
        "?rows=group&columns=sector&meet=half",
    ],
)
def test_numbers_of_the_page_are_totals_of_searches(staff: Visitor, query: str) -> None:
    text = staff.get(PAGE + query).text
    found = [(address, number) for address, number in links(text) if number]
    assert found
    for address, number in found[:: max(1, len(found) // 12)]:
        assert total_of(staff, address) == number, address


def test_goal_done_gap_and_where_come_first(staff: Visitor) -> None:
    text = staff.get(PAGE).text
    assert text.index('id="targets"') < text.index('id="where"') < text.index('id="table"')
    row = text[text.index("Firms newly at 检验级") : text.index("Firms newly at 保证级")]
    assert "10,000" in row
    done = re.search(r'data-label="Done"><a href="([^"]+)">([\d,]+)', row)
    assert done
    assert total_of(staff, done[1]) == int(done[2])
    assert f"−{10_000 - int(done[2]):,}" in row
    assert "Zhejiang (incl. Ningbo)" in row
    assert "To be verified" in row
    assert "工信部联科〔2023〕249号" in row
    assert "closed: goal against result" in text


def test_stock_and_newly_gained_are_told_apart(staff: Visitor) -> None:
    stock = staff.get(PAGE).text
    assert "All firms listed today." in stock
    assert f"{FIRMS} firms" in stock
    gained = staff.get(f"{PAGE}?certified_from=2024-01-01&certified_to=2024-12-31").text
    assert "Firms first certified from 2024-01-01 to 2024-12-31, still valid." in gained
    assert "All firms listed today." not in gained


def test_per_cent_of_a_target(staff: Visitor) -> None:
    text = staff.get(f"{PAGE}?rows=province&columns=sector&measure=percent&target=excellence249_excellence").text
    assert "per cent of the target “Firms newly at 卓越级 (Excellence)”" in text
    assert f"{10.0 * FIRMS:,.1f}%" in text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("rows=sector&columns=sector", "two different dimensions"),
        ("rows=colour", "“colour” is not a value of rows"),
        ("columns=level&depth=9", "“9” is not a value of depth"),
        ("measure=weight", "“weight” is not a value of measure"),
        ("target=none", "“none” is not a value of target"),
        ("against=yesterday", "“yesterday” is not a value of against"),
        ("columns=group&criteria=X01-05", "let go of one of the two"),
        ("sector=none", "“none” is not a value of sector"),
        ("certified_from=2025-01-01&certified_to=2024-01-01", "must be later than"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(staff: Visitor, query: str, said: str) -> None:
    answer = staff.get(f"{PAGE}?{query}")
    assert answer.status_code == 400
    assert said in answer.text


def test_a_second_view_asks_the_engine_nothing(
    coverage_app: Flask, staff: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = staff.get(f"{PAGE}?rows=tier&columns=size&sector=machinery")

    def refuse(*_: object) -> None:
        raise EngineUnavailable("asked again")

    with coverage_app.app_context():
        engine = services().engine()
    for name in ("tally", "counts", "search"):
        monkeypatch.setattr(engine, name, refuse)
    assert staff.get(f"{PAGE}?rows=tier&columns=size&sector=machinery").status_code == first.status_code == 200
    assert staff.get(f"{PAGE}?rows=tier&columns=size&sector=textiles").status_code == 503


@pytest.mark.parametrize("part", ["targets", "units", "table"])
def test_tables_go_out_as_files(staff: Visitor, part: str) -> None:
    query = "rows=province&columns=level&sector=machinery"
    answer = staff.get(f"{PAGE}/files/{part}.csv?{query}")
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="coverage-{part}-')
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("data.csv").decode("utf-8-sig"))))
        about = dict(csv.reader(io.StringIO(archive.read("about.csv").decode("utf-8-sig"))))
    assert about["Data version"]
    assert "/ministry/coverage?rows=province" in about["Address"]
    assert len(rows) == {"targets": 1 + 5, "units": 1 + 37, "table": 1 + 34 + 1 + 1}[part]
    sheet = staff.get(f"{PAGE}/files/{part}.xlsx?{query}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data))
    assert len(book.get_sheet_by_index(1).to_python()) == len(rows)
    if part == "table":
        total = total_of(staff, "/suppliers?sector=machinery")
        assert rows[-1][-1] == str(total)
        assert about["Sector"] == "Industrial machinery and equipment"


def test_other_files_are_not_there(staff: Visitor) -> None:
    assert staff.get(f"{PAGE}/files/table.ndjson").status_code == 404
    assert staff.get(f"{PAGE}/files/secrets.csv").status_code == 404


def test_unknown_parameters_are_left_aside_and_named(staff: Visitor) -> None:
    answer = staff.get(f"{PAGE}?colour=red")
    assert answer.status_code == 200
    assert "colour" in answer.text


def test_a_report_holds_what_was_chosen(staff: Visitor) -> None:
    whole = staff.get(f"{PAGE}/report?rows=sector&columns=tier").text
    assert re.search(r"Report on certification coverage, quarter [1-4] of 20\d\d", whole)
    assert "Data version" in whole
    assert 'id="targets"' in whole
    assert "Sector by Tier" in whole
    part = staff.get(f"{PAGE}/report?part=units&part=table").text
    assert 'id="targets"' not in part
    assert 'id="where-title"' in part
    assert "认证覆盖情况报告" in staff.get(f"{PAGE}/report?part=targets&lang=zh").text
    staff.get(f"{PAGE}?lang=en")
    assert staff.get(f"{PAGE}/report?part=gossip").status_code == 400


def test_a_report_as_a_workbook(staff: Visitor) -> None:
    answer = staff.get(f"{PAGE}/report.xlsx?part=targets&part=table&rows=sector&columns=tier&lang=en")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert book.sheet_names == ["About this file", "Targets", "Coverage"]
    about = {str(line[0]): line[1] for line in book.get_sheet_by_index(0).to_python()}
    assert "Report on certification coverage" in str(about["Table"])
    assert about["Data version"]
    assert len(book.get_sheet_by_name("Coverage").to_python()) == 1 + 7 + 1
