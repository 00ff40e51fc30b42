"""What a query selects, as nodes by facet: whoever counts a facet leaves that facet's own selection out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from search.contract import FacetName, LevelChoice, SearchQuery
from search.fields import NOW, FieldTable
from search.nodes import AllOf, AnyOf, AnyTerm, MatchAll, Node, Not, Range, Term

Group = FacetName | None
"""The facet that a condition is the selection of; None: of no facet, always applied."""

Conditions = Mapping[Group, tuple[Node, ...]]


def conditions(query: SearchQuery, table: FieldTable) -> Conditions:
    """The nodes of a checked query's filters (its text apart), those that make a facet's selection under its name."""
    return {
        "sector": any_term("sector", query.sectors),
        "industry": any_term("industry", query.industries),
        "process": any_term("process", query.processes),
        "tier": any_term("tier", query.tiers),
        "size": any_term("size", query.sizes),
        "status": any_term("status", query.statuses),
        "region": any_term("region", query.regions),
        "level": _levels(query, table),
        "criteria": _criteria(query),
        "grade": any_term("grade", [f"{edition_key(query)}|{grade}" for grade in query.grades]),
        "edition": _edition(query),
        None: _others(query, table),
    }


def without(parts: Conditions, *groups: Group) -> tuple[Node, ...]:
    """All nodes but those of the groups."""
    return tuple(node for group, nodes in parts.items() if group not in groups for node in nodes)


def any_term(field: str, values: Sequence[str]) -> tuple[Node, ...]:
    """One node, or none where there are no values."""
    return (AnyTerm(field, tuple(dict.fromkeys(values))),) if values else ()


def edition_key(query: SearchQuery) -> str:
    """The edition that grades, top and rank speak of, as standing tokens begin."""
    return NOW if query.edition is None else query.edition


def has_dates(query: SearchQuery) -> bool:
    """Whether a condition speaks of certificate dates."""
    return any((query.valid_through, query.expires_before, query.certified_from, query.certified_to))


def level_value(choice: LevelChoice) -> str:
    """The level facet's value and token for a choice."""
    return choice.scheme if choice.level is None else f"{choice.scheme}:{choice.level}"


def level_node(field: str, choice: LevelChoice, query: SearchQuery, table: FieldTable) -> Node:
    """Firms at the choice's level (`field` "level": that one exactly; "level_min": or above), within the query's dates.

    The dates are those of the certificates at that level or above (contract; notes: rule 10).
    """
    token = Term(field, level_value(choice))
    dates = _dates(query, table.dates_suffix(choice.scheme, choice.level))
    return AllOf((token, *dates)) if dates else token


def _day(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _dates(query: SearchQuery, suffix: str) -> tuple[Node, ...]:
    nodes: list[Node] = []
    if query.valid_through or query.expires_before:
        before = _day(query.expires_before)
        nodes.append(Range(f"until{suffix}", _day(query.valid_through), None if before is None else before - 1))
    if query.certified_from or query.certified_to:
        nodes.append(Range(f"since{suffix}", _day(query.certified_from), _day(query.certified_to)))
    return tuple(nodes)


def _levels(query: SearchQuery, table: FieldTable) -> tuple[Node, ...]:
    """The level facet's selection. Dates without any level choice are of all certificates together."""
    if query.levels:
        if not has_dates(query):
            return any_term("level", [level_value(choice) for choice in query.levels])
        return (AnyOf(tuple(level_node("level", choice, query, table) for choice in dict.fromkeys(query.levels))),)
    return () if query.levels_min else _dates(query, "")


def _criteria(query: SearchQuery) -> tuple[Node, ...]:
    codes = tuple(dict.fromkeys(query.criteria))
    if not codes:
        return ()
    if query.criteria_mode == "any":
        return (AnyTerm("criteria", codes),)
    terms = tuple(Term("criteria", code) for code in codes)
    mode = query.criteria_mode
    if mode == "all" or mode == len(terms):
        return terms
    least, most = mode if isinstance(mode, tuple) else (int(mode), len(terms))
    excess = (Not(AnyOf(terms, most + 1) if most + 1 < len(terms) else AllOf(terms)),) if most < len(terms) else ()
    return (*_at_least(terms, least), *excess)


def _at_least(terms: tuple[Node, ...], wanted: int) -> tuple[Node, ...]:
    """At least so many of the terms.

    With few misses allowed, some group of `misses + 1` must be met whole: that cheap test comes first and makes the
    count of 30 criteria with two misses three times faster (notes: rule 30).
    """
    if wanted == 1:
        return (AnyOf(terms),)
    counted = AnyOf(terms, wanted)
    groups = len(terms) - wanted + 1
    if len(terms) < 3 * groups:
        return (counted,)
    return (AnyOf(tuple(AllOf(terms[start::groups]) for start in range(groups))), counted)


def _edition(query: SearchQuery) -> tuple[Node, ...]:
    if query.top is not None:
        return any_term("top", [f"{edition_key(query)}|p{per_cent}" for per_cent in range(1, query.top + 1)])
    if query.edition is not None and not query.grades:
        return (Term("edition", query.edition),)
    return ()


def _others(query: SearchQuery, table: FieldTable) -> tuple[Node, ...]:
    """What no facet selects; every `has` must hold, so flags are counted under them as criteria are under ALL."""
    nodes: list[Node] = [level_node("level_min", choice, query, table) for choice in dict.fromkeys(query.levels_min)]
    nodes += [Term("flag", flag) for flag in dict.fromkeys(query.has)]
    nodes += [Not(node) for node in any_term("flag", query.lacks)]
    nodes += [Not(node) for node in any_term("criteria", query.criteria_not)]
    if query.assessed_since:
        nodes.append(Range("assessed_on", query.assessed_since.toordinal()))
    if query.ids is not None:
        nodes += [MatchAll(), AnyTerm("id", tuple(dict.fromkeys(query.ids)))]  # tombstones have an id as well
    nodes += [Not(node) for node in any_term("id", query.ids_not)]
    return tuple(nodes)
