"""How firms stand against each condition of a search: criteria from the register, everything else from the index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from portal.workspace.funnel import Step
from portal.workspace.record_tree import Standing
from search.contract import SearchEngine, SearchQuery

Met = Mapping[str, Collection[str]]
"""Firm → the criteria that it meets, among those asked for."""


def standings(steps: Sequence[Step], met: Met, query: SearchQuery, engine: SearchEngine) -> dict[str, Standing]:
    """The standing of each firm in `met`. Raises EngineUnavailable."""
    passing = [_passing(step, met, engine) for step in steps]
    found = {}
    for key, codes in met.items():
        failed = tuple(number for number, passed in enumerate(passing) if key not in passed)
        nices = tuple(code for code, _weight in query.nice if code in codes)
        fit = sum(weight for code, weight in query.nice if code in codes)
        found[key] = Standing(meets_all=not failed, failed=failed, nices=nices, fit=fit)
    return found


def _passing(step: Step, met: Met, engine: SearchEngine) -> Collection[str]:
    """The firms that meet a condition, looked at by itself."""
    if not step.asks:
        return met.keys()
    for name, judge in _HERE.items():
        if name in step.asks:
            return {key for key, codes in met.items() if judge(step.alone, key, codes)}
    return set(engine.scan(replace(step.alone, ids=tuple(met)))) if met else ()


def _enough(query: SearchQuery, _key: str, codes: Collection[str]) -> bool:
    count, mode = sum(code in codes for code in query.criteria), query.criteria_mode
    if isinstance(mode, tuple):
        return mode[0] <= count <= mode[1]
    return count >= {"all": len(query.criteria), "any": 1}.get(str(mode), mode if isinstance(mode, int) else 1)


_HERE: Mapping[str, Callable[[SearchQuery, str, Collection[str]], bool]] = {
    "criteria": _enough,
    "criteria_not": lambda query, _key, codes: not set(query.criteria_not) & set(codes),
    "ids": lambda query, key, _codes: key in (query.ids or ()),
    "ids_not": lambda query, key, _codes: key not in query.ids_not,
}
"""What needs no index."""
