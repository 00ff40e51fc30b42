"""The API's description: true by schemathesis, complete, and as readable as its examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from config.settings import ROOT
from portal.api.examples import PROBLEM, RESULT
from portal.api.openapi import openapi
from portal.api.schemas import DAY
from portal.models import Edition
from portal.register.catalogue import load_catalogue
from portal.web.errors import Problem
from portal.web.parameters import TABLE
from portal.web.tree import ResultPage
from tests.portal.apps import EDITIONS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


DOCUMENT = openapi(
    load_catalogue(ROOT / "config/catalogue"),
    {code: Edition(code=code, official=official) for code, official in EDITIONS.items()},
    contact="",
)


MANY = 15


def shortened(document: dict[str, Any]) -> dict[str, Any]:
    """The description with at most MANY values a list: each would be tried, and 3,319 regions are treated alike."""
    schemas = {
        name: schema | {"enum": schema["enum"][:MANY]} if "enum" in schema else schema
        for name, schema in document["components"]["schemas"].items()
    }
    return document | {"components": document["components"] | {"schemas": schemas}}


class Late:
    """A WSGI application named later: schemathesis wants one while tests are collected, before fixtures are made."""

    app: Flask

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.app(environ, start_response)


late = Late()
schema = schemathesis.openapi.from_dict(shortened(DOCUMENT))
schema.app = late


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=12, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(case: Any, portal_app: Flask) -> None:
    """Every check of schemathesis; contradictions, which OpenAPI cannot express, must be refused with 400."""
    late.app = portal_app
    response = case.call()
    refused = response.status_code == 400 and contradictory(case.query or {})
    case.validate_response(response, excluded_checks=[positive_data_acceptance] if refused else [])


def test_the_description_tested_is_the_one_served(client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").json == msgspec.json.decode(msgspec.json.encode(DOCUMENT))


def contradictory(query: Mapping[str, Any]) -> bool:
    """Whether a query holds one of the contradictions that the API's introduction names."""
    weights = [text.partition(":")[0] for text in {_weight(text) for text in _values(query, "nice")}]
    schemes = [text.partition(":")[0] for text in set(_values(query, "level_min"))]
    return any(
        (
            set(_values(query, "has")) & set(_values(query, "lacks")),
            set(_values(query, "criteria")) & set(_values(query, "criteria_not")),
            _impossible_mode(query),
            len(weights) > len(set(weights)),
            len(schemes) > len(set(schemes)),
            _number(query, "page", 1) * _number(query, "per_page", 20) > 10_000,
            _later(query, "certified_from", "certified_to", equal=False),
            _later(query, "valid_through", "expires_before", equal=True),
        )
    )


def _impossible_mode(query: Mapping[str, Any]) -> bool:
    named = len(set(_values(query, "criteria")))
    mode = (_values(query, "criteria_mode") or ["all"])[0]
    least, dash, most = mode.partition("-")
    if dash:
        return int(least) > int(most) or int(most) >= named
    return least.isdecimal() and int(least) > named


def _values(query: Mapping[str, Any], name: str) -> list[str]:
    given = query.get(name) or ()
    texts = given if isinstance(given, (list, tuple)) else [given]
    return [part.strip() for text in texts for part in str(text).split(",") if part.strip()]


def _weight(text: str) -> str:
    return text if ":" in text else f"{text}:1"


def _number(query: Mapping[str, Any], name: str, default: int) -> int:
    text = (_values(query, name) or [str(default)])[0]
    return int(text) if text.isdecimal() else 0


def _later(query: Mapping[str, Any], first: str, second: str, *, equal: bool) -> bool:
    low, high = _values(query, first), _values(query, second)
    return bool(low and high and (low[0] > high[0] or (equal and low[0] == high[0])))


def test_the_description_names_every_parameter(client: FlaskClient) -> None:
    document: Any = client.get("/api/v1/openapi.json").json
    described = {p["name"] for p in document["paths"]["/api/v1/suppliers"]["get"]["parameters"]}
    assert described == {parameter.name for parameter in TABLE if not parameter.page_only}


def test_the_page_for_people_lists_every_parameter_and_address(client: FlaskClient) -> None:
    page = client.get("/api").text
    document: Any = client.get("/api/v1/openapi.json").json
    for name in (p.name for p in TABLE if not p.page_only):
        assert f"<code>{name}" in page
    for path in document["paths"]:
        assert path in page


def test_every_route_is_described(portal_app: Flask, client: FlaskClient) -> None:
    document: Any = client.get("/api/v1/openapi.json").json
    routes = {rule.rule for rule in portal_app.url_map.iter_rules() if rule.rule.startswith("/api/v1")}
    as_described = {rule.replace("<path:", "<").replace("<", "{").replace(">", "}") for rule in routes}
    assert as_described == set(document["paths"])


def test_examples_are_true_to_the_structs() -> None:
    msgspec.convert(RESULT, ResultPage)
    msgspec.convert(PROBLEM, Problem)


@pytest.mark.parametrize("parameter", [p for p in TABLE if p.example], ids=lambda p: p.name)
def test_every_example_of_a_parameter_is_accepted(client: FlaskClient, parameter: Any) -> None:
    query = f"{parameter.name}={parameter.example}"
    if parameter.name == "criteria_mode":
        query += "&criteria=X01-05,X01-06"
    assert client.get(f"/api/v1/suppliers?{query}").status_code == 200


def test_the_pattern_of_days_knows_the_calendar() -> None:
    day, last = date(1900, 1, 1), date(2199, 12, 31)
    while day <= last:
        assert re.search(DAY, day.isoformat()), day
        day += timedelta(days=1)
    for never in ("2026-02-29", "1900-02-29", "2100-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "1899-12-31"):
        assert not re.search(DAY, never), never
