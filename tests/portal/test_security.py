"""Headers of every kind of answer, cookies, the proxy in front, and pages without inline code or outside hosts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = (
    "/",
    "/suppliers",
    "/suppliers?view=table&q=a",
    "/about",
    "/api",
    "/compare",
    "/criteria",
    "/nowhere",
    "/suppliers?sector=x",
)


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/suppliers", "/api/nowhere", "/healthz", "/static/portal.css"])
def test_headers(client: FlaskClient, path: str) -> None:
    with client.get(path) as response:
        headers = response.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"]
    assert "Strict-Transport-Security" not in headers
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_inline_code_and_no_outside_host(client: FlaskClient, firm: str, path: str) -> None:
    for address in (path, f"/suppliers/{firm}"):
        html = client.get(address).text
        assert not re.search(r"<script(?![^>]* src=)", html)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", html)
        assert not re.search(r'<(?:script|link|img|iframe|form)[^>]+(?:src|href|action)="(?:https?:)?//', html)


def test_transport_security_by_tls_only(client: FlaskClient) -> None:
    assert "max-age=" in client.get("/healthz", base_url="https://portal.example").headers["Strict-Transport-Security"]


def test_forwarded_headers_count_only_behind_a_proxy(app_with: Callable[..., Flask]) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    alone, behind = app_with().test_client(), app_with(TRUSTED_PROXIES="1").test_client()
    assert "Strict-Transport-Security" not in alone.get("/healthz", headers=forwarded).headers
    assert "Strict-Transport-Security" in behind.get("/healthz", headers=forwarded).headers
    assert alone.get("/metrics", headers=forwarded).status_code == 200
    assert behind.get("/metrics", headers=forwarded).status_code == 401


def test_the_language_cookie(client: FlaskClient) -> None:
    set_cookie = client.get("/about?lang=zh").headers["Set-Cookie"]
    assert "lang=zh" in set_cookie
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert "Secure" not in set_cookie
    assert '<html lang="zh-CN">' in client.get("/about").text, "remembered"
    assert "Set-Cookie" not in client.get("/about").headers
    assert "Secure" in client.get("/about?lang=en", base_url="https://localhost").headers["Set-Cookie"]


def test_a_page_in_the_other_language_is_one_link_away(client: FlaskClient) -> None:
    html = client.get("/suppliers?q=a%26b&has=certificate&lang=en").text
    link = re.search(r'href="([^"]+)" lang="zh-CN" hreflang', html)
    assert link is not None
    address = link[1].replace("&amp;", "&")
    assert "q=a%26b" in address
    assert '<html lang="zh-CN">' in client.get(address).text


def test_pages_differ_by_language_and_caches_are_told(client: FlaskClient) -> None:
    assert {"Accept-Language", "Cookie"} <= set(client.get("/about").vary)


def test_static_files_are_kept_for_a_year_by_their_content(client: FlaskClient) -> None:
    addresses = re.findall(r'(?:href|src)="(/[^"]+\.(?:css|js|svg)[^"]*)"', client.get("/").text)
    assert len(addresses) >= 4
    for address in addresses:
        assert "?v=" in address
        with client.get(address) as response:
            assert response.status_code == 200
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert "Vary" not in response.headers
        with client.get(address.partition("?")[0]) as unversioned:
            assert unversioned.headers["Cache-Control"] == "public, no-cache"


def test_static_files_cannot_be_left(client: FlaskClient) -> None:
    for path in ("/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static//etc/passwd"):
        assert client.get(path, follow_redirects=True).status_code == 404
