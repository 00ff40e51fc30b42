"""The Elasticsearch engine: the client, its errors, the SearchEngine. For registers that outgrow one machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from search.contract import (
    ApplyReport,
    Build,
    Change,
    Changes,
    EngineUnavailable,
    Health,
    IndexMissing,
    Prepared,
    SearchError,
    Vocabulary,
)
from search.elastic_index import Indexes, Layout, encoded, write
from search.elastic_query import JSON, check_whole, part_answer, part_body, part_query
from search.fields import FieldTable
from search.nodes import MatchAll
from search.plan import Answer, Part
from search.planned import PlannedEngine
from search.values import prepared

_SCAN_PAGE = 5_000
_SCAN_KEPT = "5m"
_SLOW_SECONDS = 120.0
"""For refreshes, settings and deletions, which wait for the cluster."""


@contextmanager
def answering() -> Iterator[None]:
    """Errors of the client as this library's: a missing index as IndexMissing, all others as EngineUnavailable."""
    try:
        yield
    except NotFoundError as error:
        if "index_not_found" in str(error) or "alias" in str(error):
            raise IndexMissing(f"no search index on Elasticsearch: run `flask index rebuild` ({error})") from error
        raise EngineUnavailable(f"Elasticsearch: {error}") from error
    except (ApiError, TransportError) as error:
        raise EngineUnavailable(f"Elasticsearch: {error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise EngineUnavailable(f"Elasticsearch gave an answer that is none: {error!r}") from error


def connect(url: str, timeout: float) -> tuple[Elasticsearch, str, dict[str, list[str]]]:
    """A client, the index prefix, and the options after "?" (`shards`, `replicas`). Opens no connection yet."""
    parts = urlsplit(url)
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    port = parts.port or (443 if parts.scheme == "https" else 9200)
    client = Elasticsearch(
        f"{parts.scheme}://{host}:{port}",
        basic_auth=login,
        request_timeout=timeout,
        max_retries=0,
        retry_on_timeout=False,
    )
    return client, parts.path.strip("/"), parse_qs(parts.query)


class ElasticEngine(PlannedEngine):
    """A SearchEngine (contract.py) on Elasticsearch 9."""

    MANY_CRITERIA = 4
    """At 1,000,000, thirty left out one by one took three times as long (p50 190–310 ms against 85–97)."""

    def __init__(self, url: str, vocabulary: Vocabulary, *, timeout: float) -> None:
        super().__init__(vocabulary)
        self.client, prefix, options = connect(url, timeout)
        self.layout = Layout(
            prefix,
            self.table.fingerprint(),
            shards=int(options.get("shards", ["1"])[0]),
            replicas=options.get("replicas", ["0-1"])[0],
        )
        self.slow = self.client.options(request_timeout=_SLOW_SECONDS)
        self.indexes = Indexes(self.slow, self.layout)

    def run(self, parts: Sequence[Part]) -> list[Answer]:
        """See PlannedEngine.run."""
        return run_parts(self.client, self.layout.live, parts)

    def scan_part(self, part: Part) -> Iterator[str]:
        """See PlannedEngine.scan_part."""
        with answering():
            opened = self.client.open_point_in_time(index=self.layout.live, keep_alive=_SCAN_KEPT)
        return self._pages(str(opened["id"]), part_query(part))

    def _pages(self, snapshot: str, query: JSON) -> Iterator[str]:
        after: list[Any] | None = None
        try:
            while True:
                with answering():
                    answer = self.slow.search(
                        size=_SCAN_PAGE,
                        query=query,
                        pit={"id": snapshot, "keep_alive": _SCAN_KEPT},
                        sort=[{"_shard_doc": "asc"}],
                        search_after=after,
                        source=False,
                        track_total_hits=False,
                        allow_partial_search_results=False,
                    )
                    check_whole(answer.body, exact=False)
                    hits = answer["hits"]["hits"]
                yield from (str(hit["_id"]) for hit in hits)
                if len(hits) < _SCAN_PAGE:
                    return
                after = hits[-1]["sort"]
        finally:
            self._forget(snapshot)

    def _forget(self, snapshot: str) -> None:
        """Close a snapshot; if that fails it ends by itself."""
        try:
            with answering():
                self.client.close_point_in_time(id=snapshot)
        except SearchError:
            return

    def prepare(self, changes: Sequence[Change]) -> Prepared:
        """See SearchEngine.prepare."""
        return prepared(changes, self.table, encoded)

    def apply(self, changes: Changes, *, visible: bool = True) -> ApplyReport:
        """See SearchEngine.apply. `visible` refreshes at once: to wait for a refresh takes a second (rule 25)."""
        ready = prepared(changes, self.table, encoded)
        with answering():
            return write(self.client, self.layout.live, ready, refresh=visible)

    def begin_build(self) -> Build:
        """See SearchEngine.begin_build."""
        with answering():
            return ElasticBuild(self.indexes, self.table)

    def discard_builds(self) -> None:
        """See SearchEngine.discard_builds. No build may be running; swapped-out indexes go after 15 minutes."""
        with answering():
            self.indexes.remove_leftovers(builds=True)

    def health(self) -> Health:
        """See SearchEngine.health."""
        with answering():
            nodes = self.client.nodes.info(filter_path="nodes.*.version")["nodes"].values()
            live = self.indexes.live()
        if live is None:
            raise IndexMissing("no search index on Elasticsearch: run `flask index rebuild`")
        name, current = live
        version = min(str(node["version"]) for node in nodes)
        return Health("elasticsearch", version, count_firms(self.client, name), current, name)

    def close(self) -> None:
        """See SearchEngine.close."""
        self.client.close()


def run_parts(client: Elasticsearch, index: str, parts: Sequence[Part]) -> list[Answer]:
    """The answers of the parts by one multi-search. Raises EngineUnavailable, IndexMissing.

    One `preference` for all parts and pages of a query, so that replicas do not disagree between them (rule 5).
    """
    first = parts[0]
    preference = hashlib.blake2b(repr((first.filters, first.text)).encode(), digest_size=8).hexdigest()
    header: JSON = {"index": index, "preference": preference, "allow_partial_search_results": False}
    searches = [line for part in parts for line in (header, part_body(part))]
    with answering():
        answer = client.msearch(searches=searches)
        items = answer["responses"]
        for item in items:
            if item.get("status") == 404:
                raise IndexMissing("no search index on Elasticsearch: run `flask index rebuild`")
        return [part_answer(part, item) for part, item in zip(parts, items, strict=True)]


def count_firms(client: Elasticsearch, index: str) -> int:
    """How many firms an index holds, tombstones apart."""
    return run_parts(client, index, [Part((MatchAll(),))])[0].total


class ElasticBuild:
    """A Build (contract.py) in an index of its own."""

    def __init__(self, indexes: Indexes, table: FieldTable) -> None:
        self.indexes = indexes
        self.table = table
        self.name, self._alias = indexes.create(table)

    def apply(self, changes: Changes) -> ApplyReport:
        """See Build.apply."""
        ready = prepared(changes, self.table, encoded)
        with answering():
            return write(self.indexes.client, self._alias, ready, refresh=False)

    def count(self) -> int:
        """See Build.count."""
        with answering():
            self.indexes.client.indices.refresh(index=self.name)
        return count_firms(self.indexes.client, self.name)

    def swap(self) -> None:
        """See Build.swap. The index before stays 15 minutes for scans that read it (rule 8)."""
        with answering():
            self.indexes.swap(self.name, self._alias)

    def discard(self) -> None:
        """See Build.discard."""
        with answering():
            self.indexes.remove(self.name)
