"""How the API answers: JSON with an ETag and a short life, in JSON only; HEAD and If-None-Match as HTTP has them."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from flask import Response, request
from werkzeug.exceptions import NotAcceptable

JSON = "application/json"
PROBLEM = "application/problem+json"
RESULT_SECONDS = 15
CATALOGUE_SECONDS = 300


def answer(tree: Any, *, seconds: int = RESULT_SECONDS) -> Response:
    """A tree of structs as JSON, which caches may keep for `seconds`; 304 when the asker has it already."""
    return encoded(msgspec.json.encode(tree), seconds=seconds)


def encoded(body: bytes, *, seconds: int, etag: str | None = None) -> Response:
    """The same for JSON that is written already."""
    response = Response(body, content_type=JSON)
    response.set_etag(etag or hashlib.blake2b(body, digest_size=12).hexdigest())
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    response.make_conditional(request)
    return response


def require_json() -> None:
    """Refuse a request whose Accept header rules JSON out. Raises NotAcceptable."""
    accepted = request.accept_mimetypes
    if accepted and not (accepted[JSON] or accepted[PROBLEM]):
        raise NotAcceptable
