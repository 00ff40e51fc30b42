"""The catalogue: sectors, industries, schemes, criteria, places and words, read from CSV and TOML."""

from portal.register.catalogue.check import check_catalogue
from portal.register.catalogue.loader import load_catalogue
from portal.register.catalogue.model import (
    Basis,
    Catalogue,
    Criterion,
    CriterionGroup,
    EvidenceKind,
    Guidance,
    Guided,
    Industry,
    Level,
    Named,
    Process,
    RankingMethod,
    Region,
    Scheme,
    Sector,
    Synonym,
    Target,
    Tier,
    Unit,
)
from portal.register.catalogue.reading import CatalogueError, Problem

__all__ = [
    "Basis",
    "Catalogue",
    "CatalogueError",
    "Criterion",
    "CriterionGroup",
    "EvidenceKind",
    "Guidance",
    "Guided",
    "Industry",
    "Level",
    "Named",
    "Problem",
    "Process",
    "RankingMethod",
    "Region",
    "Scheme",
    "Sector",
    "Synonym",
    "Target",
    "Tier",
    "Unit",
    "check_catalogue",
    "load_catalogue",
]
