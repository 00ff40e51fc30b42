"""Files to rows: encodings, delimiters, workbooks, NDJSON, and files that are none of these."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.register.importing.problems import ImportFileError
from portal.register.importing.reading import Row, open_table
from tests.portal.importing import HEADINGS, csv_text, firm_row, xlsx_file

KNOWN = list(HEADINGS)


def rows_of(path: Path) -> list[Row]:
    return list(open_table(path, KNOWN).rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
def test_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(csv_text([firm_row(1), firm_row(2)]).encode(encoding))
    rows = rows_of(path)
    assert [row.cells for row in rows] == [tuple(firm_row(1)), tuple(firm_row(2))]
    assert [row.line for row in rows] == [2, 3]
    assert not any(row.broken for row in rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text("附件1,名单;2025\n\n" + csv_text([firm_row(1)], delimiter=delimiter), encoding="utf-8")
    assert [row.cells for row in rows_of(path)] == [tuple(firm_row(1))]


def test_line_ends_of_old_macs(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(csv_text([firm_row(1), firm_row(2)]).replace("\r\n", "\r").encode())
    assert len(rows_of(path)) == 2


@pytest.mark.parametrize(("one", "other"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_lines_in_another_encoding_are_refused_by_line(tmp_path: Path, one: str, other: str) -> None:
    lines = csv_text([firm_row(number) for number in range(1, 6)]).splitlines(keepends=True)
    path = tmp_path / "list.csv"
    path.write_bytes(b"".join(line.encode(other if place == 3 else one) for place, line in enumerate(lines)))
    rows = rows_of(path)
    assert [row.line for row in rows if row.broken] == [4]
    assert rows[2].cells == tuple(firm_row(3))  # readable all the same, to be mended


def test_shifted_and_cut_rows_are_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(csv_text([firm_row(1), [*firm_row(2), "", ""], [*firm_row(3), "x"], firm_row(4)[:3], []]))
    assert [(row.line, bool(row.broken)) for row in rows_of(path)] == [(2, False), (3, False), (4, True), (5, True)]


def test_an_open_quotation_mark_takes_its_row_not_the_import(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    text = csv_text([firm_row(number) for number in range(1, 1000)])
    path.write_text(text.replace("苏州样例3轴承", '"苏州样例3轴承'), encoding="utf-8")
    rows = rows_of(path)
    assert [row.line for row in rows if row.broken] == [4]
    assert [row.line for row in rows if not row.broken] == [2, 3]


def test_a_cell_of_ten_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(csv_text([firm_row(1, name="长" * 3_500_000), firm_row(2)]), encoding="utf-8")
    first, second = rows_of(path)
    assert "quotation mark" in first.broken
    assert not second.broken


def test_workbooks_with_dates_and_titles(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "list.xlsx", [[*firm_row(1)[:4], date(2010, 3, 5)], ["", "", "", "", "", "x"]])
    first, second = rows_of(path)
    assert first.cells == (*firm_row(1)[:4], date(2010, 3, 5))
    assert (first.line, second.line) == (3, 4)
    assert "shifted" in second.broken


def test_ndjson(tmp_path: Path) -> None:
    path = tmp_path / "list.ndjson"
    path.write_text(
        '{"企业名称": "甲", "所在地": ["a"]}\n\n[1]\n{"企业名称": "乙", "企业名称": "丙"}\n{broken\n', encoding="utf-8"
    )
    rows = rows_of(path)
    assert [(row.line, bool(row.broken)) for row in rows] == [(1, False), (3, True), (4, True), (5, True)]
    assert rows[0].cells == ("甲", ["a"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"   \n\n", "is empty"),
        (b"\xef\xbb\xbf", "headings"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8, "not a CSV"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "headings"),
        (b"PK\x03\x04 and no workbook", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no workbook", "workbook"),
        (b'[{"a": 1}]', "array"),
        (b'{"a": ', "no line holds"),
        ("甲,乙\n1,2\n".encode(), "headings"),
    ],
)
def test_other_files_are_refused_with_the_reason(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match=says):
        rows_of(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="cannot be read"):
        rows_of(tmp_path / "none.csv")


def test_a_workbook_that_would_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("sheet.xml", "w") as member:
        for _ in range(1100):
            member.write(bytes(1 << 20))
    with pytest.raises(ImportFileError, match="unpacked"):
        rows_of(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "gb18030", "utf-16"]))
def test_no_bytes_crash_the_reader(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = tmp_path / "list.csv"
    head = f"{','.join(HEADINGS)}\n".encode(encoding) if encoding else b""
    path.write_bytes(head + content)
    with suppress(ImportFileError):
        assert all(len(row.cells) == len(HEADINGS) or row.broken for row in rows_of(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 6000), st.binary(min_size=1, max_size=8))
def test_no_damage_to_a_workbook_crashes_the_reader(tmp_path: Path, at: int, damage: bytes) -> None:
    content = xlsx_file(tmp_path / "list.xlsx", [firm_row(1)]).read_bytes()
    at %= len(content)
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(content[:at] + damage + content[at + len(damage) :])
    with suppress(ImportFileError):
        rows_of(path)
