"""Mappings guessed from headings and cells: every source's own list is known, whatever its columns' order and dress."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from portal.indexing.sessions import writing
from portal.models import ImportSource, Organisation, User
from portal.register.catalogue import Catalogue
from portal.register.importing import ImportFileError, load_mapping, source_names
from portal.register.importing.guessing import fitting, guess, of_source
from portal.register.importing.making import find_source, make_mapping, own_sources, restored, stored
from portal.register.importing.mapping import Mapping, ProvenanceTable, check_mapping, missing_fields
from portal.register.importing.naming import NAMES, fields_of
from portal.register.importing.peeking import Peek, peek
from portal.register.importing.targets import TARGETS, SourceKind
from tests.factories import credit_code
from tests.portal.importing import csv_file, firm_row, import_file

SOURCES = {name: load_mapping(name) for name in source_names()}
KNOWN = [word for names in NAMES.values() for word in names]


def looked_at(headings: list[str], *rows: list[str]) -> Peek:
    return Peek(tuple(headings), tuple(map(tuple, rows)), "CSV", len(rows))


def test_every_field_has_a_name_in_both_languages(catalogue: Catalogue) -> None:
    assert set(NAMES) == set(TARGETS)
    assert all(len(names) >= 2 for names in NAMES.values())
    for lang in (0, 1):
        names = [names[lang] for names in NAMES.values()]
        assert len(set(names)) == len(names)
    for kind in SourceKind:
        assert "supplier.number" in set(fields_of(kind, catalogue))


@given(st.data())
def test_the_list_of_a_source_is_known_in_any_order(catalogue: Catalogue, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SOURCES)))
    source = SOURCES[name]
    picked = [data.draw(st.sampled_from(column.headings)) for column in source.column]
    headings = list(data.draw(st.permutations(picked)))
    found = guess(looked_at(headings), SOURCES, catalogue)
    assert found.source == name
    made = make_mapping(found.kind, zip(headings, found.fields, strict=True), base=source, provenance=source.provenance)
    assert {column.headings: column.field for column in made.column} == {
        column.headings: column.field for column in source.column
    }
    assert (made.constants, made.defaults, made.number, made.place) == (
        source.constants,
        source.defaults,
        source.number,
        source.place,
    )
    assert restored(stored(made)) == made


DRESSED = {
    "供应商统一社会信用代码*": "supplier.number",
    "单位（全称）": "supplier.name_zh",
    "1.发证日期（必填）": "certificate.issued_on",
    "证书有效期至：": "certificate.expires_on",
    "证书编号【唯一】": "certificate.number",
    "认证项目名称": "certificate.scheme",
}


def test_headings_in_other_dress_are_known(catalogue: Catalogue) -> None:
    cells = [credit_code(1), "苏州样例轴承有限公司", "2024-01-05", "2027-01-04", "A-1", "质量管理能力等级"]
    found = guess(looked_at(list(DRESSED), cells), SOURCES, catalogue)
    assert (found.kind, found.source) == (SourceKind.CERTIFICATES, "")
    assert dict(zip(DRESSED, found.fields, strict=True)) == DRESSED


def test_where_headings_say_nothing_the_cells_do(catalogue: Catalogue) -> None:
    headings = ["甲", "乙", "丙", "丁", "戊", ""]
    rows = [
        ["2027-01-04", "苏州样例轴承有限公司", credit_code(1), "2024年1月5日", "保证级", "x"],
        ["2027-03-04", "宁波样例机械厂", credit_code(2), "2024年3月5日", "卓越级", "y"],
    ]
    found = guess(looked_at(headings, *rows), SOURCES, catalogue)
    assert found.kind is SourceKind.CERTIFICATES
    assert found.fields == (
        "certificate.expires_on",
        "supplier.name_zh",
        "supplier.number",
        "certificate.issued_on",
        "certificate.level",
        "",
    )
    assert found.constants == {"certificate.scheme": "quality_capability"}


def test_criteria_in_the_headings_make_it_a_list_of_assessments(catalogue: Catalogue) -> None:
    headings = ["信用代码", "评价时间", "评估机构", "X01-04 某指标", "X01-05"]
    found = guess(looked_at(headings, [credit_code(1), "2025-01-01", "甲", "符合", "不符合"]), SOURCES, catalogue)
    assert (found.kind, found.fields) == (
        SourceKind.ASSESSMENTS,
        ("supplier.number", "assessment.assessed_on", "assessment.assessor", "", ""),
    )


def test_a_column_is_not_filled_twice(catalogue: Catalogue) -> None:
    found = guess(looked_at(["统一社会信用代码", "信用代码"], [credit_code(1), credit_code(1)]), SOURCES, catalogue)
    assert found.fields.count("supplier.number") == 1


def test_a_list_that_fits_nothing_is_missing_what_it_needs(catalogue: Catalogue) -> None:
    found = guess(looked_at(["水果", "价格"], ["苹果", "3"]), SOURCES, catalogue)
    made = make_mapping(found.kind, zip(["水果", "价格"], found.fields, strict=True))
    assert missing_fields(made) == ["supplier.number"]
    with pytest.raises(ImportFileError, match=r"nothing fills supplier\.number"):
        check_mapping("水果", made)


@pytest.mark.parametrize(
    "rows",
    [
        [["附件1 名单", "", ""], ["甲", "乙", "丙"], [credit_code(1), "苏州样例轴承有限公司", "保证级"]],
        [["甲", "乙", "丙"], [credit_code(1), "苏州样例轴承有限公司", "保证级"]],
    ],
    ids=["title", "plain"],
)
def test_headings_nobody_knows_are_found(tmp_path: Path, rows: list[list[str]]) -> None:
    for delimiter in ",;\t":
        path = tmp_path / "list.txt"
        path.write_text("\n".join(delimiter.join(row) for row in rows), encoding="gb18030")
        found = peek(path, KNOWN)
        assert found.headings == ("甲", "乙", "丙")
        assert found.column(1) == ["苏州样例轴承有限公司"]
    book = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(book)) as workbook:
        workbook.add_worksheet("空")
        sheet = workbook.add_worksheet("名单")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    assert peek(book, KNOWN).headings == ("甲", "乙", "丙")


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"\x00\x01\x02\x03" * 50, b"12345\n67890\n"):
        path = tmp_path / "list.csv"
        path.write_bytes(content)
        with pytest.raises(ImportFileError):
            peek(path, KNOWN)


def test_the_real_lists_are_known(shared_data: Callable[[str], Path], catalogue: Catalogue) -> None:
    for name in ("sba_certified", "osh_facilities"):
        found = guess(peek(shared_data(f"{name}.csv"), KNOWN), SOURCES, catalogue)
        assert found.source == name


def test_a_column_that_is_read_otherwise_leaves_the_source_s_rules(catalogue: Catalogue) -> None:
    base = SOURCES["suppliers"]
    made = make_mapping(
        base.kind,
        [
            ("统一社会信用代码", "supplier.number"),
            ("登记状态", ""),
            ("备注", "supplier.status"),
            ("工艺", "supplier.processes"),
        ],
        base=base,
        constants={"certificate.scheme": "", "supplier.size": "small"},
        provenance=ProvenanceTable(issuing_body="某部门"),
    )
    by_field = {column.field: column for column in made.column}
    assert by_field["supplier.status"].headings == ("备注",)
    assert by_field["supplier.processes"] in base.column
    assert by_field["supplier.number"].required
    assert made.constants == {"supplier.size": "small"}
    assert [column for column in made.column if "登记状态" in column.headings] == []


def test_saved_sources_are_found_by_name(database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    sessions = sessionmaker(database)
    made = make_mapping(
        SourceKind.SUPPLIERS,
        [("甲", "supplier.number"), ("乙", "supplier.name_zh")],
        provenance=ProvenanceTable(issuing_body="某部门"),
    )
    with writing(sessions) as session:
        organisation = Organisation(kind="ministry", name="部", state="approved")
        session.add(organisation)
        session.flush()
        user = User(organisation_id=organisation.id, sign_in="a", name="王芳", role="staff_editor")
        session.add(user)
        session.flush()
        session.add(ImportSource(name="jiangsu", mapping=stored(made), user_id=user.id))
    with Session(database) as session:
        assert own_sources(session) == {"jiangsu": made}
        found = find_source(session, "jiangsu", {"issued_on": "2026-01-02"})
        with pytest.raises(ImportFileError, match=r"no source 'nothing'; there are: .*jiangsu"):
            find_source(session, "nothing")
        with pytest.raises(ImportFileError, match="provenance"):
            find_source(session, "jiangsu", {"issued_on": "gestern"})
        assert find_source(session, "suppliers").name == "suppliers"
    assert str(found.provenance.issued_on) == "2026-01-02"
    assert found.fingerprint != made.fingerprint
    path = csv_file(tmp_path / "list.csv", [firm_row(1)[:2]], ("甲", "乙"))
    assert import_file(database, catalogue, path, mapping=found).created == 1
    assert fitting(("甲", "乙"), {"jiangsu": made}, catalogue) == "jiangsu"
    assert of_source(("乙", "甲"), "jiangsu", made).fields == ("supplier.name_zh", "supplier.number")


def test_a_mapping_is_a_mapping() -> None:
    assert isinstance(restored(stored(SOURCES["osh_facilities"])), Mapping)
