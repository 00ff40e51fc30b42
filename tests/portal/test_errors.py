"""Errors as pages and as problem documents: one mapping, both languages, and what works while the engine is down."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import RequestEntityTooLarge, RequestURITooLarge

from portal.extensions import db
from portal.models import Supplier, now
from portal.web.limits import Limit
from portal.web.permissions import Access, needs
from tests.portal.apps import running, settings_of


def test_an_unknown_value_is_refused_on_pages_too(client: FlaskClient) -> None:
    response = client.get("/suppliers?sector=gold")
    assert response.status_code == 400
    assert response.mimetype == "text/html"
    assert "gold" in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_a_value_cannot_bring_markup_into_the_page(client: FlaskClient) -> None:
    assert "<script>alert" not in client.get("/suppliers?sector=<script>alert(1)</script>").text


@pytest.mark.parametrize(("lang", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_pages_of_errors_speak_the_reader_s_language(client: FlaskClient, lang: str, tag: str) -> None:
    response = client.get(f"/nowhere?lang={lang}")
    assert response.status_code == 404
    assert f'<html lang="{tag}">' in response.text
    assert "/suppliers" in response.text


def test_an_unknown_number_says_that_absence_proves_nothing(client: FlaskClient) -> None:
    page = client.get("/suppliers/CN-USCC/91000000000000000X?lang=en")
    assert page.status_code == 404
    assert "proves nothing" in page.text
    problem = client.get("/api/v1/suppliers/CN-USCC/91000000000000000X?lang=en")
    assert problem.status_code == 404
    assert "proves nothing" in problem.json["detail"]  # type: ignore[index]


@pytest.mark.parametrize("written", ["{number}", " {number} ", "CN-USCC/{number}", "cn-uscc/{number}"])
def test_a_number_leads_to_its_supplier(client: FlaskClient, firm: str, written: str) -> None:
    number = firm.partition("/")[2]
    response = client.get("/by-number", query_string={"number": written.format(number=number)})
    assert response.status_code == 302
    assert response.location == f"/suppliers/{firm}"
    assert client.get("/by-number", query_string={"number": number.lower()}).location == f"/suppliers/{firm}"


@pytest.mark.parametrize("number", ["", "123", "/", "x" * 5000])
def test_a_number_that_is_not_there(client: FlaskClient, number: str) -> None:
    assert client.get("/by-number", query_string={"number": number}).status_code == 404


def test_nul_is_refused_everywhere(client: FlaskClient) -> None:
    for address in ("/suppliers/CN-USCC/%00", "/compare?id=A/%00", "/api/v1/editions/%00", "/suppliers?sector=%00"):
        assert client.get(address).status_code == 400
    assert client.get("/suppliers?q=%00").status_code == 200


def test_withdrawn(tmp_path: Path) -> None:
    with running(settings_of(tmp_path)) as app:
        with app.app_context():
            db.create_all()
            gone = Supplier(
                scheme="CN-USCC",
                number="1",
                name_zh="甲",
                sector="other",
                withdrawn_at=now(),
                withdrawn_reason="double",
            )
            db.session.add(gone)
            db.session.commit()
        client = app.test_client()
        problem = client.get("/api/v1/suppliers/CN-USCC/1")
        assert (problem.status_code, problem.json["reason"]) == (410, "double")  # type: ignore[index]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", problem.json["withdrawn_on"])  # type: ignore[index]
        page = client.get("/suppliers/CN-USCC/1")
        assert page.status_code == 410
        assert "double" in page.text


def test_merged(tmp_path: Path) -> None:
    with running(settings_of(tmp_path)) as app:
        with app.app_context():
            db.create_all()
            heir = Supplier(scheme="CN-USCC", number="2", name_zh="乙", sector="other")
            db.session.add(heir)
            db.session.flush()
            db.session.add(
                Supplier(
                    scheme="CN-USCC",
                    number="1",
                    name_zh="甲",
                    sector="other",
                    withdrawn_at=now(),
                    merged_into_id=heir.id,
                )
            )
            db.session.commit()
        response = app.test_client().get("/api/v1/suppliers/CN-USCC/1", follow_redirects=True)
        assert (response.status_code, response.json["id"]) == (200, "CN-USCC/2")  # type: ignore[index]


class TestEngineDown:
    """Nobody listens at the engine's port."""

    @pytest.mark.parametrize("lang", ["zh", "en"])
    def test_the_page_says_so_and_offers_a_form_that_works(self, down: FlaskClient, firm: str, lang: str) -> None:
        response = down.get(f"/suppliers?q=bearing&lang={lang}")
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        form = re.search(r'<form class="number-form" action="([^"]+)"', response.text)
        assert form is not None
        found = down.get(form[1], query_string={"number": firm.partition("/")[2]}, follow_redirects=True)
        assert found.status_code == 200
        assert firm.partition("/")[2] in found.text

    def test_a_supplier_can_be_read(self, down: FlaskClient, firm: str) -> None:
        assert down.get(f"/suppliers/{firm}").status_code == 200
        assert down.get(f"/api/v1/suppliers/{firm}").status_code == 200

    @pytest.mark.parametrize(
        "path", ["/", "/about", "/api", "/api/v1/editions", "/api/v1/catalogue", "/api/v1/suggest?q=a"]
    )
    def test_what_needs_no_engine_works(self, down: FlaskClient, path: str) -> None:
        assert down.get(path).status_code == 200

    def test_the_api_says_what_still_works(self, down: FlaskClient, firm: str) -> None:
        response = down.get("/api/v1/suppliers?q=bearing")
        assert response.status_code == 503
        assert response.content_type == "application/problem+json"
        assert int(response.headers["Retry-After"]) > 0
        problem = response.json
        assert problem is not None
        scheme, _, number = firm.partition("/")
        for path in problem["available"]:
            assert down.get(path.format(scheme=scheme, number=number)).status_code in {200, 400}

    def test_nothing_of_the_engine_s_address_is_shown(self, down: FlaskClient) -> None:
        assert "127.0.0.1:9" not in down.get("/suppliers").text + down.get("/api/v1/suppliers").text


def test_without_an_index(app_with: Callable[..., Flask], tmp_path: Path) -> None:
    response = app_with(SEARCH_URL=f"tantivy://{tmp_path / 'empty'}").test_client().get("/suppliers?lang=en")
    assert response.status_code == 503
    assert "being prepared" in response.text


def test_without_a_database(tmp_path: Path) -> None:
    with running(settings_of(tmp_path)) as app:
        client = app.test_client()
        for path in ("/", "/suppliers", "/api/v1/editions"):
            response = client.get(path)
            assert response.status_code == 503, path
            assert response.headers["Retry-After"]


def test_a_fault_of_ours(app_with: Callable[..., Flask], capfd: pytest.CaptureFixture[str]) -> None:
    app = app_with(LOG_FORMAT="json", LOG_LEVEL="INFO")
    app.testing = False

    @needs(Access.PUBLIC)
    def fail() -> str:
        raise RuntimeError("a secret detail")

    app.add_url_rule("/fail", view_func=fail)
    app.add_url_rule("/api/fail", endpoint="api-fail", view_func=fail)
    for path in ("/fail", "/api/fail"):
        response = app.test_client().get(path)
        assert response.status_code == 500
        assert response.headers["X-Request-Id"] in response.text
        assert "secret" not in response.text
        logged = capfd.readouterr().err
        assert "a secret detail" in logged
        assert response.headers["X-Request-Id"] in logged


@pytest.mark.parametrize(("error", "status"), [(RequestEntityTooLarge, 413), (RequestURITooLarge, 414)])
def test_too_much(app_with: Callable[..., Flask], error: type[Exception], status: int) -> None:
    app = app_with()

    @needs(Access.PUBLIC)
    def refuse() -> str:
        raise error

    app.add_url_rule("/refuse", view_func=refuse)
    response = app.test_client().get("/refuse")
    assert response.status_code == status
    assert response.mimetype == "text/html"


def test_too_often(app_with: Callable[..., Flask]) -> None:
    client = app_with(RATE_LIMIT="2/day").test_client()
    answers = [client.get("/api/v1/editions") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].content_type == "application/problem+json"
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 86_400
    assert client.get("/about").status_code == 429
    assert client.get("/healthz").status_code == 200


def test_a_limit_counts_each_address_in_each_window() -> None:
    clock = iter([600.0, 600.0, 659.2, 600.0, 660.0])
    limit = Limit(2, 60, clock=lambda: next(clock))
    assert [limit.wait("a"), limit.wait("a"), limit.wait("a"), limit.wait("b"), limit.wait("a")] == [0, 0, 1, 0, 0]
