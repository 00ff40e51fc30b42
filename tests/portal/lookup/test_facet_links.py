"""What a facet promises is what its link keeps: random searches on sample firms, every value's count against its link.

A facet without a selection, and one in which a value only narrows, promise the total exactly. Where values are joined
by OR the count is of the value alone, so its link finds as many at least.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal.indexing.documents import FLAGS
from portal.register.clock import today_china
from portal.services import services
from portal.web.parameters import Search, parse
from portal.web.presenters import results
from portal.web.presenters.context import Context, context
from portal.web.tree import FacetValue, FacetView
from search.contract import SearchQuery
from tests.portal.apps import flask, running, settings_of

PATH = "/suppliers"
FIRMS = 200
SELECTIONS = {
    "sector": "sectors",
    "industry": "industries",
    "process": "processes",
    "level": "levels",
    "region": "regions",
    "tier": "tiers",
    "size": "sizes",
    "grade": "grades",
}
"""Facets whose values are joined by OR, and the query's field of each."""

ALWAYS = [
    {"level_min": "quality_capability:assurance"},
    {"level_min": "quality_capability:inspection", "level": "gbt19001", "valid_through": "{year}-12-31"},
    {"grade": "A,B", "top": "40"},
    {"grade": "A", "edition": "{edition}"},
    {"top": "30", "edition": "{edition}"},
]
"""Searches that went wrong once."""


@pytest.fixture(scope="module")
def sample_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on fictional firms."""
    with running(settings_of(tmp_path_factory.mktemp("sample"))) as app:
        flask(app, "db", "upgrade")
        flask(app, "sample", "load", "--size", str(FIRMS), "--seed", "7")
        flask(app, "index", "rebuild")
        yield app


@pytest.fixture
def at(sample_app: Flask) -> Iterator[Context]:
    with sample_app.test_request_context(f"{PATH}?lang=en"):
        yield context()


def read(parameters: dict[str, str], at: Context) -> Search:
    return parse(MultiDict(parameters), at.catalogue, at.editions)


def random_search(chance: Random, at: Context) -> dict[str, str]:
    """One to four parameters, each with one or two values that some firms have."""
    catalogue, year = at.catalogue, today_china().year
    levels = [f"{scheme.code}:{level.code}" for scheme in catalogue.schemes.values() for level in scheme.levels]
    pools = {
        "q": ["bearing", "steel", "cast", "motor"],
        "sector": [*catalogue.sectors],
        "industry": [code for code in catalogue.industries if len(code) < 4],
        "process": [*catalogue.processes],
        "tier": [*catalogue.tiers],
        "size": [*catalogue.sizes],
        "status": [*catalogue.statuses],
        "level": [*levels, *catalogue.schemes],
        "level_min": levels,
        "criteria": [code for code, criterion in catalogue.criteria.items() if criterion.common],
        "region": [code for code, region in catalogue.regions.items() if region.parent is None],
        "edition": [*at.editions],
        "grade": ["A", "B", "C"],
        "top": ["20", "50"],
        "valid_through": [f"{year}-12-31", f"{year + 1}-06-30"],
        "certified_from": [f"{year - 2}-01-01"],
        "has": [*FLAGS],
    }
    single = {"q", "level_min", "edition", "top", "valid_through", "certified_from"}
    made = {}
    for name in chance.sample(sorted(pools), chance.randint(1, 4)):
        values = chance.sample(pools[name], min(len(pools[name]), 1 if name in single else chance.randint(1, 2)))
        made[name] = ",".join(values)
    if made.get("criteria", "").count(","):
        made["criteria_mode"] = chance.choice(["all", "any"])
    return made | {"panel": "criteria"}


def promises(facet: FacetView, query: SearchQuery) -> Iterator[tuple[str, int, bool, str]]:
    """What is promised: a name for it, the count, whether exactly, and the link."""
    field = SELECTIONS.get(facet.name)
    joined = bool(getattr(query, field)) if field else facet.name == "criteria" and query.criteria_mode != "all"
    for value in everything(facet.values):
        name = f"{facet.name}={value.value}"
        if not value.selected and not value.excluded:
            yield name, value.count, not joined, value.url
        least = value.at_least
        if least is not None and least.count is not None and not least.selected:
            yield f"{name} or higher", least.count, True, least.url


def everything(values: tuple[FacetValue, ...]) -> Iterator[FacetValue]:
    for value in values:
        yield value
        yield from everything(value.children)


def broken(parameters: dict[str, str], at: Context) -> tuple[list[str], int]:
    """The promises that are not kept, and how many there are in all."""
    engine, search = services().engine(), read(parameters, at)
    page = results.result_page(search, PATH, at, engine, full=False)
    made = [promise for facet in page.facets.values() for promise in promises(facet, search.query)]
    asked = [read(dict(parse_qsl(url.partition("?")[2])), at).query for _name, _count, _exactly, url in made]
    totals = engine.counts(asked)
    wrong = [
        f"{parameters}: {name} promises {count}, its link finds {total}"
        for (name, count, exactly, _url), total in zip(made, totals, strict=True)
        if (total != count if exactly else total < count)
    ]
    return wrong, len(made)


@pytest.mark.parametrize("parameters", ALWAYS, ids="&".join)
def test_a_link_keeps_what_its_count_promises(at: Context, parameters: dict[str, str]) -> None:
    fill = {"year": str(today_china().year), "edition": next(iter(at.editions))}
    wrong, number = broken({name: text.format(**fill) for name, text in parameters.items()}, at)
    assert number > 20
    assert wrong == []


@pytest.mark.parametrize("seed", range(40))
def test_links_keep_what_counts_promise_whatever_is_asked(at: Context, seed: int) -> None:
    wrong, _number = broken(random_search(Random(seed), at), at)
    assert wrong == []
