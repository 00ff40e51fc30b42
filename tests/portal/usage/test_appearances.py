"""Appearances: by week, small numbers not told, the running week rounded, never who."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.company.appearances import weeks
from portal.extensions import db
from portal.models import Appearance, Role, Supplier
from portal.register.clock import today_china
from portal.register.writer import Writer
from portal.usage.notes import How, monday
from tests.factories import record
from tests.portal.accounts.conftest import People, Visitor

TODAY = date(2026, 11, 25)
MONDAY = date(2026, 11, 23)
WEEK = timedelta(weeks=1)


@pytest.fixture
def firms(session: Session, writer: Writer) -> list[int]:
    writer.write([record(number) for number in (1, 2, 3)])
    session.flush()
    return list(session.scalars(select(Supplier.id).order_by(Supplier.id)))


def count(session: Session, firm: int, week: date, **numbers: int) -> None:
    session.add(Appearance(supplier_id=firm, week=week, **numbers))
    session.flush()


def test_whole_weeks_are_told_from_five_on(session: Session, firms: list[int]) -> None:
    count(session, firms[0], MONDAY - WEEK, shown=17, opened=5, shortlisted=4)
    count(session, firms[1], MONDAY - WEEK, shown=1000)
    told = weeks(session, firms[0], TODAY)
    assert [(week.monday, week.running) for week in told] == [(MONDAY, True), (MONDAY - WEEK, False)]
    assert told[1].numbers == {How.SHOWN: 17, How.OPENED: 5, How.SHORTLISTED: None, How.EXPORTED: None}
    assert set(told[0].numbers.values()) == {None}


def test_the_running_week_is_rounded_down(session: Session, firms: list[int]) -> None:
    count(session, firms[0], MONDAY, shown=19, opened=4, exported=5)
    [running] = weeks(session, firms[0], TODAY)
    assert running.numbers == {How.SHOWN: 15, How.OPENED: None, How.SHORTLISTED: None, How.EXPORTED: 5}


def test_fewer_than_five_in_each_week_cannot_be_told_from_none(session: Session, firms: list[int]) -> None:
    for back in range(4):
        count(session, firms[0], MONDAY - back * WEEK, shown=4, opened=4, shortlisted=4, exported=4)
    assert weeks(session, firms[0], TODAY) == weeks(session, firms[1], TODAY) == []


def test_a_week_without_anything_lies_between_others(session: Session, firms: list[int]) -> None:
    count(session, firms[0], MONDAY - 3 * WEEK, shown=5)
    count(session, firms[0], MONDAY - 4 * WEEK, shown=4)
    count(session, firms[0], MONDAY - 30 * WEEK, shown=50)
    assert [week.numbers[How.SHOWN] for week in weeks(session, firms[0], TODAY)] == [None, None, None, 5]


def test_what_was_counted_of_a_firm_merged_into_it_is_its_own(session: Session, firms: list[int]) -> None:
    session.get_one(Supplier, firms[1]).merged_into_id = firms[0]
    count(session, firms[0], MONDAY - WEEK, shown=3)
    count(session, firms[1], MONDAY - WEEK, shown=4)
    assert weeks(session, firms[0], TODAY)[-1].numbers[How.SHOWN] == 7


@pytest.fixture(autouse=True)
def nothing_counted(usage_app: Flask) -> None:
    with usage_app.app_context():
        db.session.execute(delete(Appearance))
        db.session.commit()


def test_the_page_shows_weeks_as_a_table_and_a_chart(sme: tuple[Visitor, int], people: People) -> None:
    running = monday(today_china())
    browser, firm = sme
    people.add(
        Appearance(supplier_id=firm, week=running - 2 * WEEK, shown=30, opened=2),
        Appearance(supplier_id=firm, week=running - WEEK, shown=1234, opened=7),
        Appearance(supplier_id=firm, week=running, shown=19),
    )
    page = browser.get("/firm/appearances").text
    rows = [
        re.findall(r'<td class="num">([^<]*)</td>', row) for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL)[1:]
    ]
    assert rows == [
        ["15+", "&lt;5", "&lt;5", "&lt;5"],
        ["1,234", "7", "&lt;5", "&lt;5"],
        ["30", "&lt;5", "&lt;5", "&lt;5"],
    ]
    titles = re.findall(r"<title>([^<]*: [^<]*)</title>", page)
    assert f"{running - WEEK}: 1,234" in titles
    assert f"{running - 2 * WEEK}: &lt;5" in titles


def test_a_firm_that_nobody_met_is_told_what_is_counted(sme: tuple[Visitor, int]) -> None:
    page = sme[0].get("/firm/appearances")
    assert page.status_code == 200
    assert "There is nothing to tell yet" in page.text
    assert "<table" not in page.text


def test_without_a_firm_the_workspace_says_how_to_get_one(browser_of: Callable[..., Visitor]) -> None:
    browser = browser_of(Role.SUPPLIER_EDITOR)
    for path in ("/firm/appearances", "/firm/near-misses"):
        assert browser.get(path).location == "/firm"
