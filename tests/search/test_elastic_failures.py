"""When Elasticsearch fails: whoever asks is told, and nothing is made up. Mostly a small server plays it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import pytest

from search import (
    EngineUnavailable,
    FacetRequest,
    IndexMissing,
    SearchEngine,
    SearchQuery,
    Tombstone,
    elastic_index,
    open_engine,
)
from tests.search.strategies import VOCABULARY, make_document

JSON = dict[str, Any]


@dataclass
class Play:
    """What the server answers to each path's last word, and what it was asked."""

    answers: dict[str, list[tuple[int, JSON]]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    log_in: str | None = None
    delay: float = 0.0

    def next(self, path: str) -> tuple[int, JSON]:
        answers = self.answers.get(path.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]) or [
            (404, {"error": {"type": "none"}})
        ]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def playing(play: Play) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            play.asked.append((self.path, body))
            play.log_in = self.headers.get("Authorization")
            time.sleep(play.delay)
            status, answer = play.next(self.path)
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  (the library's names)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/firms"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def item(**changed: Any) -> JSON:
    """A whole answer to one search of a multi-search, but for what is changed."""
    whole: JSON = {
        "took": 1,
        "timed_out": False,
        "_shards": {"total": 2, "successful": 2, "skipped": 0, "failed": 0},
        "hits": {"total": {"value": 1, "relation": "eq"}, "hits": [{"_id": "a", "_score": None}]},
        "aggregations": {
            "0": {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "buckets": [{"key": "x", "doc_count": 1}]}
        },
        "status": 200,
    }
    return whole | changed


QUERY = SearchQuery(text="轴承", tiers=("a",), facets=(FacetRequest("sector"),))
"""One search; without a text there would be two."""
PARTIAL: dict[str, JSON] = {
    "timed out": item(timed_out=True),
    "a failed shard": item(_shards={"total": 2, "successful": 1, "skipped": 0, "failed": 1}),
    "an error in one item": {"error": {"type": "search_phase_execution_exception"}, "status": 503},
    "an error without a status": {"error": {"type": "odd"}},
    "ended early": item(terminated_early=True),
    "a total that is a lower bound": item(hits={"total": {"value": 1, "relation": "gte"}, "hits": []}),
    "counts that may be wrong": item(
        aggregations={"0": {"doc_count_error_upper_bound": 2, "sum_other_doc_count": 0, "buckets": []}}
    ),
    "values left out": item(
        aggregations={"0": {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 3, "buckets": []}}
    ),
    "no aggregation": item(aggregations={}),
    "nothing that one knows": {"status": 200},
}


def test_a_whole_answer() -> None:
    with (
        playing(Play({"_msearch": [(200, {"took": 1, "responses": [item()]})]})) as url,
        closing(open_engine(url, VOCABULARY)) as engine,
    ):
        page = engine.search(QUERY)
    assert page.total == 1
    assert page.facets[0].buckets[0].count == 1


@pytest.mark.parametrize("name", PARTIAL)
def test_less_than_the_whole_answer_is_none(name: str) -> None:
    with (
        playing(Play({"_msearch": [(200, {"took": 1, "responses": [PARTIAL[name]]})]})) as url,
        closing(open_engine(url, VOCABULARY)) as engine,
        pytest.raises(EngineUnavailable),
    ):
        engine.search(QUERY)


@pytest.mark.parametrize("place", [0, 1])
def test_one_answer_of_several_that_is_not_whole(place: int) -> None:
    whole = [item(), item()]
    partial = [item(timed_out=True) if place == number else answer for number, answer in enumerate(whole)]
    query = replace(QUERY, text="")
    with (
        playing(Play({"_msearch": [(200, {"responses": whole}), (200, {"responses": partial})]})) as url,
        closing(open_engine(url, VOCABULARY)) as engine,
    ):
        assert engine.search(query).total == 1
        with pytest.raises(EngineUnavailable):
            engine.search(query)


@pytest.mark.parametrize("answer", [{}, {"responses": []}, {"responses": None}])
def test_an_answer_without_answers(answer: JSON) -> None:
    with (
        playing(Play({"_msearch": [(200, answer)]})) as url,
        closing(open_engine(url, VOCABULARY)) as engine,
        pytest.raises(EngineUnavailable),
    ):
        engine.search(QUERY)


def test_a_missing_index_says_so() -> None:
    missing = {"error": {"type": "index_not_found_exception"}, "status": 404}
    with (
        playing(Play({"_msearch": [(200, {"responses": [missing]})]})) as url,
        closing(open_engine(url, VOCABULARY)) as engine,
        pytest.raises(IndexMissing),
    ):
        engine.search(QUERY)


@pytest.mark.parametrize("status", [401, 429, 500, 502, 503])
def test_a_refusal(status: int) -> None:
    with (
        playing(Play({"_msearch": [(status, {"error": "no"})]})) as url,
        closing(open_engine(url, VOCABULARY)) as engine,
        pytest.raises(EngineUnavailable),
    ):
        engine.counts([SearchQuery()])


ASKS: dict[str, Callable[[SearchEngine], object]] = {
    "search": lambda engine: engine.search(QUERY),
    "counts": lambda engine: engine.counts([SearchQuery()]),
    "suggest": lambda engine: engine.suggest("轴"),
    "scan": lambda engine: list(engine.scan(SearchQuery())),
    "similar": lambda engine: engine.similar(make_document(Random(1), 1)),
    "did_you_mean": lambda engine: engine.did_you_mean(SearchQuery(text="zhouchng")),
    "count_by": lambda engine: engine.count_by(SearchQuery(), FacetRequest("sector"), FacetRequest("tier")),
    "tally": lambda engine: engine.tally([SearchQuery()], [FacetRequest("sector")]),
    "apply": lambda engine: engine.apply([make_document(Random(1), 1)]),
    "begin_build": lambda engine: engine.begin_build(),
    "discard_builds": lambda engine: engine.discard_builds(),
    "health": lambda engine: engine.health(),
}


@pytest.mark.parametrize("name", ASKS)
def test_a_server_that_is_down(name: str) -> None:
    with closing(open_engine("http://127.0.0.1:9/firms", VOCABULARY)) as engine, pytest.raises(EngineUnavailable):
        ASKS[name](engine)


def test_a_server_that_does_not_answer_in_time() -> None:
    with (
        playing(Play({"_msearch": [(200, {"responses": [item()]})]}, delay=1.0)) as url,
        closing(open_engine(url, VOCABULARY, timeout=0.1)) as engine,
    ):
        started = time.monotonic()
        with pytest.raises(EngineUnavailable):
            engine.search(QUERY)
        assert time.monotonic() - started < 0.9


def bulk(*statuses: int) -> tuple[int, JSON]:
    items = [{"index": {"status": status, "error": {"reason": f"because {status}"}}} for status in statuses]
    return 200, {"errors": True, "items": items}


def test_each_change_has_its_fate_and_what_is_refused_for_now_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_index, "_PATIENCE", (0.0, 0.0))
    documents = [make_document(Random(1), number) for number in range(5)]
    play = Play({"_bulk": [bulk(201, 409, 429, 400, 429), bulk(429, 200), bulk(409)]})
    with playing(play) as url, closing(open_engine(url, VOCABULARY)) as engine:
        report = engine.apply(documents)
    assert report.applied == (documents[0].id, documents[4].id)
    assert report.stale == (documents[1].id, documents[2].id)
    assert report.failed == {documents[3].id: "because 400"}
    assert len(play.asked) == 3
    assert all("require_alias=true" in path and "refresh=true" in path for path, _ in play.asked)


@pytest.mark.parametrize(("status", "error"), [(429, EngineUnavailable), (503, EngineUnavailable), (404, IndexMissing)])
def test_what_was_not_written_is_not_reported(
    monkeypatch: pytest.MonkeyPatch, status: int, error: type[Exception]
) -> None:
    monkeypatch.setattr(elastic_index, "_PATIENCE", (0.0,))
    with (
        playing(Play({"_bulk": [bulk(status)]})) as url,
        closing(open_engine(url, VOCABULARY)) as engine,
        pytest.raises(error),
    ):
        engine.apply([Tombstone("a", 1)])


def test_a_password_in_the_address_is_sent_as_a_log_in() -> None:
    play = Play({"_msearch": [(200, {"responses": [item()]})]})
    with playing(play) as url:
        address = url.replace("http://", "http://user:p%40ss@")
        with closing(open_engine(address, VOCABULARY)) as engine:
            assert engine.search(QUERY).total == 1
    assert play.log_in == "Basic dXNlcjpwQHNz"


# ---- Elasticsearch, the real one


def test_swapped_out_indexes_go_after_a_while(
    elasticsearch_url: str, worker_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_engine(f"{elasticsearch_url}/swap-{worker_id}", VOCABULARY, timeout=30)) as engine:
        first, second = engine.begin_build(), engine.begin_build()
        first.swap()
        second.swap()
        abandoned = engine.begin_build()
        engine.discard_builds()
        with pytest.raises(IndexMissing):
            abandoned.apply([Tombstone("a", 1)])
        monkeypatch.setattr(elastic_index, "SWAPPED_OUT_SECONDS", 0)
        third = engine.begin_build()
        third.swap()
        assert engine.health().index == third.name
        monkeypatch.undo()
        third.discard()
        with pytest.raises(IndexMissing):
            engine.health()
