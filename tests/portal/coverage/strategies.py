"""Filters, axes and pages of coverage at random, of the default catalogue's codes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from portal.coverage.axes import MAX_DEPTH, Axis, Dimension, Meet
from portal.register.catalogue import load_catalogue

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "config" / "catalogue")

_FILTERS = {
    "sector": ("machinery", "electronics", "textiles", "steel,other"),
    "industry": ("34", "345,39", "3451"),
    "region": ("330000", "330200", "330200,440000", "440000,650000", "US"),
    "level": ("quality_capability", "quality_capability:assurance,gbt19001", "gbt19001"),
    "level_min": ("quality_capability:inspection",),
    "tier": ("srdi", "innovative,little_giant"),
    "size": ("small", "micro,medium"),
    "criteria": ("X01-05", "X01-05,X01-06"),
    "criteria_not": ("X02-01", "X01-06"),
    "certified_from": ("2024-01-01",),
    "certified_to": ("2025-06-30",),
    "valid_through": ("2026-12-31",),
    "assessed_since": ("2025-01-01",),
    "has": ("certificate", "recognition,size", "region"),
    "lacks": ("risk", "website,assessment"),
    "q": ("轴承",),
}


@st.composite
def filters(draw: st.DrawFn) -> dict[str, str]:
    """Parameters of an address, few enough to find something."""
    names = draw(st.lists(st.sampled_from(sorted(_FILTERS)), max_size=3, unique=True))
    given = {name: draw(st.sampled_from(_FILTERS[name])) for name in names}
    if {"criteria", "criteria_not"} <= set(given) or {"valid_through", "certified_to"} <= set(given):
        del given[names[-1]]
    return given


@st.composite
def axes(draw: st.DrawFn) -> Axis:
    return Axis(draw(st.sampled_from(Dimension)), draw(st.integers(1, MAX_DEPTH)), draw(st.sampled_from(Meet)))


def pairs() -> st.SearchStrategy[tuple[Axis, Axis]]:
    """Two different dimensions."""
    return st.tuples(axes(), axes()).filter(lambda pair: pair[0].dimension != pair[1].dimension)
