"""The API's answers: their form, caching, languages, methods and refusals."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from portal.api.catalogue import CatalogueView
from portal.api.editions import EditionPage, Editions
from portal.web.tree import ResultPage
from portal.web.tree_sheet import Comparison, SupplierSheet

V1 = "/api/v1"


def read(client: FlaskClient, path: str, **headers: str) -> Any:
    """The JSON at a path, which must be there."""
    response = client.get(V1 + path, headers=headers)
    assert response.status_code == 200, response.text
    assert response.content_type == "application/json"
    return response.json


def test_a_result_has_the_documented_fields(client: FlaskClient) -> None:
    page = read(client, "/suppliers?per_page=5&sort=name")
    assert set(page) >= {"total", "items", "facets", "page", "pages", "data_version", "valid_on"}
    assert page["total"] > 5
    assert len(page["items"]) == 5
    documented = {"id", "name", "sector", "industries", "region", "levels", "rank", "criteria", "fit", "matched", "url"}
    assert set(page["items"][0]) >= documented
    assert set(page["items"][0]["name"]) == {"zh", "en"}
    value = page["facets"]["sector"]["values"][0]
    assert set(value) >= {"value", "label", "count", "selected", "url"}
    msgspec.convert(page, ResultPage)


def test_facet_addresses_stay_in_the_api_and_lead_to_their_counts(client: FlaskClient) -> None:
    page = read(client, "/suppliers")
    for value in page["facets"]["sector"]["values"]:
        assert value["url"].startswith(f"{V1}/suppliers?")
        assert client.get(value["url"]).json["total"] == value["count"]  # type: ignore[index]


def test_every_supplier_of_a_result_can_be_read_alone(client: FlaskClient) -> None:
    for item in read(client, "/suppliers?per_page=10")["items"]:
        sheet = read(client, f"/suppliers/{item['id']}")
        assert (sheet["id"], sheet["name"]) == (item["id"], item["name"])
        msgspec.convert(sheet, SupplierSheet)


def test_pages_and_api_give_the_same_total(client: FlaskClient) -> None:
    total = read(client, "/suppliers?has=certificate")["total"]
    html = client.get("/suppliers?has=certificate").text
    assert re.search(rf"\b{total:,} suppliers?\b", html)


def test_comparing(client: FlaskClient) -> None:
    ids = [item["id"] for item in read(client, "/suppliers?per_page=2")["items"]]
    compared = read(client, f"/compare?id={ids[0]},{ids[1]}")
    assert [supplier["id"] for supplier in compared["suppliers"]] == ids
    assert read(client, f"/compare?id={ids[0]}&id=CN-USCC/NOBODY")["missing"] == ["CN-USCC/NOBODY"]
    msgspec.convert(compared, Comparison)


@pytest.mark.parametrize(
    "query", ["", "?id=CN-USCC/1", "?id=A/1,A/2,A/3,A/4,A/5,A/6", "?id=A/1&id=nonsense", "?id=A/1,A/1"]
)
def test_comparing_what_cannot_be_compared(client: FlaskClient, query: str) -> None:
    response = client.get(f"{V1}/compare{query}")
    assert response.status_code == 400
    assert response.json["parameter"] == "id"  # type: ignore[index]


def test_suggestions(client: FlaskClient) -> None:
    name = read(client, "/suppliers?per_page=1")["items"][0]["name"]["zh"]
    suggested = read(client, f"/suggest?q={name[:-4]}&lang=zh")["items"]
    assert name in [item["label"] for item in suggested if item["kind"] == "firm"]
    assert read(client, "/suggest") == {"items": []}


def test_editions_with_their_places(client: FlaskClient) -> None:
    editions = read(client, "/editions")
    msgspec.convert(editions, Editions)
    assert editions["note"]
    code = editions["items"][0]["code"]
    page = read(client, f"/editions/{code}?per_page=3")
    msgspec.convert(page, EditionPage)
    positions = [place["position"] for place in page["items"]]
    assert positions == sorted(positions)
    assert len(positions) == min(3, page["total"])
    if not page["edition"]["official"]:
        assert "not official" in page["note"]
    last = read(client, f"/editions/{code}?per_page=3&page={page['pages']}")
    assert len(last["items"]) == page["total"] - 3 * (page["pages"] - 1)
    assert client.get(f"{V1}/editions/none-such").status_code == 404


def test_the_catalogue_names_every_code(client: FlaskClient) -> None:
    catalogue = msgspec.convert(read(client, "/catalogue"), CatalogueView)
    assert len(catalogue.criteria) == 300
    assert [level.rank for level in catalogue.schemes[0].levels] == [1, 2, 3, 4, 5]
    assert read(client, f"/suppliers?criteria={catalogue.criteria[0].code}")["total"] >= 0


@pytest.mark.parametrize("path", ["/suppliers?q=a", "/catalogue", "/editions", "/openapi.json", "/suggest?q=a"])
def test_caching(client: FlaskClient, path: str) -> None:
    first = client.get(V1 + path)
    assert first.cache_control.public
    assert first.cache_control.max_age
    assert "Accept-Language" in first.vary
    assert "Cookie" not in first.vary
    again = client.get(V1 + path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_heads_and_options(client: FlaskClient) -> None:
    full, head = client.get(f"{V1}/editions"), client.head(f"{V1}/editions")
    assert head.data == b""
    assert head.headers["Content-Length"] == str(len(full.data))
    assert head.headers["ETag"] == full.headers["ETag"]
    options = client.options(f"{V1}/editions")
    assert options.status_code == 200
    assert set(options.allow) == {"GET", "HEAD", "OPTIONS"}
    assert not [name for name in full.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(client: FlaskClient, method: str) -> None:
    response = client.open(f"{V1}/suppliers", method=method)
    assert response.status_code == 405
    assert response.content_type == "application/problem+json"
    assert set(response.allow) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("text/html,application/xhtml+xml,*/*;q=0.8", 200),
        ("application/problem+json", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
    ],
)
def test_formats(client: FlaskClient, accept: str, status: int) -> None:
    response = client.get(f"{V1}/editions", headers={"Accept": accept})
    assert response.status_code == status
    assert response.content_type == ("application/json" if status == 200 else "application/problem+json")


def test_languages(client: FlaskClient) -> None:
    def label(query: str = "", **headers: str) -> str:
        page = read(client, f"/suppliers{query}", **headers)
        text: str = page["facets"]["sector"]["label"]
        return text

    english, chinese = label("?lang=en"), label("?lang=zh")
    assert english != chinese
    assert label(**{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}) == chinese
    assert label(**{"Accept-Language": "fr,en-GB;q=0.8"}) == english
    assert label(**{"Accept-Language": "fr"}) == english, "the default of the test settings"
    client.get("/?lang=zh")
    assert label() == english, "the API leaves the pages' cookie aside"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("sector=gold", "sector"),
        ("sector=", "sector"),
        ("sector=machinery,", "sector"),
        ("page=0", "page"),
        ("page=501", "page"),
        ("per_page=101", "per_page"),
        ("valid_through=2026-02-30", "valid_through"),
        ("has=risk&lacks=risk", "lacks"),
        ("criteria=X01-05&criteria_mode=2", "criteria_mode"),
        ("lang=fr", "lang"),
        ("sort=random", "sort"),
    ],
)
def test_a_refused_value_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    response = client.get(f"{V1}/suppliers?{query}")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    problem = response.json
    assert problem is not None
    assert problem["parameter"] == parameter
    assert problem["status"] == 400
    assert problem["instance"] == f"{V1}/suppliers"
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert client.get("/api").text.count(f'id="{problem["type"].partition("#")[2]}"') == 1, "the type is explained"


def test_unknown_parameters_are_ignored_and_said(client: FlaskClient) -> None:
    notices = read(client, "/suppliers?colour=red")["notices"]
    assert any("colour" in notice["message"] for notice in notices)


def test_a_very_long_text_is_cut_and_said(client: FlaskClient) -> None:
    page = read(client, f"/suppliers?q={'bearing ' * 1250}")
    assert page["notices"]


def test_closed_to_the_public(app_with: Any) -> None:
    closed = app_with(PUBLIC_LOOKUP="false").test_client()
    assert closed.get(f"{V1}/suppliers").status_code == 401
    assert closed.get(f"{V1}/suppliers").content_type == "application/problem+json"
    assert closed.get("/suppliers").status_code == 302
    assert closed.get("/healthz").status_code == 200
