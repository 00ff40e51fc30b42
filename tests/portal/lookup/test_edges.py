"""Pages at their edges: texts with nothing in them, pages past the end, too many to compare, other page sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from portal.services import services
from portal.web.parameters import parse
from portal.web.presenters import compare as comparing
from portal.web.presenters import results
from portal.web.presenters.cards import BETTER_HALF, rank_view
from portal.web.presenters.chips import MAX_CHIPS
from portal.web.presenters.context import Context
from portal.web.presenters.criteria import criteria_picker
from portal.web.presenters.rows import RankRow
from portal.web.screens import Screen
from portal.web.tree import ResultPage
from search.contract import SearchEngine
from tests.portal.apps import running, settings_of
from tests.portal.lookup.register import BEARING, key

PATH = "/suppliers"
Ask = Callable[..., tuple[ResultPage, Screen]]


@pytest.fixture
def ask(at: Context, engine: SearchEngine) -> Ask:
    def answer(**parameters: str) -> tuple[ResultPage, Screen]:
        search = parse(MultiDict(parameters), at.catalogue, at.editions)
        page = results.result_page(search, PATH, at, engine, full=False)
        return page, results.screen(search, page, PATH, at, engine)

    return answer


@pytest.fixture
def visitor(lookup_app: Flask) -> FlaskClient:
    return lookup_app.test_client()


@pytest.fixture
def app_of_seven(lookup_app: Flask) -> Iterator[FlaskClient]:
    """A visitor of an application with seven results a page."""
    with lookup_app.app_context():
        folder = services().settings.data_dir
    with running(settings_of(folder, PAGE_SIZE="7")) as app:
        yield app.test_client()


@pytest.mark.parametrize("text", ["😀", "-", '"', "*", "，。！", "\x00", "\x00\x01"])
def test_a_text_with_nothing_to_search_is_said(ask: Ask, text: str) -> None:
    page, screen = ask(q=text)
    assert page.total == ask()[0].total
    assert [notice.code for notice in page.notices] == ["nothing_searchable"]
    assert page.notices[0].message.startswith("Nothing in “")
    assert not screen.text_searched
    assert [sort.value for sort in screen.sorts if sort.selected] == ["newest"]


@pytest.mark.parametrize("text", ["bearing", "轴承", "-bearing", "Co., Ltd"])
def test_any_other_text_is_searched(ask: Ask, text: str) -> None:
    page, screen = ask(q=text)
    assert screen.text_searched
    assert "nothing_searchable" not in [notice.code for notice in page.notices]


def test_a_page_past_the_end_leads_to_the_last(ask: Ask) -> None:
    page, screen = ask(page="300", sector="textiles")
    assert screen.past_end
    assert screen.last_page_url == f"{PATH}?sector=textiles&page={page.pages}"
    last, screen = ask(page=str(page.pages), sector="textiles")
    assert last.items
    assert (screen.past_end, screen.last_page_url) == (False, None)


def test_nothing_found_is_not_past_the_end(ask: Ask) -> None:
    page, screen = ask(q="nothingatall", page="2")
    assert (page.total, screen.past_end, screen.last_page_url) == (0, False, None)


def test_what_is_beyond_five_is_left_out_and_not_missing(at: Context) -> None:
    ids = [*map(key, range(100, 107)), "CN-USCC/none", key(100)]
    made = comparing.comparison(ids, at)
    assert [sheet.id for sheet in made.suppliers] == [key(serial) for serial in range(100, 105)]
    assert (made.missing, made.left_out) == (("CN-USCC/none",), (key(105), key(106)))


def test_no_id_is_passed_over_in_silence(at: Context) -> None:
    ids = [*(f"CN-USCC/{serial}" for serial in range(comparing.MAX_ASKED)), BEARING, "x" * 500]
    made = comparing.comparison(ids, at)
    assert len(made.missing) == comparing.MAX_ASKED
    assert made.left_out == (BEARING, "x" * comparing.MAX_KEY)


def test_the_criteria_page_counts_what_its_search_found(at: Context) -> None:
    search = parse(MultiDict({}), at.catalogue, at.editions)
    found = criteria_picker(search, "X01-05", at)
    assert (found.matching, found.total) == (1, len(at.catalogue.criteria))
    assert criteria_picker(search, "", at).matching == len(at.catalogue.criteria)


@pytest.mark.parametrize(("position", "top"), [(1, True), (20, True), (21, False), (40, False)])
def test_only_the_better_half_is_the_top(at: Context, position: int, top: bool) -> None:
    edition = at.editions["machinery-2025"]
    view = rank_view(RankRow(edition.id, position, None, "A"), edition, "")
    assert (view.peers, view.top, view.percentile <= BETTER_HALF) == (40, top, top)


@pytest.mark.parametrize(
    ("address", "without"),
    [
        ("/suppliers?q=bearing&sector=gold", "/suppliers?q=bearing"),
        ("/suppliers?q=bearing&sector=machinery,gold", "/suppliers?q=bearing&sector=machinery"),
        ("/suppliers?sector=machinery&sector=gold", "/suppliers?sector=machinery"),
        ("/suppliers?has=certificate&lacks=certificate", "/suppliers?has=certificate"),
        ("/suppliers?q=轴承&top=0", "/suppliers?q=%E8%BD%B4%E6%89%BF"),
        (
            "/suppliers?q=bearing&level_min=quality_capability:assurance,quality_capability:inspection",
            "/suppliers?q=bearing",
        ),
        ("/criteria?find=iso&region=999999", "/criteria?find=iso"),
        ("/suppliers?lang=fr", "/suppliers"),
    ],
)
def test_a_refused_value_can_be_left_out(visitor: FlaskClient, address: str, without: str) -> None:
    page = visitor.get(address)
    assert page.status_code == 400
    assert f'href="{without}"' in unescape(page.text)
    assert visitor.get(without).status_code == 200


def test_a_problem_document_says_what_to_ask_instead(visitor: FlaskClient) -> None:
    problem = visitor.get("/api/v1/suppliers?q=bearing&sector=gold").json
    assert problem is not None
    assert problem["without"] == "/api/v1/suppliers?q=bearing"
    assert "without" not in (visitor.get("/api/v1/compare?id=1").json or {})


@pytest.mark.parametrize(
    "path", ["/", "/suppliers", "/criteria", "/about", "/compare", "/suggest", "/api", "/api/v1/editions"]
)
def test_one_rule_for_languages_on_every_address(visitor: FlaskClient, path: str) -> None:
    for lang, status in (("zh", 200), ("zh-CN", 200), ("zh-Hans", 200), ("en-GB", 200), ("fr", 400), ("xx-yy", 400)):
        assert visitor.get(f"{path}?lang={lang}").status_code == status, lang


def test_a_variety_of_a_language_is_that_language(visitor: FlaskClient) -> None:
    assert '<html lang="zh-CN">' in visitor.get("/suppliers?lang=zh-Hans").text
    assert '<html lang="en">' in visitor.get("/suppliers?lang=en-GB").text


@pytest.mark.parametrize(
    "address", ["/suppliers/CN-USCC/%00", "/compare?id=%00,%ff", "/suppliers?sector=%00", "/by-number?number=%00"]
)
def test_an_address_that_cannot_be_is_refused_in_the_reader_s_language(visitor: FlaskClient, address: str) -> None:
    page = visitor.get(address, headers={"Accept-Language": "zh"})
    assert page.status_code == 400
    assert "Bad Request" not in page.text
    assert "无法" in page.text


def test_the_usual_page_size_is_the_api_s_too(app_of_seven: FlaskClient) -> None:
    found = app_of_seven.get("/api/v1/suppliers").json or {}
    assert (found["per_page"], len(found["items"])) == (7, 7)
    assert "per_page" not in found["next"]
    paths = (app_of_seven.get("/api/v1/openapi.json").json or {})["paths"]
    [described] = [p for p in paths["/api/v1/suppliers"]["get"]["parameters"] if p["name"] == "per_page"]
    assert described["schema"]["default"] == 7
    assert (app_of_seven.get("/api/v1/editions/machinery-2025").json or {})["per_page"] == 7
    assert "per_page=20" in app_of_seven.get("/criteria?per_page=20").text


def test_many_grades_are_refused(visitor: FlaskClient) -> None:
    assert visitor.get("/suppliers?grade=" + ",".join(f"g{number}" for number in range(21))).status_code == 400


def test_very_many_values_of_a_filter_fold_into_one_chip(ask: Ask, at: Context) -> None:
    codes = sorted(region.code for region in at.catalogue.regions.values() if region.kind == "county")[:1000]
    _, screen = ask(region=",".join(codes), has="certificate")
    *single, rest = [chip for chip in screen.chips if chip.parameter == "region"]
    assert len(single) == MAX_CHIPS - 1
    assert (rest.value, rest.count) == (f"{1000 - len(single)} more", 1000 - len(single))
    assert rest.url == f"{PATH}?region={','.join(codes[: len(single)])}&has=certificate"
    assert single[0].url == f"{PATH}?region={','.join(codes[1:])}&has=certificate"
    assert sum(chip.count for chip in screen.chips) == 1001


def test_a_very_long_address_does_not_make_a_page_of_many_megabytes(visitor: FlaskClient, at: Context) -> None:
    """Each link repeats the address; so a page of a thousand regions has fewer links."""
    codes = [region.code for region in at.catalogue.regions.values() if region.kind == "county"][:1000]
    answer = visitor.get(f"{PATH}?region={','.join(codes)}")
    assert answer.status_code == 200
    assert len(answer.data) < 1_500_000
    assert "Only the largest values are shown." in answer.text
    criteria = visitor.get(f"{PATH}?criteria_mode=any&criteria={','.join(at.catalogue.criteria)}")
    assert len(criteria.data) < 2_500_000
