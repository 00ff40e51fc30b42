"""The grammar of addresses: what is refused, what is normalised, and that one question has one address."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.urls import iri_to_uri

from config.settings import ROOT
from portal.indexing.documents import FLAGS
from portal.models import Edition
from portal.register.catalogue import Catalogue, load_catalogue
from portal.web.addresses import Addresses, address, to_args
from portal.web.grammar import BY_NAME, TABLE
from portal.web.parameters import ParameterError, Search, parse
from search.contract import LevelChoice, SearchQuery, Sort

CATALOGUE: Catalogue = load_catalogue(ROOT / "config/catalogue")
EDITIONS = {
    code: Edition(code=code, sector="machinery", official=False) for code in ("machinery-2024", "machinery-2025")
}
CRITERIA = list(CATALOGUE.criteria)


def read(query: str | MultiDict[str, str] | list[tuple[str, str]]) -> Search:
    """The search of "a=b&c=d" or of pairs."""
    pairs = [tuple(part.split("=", 1)) for part in query.split("&")] if isinstance(query, str) else query
    return parse(MultiDict(pairs), CATALOGUE, EDITIONS)  # type: ignore[arg-type]


def lists(values: list[str], most: int = 4) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(values), max_size=most).map(",".join)


LEVELS = [f"{scheme.code}:{level.code}" for scheme in CATALOGUE.schemes.values() for level in scheme.levels]
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
ARGS = st.fixed_dictionaries(
    {},
    optional={
        "q": st.text(max_size=600),
        "sector": lists(list(CATALOGUE.sectors)),
        "industry": lists(list(CATALOGUE.industries)),
        "process": lists(list(CATALOGUE.processes)),
        "tier": lists(list(CATALOGUE.tiers)),
        "size": lists(list(CATALOGUE.sizes)),
        "status": lists(list(CATALOGUE.statuses)),
        "level": lists([*LEVELS, *CATALOGUE.schemes]),
        "level_min": st.sampled_from(["", *LEVELS]),
        "criteria": lists(CRITERIA, 300),
        "criteria_mode": st.sampled_from(["all", "any", "1", "2", "1-1"]),
        "criteria_not": lists(CRITERIA),
        "nice": st.dictionaries(st.sampled_from(CRITERIA), st.integers(1, 100), max_size=5).map(
            lambda weights: ",".join(f"{code}:{weight}" for code, weight in weights.items())
        ),
        "region": lists([*CATALOGUE.regions, *CATALOGUE.retired_regions]),
        "edition": st.sampled_from(["", *EDITIONS]),
        "grade": lists(["A+", "A", "B"]),
        "top": st.integers(1, 100).map(str),
        "valid_through": DAYS,
        "expires_before": DAYS,
        "certified_from": DAYS,
        "certified_to": DAYS,
        "assessed_since": DAYS,
        "has": lists(list(FLAGS)),
        "lacks": lists(list(FLAGS)),
        "sort": st.sampled_from(list(Sort)).map(str),
        "page": st.integers(1, 120).map(str),
        "per_page": st.integers(1, 100).map(str),
        "lang": st.sampled_from(["zh", "en"]),
        "view": st.sampled_from(["list", "table"]),
        "panel": st.just("criteria"),
        "mine": st.sampled_from(["only", "hide"]),
    },
)


def read_or_none(args: dict[str, str]) -> Search | None:
    """None for a contradiction, which the strategy does not avoid."""
    try:
        return read(list(args.items()))
    except ParameterError:
        return None


@given(ARGS)
def test_a_search_has_one_address(args: dict[str, str]) -> None:
    search = read_or_none(args)
    if search is None:
        return
    pairs = to_args(search)
    again = read(pairs)
    assert again == Search(search.query, search.lang, search.view, search.panel, search.mine)
    assert to_args(again) == pairs
    order = [parameter.name for parameter in TABLE]
    assert [name for name, _ in pairs] == sorted((name for name, _ in pairs), key=order.index)


@given(ARGS)
def test_an_address_reads_as_the_search_it_was_made_from(args: dict[str, str]) -> None:
    search = read_or_none(args)
    if search is None:
        return
    url = address(search, "/suppliers", page=str(search.query.page))
    assert iri_to_uri(url) == url  # already encoded
    query = url.partition("?")[2]
    with Flask("x").test_request_context(f"/suppliers?{query}") as made:
        again = parse(made.request.args, CATALOGUE, EDITIONS)
    assert again == Search(search.query, search.lang, search.view, search.panel, search.mine)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("sector=nowhere", "sector"),
        ("industry=9999", "industry"),
        ("process=magic", "process"),
        ("tier=gold", "tier"),
        ("size=huge", "size"),
        ("status=asleep", "status"),
        ("level=iso", "level"),
        ("level=quality_capability:best", "level"),
        ("level=quality_capability:", "level"),
        ("level_min=quality_capability", "level_min"),
        ("level_min=gbt19001:assurance", "level_min"),
        ("level_min=quality_capability:assurance,quality_capability:inspection", "level_min"),
        ("criteria=Z99-99", "criteria"),
        ("criteria=X01-05&criteria_not=X01-05", "criteria_not"),
        ("criteria=X01-05,X01-05&criteria_mode=2", "criteria_mode"),
        ("criteria_mode=1", "criteria_mode"),
        ("criteria=X01-05,X01-06&criteria_mode=1-2", "criteria_mode"),
        ("criteria=X01-05,X01-06,X02-01&criteria_mode=2-1", "criteria_mode"),
        ("criteria=X01-05,X01-06&criteria_mode=1-", "criteria_mode"),
        ("criteria=X01-05&criteria_mode=0", "criteria_mode"),
        ("criteria=X01-05&criteria_mode=most", "criteria_mode"),
        ("nice=X01-05:0", "nice"),
        ("nice=X01-05:101", "nice"),
        ("nice=X01-05:", "nice"),
        ("nice=X01-05:x", "nice"),
        ("nice=X01-05:2,X01-05:3", "nice"),
        ("region=000000", "region"),
        ("edition=steel-1999", "edition"),
        ("edition=machinery-2024&edition=machinery-2025", "edition"),
        ("grade=Z", "grade"),
        ("top=0", "top"),
        ("top=101", "top"),
        ("top=½", "top"),
        ("valid_through=2027-02-30", "valid_through"),
        ("valid_through=20270101", "valid_through"),
        ("assessed_since=0001-01-01", "assessed_since"),
        ("valid_through=2027-01-01&expires_before=2027-01-01", "expires_before"),
        ("certified_from=2027-01-02&certified_to=2027-01-01", "certified_to"),
        ("has=luck", "has"),
        ("has=risk&lacks=risk", "lacks"),
        ("sort=best", "sort"),
        ("sort=name&sort=rank", "sort"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1e3", "page"),
        ("page=501", "page"),
        ("page=101&per_page=100", "page"),
        ("per_page=101", "per_page"),
        ("per_page=0", "per_page"),
        ("lang=fr", "lang"),
        ("view=map", "view"),
        ("panel=rank", "panel"),
        ("q=a&q=b", "q"),
    ],
)
def test_what_is_unknown_or_contradictory_is_refused(query: str, parameter: str) -> None:
    with pytest.raises(ParameterError) as caught:
        read(query)
    assert caught.value.parameter == parameter
    assert caught.value.message


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sector=&q=&page=", SearchQuery()),
        ("sector=textiles,machinery&sector=textiles", SearchQuery(sectors=("machinery", "textiles"))),
        ("industry=34,3451,345", SearchQuery(industries=("3451",))),
        ("region=330000&region=330200", SearchQuery(regions=("330200",))),
        ("region=330000,320000", SearchQuery(regions=("320000", "330000"))),
        ("criteria_mode=any", SearchQuery()),
        (
            "level=quality_capability,quality_capability:assurance",
            SearchQuery(levels=(LevelChoice("quality_capability", "assurance"),)),
        ),
        ("nice=X01-05,X02-01:3", SearchQuery(nice=(("X01-05", 1), ("X02-01", 3)), sort=Sort.FIT)),
        ("nice=X01-05&sort=relevance", SearchQuery(nice=(("X01-05", 1),))),
        ("q=  深沟 \t 球轴承\x00 ", SearchQuery(text="深沟 球轴承")),
        ("top=5", SearchQuery(top=5)),
        ("page=500", SearchQuery(page=500)),
    ],
)
def test_values_are_normalised(query: str, expected: SearchQuery) -> None:
    assert read(query).query == expected


def test_a_retired_place_is_read_as_its_successor() -> None:
    retired, successor = next(iter(CATALOGUE.retired_regions.items()))
    assert read(f"region={retired}").query.regions == (successor,)


def test_unknown_parameters_are_noted_not_refused() -> None:
    assert read("colour=red&sector=steel").ignored == ("colour",)
    assert len(read("&".join(f"x{n}=1" for n in range(50))).ignored) == 10


def test_a_text_of_10000_characters_is_cut_and_said_so() -> None:
    search = read([("q", "轴承" * 5000)])
    assert search.cut
    assert len(search.query.text) == 500


def test_300_criteria_fit_into_an_address() -> None:
    search = read([("criteria", ",".join(CRITERIA))])
    assert len(search.query.criteria) == 300
    assert len(address(search, "/suppliers")) < 4094


def test_an_official_list_may_have_grades_of_its_own() -> None:
    official = {"x": Edition(code="x", sector="steel", official=True)}
    assert parse(MultiDict({"grade": "第一档"}), CATALOGUE, official).query.grades == ("第一档",)
    with pytest.raises(ParameterError):
        parse(MultiDict({"grade": "a|b"}), CATALOGUE, official)


def test_another_page_size_can_be_usual() -> None:
    for per_page in ("", "20", "50"):
        search = parse(MultiDict({"per_page": per_page}), CATALOGUE, EDITIONS, 50)
        assert parse(MultiDict(dict(to_args(search))), CATALOGUE, EDITIONS, 50) == search
    assert read([]).query.per_page == 20


def test_changes_go_back_to_the_first_page() -> None:
    search = read("sector=steel&page=3&q=轴承")
    assert address(search, "/x", has="certificate") == "/x?q=%E8%BD%B4%E6%89%BF&sector=steel&has=certificate"
    assert address(search, "/x", sector=None, q="") == "/x"
    link = Addresses(search, "/x").changing("region")
    assert link(["330200", "330300"]) == "/x?q=%E8%BD%B4%E6%89%BF&sector=steel&region=330200,330300"
    assert link([]) == "/x?q=%E8%BD%B4%E6%89%BF&sector=steel"


def test_the_mode_shrinks_with_the_criteria() -> None:
    search = read("criteria=X01-05,X01-06,X02-01&criteria_mode=1-2")
    assert search.query.criteria_mode == (1, 2)
    addresses = Addresses(search, "/x")
    assert addresses.criteria(search.query, must=("X01-05", "X02-01")) == "/x?criteria=X01-05,X02-01&criteria_mode=1-1"
    assert addresses.criteria(search.query, must=("X01-05",)) == "/x?criteria=X01-05"
    search = read("criteria=X01-05,X01-06,X02-01&criteria_mode=3")
    addresses = Addresses(search, "/x")
    assert addresses.criteria(search.query, must=("X01-05", "X02-01")) == "/x?criteria=X01-05,X02-01&criteria_mode=2"
    assert addresses.criteria(search.query, must=("X01-05",)) == "/x?criteria=X01-05"


def test_every_parameter_is_described() -> None:
    assert all(parameter.description for parameter in TABLE)
    assert len(BY_NAME) == len(TABLE)
