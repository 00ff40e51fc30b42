"""Near misses: searches that one condition alone kept a firm out of, told only where several asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from portal.company.near_misses import NearMisses, Questions, near_misses
from portal.models import AskedQuery, SearchCount
from portal.register.clock import today_china
from portal.usage import notes
from portal.usage.pseudonyms import quarter
from portal.usage.reading import Logged
from portal.usage.telling import Tally, rounded
from search import LevelChoice, SearchQuery
from search.fields import FieldTable
from search.matching import Matcher
from search.single import singles
from tests.portal.accounts.conftest import People, Visitor
from tests.search.strategies import VOCABULARY, make_document, queries

TABLE = FieldTable(VOCABULARY)
DOCUMENT = make_document(Random(4), 1)
MINE = SearchQuery(sectors=(DOCUMENT.sector,))
OTHER = SearchQuery(sectors=("no such sector",))
PROCESS = SearchQuery(processes=("no such process",))


def tally(*searches: int) -> Tally:
    """Of as many organisations as numbers."""
    made = Tally()
    for number, own in enumerate(searches):
        made.add(f"2026Q4:{number}", own)
    return made


def both(*conditions: SearchQuery) -> SearchQuery:
    """All of these conditions."""
    given = {name: value for one in conditions for name, value in (notes.conditions(one) or {}).items()}
    return notes.query_of(given)


def missed(*log: Logged) -> NearMisses:
    return near_misses(Questions.of(list(log), TABLE), DOCUMENT)


def lines(found: NearMisses) -> list[tuple[SearchQuery, int]]:
    return [(one.condition, one.searches) for one in found.missed]


def test_only_what_one_condition_kept_it_out_of_is_told() -> None:
    found = missed(
        Logged(both(MINE, PROCESS), True, tally(3, 3, 3)),  # one condition is not met
        Logged(both(OTHER, PROCESS), True, tally(9, 9, 9)),  # neither
        Logged(MINE, True, tally(9, 9, 9)),  # found
        Logged(OTHER, True, tally(10, 10, 17)),
    )
    assert lines(found) == [(OTHER, 35), (PROCESS, 5)]
    assert found.searches == 45


@pytest.mark.parametrize(
    ("searches", "told"), [((3, 2), []), ((100,), []), ((2, 1, 1), []), ((2, 2, 1), [(PROCESS, 5)])]
)
def test_at_the_edges_of_the_rule(searches: tuple[int, ...], told: list[tuple[SearchQuery, int]]) -> None:
    found = missed(Logged(both(MINE, PROCESS), True, tally(*searches)))
    assert lines(found) == told
    assert found.searches == sum(number for _, number in told)


def test_different_searches_that_missed_by_the_same_condition_add_up() -> None:
    found = missed(
        Logged(both(MINE, PROCESS), True, tally(2, 0, 0)),
        Logged(PROCESS, True, tally(1, 1, 1)),
    )
    assert lines(found) == [(PROCESS, 5)]


def test_what_may_not_be_told_is_in_no_sum() -> None:
    found = missed(Logged(PROCESS, True, tally(5, 5, 5)), Logged(OTHER, True, tally(50, 50)))
    assert found.searches == 15


def test_searches_that_also_asked_for_words_are_left_out() -> None:
    assert lines(missed(Logged(PROCESS, False, tally(5, 5, 5)))) == []


def test_conditions_that_the_catalogue_has_forgotten_are_left_out() -> None:
    gone = SearchQuery(levels=(LevelChoice("gone"),))
    found = missed(Logged(both(PROCESS, gone), True, tally(5, 5, 5)), Logged(PROCESS, True, tally(5, 5, 5)))
    assert lines(found) == [(PROCESS, 15)]


@given(st.lists(st.tuples(queries(), st.lists(st.integers(1, 9), min_size=1, max_size=4)), max_size=12))
def test_as_an_index_would_say(asked: list[tuple[SearchQuery, list[int]]]) -> None:
    """Of each condition: the searches that find the firm without it, and not with it."""
    log = [Logged(both(query), True, tally(*searches)) for query, searches in asked]
    expected: dict[SearchQuery, Tally] = {}
    for query, _, own in log:
        met = [bool(found) for found in Matcher(VOCABULARY, list(singles(query))).places([DOCUMENT])]
        if met.count(False) == 1:
            expected.setdefault(list(singles(query))[met.index(False)], Tally()).join(own)
    told = {condition: own for condition, own in expected.items() if own.told}
    found = missed(*log)
    assert dict(lines(found)) == {condition: own.told for condition, own in told.items()}
    assert found.searches == rounded(sum(own.searches for own in told.values()))


_ids = count(1)


@pytest.fixture
def log(people: People) -> Callable[..., None]:
    """`log({…query…}, 3, 2)`: searches of yesterday, a number an organisation."""
    with people.session() as session, session.begin():
        session.execute(delete(SearchCount))
        session.execute(delete(AskedQuery))
    yesterday = today_china() - timedelta(days=1)

    def write(query: SearchQuery, *searches: int, back: int = 0) -> None:
        identifier = next(_ids)
        people.add(
            AskedQuery(id=identifier, hash=str(identifier), query=notes.conditions(query), whole=True),
        )
        people.add(
            *(
                SearchCount(
                    day=yesterday - timedelta(days=back),
                    query_id=identifier,
                    organisation=f"{quarter(yesterday)}:{place}",
                    searches=number,
                )
                for place, number in enumerate(searches)
            )
        )

    return write


def test_the_page_names_the_condition_and_leads_to_who_meets_it(
    sme: tuple[Visitor, int], log: Callable[..., None]
) -> None:
    log(SearchQuery(sectors=("machinery",), processes=("casting",)), 10, 10, 17)
    log(SearchQuery(sectors=("textiles",)), 50, 50)
    page = sme[0].get("/firm/near-misses").text
    assert "In the last 90 days at least 35 searches missed you by one condition." in page
    assert 'href="/suppliers?process=casting"' in page
    assert 'href="/firm/why?process=casting"' in page
    assert "textiles" not in page


def test_what_buyers_of_the_sector_really_ask_is_offered_first_on_the_page_why(
    sme: tuple[Visitor, int], log: Callable[..., None]
) -> None:
    log(SearchQuery(sectors=("machinery",), processes=("casting",)), 1, 1, 3)
    log(SearchQuery(sectors=("machinery",), processes=("forging",)), 40, 40)
    page = sme[0].get("/firm/why").text
    assert "process=casting" in page
    assert "process=forging" not in page


def test_a_day_that_is_not_over_is_not_told(sme: tuple[Visitor, int], log: Callable[..., None]) -> None:
    log(SearchQuery(processes=("casting",)), 5, 5, 5, back=-1)
    assert "There is nothing to tell" in sme[0].get("/firm/near-misses").text
