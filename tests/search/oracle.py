"""What the right answer is, by looping over the documents: the contract's sentences in plain Python.

It knows nothing of fields, plans and engines. A bucket's number is worked out as the total of the query with that value
chosen, which is what the number promises to whoever clicks on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from search.contract import (
    Bucket,
    Change,
    Crosstab,
    Facet,
    FacetRequest,
    HeldCertificate,
    LevelChoice,
    SearchQuery,
    Sort,
    Standing,
    SupplierDocument,
    Tallied,
    Tombstone,
    Vocabulary,
)
from search.text import analyse_document, code_key, parse_text, suggest_node
from search.values import tie_break
from tests.search.reference import Tokens, holds, tokens_of


class Oracle:
    """The firms that an index should hold, and the answers it should give."""

    def __init__(self, vocabulary: Vocabulary, changes: Iterable[Change] = ()) -> None:
        self.vocabulary = vocabulary
        self.versions: dict[str, int] = {}
        self.documents: dict[str, SupplierDocument] = {}
        self._tokens: dict[str, Tokens] = {}
        self._held_texts: dict[tuple[str, str], bool] = {}
        for change in changes:
            self.apply(change)

    def apply(self, change: Change) -> bool:
        """Whether the change is newer than what is held; then it is held."""
        if self.versions.get(change.id, 0) >= change.version:
            return False
        self.versions[change.id] = change.version
        self.documents.pop(change.id, None)
        self._tokens.pop(change.id, None)
        self._held_texts.clear()
        if not isinstance(change, Tombstone):
            self.documents[change.id] = change
        return True

    # ---- answers

    def found(self, query: SearchQuery) -> list[SupplierDocument]:
        """The hits in the query's order; by hash alone for relevance to a text."""
        hits = [document for document in self.documents.values() if self.matches(query, document)]
        key = self._order(query)
        return sorted(hits, key=lambda document: (*key(document), tie_break(document.id)))

    def total(self, query: SearchQuery) -> int:
        return len(self.found(query))

    def facet(self, query: SearchQuery, request: FacetRequest) -> Facet:
        counts = {value: self._bucket(query, request, value) for value in self._values(request)}
        return self._cut(query, request, counts)

    def crosstab(self, query: SearchQuery, rows: FacetRequest, columns: FacetRequest) -> Crosstab:
        hits = self.found(query)

        def totals(request: FacetRequest) -> dict[str, int]:
            values = self._values(request)
            counts = {v: sum(v in self._held(query, request, hit) for hit in hits) for v in values}
            return {bucket.value: bucket.count for bucket in self._cut(query, request, counts).buckets}

        def cell(row: str, column: str) -> int:
            return sum(row in self._held(query, rows, h) and column in self._held(query, columns, h) for h in hits)

        row_totals, column_totals = totals(rows), totals(columns)
        cells = {row: {column: cell(row, column) for column in column_totals} for row in row_totals}
        return Crosstab(cells, row_totals, column_totals, len(hits))

    def tally(self, query: SearchQuery, requests: Iterable[FacetRequest]) -> Tallied:
        hits = self.found(query)

        def counted(request: FacetRequest) -> Facet:
            values = self._values(request)
            counts = {v: sum(v in self._held(query, request, hit) for hit in hits) for v in values}
            return self._cut(query, request, counts)

        return Tallied(len(hits), tuple(map(counted, requests)))

    def suggestions(self, text: str, size: int) -> tuple[str, ...]:
        node = suggest_node(text)
        hits = [d for d in self.documents.values() if node is not None and holds(node, self.tokens(d))]
        return tuple(d.id for d in sorted(hits, key=lambda d: (d.sort_name, tie_break(d.id)))[:size])

    def similar(self, document: SupplierDocument, size: int) -> tuple[str, ...]:
        """By what is shared: an industry code by its depth (1, 3, 5), a process 2, one of the first 60 tokens 1."""
        industries = {(depth, code) for path in document.industries for depth, code in enumerate(path, 1)}
        tokens = list(dict.fromkeys(analyse_document(document).product.split()))[:60]
        scores: dict[str, int] = {}
        for other in self.documents.values():
            codes = {code for path in other.industries for code in path}
            score = sum(2 * depth - 1 for depth, code in industries if code in codes)
            score += 2 * len(set(document.processes) & set(other.processes))
            score += len(set(tokens) & set(self.tokens(other)["product"]))
            if score and other.sector == document.sector and other.id != document.id:
                scores[other.id] = score
        return tuple(sorted(scores, key=lambda key: (-scores[key], tie_break(key)))[:size])

    @staticmethod
    def fit(query: SearchQuery, document: SupplierDocument) -> int:
        return sum(weight for code, weight in query.nice if code in document.criteria_met)

    # ---- conditions

    def matches(self, query: SearchQuery, document: SupplierDocument) -> bool:
        return all(condition(query, document) for condition in self._conditions())

    def _conditions(self) -> Iterator[Callable[[SearchQuery, SupplierDocument], bool]]:
        yield lambda q, d: (q.ids is None or d.id in q.ids) and d.id not in q.ids_not
        yield lambda q, d: not q.sectors or d.sector in q.sectors
        yield lambda q, d: not q.industries or bool(_codes(d.industries) & set(q.industries))
        yield lambda q, d: not q.regions or bool(_codes(d.regions) & set(q.regions))
        yield lambda q, d: not q.processes or bool(set(d.processes) & set(q.processes))
        yield lambda q, d: not q.tiers or bool(set(d.tiers) & set(q.tiers))
        yield lambda q, d: not q.sizes or d.size in q.sizes
        yield lambda q, d: not q.statuses or d.status in q.statuses
        yield lambda q, d: set(q.has) <= set(d.flags) and not set(q.lacks) & set(d.flags)
        yield lambda q, d: not q.assessed_since or (d.assessed_on is not None and d.assessed_on >= q.assessed_since)
        yield _meets_criteria
        yield _is_ranked
        yield self._holds_levels
        yield self._holds_text

    def _holds_levels(self, query: SearchQuery, document: SupplierDocument) -> bool:
        held = document.certificates
        if not query.levels and not query.levels_min:
            return not _asks_dates(query) or _in_dates(query, held)
        if query.levels and not any(self._holds(query, held, choice, exact=True) for choice in query.levels):
            return False
        return all(self._holds(query, held, choice, exact=False) for choice in query.levels_min)

    def _holds(self, query: SearchQuery, held: Iterable[HeldCertificate], choice: LevelChoice, *, exact: bool) -> bool:
        own = [certificate for certificate in held if certificate.scheme == choice.scheme]
        if choice.level is not None:
            rank = self.rank(choice.scheme, choice.level)
            if exact and any(self.rank(choice.scheme, certificate.level) > rank for certificate in own):
                return False
            own = [certificate for certificate in own if self.rank(choice.scheme, certificate.level) >= rank]
        return bool(own) and _in_dates(query, own)

    def rank(self, scheme: str, level: str | None) -> int:
        return 0 if level is None else self.vocabulary.schemes[scheme].index(level) + 1

    def _holds_text(self, query: SearchQuery, document: SupplierDocument) -> bool:
        key = query.text, document.id
        if key not in self._held_texts:
            node, tokens = parse_text(query.text, self.vocabulary).node, self.tokens(document)
            self._held_texts[key] = node is None or code_key(query.text) in tokens["code"] or holds(node, tokens)
        return self._held_texts[key]

    def tokens(self, document: SupplierDocument) -> Tokens:
        if document.id not in self._tokens:
            self._tokens[document.id] = tokens_of(document)
        return self._tokens[document.id]

    # ---- orders

    def _order(self, query: SearchQuery) -> Callable[[SupplierDocument], tuple[object, ...]]:
        sort = query.sort
        if sort is Sort.RELEVANCE and parse_text(query.text, self.vocabulary).node is None:
            sort = Sort.NEWEST
        scheme = self._level_scheme(query)
        orders: dict[Sort, Callable[[SupplierDocument], tuple[object, ...]]] = {
            Sort.RELEVANCE: lambda _: (),
            Sort.FIT: lambda d: (-self.fit(query, d),),
            Sort.RANK: lambda d: (_place(query, d),),
            Sort.LEVEL: lambda d: (-max((self.rank(scheme, c.level) for c in _of(scheme, d)), default=0),),
            Sort.CRITERIA: lambda d: (-len(set(d.criteria_met)),),
            Sort.NAME: lambda d: (d.sort_name,),
            Sort.NEWEST: lambda d: (-d.listed,),
        }
        return orders[sort]

    def _level_scheme(self, query: SearchQuery) -> str:
        named = [choice.scheme for choice in (*query.levels, *query.levels_min)]
        return next(scheme for scheme in (*named, *self.vocabulary.schemes) if self.vocabulary.schemes[scheme])

    # ---- facets

    def _bucket(self, query: SearchQuery, request: FacetRequest, value: str) -> int:
        """The total of the query with the value chosen."""
        return sum(self.matches(chosen(query, request, value), document) for document in self.documents.values())

    def _values(self, request: FacetRequest) -> set[str]:
        every = SearchQuery()
        found = {value for document in self.documents.values() for value in self._held(every, request, document)}
        if request.name == "grade":
            found = {standing.grade for document in self.documents.values() for standing in document.standings}
        return found | set(request.keep)

    def _held(self, query: SearchQuery, request: FacetRequest, document: SupplierDocument) -> set[str]:
        """The document's own values of a facet."""
        at = request.depth - 1
        single = {"sector": document.sector, "size": document.size, "status": document.status}
        if request.name in single:
            value = single[request.name]
            return set() if value is None else {value}
        several: dict[str, Callable[[], Iterable[str]]] = {
            "industry": lambda: [path[at] for path in document.industries if len(path) > at],
            "region": lambda: [path[at] for path in document.regions if len(path) > at],
            "process": lambda: document.processes,
            "tier": lambda: document.tiers,
            "criteria": lambda: document.criteria_met,
            "flag": lambda: document.flags,
            "level": lambda: self._levels(document),
            "grade": lambda: [standing.grade for standing in _standing(query, document)],
            "edition": lambda: [standing.edition for standing in document.standings],
        }
        return set(several[request.name]())

    def _levels(self, document: SupplierDocument) -> Iterator[str]:
        for scheme in {certificate.scheme for certificate in document.certificates}:
            yield scheme
            highest = max(
                (certificate.level for certificate in _of(scheme, document)), key=lambda x: self.rank(scheme, x)
            )
            if highest is not None:
                yield f"{scheme}:{highest}"

    def _cut(self, query: SearchQuery, request: FacetRequest, counts: dict[str, int]) -> Facet:
        wanted = request.values or tuple(counts)
        ranked = sorted((-counts.get(value, 0), value) for value in set(wanted) if counts.get(value, 0))
        kept = {*request.keep, *selected(query, request)}
        shown = {value for _, value in ranked[: request.size]} | kept
        buckets = sorted((-counts.get(value, 0), value) for value in shown)
        truncated = any(value not in shown for _, value in ranked)
        return Facet(request.name, tuple(Bucket(value, -count) for count, value in buckets), request.depth, truncated)


def selected(query: SearchQuery, request: FacetRequest) -> tuple[str, ...]:
    """The chosen values of a facet without depth."""
    found: dict[str, tuple[str, ...]] = {
        "sector": query.sectors,
        "process": query.processes,
        "tier": query.tiers,
        "size": query.sizes,
        "status": query.statuses,
        "criteria": query.criteria,
        "flag": query.has,
        "grade": query.grades,
        "level": tuple(c.scheme if c.level is None else f"{c.scheme}:{c.level}" for c in query.levels),
        "edition": (query.edition,) if query.edition else (),
    }
    return found.get(request.name, ())


def chosen(query: SearchQuery, request: FacetRequest, value: str) -> SearchQuery:
    """The query with one value of a facet chosen instead of what was; of criteria under ALL, and of flags, on top."""
    if request.name == "criteria":
        all_of = query.criteria_mode == "all"
        return replace(query, criteria=(*query.criteria, value) if all_of else (value,), criteria_mode="all")
    if request.name == "flag":
        return replace(query, has=(*query.has, value))
    if request.name == "edition":
        return replace(query, edition=value, grades=(), top=None)
    if request.name == "level":
        scheme, _, level = value.partition(":")
        return replace(query, levels=(LevelChoice(scheme, level or None),))
    plural = {"industry": "industries", "process": "processes", "status": "statuses"}
    change: dict[str, Any] = {plural.get(request.name, f"{request.name}s"): (value,)}
    return replace(query, **change)


def _codes(paths: Iterable[tuple[str, ...]]) -> set[str]:
    return {code for path in paths for code in path}


def _of(scheme: str, document: SupplierDocument) -> list[HeldCertificate]:
    return [certificate for certificate in document.certificates if certificate.scheme == scheme]


def _asks_dates(query: SearchQuery) -> bool:
    return any((query.valid_through, query.expires_before, query.certified_from, query.certified_to))


def _in_dates(query: SearchQuery, held: Iterable[HeldCertificate]) -> bool:
    """Latest end and earliest start of the certificates against the query's dates."""
    ends = [date.max if certificate.until is None else certificate.until for certificate in held]
    starts = [certificate.since for certificate in held]
    return bool(ends) and all(
        (
            query.valid_through is None or max(ends) >= query.valid_through,
            query.expires_before is None or max(ends) < query.expires_before,
            query.certified_from is None or min(starts) >= query.certified_from,
            query.certified_to is None or min(starts) <= query.certified_to,
        )
    )


def _meets_criteria(query: SearchQuery, document: SupplierDocument) -> bool:
    met = set(document.criteria_met)
    if set(query.criteria_not) & met:
        return False
    asked = set(query.criteria)
    match query.criteria_mode:
        case "all":
            return asked <= met
        case "any":
            return not asked or bool(asked & met)
        case (least, most):
            return least <= len(asked & met) <= most
        case least:
            return len(asked & met) >= least


def _standing(query: SearchQuery, document: SupplierDocument) -> list[Standing]:
    if query.edition is None:
        return [standing for standing in document.standings if standing.current]
    return [standing for standing in document.standings if standing.edition == query.edition]


def _is_ranked(query: SearchQuery, document: SupplierDocument) -> bool:
    if query.edition is None and not query.grades and query.top is None:
        return True
    return any(
        (not query.grades or standing.grade in query.grades)
        and (query.top is None or 100 * standing.position <= query.top * standing.peers)
        for standing in _standing(query, document)
    )


def _place(query: SearchQuery, document: SupplierDocument) -> int:
    found = _standing(query, document)
    return found[0].position * 1_000_000 // found[0].peers if found else 10_000_000
