"""What every engine does the same way: questions become parts, answers become pages. An engine only runs the parts."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace

from search.checks import check_facet, check_query
from search.conditions import has_dates
from search.contract import (
    ApplyReport,
    Build,
    Change,
    Crosstab,
    FacetRequest,
    Health,
    QueryError,
    SearchPage,
    SearchQuery,
    SupplierDocument,
    Tallied,
    Vocabulary,
)
from search.fields import FieldTable
from search.nodes import AnyOf, AnyTerm, Node, Not, Term
from search.plan import (
    Answer,
    ByKey,
    ByWeight,
    Part,
    Tally,
    facet_of,
    facet_plan,
    page_of,
    plan_count,
    plan_search,
    tally_of,
)
from search.text import analyse_document, choose_spelling, parse_text, respell, spelling_keys, suggest_node

_SPELLED_WORDS = 6
_SPELLING_SOURCES = 50
_SHARED_TOKENS = 60


class PlannedEngine(ABC):
    """A SearchEngine (contract.py) over two abilities: to run parts, and to scan one."""

    MANY_CRITERIA = 60
    """More criteria than these are not left out one by one: the work would grow with their square."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.table = FieldTable(vocabulary)

    @abstractmethod
    def run(self, parts: Sequence[Part]) -> list[Answer]:
        """The answers of the parts in their order, from one engine request. Raises EngineUnavailable, IndexMissing."""

    @abstractmethod
    def scan_part(self, part: Part) -> Iterator[str]:
        """Ids of all matches of the part's conditions, from a snapshot taken before this returns."""

    @abstractmethod
    def apply(self, changes: Sequence[Change], *, visible: bool = True) -> ApplyReport:
        """See SearchEngine.apply."""

    @abstractmethod
    def begin_build(self) -> Build:
        """See SearchEngine.begin_build."""

    @abstractmethod
    def discard_builds(self) -> None:
        """See SearchEngine.discard_builds."""

    @abstractmethod
    def health(self) -> Health:
        """See SearchEngine.health."""

    @abstractmethod
    def close(self) -> None:
        """See SearchEngine.close."""

    def search(self, query: SearchQuery) -> SearchPage:
        """See SearchEngine.search."""
        plan = plan_search(query, self.table)
        started = time.perf_counter()
        answers = self.run(plan.parts)
        return page_of(plan, answers, (time.perf_counter() - started) * 1000)

    def counts(self, queries: Sequence[SearchQuery]) -> list[int]:
        """See SearchEngine.counts."""
        parts = [plan_count(query, self.table) for query in queries]
        return [answer.total for answer in self.run(parts)] if parts else []

    def without_each(self, query: SearchQuery, others: Sequence[SearchQuery] = ()) -> tuple[dict[str, int], list[int]]:
        """See SearchEngine.without_each.

        Few criteria are left out one by one. For many there are the firms that miss one at most, and how many of them
        meet each (rule 26): without a criterion are those that meet all, and those of the others that miss just this.
        """
        codes = tuple(dict.fromkeys(query.criteria))
        if query.criteria_mode != "all":
            raise QueryError("criteria_mode", "only of criteria that must all be met one can be left out")
        beside = [plan_count(other, self.table) for other in others]
        if len(codes) <= self.MANY_CRITERIA:
            left_out = [replace(query, criteria=tuple(other for other in codes if other != code)) for code in codes]
            totals = [answer.total for answer in self.run([*(plan_count(q, self.table) for q in left_out), *beside])]
            return dict(zip(codes, totals, strict=False)), totals[len(codes) :]
        nearly = plan_count(replace(query, criteria_mode=len(codes) - 1), self.table)
        counted = replace(nearly, tallies=(Tally("criteria", codes),))
        every, near, *rest = self.run([plan_count(query, self.table), counted, *beside])
        without = {code: every.total + near.total - near.tallies[0].get(code, 0) for code in codes}
        return without, [answer.total for answer in rest]

    def scan(self, query: SearchQuery) -> Iterator[str]:
        """See SearchEngine.scan."""
        return self.scan_part(plan_count(query, self.table))

    def suggest(self, text: str, size: int = 8) -> tuple[str, ...]:
        """See SearchEngine.suggest. In the order of names."""
        node = suggest_node(text)
        if node is None:
            return ()
        return self._ids(Part((node,), order=ByKey("sort_name"), limit=size))

    def similar(self, document: SupplierDocument, size: int = 6) -> tuple[str, ...]:
        """See SearchEngine.similar. Shared industries weigh by depth (1, 3, 5), processes 2, products' tokens 1."""
        shared: list[tuple[Node, int]] = [
            (Term("industry", code), 2 * depth - 1)
            for depth, code in dict.fromkeys((d, c) for path in document.industries for d, c in enumerate(path, 1))
        ]
        shared += [(Term("process", code), 2) for code in dict.fromkeys(document.processes)]
        tokens = list(dict.fromkeys(analyse_document(document).product.split()))[:_SHARED_TOKENS]
        shared += [(Term("product", token), 1) for token in tokens]
        filters = (
            Term("sector", document.sector),
            AnyOf(tuple(node for node, _ in shared)),
            Not(Term("id", document.id)),
        )
        return self._ids(Part(filters, order=ByWeight(tuple(shared)), limit=size))

    def _ids(self, part: Part) -> tuple[str, ...]:
        return tuple(hit.id for hit in self.run([part])[0].hits)

    def count_by(self, query: SearchQuery, rows: FacetRequest, columns: FacetRequest) -> Crosstab:
        """See SearchEngine.count_by. The smaller dimension as searches of their own, the larger counted (rule 27)."""
        check_query(query, self.table)
        check_facet("rows", rows, self.table)
        check_facet("columns", columns, self.table)
        if (rows.name, rows.depth) == (columns.name, columns.depth):
            raise QueryError("columns", "the same facet as rows")
        base = plan_count(query, self.table)
        requests = (rows, columns)
        tallies = tuple(tally_of(query, request, self.table) for request in requests)
        answers = self.run([replace(base, tallies=tallies)])
        plans = [facet_plan(query, request, 0, tally) for tally, request in enumerate(requests)]
        totals = [{bucket.value: bucket.count for bucket in facet_of(plan, answers).buckets} for plan in plans]
        small, large = (0, 1) if len(totals[0]) <= len(totals[1]) else (1, 0)
        prefix = plans[large].prefix
        counted = replace(tallies[large], only=tuple(prefix + value for value in totals[large]))
        own = [Term(tallies[small].field, plans[small].prefix + value) for value in totals[small]]
        split = (
            [replace(base, filters=(*base.filters, node), tallies=(counted,)) for node in own] if totals[large] else []
        )
        found = dict(
            zip(totals[small], (answer.tallies[0] for answer in self.run(split)) if split else (), strict=False)
        )

        def cell(row: str, column: str) -> int:
            one, other = (row, column) if small == 0 else (column, row)
            return found[one].get(prefix + other, 0)

        cells = {row: {column: cell(row, column) for column in totals[1]} for row in totals[0]}
        return Crosstab(cells, rows=totals[0], columns=totals[1], total=answers[0].total)

    def tally(self, queries: Sequence[SearchQuery], requests: Sequence[FacetRequest]) -> list[Tallied]:
        """See SearchEngine.tally."""
        for request in requests:
            check_facet("requests", request, self.table)
        if any(request.name == "level" for request in requests) and any(map(has_dates, queries)):
            raise QueryError("requests", "under dates levels are counted one by one")
        parts = [
            replace(
                plan_count(query, self.table),
                tallies=tuple(tally_of(query, request, self.table) for request in requests),
            )
            for query in queries
        ]
        found = []
        for query, answer in zip(queries, self.run(parts) if parts else (), strict=True):
            plans = (facet_plan(query, request, 0, place) for place, request in enumerate(requests))
            found.append(Tallied(answer.total, tuple(facet_of(plan, [answer]) for plan in plans)))
        return found

    def did_you_mean(self, query: SearchQuery) -> str | None:
        """See SearchEngine.did_you_mean. Words that nothing holds are put right together; else one word at a time."""
        base = plan_count(query, self.table)
        words = parse_text(query.text, self.table.vocabulary).words[:_SPELLED_WORDS]
        better, unknown = self._spellings(words, base)
        texts = [_respelled(query.text, {word: better[word] for word in unknown if word in better})]
        texts += [respell(query.text, word, other) for word, other in better.items()]
        tried = [text for text in dict.fromkeys(texts) if text != query.text]
        found = self.counts([replace(query, text=text) for text in tried])
        return next((text for text, total in zip(tried, found, strict=True) if total), None)

    def _spellings(self, words: Sequence[str], base: Part) -> tuple[dict[str, str], set[str]]:
        """A better spelling for each word that has one among the firms under the filters; the words nothing holds."""
        parts: list[Part] = []
        for word in words:
            parts.append(Part((), parse_text(word, self.table.vocabulary).node))
            near = AnyTerm("spell", spelling_keys(word))
            parts.append(Part((*base.filters, near), limit=_SPELLING_SOURCES, labels=True))
        answers = self.run(parts) if parts else []
        better = {}
        for word, answer in zip(words, answers[1::2], strict=True):
            choice = choose_spelling(word, answer.labels)
            if choice is not None:
                better[word] = choice
        return better, {word for word, answer in zip(words, answers[::2], strict=True) if not answer.total}


def _respelled(text: str, better: dict[str, str]) -> str:
    for word, other in better.items():
        text = respell(text, word, other)
    return text
