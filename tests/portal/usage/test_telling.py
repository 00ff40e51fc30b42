"""Nobody can be told apart: what is shown of searches, at the edges of the rule, and by difference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.models import AskedQuery, SearchCount
from portal.usage.reading import logged, version
from portal.usage.telling import LEAST_SEARCHES, STEP, Tally, few, joined

TODAY = date(2026, 11, 24)


def tally(searches: Mapping[str, int]) -> Tally:
    made = Tally()
    for organisation, number in searches.items():
        made.add(organisation, number)
    return made


@pytest.mark.parametrize(
    ("searches", "told"),
    [
        ({"2026Q4:a": 3, "2026Q4:b": 2}, None),  # two organisations, five searches
        ({"2026Q4:a": 2, "2026Q4:b": 1, "2026Q4:c": 1}, None),  # three, four
        ({"2026Q4:a": 3, "2026Q4:b": 1, "2026Q4:c": 1}, 5),  # three, five
        ({"2026Q4:a": 100}, None),
        ({"2026Q4:a": 98, "2026Q4:b": 1, "2026Q4:c": 1}, 100),
        ({"2026Q3:a": 3, "2026Q3:b": 3, "2026Q4:a": 3, "2026Q4:b": 3}, None),  # may be the same two
        ({"2026Q3:a": 1, "2026Q4:a": 2, "2026Q4:b": 2, "2026Q4:c": 2}, 5),
        ({}, None),
    ],
)
def test_a_number_is_told_from_three_organisations_and_five_searches_on(
    searches: dict[str, int], told: int | None
) -> None:
    assert tally(searches).told == told


def test_searching_again_makes_no_other_organisation() -> None:
    made = Tally()
    for _ in range(100):
        made.add("2026Q4:a", 1)
    assert (made.searches, made.told) == (100, None)


ORGANISATIONS = st.dictionaries(st.sampled_from([f"2026Q4:{name}" for name in "abcde"]), st.integers(1, 30), max_size=5)


@given(ORGANISATIONS, st.integers(1, LEAST_SEARCHES - 1))
def test_no_difference_of_two_numbers_tells_of_fewer_searches_than_the_rule_allows(
    searches: dict[str, int], more: int
) -> None:
    """Whatever somebody sees before and after 1 to 4 searches more, they might as well have seen after none, or 5."""
    before = tally(searches)
    after = joined([tally(searches), tally({"2026Q4:a": more})])
    for number in filter(None, (before.told, after.told)):
        assert number % STEP == 0
    if before.told is not None and after.told is not None:
        assert after.told - before.told in (0, STEP)


def test_small_numbers_of_appearances_are_all_alike() -> None:
    assert [number for number in range(7) if not few(number)] == [5, 6]


@pytest.fixture
def log(session: Session) -> Session:
    """Searches of one organisation, today and on days before."""
    session.add(AskedQuery(id=1, hash="1", query={"sectors": ["steel"]}, whole=True))
    session.flush()
    session.add_all(
        SearchCount(day=TODAY - timedelta(days=back), query_id=1, organisation="2026Q4:a", searches=searches)
        for back, searches in ((0, 1), (1, 10), (90, 100), (91, 1000))
    )
    session.flush()
    return session


def test_the_log_is_read_of_the_last_ninety_days_that_are_over(log: Session) -> None:
    [one] = logged(log, TODAY)
    assert one.query.sectors == ("steel",)
    assert one.tally == tally({"2026Q4:a": 110})


def test_what_is_worked_out_of_the_log_is_kept_until_it_changes(log: Session) -> None:
    before = version(log, TODAY)
    log.add(SearchCount(day=TODAY, query_id=1, organisation="2026Q4:b", searches=1))
    log.flush()
    assert version(log, TODAY) == before
    assert version(log, TODAY + timedelta(days=1)) != before
