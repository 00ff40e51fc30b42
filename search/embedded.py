"""The embedded engine: tantivy in a directory. The default, to about 200,000 firms (notes/tantivy.md)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from tantivy import DocAddress, Occur, Order, Query, SearchResult

from search.contract import (
    ApplyReport,
    Build,
    Change,
    Changes,
    EngineUnavailable,
    Health,
    Hit,
    IndexMissing,
    Prepared,
    Vocabulary,
)
from search.embedded_index import Directory, Reader, Snapshot, build_schema, total
from search.embedded_query import Compiler, with_bonus
from search.embedded_writer import EmbeddedBuild, LiveWriter, encoded
from search.nodes import AnyTerm, Constant, Node, Term, matching
from search.plan import Answer, ByKey, ByPlace, ByWeight, Part, Tally
from search.planned import PlannedEngine
from search.values import prepared

_ALL_VALUES = 60_000
"""More than any facet field has values: below its cardinality tantivy counts approximately (notes/tantivy.md, 7)."""

_TIED = 1_000
"""So many hits are fetched at once where many may share a score."""

T = TypeVar("T")


class EmbeddedEngine(PlannedEngine):
    """A SearchEngine (contract.py) on tantivy. Any number of processes read; one process at a time applies."""

    def __init__(self, root: Path, vocabulary: Vocabulary) -> None:
        super().__init__(vocabulary)
        self.fingerprint = self.table.fingerprint("tantivy")
        self.directory = Directory(root)
        self.reader = Reader(self.directory)
        self.writer = LiveWriter(self.directory, self.reader, self.table)
        self.compiler = Compiler(build_schema(self.table))
        self._pool: ThreadPoolExecutor | None = None
        self._pool_owner = 0
        self._pool_lock = threading.Lock()

    def run(self, parts: Sequence[Part]) -> list[Answer]:
        """See PlannedEngine.run. The pieces of all parts run side by side: tantivy lets go of the interpreter lock."""
        snapshot = self._current()
        runs = [PartRun(snapshot, self.compiler, part) for part in parts]
        self._all([piece for run in runs for piece in run.pieces()])
        return [run.answer() for run in runs]

    def scan_part(self, part: Part) -> Iterator[str]:
        """See PlannedEngine.scan_part."""
        snapshot = self._current()
        run = PartRun(snapshot, self.compiler, part)
        addresses = guarded(run.all_addresses)

        def ids() -> Iterator[str]:
            for address in addresses:
                yield _stored_id(snapshot, address)

        return ids()

    def prepare(self, changes: Sequence[Change]) -> Prepared:
        """See SearchEngine.prepare."""
        return prepared(changes, self.table, encoded)

    def apply(self, changes: Changes, *, visible: bool = True) -> ApplyReport:  # noqa: ARG002
        """See SearchEngine.apply. Always committed: what is reported applied must outlive a crash."""
        return self.writer.apply(prepared(changes, self.table, encoded), self._current().build)

    def begin_build(self) -> Build:
        """See SearchEngine.begin_build."""
        try:
            return EmbeddedBuild(self.directory, self.table, self.fingerprint)
        except (ValueError, OSError) as error:
            raise EngineUnavailable(f"no new search index can be made: {error}") from error

    def discard_builds(self) -> None:
        """See SearchEngine.discard_builds. Builds that a living process writes stay."""
        self.directory.remove_orphans()

    def health(self) -> Health:
        """See SearchEngine.health."""
        snapshot = self.reader.snapshot()
        current = snapshot.fingerprint == self.fingerprint
        alive = Query.term_query(snapshot.index.schema, "alive", "1")
        documents = guarded(lambda: total(snapshot.searcher.search(alive, 1)))
        return Health("tantivy", version("tantivy"), documents, current, snapshot.build)

    def close(self) -> None:
        """See SearchEngine.close."""
        self.writer.close()
        self.reader.close()
        with self._pool_lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def _current(self) -> Snapshot:
        snapshot = self.reader.snapshot()
        if snapshot.fingerprint != self.fingerprint:
            raise IndexMissing("the search index was built by another version or catalogue: run `flask index rebuild`")
        return snapshot

    def _all(self, pieces: Sequence[Callable[[], None]]) -> None:
        """Run the pieces, the last of them here. A forked child makes a pool of its own: threads are not inherited."""
        with self._pool_lock:
            if self._pool is None or self._pool_owner != os.getpid():
                self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="search")
                self._pool_owner = os.getpid()
            pool = self._pool
        waiting = [pool.submit(guarded, piece) for piece in pieces[:-1]]
        for piece in pieces[-1:]:
            guarded(piece)
        for future in waiting:
            future.result()


def guarded(action: Callable[[], T]) -> T:
    """The action's result; errors of tantivy, and its panics, which are no Exceptions, as EngineUnavailable."""
    try:
        return action()
    except (ValueError, OSError) as error:
        raise EngineUnavailable(f"tantivy: {error}") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise EngineUnavailable(f"tantivy panicked: {error}") from error
        raise


def _stored_id(snapshot: Snapshot, address: DocAddress) -> str:
    return str(snapshot.searcher.doc(address).get_first("id"))


class PartRun:
    """A part on a snapshot: pieces to run in any order, then the answer."""

    def __init__(self, snapshot: Snapshot, compiler: Compiler, part: Part) -> None:
        self.snapshot = snapshot
        self.searcher = snapshot.searcher
        self.compiler = compiler
        self.part = part
        self.conditions = (*part.filters, *((matching(part.text),) if part.text is not None else ()))
        self.total = 0
        self.hits: tuple[Hit, ...] = ()
        self.labels: tuple[str, ...] = ()
        self.tallies: dict[Tally, dict[str, int]] = {}

    def pieces(self) -> Iterator[Callable[[], None]]:
        """What there is to do."""
        if self.part.tallies:
            yield self._count_values
        yield self._find

    def answer(self) -> Answer:
        """After all pieces."""
        tallies = tuple(self.tallies[tally] for tally in self.part.tallies)
        return Answer(self.total, self.hits, tallies, self.labels)

    def all_addresses(self) -> list[DocAddress]:
        """Every match."""
        query = self._query()
        everything = max(self._count(query), 1)
        return [address for _, address in self.searcher.search(query, everything, count=False).hits]

    def _query(self, *more: Node) -> Query:
        return self.compiler.conditions((*self.conditions, *more))

    def _count(self, query: Query) -> int:
        return total(self.searcher.search(query, 1))

    def _count_values(self) -> None:
        """The tallies in one aggregation; those of all firms are kept with the snapshot."""
        tallies = self.part.tallies
        kept = self.snapshot.counted if not self.conditions else {}
        missing = [tally for tally in tallies if tally not in kept]
        if missing:
            wanted = {str(number): {"terms": _terms(tally)} for number, tally in enumerate(missing)}
            found = self.searcher.aggregate(self._query(), wanted)
            for number, tally in enumerate(missing):
                kept[tally] = _exact_counts(found[str(number)])
        self.tallies = {tally: kept[tally] for tally in tallies}

    def _find(self) -> None:
        part = self.part
        if not part.limit:
            self.total = self._count(self._query())
            return
        if isinstance(part.order, ByPlace):
            ids = self._by_place(part.order.edition)
        else:
            window = self._window()
            documents = [self.searcher.doc(address) for address in window]
            ids = [str(document.get_first("id")) for document in documents]
            if part.labels:
                joined = (bytes(document.get_first("label") or b"").decode() for document in documents)
                self.labels = tuple(label for text in joined for label in text.split("\n"))
        fit = self._fit(ids)
        self.hits = tuple(Hit(key, fit.get(key, 0)) for key in ids)

    def _scored_query(self) -> Query:
        """All conditions; of them only the text scores, or the weights."""
        compile_ = self.compiler.query
        if isinstance(self.part.order, ByWeight):
            weights = tuple(Constant(node, float(weight)) for node, weight in self.part.order.weights)
            return with_bonus(self._query(), [compile_(weight) for weight in weights])
        filters = self.compiler.conditions(self.part.filters)
        return filters if self.part.text is None else _both(filters, compile_(self.part.text))

    def _window(self) -> list[DocAddress]:
        """The part's window by score or key, then by hash: tantivy leaves ties in an order that a merge changes (19).

        So hits are fetched until all that share the window's last score are there, and ties are ordered here.
        """
        end = self.part.offset + self.part.limit
        search = self._search()
        # Sums of a few weights are shared by many: then the first search is for all of those.
        wanted = max(end + 1, _TIED) if isinstance(self.part.order, ByWeight) else end + 1
        while True:
            result = search(wanted)
            hits, self.total = result.hits, total(result)
            if len(hits) >= self.total or hits[end - 1][0] != hits[-1][0]:
                return self._untied(hits, end)
            wanted = min(self.total, max(4 * wanted, _TIED))

    def _search(self) -> Callable[[int], SearchResult]:
        """The search for so many hits in the part's order, ties apart."""
        if isinstance(self.part.order, ByKey):
            query, field = self._query(), self.part.order.field
            return lambda limit: self.searcher.search(query, limit, order_by_field=field, order=Order.Asc)
        scored = self._scored_query()
        return lambda limit: self.searcher.search(scored, limit)

    def _untied(self, hits: list[tuple[Any, DocAddress]], end: int) -> list[DocAddress]:
        """The addresses from the part's offset to `end`, each run of equal scores ordered by hash."""
        ordered: list[DocAddress] = []
        for _, run in groupby(hits, key=itemgetter(0)):
            addresses = [address for _, address in run]
            start = len(ordered)
            if len(addresses) > 1 and start < end and start + len(addresses) > self.part.offset:
                addresses = self._by_hash(addresses)
            ordered += addresses
        return ordered[self.part.offset : end]

    def _by_hash(self, addresses: list[DocAddress]) -> list[DocAddress]:
        ties = self.searcher.fast_field_values("tie", addresses)
        return [addresses[place] for place in sorted(range(len(addresses)), key=lambda place: ties[place] or 0)]

    def _by_place(self, edition: str) -> list[str]:
        """Ids by place in an edition: the sorted terms of the matches that begin with it, each ending in an id.

        All matches are ranked in it, as an edition asks for firms ranked in it (contract).
        """
        part, query = self.part, self._query()
        self.total = self._count(query)
        end = part.offset + part.limit
        terms = self.searcher.terms_with_prefix("place", f"{edition}|", filter_query=query, limit=end)
        return [term.split("|", 2)[2] for term, _ in terms[part.offset :]]

    def _fit(self, ids: Sequence[str]) -> dict[str, int]:
        """The sum of nice weights that each hit meets."""
        if not self.part.fit or not ids:
            return {}
        weights = [Constant(Term("criteria", code), float(weight)) for code, weight in self.part.fit]
        own = self.compiler.conditions((AnyTerm("id", tuple(ids)),))
        query = with_bonus(own, [self.compiler.query(weight) for weight in weights])
        found = self.searcher.search(query, len(ids)).hits
        return {_stored_id(self.snapshot, address): round(score) for score, address in found}


def _both(filters: Query, text: Query) -> Query:
    return Query.boolean_query([(Occur.Must, filters), (Occur.Must, text)])


def _terms(tally: Tally) -> dict[str, Any]:
    wanted: dict[str, Any] = {"field": tally.field, "size": _ALL_VALUES}
    return wanted | {"include": list(tally.only)} if tally.only else wanted


def _exact_counts(found: dict[str, Any]) -> dict[str, int]:
    """The counts by value. Raises EngineUnavailable for counts that are not exact (notes: rule 5)."""
    if found.get("doc_count_error_upper_bound") or found.get("sum_other_doc_count"):
        raise EngineUnavailable("a facet has more values than can be counted")
    return {str(bucket["key"]): int(bucket["doc_count"]) for bucket in found["buckets"]}
