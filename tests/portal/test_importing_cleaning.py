"""Cells to values: what people type, and what a workbook keeps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.register.importing.cleaning import Cell, day, folded, number, registration, shown, text, whole
from portal.register.importing.problems import CellError

ANYTHING = st.one_of(
    st.text(max_size=60),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
)


DAY = date(2024, 3, 5)
WRITTEN: list[Cell] = ["2024-03-05", "2024年3月5日", "2024/3/5", "2024.3.5", "20240305", "２０２４年３月５日"]
WRITTEN += ["2024-03-05 00:00:00", "2024-03-05T08:30:00Z", " 2024 年 3 月 5 日 ", "45356", 45356, 45356.75, DAY]
WRITTEN += [datetime.combine(DAY, time(8))]


@pytest.mark.parametrize("cell", WRITTEN)
def test_a_day_is_read_however_it_is_written(cell: Cell) -> None:
    assert day(cell) == DAY


@pytest.mark.parametrize("cell", ["2024年3月", "2024-02-30", "20241340", "3/5/2024", "明年", "0204-03-05", True, "12"])
def test_what_is_no_day_is_refused(cell: Cell) -> None:
    with pytest.raises(CellError):
        day(cell)


def test_a_mapping_may_say_how_days_are_written() -> None:
    assert day("05/03/2024", ["%d/%m/%Y"]) == date(2024, 3, 5)


def test_names_keep_their_brackets_and_lose_what_cannot_be_seen() -> None:
    assert text("　ＡＢＣ　（苏州）\u200b轴承\n有限公司 \x00") == "ABC （苏州）轴承 有限公司"
    assert text("⾦属") == "金属"  # a radical, as copied from a PDF
    assert folded("Ａ型－机床 ") == folded("a型机床")


def test_registration_numbers() -> None:
    assert registration(" '９１３１ 0000-MA1K35X0X1 ") == "91310000MA1K35X0X1"
    assert registration(123456789012) == "123456789012"
    for lost in (9.131e17, 913100001234567890, "9.131E+17", True, date(2024, 1, 1)):
        with pytest.raises(CellError):
            registration(lost)


def test_numbers() -> None:
    assert number("1,234.5") == 1234.5
    assert number("９５％") == 95
    assert number("-3") == -3
    assert whole("12.0") == 12
    for wrong in ("12a", "1,23", "nan", "1e400", "", float("inf"), True):
        with pytest.raises(CellError):
            number(wrong)
    with pytest.raises(CellError):
        whole("1.5")


@given(ANYTHING)
def test_no_cell_crashes_a_reader(cell: Cell) -> None:
    readers: tuple[Callable[[Cell], object], ...] = (text, registration, day, number, whole)
    for read in readers:
        with suppress(CellError):
            read(cell)


@given(st.text(max_size=80))
def test_cleaning_twice_is_cleaning_once(value: str) -> None:
    try:
        once = text(value)
    except CellError:
        return
    assert text(once) == once
    assert once == once.strip()
    assert once.isprintable() or not once.isascii()


@given(st.dates(date(1955, 1, 1), date(2100, 1, 1)))
def test_every_day_is_read_back(value: date) -> None:
    written = (value.isoformat(), f"{value.year}年{value.month}月{value.day}日", value.strftime("%Y%m%d"))
    assert {day(one) for one in written} == {value}
    assert day((value - date(1899, 12, 30)) / timedelta(days=1)) == value
    assert shown(value) == value.isoformat()
