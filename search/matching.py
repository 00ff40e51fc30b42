"""Many questions about a few documents, answered in memory: which of these does each of those queries match?

What an alert asks of the images of changed firms. The queries go through the same plan, fields and analysis as on the
embedded engine, so the answers are those that an index of just these documents would give.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tantivy import Document, Index, Query, Schema, Searcher

from search.contract import QueryError, SearchQuery, SupplierDocument, Vocabulary
from search.embedded import guarded
from search.embedded_index import build_schema
from search.embedded_query import Compiler
from search.embedded_writer import encoded
from search.fields import FieldTable
from search.nodes import matching as unscored
from search.plan import plan_count
from search.values import document_values

_HEAP = 50_000_000


class Matcher:
    """Queries, worked out once, to be put to any number of document collections."""

    def __init__(self, vocabulary: Vocabulary, queries: Sequence[SearchQuery]) -> None:
        self.vocabulary = vocabulary
        self.table = FieldTable(vocabulary)
        compiler = Compiler(build_schema(self.table))
        self.queries = [self._compiled(query, compiler) for query in queries]

    def _compiled(self, query: SearchQuery, compiler: Compiler) -> Query | None:
        try:
            part = plan_count(query, self.table)
        except QueryError:
            return None
        text = () if part.text is None else (unscored(part.text),)
        return compiler.conditions((*part.filters, *text))

    def places(self, documents: Sequence[SupplierDocument] | Collection) -> Iterator[frozenset[int] | None]:
        """For each query the places of the documents that it matches; None for one that cannot be asked (any more).

        Documents may share an id. Raises EngineUnavailable, and ValueError for a document that cannot be indexed.
        """
        among = documents if isinstance(documents, Collection) else Collection(self.vocabulary, documents)
        for query in self.queries:
            if query is None:
                yield None
            else:
                yield frozenset() if among.searcher is None else _found(among.searcher, query, len(among))


class Collection:
    """Documents that several matchers of the vocabulary are put to: made ready once, which takes the most time.

    Raises as `Matcher.places`.
    """

    def __init__(self, vocabulary: Vocabulary, documents: Sequence[SupplierDocument]) -> None:
        self._count = len(documents)
        table = FieldTable(vocabulary)
        self.searcher = _indexed(documents, table, build_schema(table)) if documents else None

    def __len__(self) -> int:
        return self._count


def _indexed(documents: Sequence[SupplierDocument], table: FieldTable, schema: Schema) -> Searcher:
    """An index in memory in which a document's version is its place, from 1."""
    rows = [
        encoded(document_values(document, table), document.id) | {"version": place}
        for place, document in enumerate(documents, start=1)
    ]

    def write() -> Searcher:
        index = Index(schema)
        writer = index.writer(_HEAP, 1)
        for row in rows:
            writer.add_document(Document.from_dict(row, schema))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        return index.searcher()

    return guarded(write)


def _found(searcher: Searcher, query: Query, most: int) -> frozenset[int]:
    def places() -> frozenset[int]:
        addresses = [address for _, address in searcher.search(query, most, count=False).hits]
        found = searcher.fast_field_values("version", addresses) if addresses else ()
        return frozenset(int(version or 0) - 1 for version in found)

    return guarded(places)
