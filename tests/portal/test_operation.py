"""Health, readiness, metrics, request ids and the access line."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from config.settings import ROOT
from portal.extensions import db
from portal.models import OutboxRow, Supplier, now
from tests.portal.apps import running, settings_of


def test_the_process_is_up(down: FlaskClient) -> None:
    response = down.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")
    assert response.headers["Cache-Control"] == "no-store"


def test_ready(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    state: Any = response.json
    assert state["ready"] is True
    assert state["parts"]["database"] == {"ok": True}
    assert state["parts"]["search"]["engine"] == "tantivy"
    assert state["parts"]["search"]["documents"] > 0


def test_not_ready_without_engine(down: FlaskClient) -> None:
    response = down.get("/readyz")
    assert response.status_code == 503
    state: Any = response.json
    assert state["parts"]["database"]["ok"] is True
    assert state["parts"]["search"]["ok"] is False
    assert "127.0.0.1" not in response.text


def test_not_ready_without_index(app_with: Callable[..., Flask], tmp_path: Path) -> None:
    response = app_with(SEARCH_URL=f"tantivy://{tmp_path / 'empty'}").test_client().get("/readyz")
    assert response.status_code == 503
    assert "flask index rebuild" in response.text


def test_not_ready_before_the_first_migration(tmp_path: Path) -> None:
    with running(settings_of(tmp_path)) as app:
        response = app.test_client().get("/readyz")
        state: Any = response.json
        assert (response.status_code, state["parts"]["database"]["ok"]) == (503, False)


def scrape(client: FlaskClient, **headers: str) -> dict[str, float]:
    """The samples of a scrape by name and labels."""
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    return {
        sample.name + json.dumps(sample.labels, sort_keys=True): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_metrics(client: FlaskClient) -> None:
    searched = 'portal_engine_seconds_count{"operation": "search"}'
    route = 'portal_requests_total{"method": "GET", "route": "/api/v1/suppliers", "status": "200"}'
    before = scrape(client)
    client.get("/api/v1/suppliers?q=bearing")
    after = scrape(client)
    assert after[route] - before.get(route, 0) == 1
    assert after[searched] - before.get(searched, 0) >= 1
    assert after["portal_outbox_rows{}"] >= 0
    assert after["portal_outbox_age_seconds{}"] >= 0
    assert after["portal_dead_letters{}"] == 0


def test_rows_kept_for_a_rebuild_alone_wait_for_nothing(tmp_path: Path) -> None:
    with running(settings_of(tmp_path)) as app, app.app_context():
        db.create_all()
        firm = Supplier(scheme="CN-USCC", number="1", name_zh="甲", sector="other")
        db.session.add(firm)
        db.session.flush()
        long_ago = now() - timedelta(hours=1)
        db.session.add(OutboxRow(supplier_id=firm.id, version=1, at=long_ago, live=True))
        db.session.add(OutboxRow(supplier_id=firm.id, version=2, at=now()))
        db.session.commit()
        samples = scrape(app.test_client())
    assert samples["portal_outbox_rows{}"] == 1
    assert samples["portal_outbox_age_seconds{}"] < 60


def test_metrics_count_by_route_and_not_by_path(client: FlaskClient) -> None:
    for number in range(5):
        client.get(f"/suppliers/CN-USCC/unknown-{number}")
        client.get(f"/nowhere-{number}")
    assert not [name for name in scrape(client) if "unknown-" in name or "nowhere" in name]


def test_failures_of_the_engine_are_counted(down: FlaskClient) -> None:
    down.get("/api/v1/suppliers")
    assert any(name.startswith("portal_engine_failures_total") for name in scrape(down))


def test_metrics_are_for_this_machine_or_by_token(app_with: Callable[..., Flask]) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    open_app, closed = app_with().test_client(), app_with(METRICS_TOKEN="t" * 16).test_client()
    assert open_app.get("/metrics", environ_base=elsewhere).status_code == 401
    assert closed.get("/metrics").status_code == 401
    assert closed.get("/metrics", headers={"Authorization": "Bearer " + "u" * 16}).status_code == 401
    bearer = {"Authorization": "Bearer " + "t" * 16}
    assert closed.get("/metrics", headers=bearer, environ_base=elsewhere).status_code == 200


@pytest.mark.parametrize("given", ["0123456789abcdef", "a8098c1a-f86e-11da-bd1a-00112444be1e"])
def test_a_sane_request_id_is_taken_over(client: FlaskClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "short", "with space and more", "x" * 65, '"}{"level":"fake"', "<b>bold</b>"])
def test_any_other_is_replaced(client: FlaskClient, given: str) -> None:
    made = client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert made != given
    assert len(made) == 16


def test_ids_differ(client: FlaskClient) -> None:
    assert len({client.get("/healthz").headers["X-Request-Id"] for _ in range(20)}) == 20


def test_the_access_line(app_with: Callable[..., Flask], capfd: pytest.CaptureFixture[str]) -> None:
    client = app_with(LOG_FORMAT="json", LOG_LEVEL="INFO").test_client()
    response = client.get("/api/v1/suppliers?q=secret-plan")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    [line] = [line for line in lines if line["logger"] == "portal.access"]
    assert line["request_id"] == response.headers["X-Request-Id"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/suppliers", 200)
    assert line["ms"] >= line["engine_ms"] > 0
    assert "secret-plan" not in json.dumps(lines)


def test_probes_are_not_logged(app_with: Callable[..., Flask], capfd: pytest.CaptureFixture[str]) -> None:
    client = app_with(LOG_FORMAT="console", LOG_LEVEL="INFO").test_client()
    client.get("/healthz")
    assert "/healthz" not in capfd.readouterr().err


@pytest.mark.parametrize("form", ["console", "json"])
def test_local_variables_are_not_logged(
    app_with: Callable[..., Flask], capfd: pytest.CaptureFixture[str], form: str
) -> None:
    app_with(LOG_FORMAT=form)

    def search(text: str) -> None:
        raise LookupError(len(text))

    try:
        search("secret" + "-plan")
    except LookupError:
        logging.getLogger("portal").exception("it failed")
    said = capfd.readouterr().err
    assert "LookupError" in said
    assert "secret-plan" not in said


@pytest.mark.parametrize(
    ("variables", "said"), [({"PORT": "eighty"}, "PORT"), ({"CATALOGUE_DIR": "/nowhere"}, "/nowhere")]
)
@pytest.mark.parametrize(
    "command", [("flask", "--app", "wsgi", "routes"), ("gunicorn", "wsgi:app", "--bind", "127.0.0.1:0")]
)
def test_what_cannot_start_says_why_without_a_traceback(
    tmp_path: Path, variables: dict[str, str], said: str, command: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path)} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert said in done.stderr
    assert "Traceback" not in done.stderr
