"""Conditions "like this supplier": the search that it would answer best."""

from __future__ import annotations

from sqlalchemy import select

from portal.models import Assessment, Certificate, Supplier
from portal.web.errors import SupplierNotFound
from portal.web.parameters import Search
from portal.web.presenters.context import Context
from portal.web.presenters.supplier import find
from portal.web.presenters.validity import levels_held
from portal.web.readers import narrowed
from search.contract import LevelChoice, SearchQuery, Sort


def like_supplier(key: str, at: Context) -> tuple[Search, str]:
    """What it is (sector, industries, processes) and at least its highest levels; what it meets is nice to have.

    And its name, for the page. Codes that the catalogue does not know are left out. Raises SupplierNotFound.
    """
    row = find(key, at)
    if not isinstance(row, Supplier):
        raise SupplierNotFound(key[:100])
    catalogue = at.catalogue
    nice = tuple((code, 1) for code in sorted(_met(row, at)))
    query = SearchQuery(
        sectors=(row.sector,) if row.sector in catalogue.sectors else (),
        industries=narrowed("industries", (code for code in row.industries if code in catalogue.industries), catalogue),
        processes=tuple(sorted({process["code"] for process in row.processes} & catalogue.processes.keys())),
        levels_min=_levels(row, at),
        nice=nice,
        sort=Sort.FIT if nice else Sort.RELEVANCE,
    )
    return Search(query=query), (row.name_en or row.name_zh) if at.lang == "en" else (row.name_zh or row.name_en)


def _met(row: Supplier, at: Context) -> set[str]:
    current = select(Assessment.results).where(Assessment.supplier_id == row.id, Assessment.current.is_(True)).limit(1)
    results = at.session.scalar(current) or {}
    return {code for code, one in results.items() if one["result"] == "met" and code in at.catalogue.criteria}


def _levels(row: Supplier, at: Context) -> tuple[LevelChoice, ...]:
    certificates = at.session.scalars(select(Certificate).where(Certificate.supplier_id == row.id)).all()
    held = levels_held(certificates, at.catalogue, at.lang, at.today)
    return tuple(sorted((LevelChoice(one.scheme, one.level) for one in held if one.level), key=lambda one: one.scheme))
