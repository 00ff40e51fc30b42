"""The home page: sectors with their counts from one engine request, and the newest editions."""

from __future__ import annotations

from collections.abc import Callable

from portal.web.presenters.context import Context
from portal.web.presenters.editions import edition_view
from portal.web.screens import HomePage, SectorCard
from search.contract import Crosstab, EngineUnavailable, FacetRequest, SearchEngine, SearchQuery

ALL_URL = "/suppliers?has=certificate"
MAX_EDITIONS = 8


def home_page(at: Context, engine: Callable[[], SearchEngine]) -> HomePage:
    """Firms listed and certified, by sector. While the engine is down the counts are None."""
    counted = _counted(at, engine)
    cells = counted.cells if counted else {}
    newest = [edition for edition in at.editions.values() if edition.current]
    return HomePage(
        available=counted is not None,
        total=counted.total if counted else None,
        certified=counted.columns.get("certificate", 0) if counted else None,
        sectors=tuple(
            SectorCard(
                code=sector.code,
                label=sector.name(at.lang),
                count=cells.get(sector.code, {}).get("certificate", 0) if counted else None,
                url=f"/suppliers?sector={sector.code}&has=certificate",
            )
            for sector in at.catalogue.sectors.values()
        ),
        editions=tuple(edition_view(edition.code, at) for edition in newest[:MAX_EDITIONS]),
        all_url=ALL_URL,
        valid_on=at.today,
    )


def _counted(at: Context, engine: Callable[[], SearchEngine]) -> Crosstab | None:
    """Sectors by "has a valid certificate"."""
    sectors = tuple(at.catalogue.sectors)
    rows = FacetRequest("sector", size=len(sectors), values=sectors)
    columns = FacetRequest("flag", size=1, values=("certificate",))
    try:
        return engine().count_by(SearchQuery(), rows, columns)
    except EngineUnavailable:
        return None
