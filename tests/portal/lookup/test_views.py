"""The lookup's pages as a visitor gets them, in both languages, with the templates."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import Settings
from portal.services import KEY
from tests.portal.apps import running, settings_of
from tests.portal.lookup.register import BEARING, MERGED, SECOND, WITHDRAWN, number

PAGES = (
    "/",
    "/suppliers",
    "/suppliers?has=certificate&view=table&sort=rank",
    "/suppliers?q=%E8%BD%B4%E6%89%BF&sector=machinery&criteria=X01-05,X01-06&criteria_mode=any&nice=X02-01:2",
    "/suppliers?q=nothing+at+all",
    f"/suppliers?q={number(77)}",
    f"/suppliers?q={number(3)}&has=certificate",
    "/suppliers?region=330200&level_min=quality_capability:inspection&edition=machinery-2025&top=50&grade=A%2B",
    f"/suppliers/{BEARING}",
    f"/suppliers/{SECOND}",
    f"/compare?id={BEARING}&id={SECOND}&differences=1",
    "/compare",
    "/criteria?sector=machinery&criteria=X01-05&find=X01",
    "/editions/machinery-2025",
    "/about",
)


@pytest.fixture
def visitor(lookup_app: Flask) -> FlaskClient:
    return lookup_app.test_client()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_shown(visitor: FlaskClient, path: str, lang: str) -> None:
    answer = visitor.get(path, headers={"Accept-Language": lang})
    assert answer.status_code == 200, answer.text[:500]
    assert "</html>" in answer.text


def test_a_result_names_the_firm_its_level_and_place(visitor: FlaskClient) -> None:
    page = visitor.get("/suppliers?q=bearing&has=certificate").text
    for words in ("Ningbo Haitian Bearing Co., Ltd.", "Quality capability Assurance", "Ningbo", "deep groove"):
        assert words in page


def test_levels_and_tiers_say_until_when(visitor: FlaskClient) -> None:
    for path in ("/suppliers?q=bearing&has=certificate", f"/suppliers/{BEARING}"):
        page = " ".join(visitor.get(path).text.split())
        assert re.search(r'<span class="level[^>]*>.{0,400}?<span class="until">to \d{4}-\d\d-\d\d</span>', page)
        assert re.search(r'<span class="tag tag-tier">[^<]+<span class="until">to \d{4}-\d\d-\d\d</span>', page)


def test_what_is_wrong_is_a_400(visitor: FlaskClient) -> None:
    answer = visitor.get("/suppliers?sector=nowhere")
    assert answer.status_code == 400
    assert "nowhere" in answer.text


def test_withdrawn_merged_and_unknown(visitor: FlaskClient) -> None:
    gone = visitor.get(f"/suppliers/{WITHDRAWN}")
    assert gone.status_code == 410
    assert "企业注销" in gone.text
    moved = visitor.get(f"/suppliers/{MERGED}")
    assert (moved.status_code, moved.location) == (301, f"/suppliers/{BEARING}")
    assert visitor.get(f"/suppliers/{SECOND.lower()}").location == f"/suppliers/{SECOND}"
    assert visitor.get("/suppliers/CN-USCC/0").status_code == 404
    assert visitor.get("/editions/none").status_code == 404


def test_suggestions_are_json(visitor: FlaskClient) -> None:
    answer = visitor.get("/suggest?q=haitian")
    assert answer.content_type == "application/json"
    assert all(set(line) == {"kind", "label", "note", "url"} for line in answer.json or [])
    assert visitor.get("/suggest").json == []


def test_a_chosen_language_is_remembered(visitor: FlaskClient) -> None:
    assert "Sector" in visitor.get("/suppliers?lang=en").text
    assert 'lang="en"' in visitor.get("/suppliers").text[:200]


def test_without_the_engine_firms_can_still_be_read(lookup_app: Flask) -> None:
    settings: Settings = lookup_app.extensions[KEY].settings
    with running(settings_of(settings.data_dir, SEARCH_URL="http://127.0.0.1:9/x")) as app:
        visitor = app.test_client()
        assert visitor.get("/").status_code == 200
        assert visitor.get(f"/suppliers/{BEARING}").status_code == 200
        assert visitor.get(f"/compare?id={BEARING}").status_code == 200
        assert visitor.get("/suppliers").status_code == 503
        assert visitor.get("/suggest?q=forg").status_code == 200


def test_the_lookup_can_be_closed(lookup_app: Flask) -> None:
    settings: Settings = lookup_app.extensions[KEY].settings
    with running(settings_of(settings.data_dir, PUBLIC_LOOKUP="false")) as app:
        visitor = app.test_client()
        for path in ("/", "/suppliers", f"/suppliers/{BEARING}", "/suggest?q=a"):
            answer = visitor.get(path)
            assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in")
        assert visitor.get("/healthz").status_code == 200
