"""Writing the embedded index: by version, under the writer's lock (notes: rules 2 and 6)."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from tantivy import Document, Index, IndexWriter, Query

from search.contract import ApplyReport, Changes, EngineUnavailable, Prepared, PreparedChange
from search.embedded_index import Directory, Reader, build_schema, total
from search.fields import FieldTable
from search.values import Values, prepared, tie_break

LIVE_HEAP = 50_000_000
BUILD_HEAP = 250_000_000
"""Bytes; with one thread and few commits, segments are large and few: merging small ones cost as much as writing."""
_BUILD_COMMIT = 50_000
"""Changes of a build between commits: bounds what is held in memory to compare versions with."""


def encoded(values: Values, document_id: str) -> dict[str, Any]:
    """Index values as tantivy takes them: labels as bytes, places as tokens in their order that end in the id."""
    row: dict[str, Any] = dict(values)
    if "label" in values:
        row["label"] = "\n".join(row["label"]).encode()
    if "place" in values:
        tie = f"{tie_break(document_id):016x}"
        row["place"] = [f"{edition}|{place:07d}{tie}|{document_id}" for edition, place in row["place"].items()]
    return row


class Shelf:
    """One build opened for writing. Holds tantivy's lock from `open` to `close`; a second one is refused."""

    def __init__(self, path: Path, table: FieldTable, heap: int) -> None:
        self.schema = build_schema(table)
        self._pending: dict[str, int] = {}
        self._index = Index.open(str(path))
        self._index.config_reader("manual")
        try:
            self._writer: IndexWriter | None = self._index.writer(heap, 1)
        except ValueError as error:
            raise EngineUnavailable(f"another process writes the search index: {error}") from error

    def write(self, prepared: Prepared) -> ApplyReport:
        """Add the changes that are newer than what is there; seen only after `commit`."""
        known = self._versions({change.id for change in prepared.changes} - self._pending.keys())
        applied: list[str] = []
        stale: list[str] = []
        for change in prepared.changes:
            held = self._pending.get(change.id, known.get(change.id))
            if held is not None and held >= change.version:
                stale.append(change.id)
                continue
            self._replace(change, held is not None)
            applied.append(change.id)
        return ApplyReport(tuple(applied), tuple(stale), prepared.failed or None)

    def _replace(self, change: PreparedChange, known: bool) -> None:
        writer = self._opened()
        if known:
            writer.delete_documents_by_term("id", change.id)
        writer.add_document(Document.from_dict(change.row, self.schema))
        self._pending[change.id] = change.version

    def _versions(self, ids: set[str]) -> dict[str, int]:
        """The committed version of each id that is there."""
        searcher = self._index.searcher()
        if not ids or not searcher.num_docs:
            return {}
        query = Query.term_set_query(self.schema, "id", sorted(ids))
        addresses = [address for _, address in searcher.search(query, len(ids)).hits]
        versions = searcher.fast_field_values("version", addresses)
        found = (searcher.doc(address).get_first("id") for address in addresses)
        return {str(key): int(version or 0) for key, version in zip(found, versions, strict=True)}

    def commit(self) -> None:
        """Make everything written durable and searchable."""
        self._opened().commit()
        self._pending.clear()
        self._index.reload()

    @property
    def pending(self) -> int:
        """Changes since the last commit."""
        return len(self._pending)

    def count(self) -> int:
        """Firms committed, tombstones apart."""
        query = Query.term_query(self.schema, "alive", "1")
        return total(self._index.searcher().search(query, 1))

    def close(self, *, merge: bool = False) -> None:
        """Let go of the lock; with `merge` wait for the merges under way."""
        writer, self._writer = self._writer, None
        if writer is not None and merge:
            writer.wait_merging_threads()

    def _opened(self) -> IndexWriter:
        if self._writer is None:
            raise EngineUnavailable("the search index is closed for writing")
        return self._writer


class LiveWriter:
    """The one kept writer of the live build, opened at the first change; follows the pointer."""

    def __init__(self, directory: Directory, reader: Reader, table: FieldTable) -> None:
        self.directory = directory
        self.reader = reader
        self.table = table
        self._lock = threading.Lock()
        self._build = ""
        self._shelf: Shelf | None = None

    def apply(self, prepared: Prepared, build: str) -> ApplyReport:
        """Write and commit. After an error the writer is given up and the next call opens a new one."""
        with self._lock:
            try:
                shelf = self._opened(build)
                report = shelf.write(prepared)
                if report.applied:
                    shelf.commit()
            except EngineUnavailable:
                self._release()
                raise
            except (ValueError, OSError) as error:
                self._release()
                raise EngineUnavailable(f"the search index cannot be written: {error}") from error
            return report

    def _opened(self, build: str) -> Shelf:
        if self._shelf is None or self._build != build:
            self._release()
            self._shelf = Shelf(self.directory.root / build, self.table, LIVE_HEAP)
            self._build = build
        return self._shelf

    def _release(self) -> None:
        shelf, self._shelf = self._shelf, None
        if shelf is not None:
            shelf.close()

    def close(self) -> None:
        """Let go of the lock."""
        with self._lock:
            self._release()


class EmbeddedBuild:
    """A Build (contract.py) in a directory of its own."""

    def __init__(self, directory: Directory, table: FieldTable, fingerprint: str) -> None:
        self.directory = directory
        self.name = directory.create(build_schema(table), fingerprint)
        self._table = table
        self._shelf = Shelf(directory.root / self.name, table, BUILD_HEAP)

    def apply(self, changes: Changes) -> ApplyReport:
        """See Build.apply."""
        try:
            report = self._shelf.write(prepared(changes, self._table, encoded))
            if self._shelf.pending >= _BUILD_COMMIT:
                self._shelf.commit()
        except (ValueError, OSError) as error:
            raise EngineUnavailable(f"the new search index cannot be written: {error}") from error
        return report

    def count(self) -> int:
        """See Build.count."""
        self._shelf.commit()
        return self._shelf.count()

    def swap(self) -> None:
        """See Build.swap. Lets go of the writer, which the worker opens anew."""
        self._shelf.commit()
        self._shelf.close(merge=True)
        self.directory.point_to(self.name)

    def discard(self) -> None:
        """See Build.discard."""
        self._shelf.close()
        self.directory.remove(self.name)
