"""The undo of a whole import: the register says what it said before, each firm with its trace, or nothing is undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session, sessionmaker

from portal.indexing.sessions import writing
from portal.models import (
    Assessment,
    AuditEntry,
    Base,
    Certificate,
    ImportTouch,
    ImportUndo,
    OutboxRow,
    Supplier,
    table_of,
)
from portal.register.audit import Actor
from portal.register.catalogue import Catalogue
from portal.register.facts import SupplierRecord
from portal.register.importing import ImportJob, ImportReport, load_mapping, run_import
from portal.register.importing.undoing import ACTION, hold, to_do, touched_later, undo_some
from portal.register.problems import WriteError
from portal.register.state import CHILDREN
from portal.register.writer import Writer
from tests.factories import (
    assessment_facts,
    credit_code,
    edition_facts,
    provenance_facts,
    ranking_facts,
    record,
    supplier_facts,
    supplier_key,
)
from tests.portal.importing import csv_file, firm_row, import_file

CERTIFICATES = ("统一社会信用代码", "企业名称", "认证项目", "等级", "证书编号", "发证日期")
MOVING = {"updated_at", "index_version"}


def state(database: Engine) -> dict[str, Any]:
    """Everything the register says, but for what every change moves."""
    said: dict[str, Any] = {}
    with Session(database) as session:
        for model in (Supplier, *CHILDREN):
            rows = session.execute(select(table_of(model))).mappings()
            said[model.__name__] = sorted(
                [repr([(name, value) for name, value in row.items() if name not in MOVING]) for row in rows]
            )
    return said


def write(database: Engine, catalogue: Catalogue, *records: SupplierRecord) -> None:
    with writing(sessionmaker(database)) as session:
        Writer(session, catalogue, actor="tester", provenance=provenance_facts()).write(records)


def imported(database: Engine, catalogue: Catalogue, path: Path, source: str = "suppliers", **more: Any) -> int:
    report = import_file(database, catalogue, path, source, journal=True, **more)
    assert report.run_id is not None
    return report.run_id


def undo(database: Engine, run_id: int, step: int = 2) -> int:
    """As the job does it; how many firms."""
    sessions = sessionmaker(database)
    with writing(sessions) as session:
        assert touched_later(session, run_id).count == 0
        held = hold(session, run_id)
    while True:
        with writing(sessions) as session:
            some = to_do(session, run_id, step)
            if not some:
                return held
            undo_some(session, run_id, some, Actor("user/1", "import 1"), "导入已撤回")


def test_changed_firms_are_as_before_and_new_ones_are_withdrawn(
    database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    write(database, catalogue, *(record(number) for number in range(1, 4)))
    before = state(database)
    rows = [
        [credit_code(1), "", "quality_capability", "卓越级", "Q-1-0", "2025-03-01"],  # changed
        [credit_code(1), "", "quality_capability", "检验级", "NEW", "2025-03-01"],  # added to the firm
        [credit_code(2), "改了名的公司", "quality_capability", "卓越级", "Q-2-0", "2025-03-01"],
        [credit_code(3), "", "quality_capability", "保证级", "Q-3-0", "2024-05-01"],  # says what is there
        [credit_code(9), "新来的公司", "quality_capability", "保证级", "N-9", "2025-03-01"],
        [credit_code(1), "", "quality_capability", "检验级", "NEWER", "2025-03-02"],  # of a later batch
    ]
    path = csv_file(tmp_path / "list.csv", rows, CERTIFICATES)
    run = imported(database, catalogue, path, "certificates", batch=3)
    assert state(database) != before
    assert undo(database, run) == 3
    with Session(database) as session:
        new = session.scalars(select(Supplier).where(Supplier.number == credit_code(9))).one()
        assert (new.withdrawn_reason, new.import_undo) == ("导入已撤回", ImportUndo.UNDONE)
        assert new.withdrawn_at is not None
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == ACTION)).all()
        assert {entry.subject for entry in entries} == {supplier_key(1), supplier_key(2), supplier_key(9)}
        first = next(entry for entry in entries if entry.subject == supplier_key(1))
        assert first.actor == "user/1"
        assert first.changes["certificates"]["quality_capability/NEW"]["level"] == ["inspection", None]
        assert first.changes["certificates"]["quality_capability/Q-1-0"]["level"] == ["excellence", "assurance"]
        version = session.scalars(select(Supplier.index_version).where(Supplier.number == credit_code(1))).one()
        due = session.scalars(select(OutboxRow.version).order_by(OutboxRow.id)).all()
        assert version in due
    with writing(sessionmaker(database)) as session:
        of_new = select(Supplier.id).where(Supplier.number == credit_code(9))
        session.execute(delete(ImportTouch))
        session.execute(delete(OutboxRow))
        session.execute(delete(Certificate).where(Certificate.supplier_id.in_(of_new)))
        session.execute(delete(Supplier).where(Supplier.number == credit_code(9)))
    assert state(database) == before


def test_assessments_get_their_results_back(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    known = SupplierRecord(
        supplier=supplier_facts(1), assessments=(assessment_facts(date(2025, 6, 1), "甲", X01_04="met"),)
    )
    write(sqlite_database, catalogue, known)
    before = state(sqlite_database)
    headings = ("统一社会信用代码", "评价日期", "评价机构", "X01-04", "X01-05")
    rows = [
        [credit_code(1), "2025-06-01", "甲", "不符合", "符合"],  # one changed, one added
        [credit_code(1), "2025-09-01", "乙", "符合", ""],  # newer: the current one from then on
    ]
    path = csv_file(tmp_path / "list.csv", rows, headings)
    run = imported(sqlite_database, catalogue, path, "assessments", batch=1)
    undo(sqlite_database, run)
    assert state(sqlite_database) == before
    with Session(sqlite_database) as session:
        assert session.scalars(select(Assessment)).one().marks == " X01-04="


def test_a_list_brings_back_what_the_undo_of_its_first_import_withdrew(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    wrong = csv_file(tmp_path / "wrong.csv", [firm_row(1, established="2001-01-01", sector="电子")])
    undo(sqlite_database, imported(sqlite_database, catalogue, wrong))
    right = csv_file(tmp_path / "right.csv", [firm_row(1, established="")])
    report = import_file(sqlite_database, catalogue, right, journal=True)
    assert (report.created, report.changed) == (1, 0)
    with Session(sqlite_database) as session:
        firm = session.scalars(select(Supplier)).one()
        assert (firm.withdrawn_at, firm.withdrawn_reason, firm.import_undo) == (None, "", "")
        assert (firm.sector, firm.established_on) == ("machinery", None)  # nothing of the wrong list is left
    assert report.run_id is not None
    undo(sqlite_database, report.run_id)
    with Session(sqlite_database) as session:
        assert session.scalars(select(Supplier)).one().import_undo == ImportUndo.UNDONE


def test_firms_that_something_touched_later_are_named(database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    path = csv_file(tmp_path / "list.csv", [firm_row(number) for number in range(1, 5)])
    run = imported(database, catalogue, path, batch=2)
    with Session(database) as session:
        assert touched_later(session, run).count == 0
    write(database, catalogue, record(2), record(4))
    with Session(database) as session:
        later = touched_later(session, run)
    assert (later.count, later.firms) == (2, (supplier_key(2), supplier_key(4)))


def test_an_edition_touches_the_firms_it_ranks(sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path) -> None:
    run = imported(sqlite_database, catalogue, csv_file(tmp_path / "list.csv", [firm_row(1), firm_row(2)]))
    with writing(sessionmaker(sqlite_database)) as session:
        Writer(session, catalogue, actor="tester").publish_edition(edition_facts(), [ranking_facts(1, 1)])
    with Session(sqlite_database) as session:
        assert touched_later(session, run).firms == (supplier_key(1),)


def test_held_firms_cannot_be_changed_until_they_are_put_back(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    run = imported(sqlite_database, catalogue, csv_file(tmp_path / "list.csv", [firm_row(1), firm_row(2)]))
    with writing(sessionmaker(sqlite_database)) as session:
        hold(session, run)
    with pytest.raises(WriteError, match="is held"):
        write(sqlite_database, catalogue, record(1))
    with writing(sessionmaker(sqlite_database)) as session, pytest.raises(WriteError, match="is held"):
        Writer(session, catalogue, actor="tester").withdraw(supplier_key(2), "违规")
    report = import_file(sqlite_database, catalogue, csv_file(tmp_path / "other.csv", [firm_row(1, name="别的公司")]))
    assert (report.changed, report.rejected) == (0, 1)
    undo(sqlite_database, run)
    write(sqlite_database, catalogue, record(1))


def test_a_dry_run_tells_firms_and_fields_and_keeps_nothing(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    import_file(sqlite_database, catalogue, csv_file(tmp_path / "a.csv", [firm_row(1), firm_row(2)]))
    before = state(sqlite_database)
    rows = [
        [credit_code(1), "", "quality_capability", "卓越级", "A", "2025-03-01"],
        [credit_code(2), "新名字有限公司", "quality_capability", "卓越级", "B", "2025-03-01"],
        [credit_code(7), "新来的公司", "quality_capability", "卓越级", "C", "2025-03-01"],
        [credit_code(7), "新来的公司", "quality_capability", "卓越级", "D", "2025-03-01"],
    ]
    path = csv_file(tmp_path / "b.csv", rows, CERTIFICATES)
    dry = import_file(sqlite_database, catalogue, path, "certificates", dry_run=True, journal=True, batch=1)
    assert (dry.created, dry.changed, dry.unchanged) == (1, 3, 0)
    assert dry.firms == {"made": 1, "changed": 2}
    assert dry.fields["certificates.+"] == 2
    assert dry.fields["supplier.name_zh"] == 1
    assert state(sqlite_database) == before
    with Session(sqlite_database) as session:
        assert session.scalars(select(ImportTouch)).all() == []
    wet = import_file(sqlite_database, catalogue, path, "certificates", batch=1)
    assert wet.outcomes == dry.outcomes


def test_imports_of_one_file_told_apart_do_not_take_each_other_up(
    sqlite_database: Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    class Killed(BaseException):
        pass

    calls: Iterator[int] = iter(range(100))

    def dying(_session: Session, _run: int | None) -> None:
        if next(calls) == 2:
            raise Killed

    path = csv_file(tmp_path / "list.csv", [firm_row(number) for number in range(1, 7)])

    def run(salt: str, **more: Any) -> ImportReport:
        with sessionmaker(sqlite_database)() as session:
            given: dict[str, Any] = {
                "session": session,
                "catalogue": catalogue,
                "mapping": load_mapping("suppliers"),
                "path": path,
            }
            return run_import(ImportJob(**given, batch=2, salt=salt, journal=True, **more))

    with pytest.raises(Killed):
        run("one", guard=dying)
    other = run("two")
    assert (other.resumed_at, other.created, other.unchanged) == (0, 4, 2)
    again = run("one")
    assert (again.resumed_at, again.created, again.unchanged) == (2, 2, 4)
    assert again.run_id != other.run_id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    there=st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["machinery", "electronics"])), max_size=5),
    listed=st.lists(
        st.tuples(
            st.integers(1, 8),
            st.sampled_from(["保证级", "卓越级"]),
            st.sampled_from(["Q-1-0", "Q-2-0", "Z"]),
            st.sampled_from(["2024-05-01", "2025-01-01"]),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda row: (row[0], row[2]),
    ),
)
def test_whatever_was_imported_the_undo_leaves_what_was_there(
    sqlite_database: Engine,
    catalogue: Catalogue,
    tmp_path: Path,
    there: list[tuple[int, str]],
    listed: list[tuple[int, str, str, str]],
) -> None:
    with writing(sessionmaker(sqlite_database)) as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
    write(sqlite_database, catalogue, *(record(number, sector=sector) for number, sector in there))
    before = state(sqlite_database)
    known = len(before["Supplier"])
    rows = [
        [credit_code(number), "公司" if number > 6 else "", "quality_capability", level, code, issued]
        for number, level, code, issued in listed
    ]
    path = csv_file(tmp_path / "list.csv", rows, CERTIFICATES)
    run = imported(sqlite_database, catalogue, path, "certificates", batch=3)
    undo(sqlite_database, run)
    after = state(sqlite_database)
    assert {name: rows for name, rows in after.items() if name != "Supplier"} == {
        name: rows for name, rows in before.items() if name != "Supplier"
    }
    assert set(before["Supplier"]) <= set(after["Supplier"])
    assert all("'undone'" in row for row in set(after["Supplier"]) - set(before["Supplier"]))
    assert known <= len(after["Supplier"])
