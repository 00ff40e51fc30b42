"""Whole imports: what is created, what is refused by line and column, and that the same again changes nothing."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.models import AuditEntry, ImportRun, OutboxRow, Supplier
from portal.register.catalogue import Catalogue
from portal.register.importing import ImportFileError, load_mapping, source_names
from tests.factories import credit_code
from tests.portal.conftest import make_engine
from tests.portal.importing import HEADINGS, count, csv_file, csv_text, firm_row, import_file, problems, xlsx_file


@pytest.mark.parametrize("name", source_names())
def test_every_source_that_ships_can_be_loaded(name: str) -> None:
    assert load_mapping(name).title


def test_a_list_in_both_databases(database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(number) for number in range(1, 8)])
    report = import_file(database, catalogue, path, batch=3)
    assert (report.rows, report.created, report.rejected) == (7, 7, 0)
    with Session(database) as session:
        firm = session.scalars(select(Supplier).where(Supplier.number == credit_code(3))).one()
        assert (firm.name_zh, firm.sector, firm.region) == ("苏州样例3轴承有限公司", "machinery", "320500")
        assert firm.established_on == date(2010, 3, 5)
        run = session.scalars(select(ImportRun)).one()
        assert run.finished_at is not None
        assert run.next_row == 7
        assert run.counts["outcomes"] == {"created": 7}
    assert count(database, OutboxRow) == 7


def test_the_same_file_twice_changes_nothing(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(number) for number in range(1, 6)])
    import_file(sqlite_database, catalogue, path)
    before = count(sqlite_database, AuditEntry), count(sqlite_database, OutboxRow)
    report = import_file(sqlite_database, catalogue, path)
    assert (report.created, report.changed, report.unchanged) == (0, 0, 5)
    assert (count(sqlite_database, AuditEntry), count(sqlite_database, OutboxRow)) == before
    changed = csv_file(tmp_path / "new.csv", [firm_row(1, name="新名称有限公司"), firm_row(2)])
    report = import_file(sqlite_database, catalogue, changed)
    assert (report.changed, report.unchanged) == (1, 1)


def test_a_dry_run_says_the_same_and_writes_nothing(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(1), firm_row(2, sector="鱼")])
    report = import_file(sqlite_database, catalogue, path, dry_run=True)
    assert (report.created, report.rejected) == (1, 1)
    assert count(sqlite_database, Supplier) == count(sqlite_database, ImportRun) == 0


def test_rows_are_refused_with_line_column_value_and_reason(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    code = credit_code(2)
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    rows = [
        firm_row(1),
        firm_row(2, code=wrong),
        firm_row(3, sector="渔业", established="2024年13月1日"),
        firm_row(4, region="亚特兰蒂斯"),
        firm_row(5, code=""),
        firm_row(6, name=""),
    ]
    path = csv_file(tmp_path / "list.csv", rows)
    out = tmp_path / "rejected.csv"
    report = import_file(sqlite_database, catalogue, path, rejected=out)
    assert report.created == 1
    found = problems(report)
    assert (3, "统一社会信用代码", "the check digit is wrong") in found
    assert [(line, column) for line, column, _ in found] == [
        (3, "统一社会信用代码"),
        (4, "行业领域"),
        (4, "成立日期"),
        (5, "所在地"),
        (6, "统一社会信用代码"),
        (7, "企业名称"),
    ]
    with out.open(encoding="utf-8-sig", newline="") as file:
        kept = list(csv.DictReader(file))
    assert [row["#line"] for row in kept] == ["3", "4", "5", "6", "7"]
    assert kept[1]["行业领域"] == "渔业"
    assert "unknown sector" in kept[1]["#reason"]


def test_mended_rows_are_fed_again(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(1), firm_row(2, sector="渔业")])
    out = tmp_path / "rejected.csv"
    import_file(sqlite_database, catalogue, path, rejected=out)
    out.write_text(out.read_text(encoding="utf-8-sig").replace("渔业", "电子"), encoding="utf-8")
    again = tmp_path / "again.csv"
    report = import_file(sqlite_database, catalogue, out, rejected=again)
    assert (report.created, report.rejected) == (1, 0)
    assert again.read_text(encoding="utf-8-sig").count("#line") == 1
    assert count(sqlite_database, Supplier) == 2


def test_doubled_rows_merge_and_contradictions_are_refused(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    rows = [firm_row(1), firm_row(2), firm_row(1), firm_row(2, name="另一家有限公司"), firm_row(3)]
    report = import_file(sqlite_database, catalogue, csv_file(tmp_path / "list.csv", rows))
    assert (report.created, report.merged, report.rejected) == (2, 1, 2)
    assert [line for line, _, _ in problems(report)] == [3, 5]
    assert "line 5" in problems(report)[0][2]


def test_a_workbook_with_excel_dates_and_a_lost_credit_code(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    good = [*firm_row(1)[:4], date(2010, 3, 5)]
    lost = [913100000000000012, *firm_row(2)[1:4], 40242]
    report = import_file(sqlite_database, catalogue, xlsx_file(tmp_path / "list.xlsx", [good, lost]))
    assert report.created == 1
    assert problems(report) == [
        (4, "统一社会信用代码", "stored as a number, its digits beyond the 15th are lost: enter it as text")
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_encodings_arrive_whole(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(1, name="镕基（苏州）精密有限公司")], encoding=encoding)
    import_file(sqlite_database, catalogue, path)
    with Session(sqlite_database) as session:
        assert session.scalars(select(Supplier.name_zh)).one() == "镕基（苏州）精密有限公司"


def test_files_that_cannot_be_imported_say_why(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(1)[1:]], headings=HEADINGS[1:])
    with pytest.raises(ImportFileError, match="lacks the column 统一社会信用代码"):
        import_file(sqlite_database, catalogue, path)
    path = csv_file(tmp_path / "twice.csv", [[*firm_row(1), "x"]], headings=(*HEADINGS, "企业名称"))
    with pytest.raises(ImportFileError, match="twice"):
        import_file(sqlite_database, catalogue, path)
    with pytest.raises(ImportFileError, match="no rows"):
        import_file(sqlite_database, catalogue, csv_file(tmp_path / "none.csv", []))
    with pytest.raises(ImportFileError, match="no source 'nothing'"):
        load_mapping("nothing")
    with pytest.raises(ImportFileError, match="provenance"):
        load_mapping("suppliers", provenance={"colour": "red"})


NO_FIELD = """
kind = "suppliers"
title = "t"
[provenance]
issuing_body = "b"
[constants]
"supplier.colour" = "x"
[[column]]
heading = "a"
field = "supplier.number"
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kind = 'fish'", "kind"),
        ("kind = 'suppliers'\ntitle = 't'\ncolumn = []\n[provenance]\nissuing_body = 'b'", "nothing fills"),
        (NO_FIELD, "no field supplier.colour"),
        ("not TOML", "toml"),
    ],
)
def test_mappings_that_contradict_themselves(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(ImportFileError, match=says):
        load_mapping(str(path))


def test_what_the_register_alone_can_refuse_is_refused_by_row(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    """In the middle of a batch: the others are written."""
    rows = [firm_row(1), firm_row(2, name=""), firm_row(3)]
    report = import_file(sqlite_database, catalogue, csv_file(tmp_path / "list.csv", rows))
    assert (report.created, report.rejected) == (2, 1)
    assert problems(report) == [(3, "企业名称", "a new firm needs a name")]


ROWS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(["甲", "乙", ""]), st.sampled_from(["电子", "纺织", "", "鱼"])),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_whatever_the_file_twice_changes_nothing(
    empty_sqlite_file: Path, catalogue: Catalogue, tmp_path: Path, rows: list[tuple[int, str, str]]
) -> None:
    file = tmp_path / "twice.db"
    file.write_bytes(empty_sqlite_file.read_bytes())
    for leftover in tmp_path.glob("twice.db-*"):
        leftover.unlink()
    database = make_engine(f"sqlite:///{file}")
    path = tmp_path / "list.csv"
    path.write_text(csv_text([[*firm_row(n, name=name, sector=sector)] for n, name, sector in rows] or [firm_row(1)]))
    try:
        first = import_file(database, catalogue, path, batch=2)
        entries = count(database, AuditEntry)
        second = import_file(database, catalogue, path, batch=3)
        assert first.rows == second.rows
        assert (second.created, second.changed) == (0, 0)
        assert second.unchanged == first.created + first.changed
        assert second.rejected == first.rejected
        assert first.created + first.changed + first.merged + first.rejected == first.rows
        assert count(database, AuditEntry) == entries
    finally:
        database.dispose()


class PowerCutError(Exception):
    """Stands for whatever ends a process."""


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_an_interrupted_import_with_rows_the_register_refused(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path, batches: int
) -> None:
    """They are refused again, and reported, when it is taken up."""
    rows = [firm_row(number, name="" if number in {2, 5} else "甲") for number in range(1, 9)]
    path = csv_file(tmp_path / "list.csv", rows)
    written = 0

    def progress(phase: str, _done: int, _total: int) -> None:
        nonlocal written
        written += phase == "write"
        if written == batches:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        import_file(sqlite_database, catalogue, path, batch=2, progress=progress)
    report = import_file(sqlite_database, catalogue, path, batch=3)
    assert report.resumed_at == batches * 2
    assert (report.created, report.rejected) == (6, 2)
    assert [line for line, _, _ in problems(report)] == [3, 6]
    assert count(sqlite_database, Supplier) == count(sqlite_database, OutboxRow) == 6
    assert count(sqlite_database, ImportRun) == 1


def test_another_mapping_or_provenance_is_another_import(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(1)])
    import_file(sqlite_database, catalogue, path)
    import_file(sqlite_database, catalogue, path, mapping=load_mapping("suppliers", provenance={"batch": "2"}))
    with Session(sqlite_database) as session:
        assert len(set(session.scalars(select(ImportRun.file_hash)))) == 2


def test_the_list_itself_is_never_overwritten(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(1)])
    with pytest.raises(ImportFileError, match="overwrite"):
        import_file(sqlite_database, catalogue, path, rejected=path)


CELLS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.just(10**400)
    | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(st.sampled_from(["number", "name", "region", "sites", "industries", "status_on"]), CELLS))
)
def test_no_ndjson_crashes_an_import(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path, objects: list[dict[str, object]]
) -> None:
    path = tmp_path / "list.ndjson"
    good = {"number": credit_code(1), "name": "甲"}
    path.write_text("\n".join(json.dumps(one) for one in [good, *objects]), encoding="utf-8")
    report = import_file(sqlite_database, catalogue, path, dry_run=True, rejected=tmp_path / "out.csv")
    assert report.created + report.unchanged + report.merged + report.rejected == report.rows == len(objects) + 1


def test_ten_thousand_wrong_rows(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(number, sector="鱼") for number in range(10_000)])
    report = import_file(sqlite_database, catalogue, path)
    assert (report.created, report.rejected, len(report.samples)) == (0, 10_000, 1000)
