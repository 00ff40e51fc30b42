"""A query's conditions, one by one, find together what the query finds; each is judged as the engines would."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import LevelChoice, QueryError, SearchQuery
from search.fields import FieldTable
from search.matching import Matcher
from search.single import Held, node_of, singles
from tests.search.strategies import VOCABULARY, make_document, queries

TABLE = FieldTable(VOCABULARY)


@given(seed=st.integers(0, 1 << 30), asked=queries())
def test_whoever_meets_all_of_them_meets_the_query_and_each_is_judged_as_an_index_does(
    seed: int, asked: SearchQuery
) -> None:
    random = Random(seed)
    documents = [make_document(random, number) for number in range(25)]
    query = replace(asked, text="", ids=None, ids_not=())
    conditions = list(singles(query))
    held = [Held.of(document, TABLE) for document in documents]
    judged = [
        frozenset(place for place, one in enumerate(held) if one.meets(node_of(single, TABLE))) for single in conditions
    ]
    whole, *found = Matcher(VOCABULARY, [query, *conditions]).places(documents)
    assert list(found) == judged
    assert whole == frozenset(range(25)).intersection(*judged)


def test_what_counts_as_one_condition() -> None:
    quality = LevelChoice("quality", "A")
    day = date(2026, 12, 31)
    query = SearchQuery(
        text="轴承",
        sectors=("a", "b"),
        levels_min=(quality, LevelChoice("iso")),
        valid_through=day,
        criteria=("X1", "X2"),
        criteria_not=("X3",),
        nice=(("X4", 2),),
        has=("certificate", "website"),
        ids=("a/1",),
    )
    assert list(singles(query)) == [
        SearchQuery(sectors=("a", "b")),
        SearchQuery(levels_min=(quality,), valid_through=day),
        SearchQuery(levels_min=(LevelChoice("iso"),), valid_through=day),
        SearchQuery(criteria=("X1",)),
        SearchQuery(criteria=("X2",)),
        SearchQuery(criteria_not=("X3",)),
        SearchQuery(has=("certificate",)),
        SearchQuery(has=("website",)),
    ]
    some = SearchQuery(criteria=("X1", "X2", "X3"), criteria_mode=2)
    assert list(singles(some)) == [some]
    assert list(singles(SearchQuery(valid_through=day))) == [SearchQuery(valid_through=day)]
    assert list(singles(SearchQuery())) == []


def test_what_the_catalogue_does_not_know_any_more_is_refused() -> None:
    with pytest.raises(QueryError):
        node_of(SearchQuery(levels_min=(LevelChoice("gone"),)), TABLE)
