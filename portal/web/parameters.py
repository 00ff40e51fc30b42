"""Query string → Search: `parse` reads by the table in `grammar.py`; `addresses.py` is the way back.

Unknown parameters are ignored with a notice; unknown or contradictory values raise ParameterError (400). Values that a
form left empty count as absent. Lists become sorted sets, so that one question has one address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.models import Edition
from portal.register.catalogue import Catalogue
from portal.web.grammar import BY_NAME, PER_PAGE, TABLE, Kind, Parameter
from portal.web.readers import ParameterError, Values, read
from portal.web.stored import Stored
from search.contract import MAX_HITS, SearchQuery, Sort

__all__ = ["TABLE", "Kind", "Parameter", "ParameterError", "Search", "default_sort", "parse"]

MAX_IGNORED = 10
"""More unknown names than these are not repeated to the reader."""


@dataclass(frozen=True, slots=True)
class Search:
    """A question with what the page shows around it. `query` has no facets; the presenters add them.

    `ignored`: names of parameters that are unknown, `cut`: the text was longer than MAX_TEXT. Neither is part of the
    address: parse(to_args(search)) gives the same search without them. `usual_per_page` is what an address without
    per_page means. `stored`: the sourcing conditions that its addresses stand on (`portal.web.kept` opens those).
    `mine`: what was asked of the buyer's own suppliers; `mine_heard`: the query's ids answer it, as they do for a buyer
    who is signed in (`portal.web.presenters.marks`).
    """

    query: SearchQuery
    lang: str | None = None
    view: str = "list"
    panel: tuple[str, ...] = ()
    mine: str | None = None
    mine_heard: bool = False
    ignored: tuple[str, ...] = ()
    cut: bool = False
    usual_per_page: int = PER_PAGE
    stored: Stored | None = None


def parse(
    args: MultiDict[str, str], catalogue: Catalogue, editions: Mapping[str, Edition], per_page: int = PER_PAGE
) -> Search:
    """The search that a query string asks for; `per_page` where it does not say. Raises ParameterError."""
    given = _given(args)
    values = Values(given, catalogue, editions)
    fields: dict[str, Any] = {name: read(BY_NAME[name], values) for name in given}
    fields.setdefault("per_page", per_page)
    query = _query(fields)
    _check(query, given)
    return Search(
        query=query,
        lang=fields.get("lang"),
        view=fields.get("view", "list"),
        panel=fields.get("panel", ()),
        mine=fields.get("mine"),
        ignored=_ignored(args),
        cut=values.cut,
        usual_per_page=per_page,
    )


def default_sort(query_nice: tuple[tuple[str, int], ...]) -> Sort:
    """The order when none is asked: by fit when something is nice to have."""
    return Sort.FIT if query_nice else Sort.RELEVANCE


def _given(args: MultiDict[str, str]) -> dict[str, tuple[str, ...]]:
    """The values of each known parameter, comma lists taken apart, doubles and empty ones dropped."""
    given: dict[str, tuple[str, ...]] = {}
    for parameter in TABLE:
        texts = args.getlist(parameter.name)
        if parameter.repeat:
            texts = [part for text in texts for part in text.split(",")]
        values = tuple(dict.fromkeys(text for text in map(str.strip, texts) if text))
        if len(values) > 1 and not parameter.repeat:
            raise ParameterError(parameter.name, values[1], _("%(name)s can be given only once.", name=parameter.name))
        if values:
            given[parameter.name] = values
    return given


def _ignored(args: MultiDict[str, str]) -> tuple[str, ...]:
    return tuple(name[:60] for name in args if name not in BY_NAME)[:MAX_IGNORED]


def _query(fields: Mapping[str, Any]) -> SearchQuery:
    filled = {BY_NAME[name].field: value for name, value in fields.items() if BY_NAME[name].field}
    filled.setdefault("sort", default_sort(filled.get("nice", ())))
    if not filled.get("criteria") and filled.get("criteria_mode") == "any":
        # The mode of no criteria means nothing; a form may still send it.
        del filled["criteria_mode"]
    return SearchQuery(**filled)


def _check(query: SearchQuery, given: Mapping[str, tuple[str, ...]]) -> None:
    """Values that contradict each other. Raises ParameterError."""
    _disjoint("lacks", query.has, query.lacks, "has")
    _disjoint("criteria_not", query.criteria, query.criteria_not, "criteria")
    _possible_mode(query)
    if query.page * query.per_page > MAX_HITS:
        raise ParameterError(
            "page",
            str(query.page),
            _("Paging ends at %(most)s results. Narrow the search instead.", most=f"{MAX_HITS:,}"),
        )
    _in_order("certified_from", query.certified_from, "certified_to", query.certified_to, strictly=False)
    _in_order("valid_through", query.valid_through, "expires_before", query.expires_before, strictly=True)
    _one_a_scheme(query, given)


def _possible_mode(query: SearchQuery) -> None:
    mode, named = query.criteria_mode, len(query.criteria)
    if isinstance(mode, tuple) and mode[1] >= named:
        raise ParameterError(
            "criteria_mode",
            f"{mode[0]}-{mode[1]}",
            _("At most %(most)s criteria are to be met, but only %(given)s are named.", most=mode[1], given=named),
        )
    if isinstance(mode, int) and mode > named:
        raise ParameterError(
            "criteria_mode",
            str(mode),
            _("At least %(asked)s criteria are to be met, but only %(given)s are named.", asked=mode, given=named),
        )


def _disjoint(name: str, first: tuple[str, ...], second: tuple[str, ...], other: str) -> None:
    both = set(first) & set(second)
    if both:
        value = min(both)
        raise ParameterError(
            name, value, _("%(value)s is in both %(first)s and %(second)s.", value=value, first=other, second=name)
        )


def _in_order(first: str, low: date | None, second: str, high: date | None, *, strictly: bool) -> None:
    if low is None or high is None or low < high or (low == high and not strictly):
        return
    raise ParameterError(
        second,
        high.isoformat(),
        _("%(second)s must be later than %(first)s, or nothing can be found.", first=first, second=second),
    )


def _one_a_scheme(query: SearchQuery, given: Mapping[str, tuple[str, ...]]) -> None:
    schemes = [choice.scheme for choice in query.levels_min]
    if len(set(schemes)) < len(schemes):
        raise ParameterError(
            "level_min", ",".join(given["level_min"]), _("level_min can name only one level of a scheme.")
        )
