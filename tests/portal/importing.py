"""Helpers of the tests of importing: lists made on the spot, and an import of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from portal.models import Base
from portal.register.catalogue import Catalogue
from portal.register.importing import ImportJob, ImportReport, load_mapping, run_import
from tests.factories import credit_code

HEADINGS = ("统一社会信用代码", "企业名称", "行业领域", "所在地", "成立日期")


def firm_row(number: int, **changes: str) -> list[str]:
    """A row below HEADINGS."""
    values = {
        "code": credit_code(number),
        "name": f"苏州样例{number}轴承有限公司",
        "sector": "工业机械和装备",
        "region": "320500",
        "established": "2010年3月5日",
    }
    return list((values | changes).values())


def csv_text(rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS, delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue()


def csv_file(
    path: Path, rows: Iterable[Sequence[str]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8"
) -> Path:
    path.write_bytes(csv_text(rows, headings).encode(encoding))
    return path


def xlsx_file(path: Path, rows: Iterable[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> Path:
    """A workbook with a title above the headings; dates in `rows` become Excel dates."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy/m/d"}) as book:
        book.add_worksheet("说明").write(0, 0, "填表说明")
        sheet = book.add_worksheet("名单")
        sheet.write(0, 0, "附件1 名单")
        sheet.write_row(1, 0, headings)
        for place, row in enumerate(rows, start=2):
            sheet.write_row(place, 0, row)
    return path


def import_file(
    database: Any, catalogue: Catalogue, path: Path, source: str = "suppliers", **more: Any
) -> ImportReport:
    provenance = {"issuing_body": "测试部门", "issued_on": "2025-01-01"}
    mapping = more.pop("mapping", None) or load_mapping(source, provenance=provenance)
    with sessionmaker(database)() as session:
        return run_import(ImportJob(session=session, catalogue=catalogue, mapping=mapping, path=path, **more))


def problems(report: ImportReport) -> list[tuple[int, str, str]]:
    return [(row.line, one.column, one.reason) for row in report.samples for one in row.problems]


def count(database: Any, model: type[Base]) -> int:
    with Session(database) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0
