"""Snapshots: what is kept of a day, how it thins out, what pages make of it, and when the worker takes one."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.settings import Settings
from portal.coverage.axes import Axis, Dimension
from portal.coverage.counting import count_table
from portal.coverage.criteria import count_criteria, rates
from portal.coverage.snapshots import (
    KEPT_DAYS,
    MOST_ROWS,
    as_kept,
    narrowable,
    narrowed,
    on_or_before,
    take,
    thin,
)
from portal.coverage.taking import LEASE, Taker
from portal.extensions import db
from portal.indexing import leases
from portal.indexing.facts import set_swept_on
from portal.indexing.rebuild import Rebuild
from portal.indexing.sessions import Sessions, writing
from portal.indexing.vocabulary import vocabulary
from portal.ministry.coverage_criteria import criteria_page
from portal.ministry.coverage_trend import trend_page
from portal.models import OutboxRow, Snapshot, Supplier
from portal.register.catalogue import Catalogue
from portal.register.clock import today_china
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from portal.web.presenters.context import context
from portal.web.templating import render_template
from search import SearchEngine, SearchQuery, open_engine
from search.contract import EngineUnavailable, LevelChoice
from tests.factories import assessment_facts, record, supplier_facts
from tests.portal.accounts.conftest import Visitor
from tests.portal.apps import flask, running

DAY = date(2026, 5, 20)


def assessed(number: int, *marks: dict[str, str], **stated: object) -> SupplierRecord:
    """A firm with assessments a year apart, oldest first."""
    days = [date(2023 + year, 6, 1) for year in range(len(marks))]
    return SupplierRecord(
        supplier=supplier_facts(number, **stated),
        assessments=tuple(assessment_facts(day, **one) for day, one in zip(days, marks, strict=True)),
    )


@pytest.fixture
def indexed(sessions: Sessions, engine: SearchEngine, catalogue: Catalogue) -> Callable[[], SearchEngine]:
    """Firms in register and index; opens engines on it."""
    with writing(sessions) as session:
        Writer(session, catalogue, actor="tester").write(
            [record(number, sector="textiles" if number > 3 else "machinery") for number in range(1, 6)]
            + [record(9, certificates=0)]
        )
    Rebuild(sessions, engine, catalogue).run()
    with writing(sessions) as session:
        session.execute(delete(OutboxRow))
        set_swept_on(session, DAY)
    return lambda: engine


def names(sessions: Sessions, day: date = DAY) -> list[str]:
    with sessions() as session:
        return sorted(session.scalars(select(Snapshot.name).where(Snapshot.day == day)))


def test_a_snapshot_holds_the_tables_as_they_were(
    indexed: Callable[[], SearchEngine], sessions: Sessions, catalogue: Catalogue
) -> None:
    engine = indexed()
    rows = take(sessions, engine, catalogue, DAY)
    assert rows == len(names(sessions)) <= MOST_ROWS
    rows_axis, columns_axis = Axis(Dimension.SECTOR), Axis(Dimension.LEVEL)
    table = count_table(engine, SearchQuery(), rows_axis, columns_axis, catalogue)
    with sessions() as session:
        for turned in (False, True):
            pair = (Dimension.LEVEL, Dimension.SECTOR) if turned else (Dimension.SECTOR, Dimension.LEVEL)
            past = on_or_before(session, DAY + timedelta(3), *pair)
            assert past is not None
            assert (past.day, past.number(None, None)) == (DAY, 6)
            for row, line in zip(table.rows, table.cells, strict=True):
                for column, number in zip(table.columns, line, strict=True):
                    place = (column.value, row.value) if turned else (row.value, column.value)
                    assert past.number(*place) == number
        assert on_or_before(session, DAY - timedelta(1), Dimension.SECTOR, Dimension.LEVEL) is None


def test_taken_again_it_replaces_that_of_the_day(
    indexed: Callable[[], SearchEngine], sessions: Sessions, catalogue: Catalogue
) -> None:
    take(sessions, indexed(), catalogue, DAY)
    first = names(sessions)
    take(sessions, indexed(), catalogue, DAY)
    assert names(sessions) == first


def test_with_the_engine_down_nothing_is_kept(
    indexed: Callable[[], SearchEngine], sessions: Sessions, catalogue: Catalogue
) -> None:
    down = open_engine("http://127.0.0.1:9/firms", vocabulary(catalogue))
    with pytest.raises(EngineUnavailable):
        take(sessions, down, catalogue, DAY)
    down.close()
    assert names(sessions) == []


def test_old_days_thin_out_to_the_last_of_each_month(session: Session) -> None:
    days = [DAY - timedelta(offset) for offset in range(KEPT_DAYS + 70)]
    session.add_all(Snapshot(day=day, name="targets", numbers={}, data_version=1) for day in days)
    thin(session, DAY)
    kept = set(session.scalars(select(Snapshot.day)))
    assert {day for day in days if day >= DAY - timedelta(KEPT_DAYS)} <= kept
    before = [day for day in days if day < DAY - timedelta(KEPT_DAYS)]
    old = sorted(day for day in kept if day in before)
    assert old == sorted(max(d for d in before if d.month == month) for month in {day.month for day in before})


def test_the_worker_takes_one_a_day_once_the_sweep_is_in_the_index(
    indexed: Callable[[], SearchEngine], sessions: Sessions, catalogue: Catalogue, engine: SearchEngine, tmp_path: Path
) -> None:
    def opened() -> SearchEngine:
        return open_engine(f"tantivy://{tmp_path / 'index'}", vocabulary(catalogue))

    taker = Taker(sessions, opened, catalogue, threading.Event(), lambda: DAY)
    with writing(sessions) as session:
        firm = session.scalars(select(Supplier.id).limit(1)).one()
        session.add(OutboxRow(supplier_id=firm, version=9))
    assert not taker.step()  # something waits for the index
    with writing(sessions) as session:
        session.execute(delete(OutboxRow))
    leases.acquire(sessions, LEASE, "another worker")
    assert not taker.step()
    leases.release(sessions, LEASE, "another worker")
    assert taker.step()
    assert not taker.step()
    tomorrow = Taker(sessions, opened, catalogue, threading.Event(), lambda: DAY + timedelta(1))
    assert not tomorrow.step()  # not swept yet
    with writing(sessions) as session:
        set_swept_on(session, DAY + timedelta(1))
    assert tomorrow.step()
    assert names(sessions) == names(sessions, DAY + timedelta(1))


def test_criteria_are_counted_by_what_was_assessed(session: Session, writer: Writer, catalogue: Catalogue) -> None:
    writer.write(
        [
            assessed(1, {"X01_04": "not_met", "X01_05": "met"}, {"X01_04": "met", "X01_05": "not_met"}),
            assessed(2, {"X01_04": "met", "X01_06": "not_applicable"}, sector="textiles", region="440300"),
            assessed(3),
            record(4),
        ]
    )
    session.flush()
    counts = count_criteria(session, catalogue)
    assert counts.firms == 2
    assert rates(counts.sectors["machinery"]) == {"X01-04": (1, 1), "X01-05": (1, 0)}
    assert rates(counts.sectors["textiles"]) == {"X01-04": (1, 1)}
    assert set(counts.provinces) == {"330000", "440000"}
    assert (dict(counts.gained), dict(counts.lost)) == ({"X01-04": 1}, {"X01-05": 1})


def test_batches_leave_no_firm_out(
    session: Session, writer: Writer, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.coverage.criteria.BATCH", 2)
    writer.write([assessed(number, {"X01_04": "met"}) for number in range(1, 8)])
    session.flush()
    assert rates(count_criteria(session, catalogue).sectors["machinery"]) == {"X01-04": (7, 7)}


# ---- the pages


@pytest.fixture(scope="module")
def kept(coverage_app: Flask) -> Iterator[Flask]:
    """The portal with a snapshot of today, and the same numbers less one each a month ago."""
    flask(coverage_app, "coverage", "snapshot")
    with coverage_app.app_context(), db.session.begin():
        today = today_china()
        for row in list(db.session.scalars(select(Snapshot).where(Snapshot.day == today))):
            earlier = dict(row.numbers)
            if "total" in earlier:
                earlier["total"] -= 4
            db.session.add(
                Snapshot(day=today - timedelta(40), name=row.name, numbers=earlier, data_version=row.data_version)
            )
    yield coverage_app
    with coverage_app.app_context(), db.session.begin():
        db.session.execute(delete(Snapshot))


def test_change_since_a_day(kept: Flask, staff: Visitor) -> None:
    before = today_china() - timedelta(35)
    page = f"/ministry/coverage?rows=sector&columns=size&measure=change&against={before}"
    text = staff.get(page).text
    assert f"since the snapshot of {before - timedelta(5)}" in text
    assert re.search(r'<td class="num all up"><a href="/suppliers">\+4</a></td>', text)
    turned = staff.get(page.replace("rows=sector&columns=size", "rows=size&columns=sector")).text
    assert "+4</a>" in turned
    filtered = staff.get(f"{page}&tier=srdi").text
    assert "What these filters found on an earlier day was not kept" in filtered
    own = staff.get(f"{page}&sector=machinery").text
    assert f"since the snapshot of {before - timedelta(5)}" in own
    assert "+4</a>" not in own  # only the whole had grown
    early = staff.get("/ministry/coverage?measure=change&against=2000-01-01").text
    assert "There is no snapshot of that day or before; the first is of" in early


NARROWED = (
    (Dimension.SECTOR, Dimension.SIZE, SearchQuery(sectors=("machinery",))),
    (Dimension.SECTOR, Dimension.SIZE, SearchQuery(sectors=("machinery", "steel"), sizes=("small", "micro"))),
    (Dimension.SECTOR, Dimension.LEVEL, SearchQuery(sectors=("electronics", "textiles"))),
    (Dimension.PROVINCE, Dimension.SECTOR, SearchQuery(regions=("330000",))),
    (Dimension.PROVINCE, Dimension.LEVEL, SearchQuery(regions=("320000",))),
    (Dimension.PROVINCE, Dimension.SIZE, SearchQuery(regions=("330000",), sizes=("small",))),
    (Dimension.INDUSTRY, Dimension.TIER, SearchQuery(industries=("34",))),
    (Dimension.TIER, Dimension.PROVINCE, SearchQuery(tiers=("innovative",))),
    (Dimension.CITY, Dimension.SECTOR, SearchQuery(regions=("330200",))),
)


@pytest.mark.parametrize(("rows", "columns", "query"), NARROWED)
def test_a_kept_table_tells_what_its_own_filters_would_have_found(
    counted: SearchEngine, catalogue: Catalogue, rows: Dimension, columns: Dimension, query: SearchQuery
) -> None:
    """Kept now and narrowed, it is the table counted now under the filters, cell by cell and total by total."""
    own, other = Axis(rows), Axis(columns)
    assert narrowable(query, own, other, catalogue)
    whole = count_table(counted, SearchQuery(), own, other, catalogue)
    past = narrowed(as_kept(whole, DAY), query, own, other)
    table = count_table(counted, query, own, other, catalogue)
    assert table.total
    assert past.total == table.total
    for row, total in zip(table.rows, table.row_totals, strict=True):
        assert past.number(row.value, None) == total, row.value
    for column, total in zip(table.columns, table.column_totals, strict=True):
        assert past.number(None, column.value) == total, column.value
    for row, line in zip(table.rows, table.cells, strict=True):
        for column, number in zip(table.columns, line, strict=True):
            assert past.number(row.value, column.value) == number, (row.value, column.value)


@pytest.mark.parametrize(
    ("rows", "columns", "query"),
    [
        (Dimension.SECTOR, Dimension.SIZE, SearchQuery(tiers=("srdi",))),
        (Dimension.SECTOR, Dimension.SIZE, SearchQuery(text="轴承")),
        (Dimension.SECTOR, Dimension.SIZE, SearchQuery(certified_from=DAY)),
        (Dimension.TIER, Dimension.SIZE, SearchQuery(tiers=("srdi", "innovative"))),
        (Dimension.PROVINCE, Dimension.SIZE, SearchQuery(regions=("330200",))),
        (Dimension.CITY, Dimension.SIZE, SearchQuery(regions=("330000",))),
        (Dimension.UNIT, Dimension.SIZE, SearchQuery(regions=("330000",))),
        (Dimension.LEVEL, Dimension.SIZE, SearchQuery(levels=(LevelChoice("quality_capability"),))),
        (Dimension.INDUSTRY, Dimension.SIZE, SearchQuery(industries=("345",))),
    ],
)
def test_what_it_does_not_tell(catalogue: Catalogue, rows: Dimension, columns: Dimension, query: SearchQuery) -> None:
    assert not narrowable(query, Axis(rows), Axis(columns), catalogue)


def test_trend_by_month(kept: Flask, staff: Visitor) -> None:
    text = staff.get("/ministry/coverage/trend").text
    assert text.index(today_china().isoformat()) < text.index((today_china() - timedelta(40)).isoformat())
    row = text[text.index("Firms listed") :]
    assert "+4" in row[: row.index("</tr>")]
    assert "<svg" in row[: row.index("</tr>")]
    assert "Firms newly at 检验级" in text


def test_met_rates_of_criteria(kept: Flask, staff: Visitor) -> None:
    text = staff.get("/ministry/coverage/criteria").text
    assert "30 firms assessed" in text
    row = text[text.index("X01-05") :]
    assert "0.0%" in row[: row.index("</tr>")]
    by_region = staff.get("/ministry/coverage/criteria?by=region&group=quality").text
    assert "Zhejiang" in by_region
    assert 'href="/suppliers?criteria=X01-04&amp;region=330000"' in by_region
    assert staff.get("/ministry/coverage/criteria?by=colour").status_code == 400
    assert staff.get("/ministry/coverage/criteria?group=none").status_code == 400


def test_trend_and_criteria_go_out_as_files(kept: Flask, staff: Visitor) -> None:
    for part in ("trend", "criteria"):
        assert staff.get(f"/ministry/coverage/files/{part}.xlsx").status_code == 200


def test_without_a_snapshot_pages_say_so(portal_settings: Settings) -> None:
    with running(portal_settings) as app, app.test_request_context("/"):
        at = context()
        assert trend_page(at).days == ()
        assert criteria_page("sector", "", at).day is None
        for name, page in (("trend", trend_page(at)), ("criteria", criteria_page("sector", "", at))):
            assert "There is no snapshot yet." in render_template(f"ministry/coverage_{name}.html", page=page)
