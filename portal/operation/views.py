"""GET /healthz, /readyz, /metrics."""

from __future__ import annotations

import hmac

import msgspec
from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from portal.operation.readiness import readiness
from portal.services import services
from portal.web.metrics import registries
from portal.web.permissions import Access, needs

blueprint = Blueprint("operation", __name__)

LOOPBACK = frozenset({"127.0.0.1", "::1"})


@blueprint.after_request
def never_kept(response: Response) -> Response:
    """States of this moment: no cache keeps them."""
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/healthz")
@needs(Access.PUBLIC)
def healthz() -> Response:
    """200 as long as the process answers; asks nobody else, so that a slow database does not get workers killed."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
@needs(Access.PUBLIC)
def readyz() -> Response:
    """200 or 503 with the parts: whether to send visitors here."""
    state = readiness()
    return Response(msgspec.json.encode(state), 200 if state.ready else 503, content_type="application/json")


@blueprint.get("/metrics")
@needs(Access.PUBLIC)
def metrics() -> Response:
    """Prometheus text for `Authorization: Bearer <METRICS_TOKEN>`, else 401; without a token for this machine alone."""
    if not _may_read_metrics():
        refusal = {"WWW-Authenticate": "Bearer", "Content-Type": "text/plain; charset=utf-8"}
        return Response("set METRICS_TOKEN and send it as a bearer token\n", 401, refusal)
    return Response(b"".join(generate_latest(part) for part in registries()), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    expected = services().settings.metrics_token
    if expected is None:
        return request.remote_addr in LOOPBACK
    given = request.headers.get("Authorization", "")
    return hmac.compare_digest(given.encode(), f"Bearer {expected}".encode())
