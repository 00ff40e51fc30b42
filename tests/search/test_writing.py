"""Writing by version, builds beside the live index, and what an index was built by: alike on every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import (
    ApplyReport,
    Change,
    FacetRequest,
    HeldCertificate,
    IndexMissing,
    SearchEngine,
    SearchQuery,
    Sort,
    Standing,
    SupplierDocument,
    Tombstone,
    elastic_index,
    open_engine,
)
from tests.search.oracle import Oracle
from tests.search.strategies import EDITIONS, TODAY, VOCABULARY, make_document


def changes(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[Change]:
    """Documents and tombstones of few firms, in any order of versions."""
    version = st.integers(1, 6)
    documents = st.builds(make_document, st.integers(0, 50).map(Random), numbers, version)
    tombstones = st.builds(lambda number, held: Tombstone(make_document(Random(0), number).id, held), numbers, version)
    return documents | documents | tombstones


tens = count(1)


def ids(engine: SearchEngine) -> set[str]:
    return {hit.id for hit in engine.search(SearchQuery(per_page=100)).hits}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.lists(changes(st.integers(0, 5)), min_size=1, max_size=6), min_size=1, max_size=5))
def test_what_is_newest_by_version_is_found(engine: SearchEngine, steps: list[list[Change]]) -> None:
    """Firms are new in each example, since the index is not."""
    offset = next(tens) * 10
    oracle = Oracle(VOCABULARY)
    for step in steps:
        moved = [replace(change, id=f"CN-USCC/{offset + int(change.id[-18:])}") for change in step]
        newer = [oracle.apply(change) for change in moved]
        report = engine.apply(moved)
        assert report.applied == tuple(c.id for c, new in zip(moved, newer, strict=True) if new)
        assert report.stale == tuple(c.id for c, new in zip(moved, newer, strict=True) if not new)
        own = SearchQuery(ids=tuple(oracle.versions), sort=Sort.CRITERIA, per_page=100)
        request = FacetRequest("edition")
        page = engine.search(replace(own, facets=(request,)))
        assert [hit.id for hit in page.hits] == [document.id for document in oracle.found(own)]
        assert page.facets[0] == oracle.facet(own, request)
        for edition in EDITIONS:
            ranked = replace(own, edition=edition, sort=Sort.RANK)
            assert [hit.id for hit in engine.search(ranked).hits] == [d.id for d in oracle.found(ranked)]


def test_a_late_older_write_does_not_bring_a_firm_back(engine: SearchEngine) -> None:
    document = make_document(Random(1), 1, version=3)
    assert engine.apply([document]).applied == (document.id,)
    assert engine.apply([Tombstone(document.id, 4)]).applied == (document.id,)
    assert engine.apply([replace(document, version=4)]) == ApplyReport(stale=(document.id,))
    assert ids(engine) == set()
    assert engine.health().documents == 0
    assert list(engine.scan(SearchQuery())) == []
    assert engine.apply([replace(document, version=5)]).applied == (document.id,)
    assert ids(engine) == {document.id}


REFUSED: dict[str, SupplierDocument] = {
    "id": replace(make_document(Random(1), 1), id="x" * 500),
    "version": replace(make_document(Random(1), 1), version=0),
    "certificates: scheme": replace(
        make_document(Random(1), 1), certificates=(HeldCertificate("no such", None, TODAY, None),)
    ),
    "certificates: scheme 'CCC'": replace(
        make_document(Random(1), 1), certificates=(HeldCertificate("CCC", "one", TODAY, None),)
    ),
    "standings: position": replace(make_document(Random(1), 1), standings=(Standing("e", 8, 7, "A", True),)),
    "standings: two": replace(make_document(Random(1), 1), standings=(Standing("e", 1, 7, "A", True),) * 2),
    "standings: 'now'": replace(make_document(Random(1), 1), standings=(Standing("now", 1, 7, "A", True),)),
    "listed": replace(make_document(Random(1), 1), listed=-1),
    "process: a value": replace(make_document(Random(1), 1), processes=("x" * 9_000,)),
    "sector": replace(make_document(Random(1), 1), sector="\ud800"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_document_that_cannot_be_indexed_fails_alone(engine: SearchEngine, reason: str) -> None:
    good = [make_document(Random(2), number) for number in (2, 3)]
    report = engine.apply([good[0], REFUSED[reason], good[1]])
    assert report.applied == (good[0].id, good[1].id)
    assert report.failed is not None
    assert report.failed[REFUSED[reason].id].startswith(reason)
    assert ids(engine) == {document.id for document in good}


def test_what_is_applied_is_found_though_the_last_request_was_empty(
    engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_index, "BULK_SIZE", 1)
    good = make_document(Random(2), 2)
    assert engine.apply([good, REFUSED["listed"]]).applied == (good.id,)
    assert ids(engine) == {good.id}


def test_nothing_to_apply(engine: SearchEngine) -> None:
    assert engine.apply([]) == ApplyReport()


def test_a_build_is_invisible_until_it_is_swapped_in(engine: SearchEngine) -> None:
    old, new = make_document(Random(1), 1, 9), make_document(Random(2), 2)
    engine.apply([old])
    build = engine.begin_build()
    build.apply([new, Tombstone("gone", 2), replace(new, version=1)])
    assert build.count() == 1
    assert ids(engine) == {old.id}
    build.swap()
    assert ids(engine) == {new.id}
    assert engine.apply([replace(old, version=1)]).applied == (old.id,)
    assert engine.apply([replace(new, version=1)]).stale == (new.id,)
    assert engine.health().current


def test_another_process_sees_what_is_applied_and_swapped_in(engine_url: Callable[[], str]) -> None:
    url = engine_url()
    with closing(open_engine(url, VOCABULARY)) as worker, closing(open_engine(url, VOCABULARY)) as web:
        with pytest.raises(IndexMissing):
            web.search(SearchQuery())
        worker.begin_build().swap()
        assert ids(web) == set()
        document = make_document(Random(1), 1)
        worker.apply([document])
        assert ids(web) == {document.id}
        web.begin_build().swap()  # `flask index rebuild` is a process of its own
        assert ids(web) == ids(worker) == set()
        assert worker.apply([document]).applied == (document.id,)
        assert ids(web) == {document.id}


def test_a_discarded_build_leaves_no_trace(engine: SearchEngine) -> None:
    document = make_document(Random(1), 1)
    engine.apply([document])
    before = engine.health().index
    build = engine.begin_build()
    build.apply([make_document(Random(2), 2)])
    build.discard()
    assert ids(engine) == {document.id}
    assert engine.health().index == before
    engine.discard_builds()
    assert ids(engine) == {document.id}


def test_a_scan_outlives_a_rebuild(engine: SearchEngine) -> None:
    documents = [make_document(Random(number), number) for number in range(5)]
    engine.apply(documents)
    scan: Iterator[str] = engine.scan(SearchQuery())
    build = engine.begin_build()
    build.swap()
    engine.discard_builds()
    assert sorted(scan) == [document.id for document in documents]
    assert list(engine.scan(SearchQuery())) == []


def test_an_index_of_another_catalogue_is_not_searched(engine_url: Callable[[], str]) -> None:
    url = engine_url()
    other = replace(VOCABULARY, fingerprint="another")
    with closing(open_engine(url, VOCABULARY)) as engine, closing(open_engine(url, other)) as changed:
        with pytest.raises(IndexMissing):
            changed.health()
        engine.begin_build().swap()
        assert engine.health().current
        assert not changed.health().current
        for ask in (changed.search, changed.scan, lambda query: changed.counts([query])):
            with pytest.raises(IndexMissing):
                ask(SearchQuery())
        with pytest.raises(IndexMissing):
            changed.apply([make_document(Random(1), 1)])
        changed.begin_build().swap()
        assert changed.search(SearchQuery()).total == 0
        assert not engine.health().current
        with pytest.raises(IndexMissing):
            engine.search(SearchQuery())


@pytest.mark.parametrize("url", ["", "tantivy://relative", "http://localhost:9200", "sqlite:///x", "tantivy:"])
def test_an_address_of_no_engine(url: str) -> None:
    with pytest.raises(ValueError, match="search address"):
        open_engine(url, VOCABULARY)
