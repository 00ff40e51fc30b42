"""What a query may ask: everything else is a QueryError that names the field, alike on every engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields

from search.contract import MAX_HITS, MAX_PER_PAGE, FacetRequest, LevelChoice, QueryError, SearchQuery
from search.fields import FieldTable

MAX_VALUES = 1_000
"""Distinct values of one filter; Elasticsearch's own limit of clauses is near."""

MAX_WEIGHT = 1_000
"""With MAX_VALUES weights the fit stays below 2^24: whole numbers that a 32-bit score holds exactly (rule 20)."""

MAX_BUCKETS = 1_000


def check_query(query: SearchQuery, table: FieldTable) -> None:
    """Raises QueryError at the first contradiction, unknown level or number out of range."""
    _check_sizes(query)
    _check_paging(query)
    _check_levels("levels", query.levels, table)
    _check_levels("levels_min", query.levels_min, table)
    _check_dates(query)
    _check_criteria(query)
    _check_nice(query)
    _check_ranking(query)
    _check_apart("lacks", query.has, query.lacks)
    for request in query.facets:
        check_facet("facets", request, table)


def check_facet(field: str, request: FacetRequest, table: FieldTable) -> None:
    """Raises QueryError for a facet that is not counted at that depth, or a size out of range."""
    if (request.name, request.depth) not in table.facets:
        raise QueryError(field, f"{request.name!r} is not counted at depth {request.depth}")
    if not 1 <= request.size <= MAX_BUCKETS or len(request.values) > MAX_VALUES or len(request.keep) > MAX_VALUES:
        raise QueryError(field, f"a facet has 1 to {MAX_BUCKETS} values")
    _check_strings(field, (*request.values, *request.keep))


def _check_strings(field: str, values: Iterable[str]) -> None:
    """Half a surrogate pair cannot be sent to any engine."""
    try:
        "".join(values).encode()
    except UnicodeEncodeError:
        raise QueryError(field, "not valid text") from None


def _check_sizes(query: SearchQuery) -> None:
    for item in fields(query):
        value = getattr(query, item.name)
        if isinstance(value, str):
            _check_strings(item.name, (value,))
        elif isinstance(value, tuple) and item.name != "criteria_mode":
            limit = MAX_HITS if item.name in ("ids", "ids_not") else MAX_VALUES
            if len(value) > limit:
                raise QueryError(item.name, f"more than {limit} values")
            _check_strings(item.name, (one for one in value if isinstance(one, str)))


def _check_paging(query: SearchQuery) -> None:
    if not 1 <= query.per_page <= MAX_PER_PAGE:
        raise QueryError("per_page", f"a page has 1 to {MAX_PER_PAGE} hits")
    if query.page < 1:
        raise QueryError("page", "the first page is 1")
    if query.page * query.per_page > MAX_HITS:
        raise QueryError("page", f"paging ends at {MAX_HITS} hits")


def _check_levels(field: str, choices: Sequence[LevelChoice], table: FieldTable) -> None:
    for choice in choices:
        levels = table.vocabulary.schemes.get(choice.scheme)
        if levels is None:
            raise QueryError(field, f"unknown scheme {choice.scheme!r}")
        if choice.level is not None and choice.level not in levels:
            raise QueryError(field, f"scheme {choice.scheme!r} has no level {choice.level!r}")


def _check_dates(query: SearchQuery) -> None:
    if query.valid_through and query.expires_before and query.valid_through >= query.expires_before:
        raise QueryError("expires_before", "nothing is valid through a day and expires before it")
    if query.certified_from and query.certified_to and query.certified_from > query.certified_to:
        raise QueryError("certified_to", "before certified_from")


def _check_criteria(query: SearchQuery) -> None:
    """Doubles are dropped before counting (notes: rule 9)."""
    distinct = len(set(query.criteria))
    mode = query.criteria_mode
    if isinstance(mode, tuple):
        if not 1 <= mode[0] <= mode[1] < distinct:
            raise QueryError("criteria_mode", f"{mode[0]} to {mode[1]} of {distinct} criteria cannot be asked")
    elif isinstance(mode, int):
        if not 1 <= mode <= distinct:
            raise QueryError("criteria_mode", f"at least {mode} of {distinct} criteria cannot be asked")
    elif mode not in ("all", "any"):
        raise QueryError("criteria_mode", f"{mode!r} is none of all, any, a number")
    _check_apart("criteria_not", query.criteria, query.criteria_not)


def _check_apart(field: str, wanted: Sequence[str], unwanted: Sequence[str]) -> None:
    both = sorted(set(wanted) & set(unwanted))
    if both:
        raise QueryError(field, f"asked for and excluded: {', '.join(both)}")


def _check_nice(query: SearchQuery) -> None:
    codes = [code for code, _ in query.nice]
    if len(set(codes)) < len(codes):
        raise QueryError("nice", "a criterion is given twice")
    _check_strings("nice", codes)
    if any(not 1 <= weight <= MAX_WEIGHT for _, weight in query.nice):
        raise QueryError("nice", f"weights are 1 to {MAX_WEIGHT}")


def _check_ranking(query: SearchQuery) -> None:
    if query.top is not None and not 1 <= query.top <= 100:
        raise QueryError("top", "best x per cent: 1 to 100")
    if query.edition is not None and (not query.edition or "|" in query.edition):
        raise QueryError("edition", f"{query.edition!r} cannot be an edition's name")
