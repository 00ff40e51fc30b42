"""What each of many queries matches of a few documents is what the oracle says, and what an index of them would."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from search import LevelChoice, SearchQuery
from search.matching import Matcher
from tests.search.oracle import Oracle
from tests.search.strategies import VOCABULARY, make_document, queries


@given(seed=st.integers(0, 1 << 30), asked=st.lists(queries(), min_size=1, max_size=8))
def test_as_the_oracle_says(seed: int, asked: list[SearchQuery]) -> None:
    random = Random(seed)
    documents = [make_document(random, number) for number in range(25)]
    oracle = Oracle(VOCABULARY)
    for document in documents:
        oracle.apply(document)
    answers = [{documents[place].id for place in found or ()} for found in Matcher(VOCABULARY, asked).places(documents)]
    assert answers == [{document.id for document in oracle.found(query)} for query in asked]


def test_documents_of_one_firm_are_told_apart() -> None:
    random = Random(1)
    first = make_document(random, 1)
    matcher = Matcher(VOCABULARY, [SearchQuery(ids=(first.id,)), SearchQuery()])
    assert list(matcher.places([first, make_document(random, 1, version=2)])) == [frozenset({0, 1})] * 2
    assert list(matcher.places([])) == [frozenset()] * 2


def test_a_query_that_the_vocabulary_does_not_know_has_no_answer() -> None:
    matcher = Matcher(VOCABULARY, [SearchQuery(levels=(LevelChoice("gone"),)), SearchQuery(text="轴承")])
    assert next(matcher.places([make_document(Random(1), 1)])) is None
