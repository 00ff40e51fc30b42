"""Lists of certificates, assessments and rankings."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.models import Assessment, Certificate, Edition, Ranking, Supplier
from portal.register.catalogue import Catalogue
from tests.factories import credit_code
from tests.portal.importing import count, csv_file, firm_row, import_file, problems

CERTIFICATES = (
    "统一社会信用代码",
    "企业名称",
    "认证项目",
    "等级",
    "证书编号",
    "认证依据",
    "发证日期",
    "有效期至",
    "证书状态",
)


def test_certificates(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    code, name = credit_code(1), "苏州样例轴承有限公司"
    rows = [
        [code, name, "质量管理能力等级", "保证级", "Q-1", "三方", "2024/3/5", "20270304", "有效"],
        [code, "", "ISO 9001", "", "G-1", "third_party", "2024-03-05", "长期", "暂停"],
        [code, "", "质量管理能力等级", "无上级", "Q-2", "三方", "2024/3/5", "", ""],
        [code, "", "质量管理能力等级", "", "Q-3", "三方", "2024/3/5", "", ""],
        [code, "", "ISO 9001", "保证级", "G-2", "三方", "2024/3/5", "", ""],
        [code, "", "某某认证", "", "G-3", "三方", "2024/3/5", "", ""],
        [code, "", "ISO 9001", "", "G-4", "三方", "2024/3/5", "2023/1/1", ""],
        [credit_code(2), "", "ISO 9001", "", "G-5", "三方", "2024/3/5", "", ""],
    ]
    path = csv_file(tmp_path / "list.csv", rows, headings=CERTIFICATES)
    report = import_file(sqlite_database, catalogue, path, "certificates")
    assert [line for line, _, _ in problems(report)] == [4, 5, 6, 7, 8, 9]
    assert problems(report)[5][2] == "a new firm needs a name"
    with Session(sqlite_database) as session:
        first, second = session.scalars(select(Certificate).order_by(Certificate.id)).all()
        assert (first.level, first.basis, first.expires_on) == ("assurance", "third_party", date(2027, 3, 4))
        assert (second.scheme, second.state, second.expires_on) == ("gbt19001", "suspended", None)
    report = import_file(sqlite_database, catalogue, path, "certificates")
    assert (report.created, report.changed, report.unchanged) == (0, 0, 2)


def test_certificates_under_two_names_of_one_firm_are_refused(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    rows = [
        [credit_code(1), name, "ISO 9001", "", f"G-{name}", "三方", "2024/3/5", "", ""] for name in ("甲", "", "乙")
    ]
    rows += [[credit_code(2), "丙", "ISO 9001", "", "G-9", "三方", "2024/3/5", "", ""]] * 2
    path = csv_file(tmp_path / "list.csv", rows, headings=CERTIFICATES)
    report = import_file(sqlite_database, catalogue, path, "certificates", batch=1)
    assert [line for line, _, _ in problems(report)] == [2, 3, 4]  # the one without a name comes too early then
    assert (report.created, report.merged) == (1, 1)


def test_assessments_with_a_column_for_each_criterion(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    figure = next(c for c in catalogue.criteria.values() if c.at_least is not None)
    headings = ("统一社会信用代码", "企业名称", "评价日期", "评价机构", "X01-05 导入卓越绩效评价准则", figure.code)
    start = [credit_code(1), "甲有限公司", "2025-06-01", "某评价机构"]
    assert figure.at_least is not None
    rows = [
        [*start, "符合", str(figure.at_least)],
        [*start[:3], "另一机构", "不适用", str(figure.at_least - 1)],
        [*start[:3], "第三机构", "", ""],
        [*start[:3], "第四机构", "大概", ""],
    ]
    path = csv_file(tmp_path / "list.csv", rows, headings=headings)
    report = import_file(sqlite_database, catalogue, path, "assessments")
    assert [line for line, _, _ in problems(report)] == [4, 5]
    with Session(sqlite_database) as session:
        first, second = session.scalars(select(Assessment).order_by(Assessment.id)).all()
        assert first.results == {
            "X01-05": {"result": "met"},
            figure.code: {"result": "met", "value": figure.at_least},
        }
        assert {code: one["result"] for code, one in second.results.items()} == {
            "X01-05": "not_applicable",
            figure.code: "not_met",
        }


def test_assessments_with_a_criterion_a_row_and_as_ndjson(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    headings = ("统一社会信用代码", "企业名称", "评价日期", "评价机构", "评价指标", "结果", "证据")
    start = [credit_code(1), "甲有限公司", "2025-06-01", "某评价机构"]
    rows = [[*start, "X01-05", "met", "报告第3页"], [*start, "X01-07", "未达标", ""], [*start, "X99-99", "met", ""]]
    path = csv_file(tmp_path / "list.csv", rows, headings=headings)
    report = import_file(sqlite_database, catalogue, path, "assessments")
    assert problems(report)[0][:2] == (4, "评价指标")
    other = tmp_path / "list.ndjson"
    about = {"supplier": credit_code(1), "assessed_on": "2025-06-01", "assessor": "某评价机构"}
    good = about | {"results": {"X01-10": {"result": "met", "evidence": "page 4"}}}
    bad = about | {"assessor": "x", "results": {"Y": "met"}}
    other.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in (good, bad)), encoding="utf-8")
    report = import_file(sqlite_database, catalogue, other, "assessments")
    assert (report.changed, report.rejected) == (1, 1)
    with Session(sqlite_database) as session:
        results = session.scalars(select(Assessment.results)).one()
        assert {code: one["result"] for code, one in results.items()} == {
            "X01-05": "met",
            "X01-07": "not_met",
            "X01-10": "met",
        }


def ranking_rows(*numbers: int) -> list[list[str]]:
    return [
        [
            "mach-2025",
            "机械榜",
            "工业机械和装备",
            "2025",
            "2025-12-31",
            credit_code(number),
            str(place),
            f"{90 - place}.5",
            "A",
        ]
        for place, number in enumerate(numbers, start=1)
    ]


RANKINGS = ("榜单代码", "榜单名称", "行业领域", "期间", "截止日期", "统一社会信用代码", "排名", "得分", "等次")


def test_rankings_are_published_whole_or_not_at_all(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    import_file(sqlite_database, catalogue, csv_file(tmp_path / "f.csv", [firm_row(n) for n in (1, 2, 3)]))
    bad = csv_file(tmp_path / "bad.csv", ranking_rows(1, 2, 9), headings=RANKINGS)
    report = import_file(sqlite_database, catalogue, bad, "rankings")
    assert problems(report) == [(4, "", "is not in the register: import its firm first")]
    assert count(sqlite_database, Edition) == 0
    good = csv_file(tmp_path / "good.csv", ranking_rows(1, 2, 3), headings=RANKINGS)
    assert import_file(sqlite_database, catalogue, good, "rankings", dry_run=True).editions == {"mach-2025": "created"}
    assert count(sqlite_database, Edition) == 0
    for outcome in ("created", "unchanged"):
        report = import_file(sqlite_database, catalogue, good, "rankings", publish=True)
        assert report.editions == {"mach-2025": outcome}
    other = csv_file(tmp_path / "other.csv", ranking_rows(2, 1, 3), headings=RANKINGS)
    report = import_file(sqlite_database, catalogue, other, "rankings", publish=True)
    assert report.rejected == 1
    assert "never change" in problems(report)[0][2]
    with Session(sqlite_database) as session:
        edition = session.scalars(select(Edition)).one()
        assert (edition.official, edition.peers, edition.current) == (True, 3, True)
        assert session.scalars(select(Ranking.score).order_by(Ranking.position)).all() == [89500, 88500, 87500]


def test_without_being_told_to_publish_rankings_become_a_draft(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    import_file(sqlite_database, catalogue, csv_file(tmp_path / "f.csv", [firm_row(n) for n in (1, 2, 3)]))
    good = csv_file(tmp_path / "good.csv", ranking_rows(1, 2, 3), headings=RANKINGS)
    for outcome in ("created", "unchanged"):
        assert import_file(sqlite_database, catalogue, good, "rankings").editions == {"mach-2025": outcome}
    report = import_file(sqlite_database, catalogue, good, "rankings", publish=True)
    assert "as a draft" in problems(report)[0][2]
    with Session(sqlite_database) as session:
        edition = session.scalars(select(Edition)).one()
        assert (edition.state, edition.peers, edition.current) == ("draft", 3, False)
        assert set(session.scalars(select(Supplier.index_version))) == {1}, "nothing is due for the index"
