"""Small questions about what a search asks for, shared by presenters."""

from __future__ import annotations

from portal.register.catalogue import Catalogue
from portal.web.parameters import Search
from search.contract import SearchQuery

MAX_COMMON = 12


def criteria_open(search: Search) -> bool:
    """Whether the criteria facet is counted: a sector is chosen, criteria are asked, or its panel is open (rule 29)."""
    query = search.query
    return bool(query.sectors or query.criteria or query.criteria_not or query.nice or "criteria" in search.panel)


def common_criteria(query: SearchQuery, catalogue: Catalogue) -> tuple[str, ...]:
    """A dozen common criteria of the chosen sectors (and of all firms), then those that are asked or excluded."""
    fitting = [c for c in catalogue.criteria.values() if c.sector is None or c.sector in query.sectors]
    # Those of the sector tell more than those of all; of each kind the catalogue names the common ones.
    fitting.sort(key=lambda criterion: (not criterion.common, criterion.sector is None))
    asked = (*query.criteria, *query.criteria_not, *(code for code, _weight in query.nice))
    return tuple(dict.fromkeys((*(criterion.code for criterion in fitting[:MAX_COMMON]), *asked)))
