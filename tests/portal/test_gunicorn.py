"""The portal as it is served: gunicorn with the shipped configuration, in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests

from config.settings import ROOT, Settings
from portal.register.catalogue import load_catalogue

START_SECONDS = 60


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="module")
def served(portal_settings: Settings) -> Iterator[str]:
    """The address of a gunicorn with two workers on the sample firms."""
    port = free_port()
    variables = {
        "DATA_DIR": str(portal_settings.data_dir),
        "PORT": str(port),
        "WEB_WORKERS": "2",
        "DEFAULT_LANGUAGE": "en",
        "LOG_LEVEL": "WARNING",
    }
    kept = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT,
        env=kept | variables,
    )
    try:
        yield wait_for(f"http://127.0.0.1:{port}", server)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


def wait_for(url: str, server: subprocess.Popen[bytes]) -> str:
    """The address, once it answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert server.poll() is None, "gunicorn ended"
        try:
            requests.get(f"{url}/healthz", timeout=START_SECONDS)  # it listens before its workers are up
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return url
    raise AssertionError("gunicorn does not answer")


def test_a_page_and_its_files(served: str) -> None:
    page = requests.get(f"{served}/suppliers?q=bearing", timeout=10)
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert requests.get(f"{served}/static/portal.css", timeout=10).status_code == 200


def test_three_hundred_criteria_fit_into_an_address(served: str) -> None:
    codes = ",".join(load_catalogue(ROOT / "config/catalogue").criteria)
    for path in ("/suppliers", "/api/v1/suppliers"):
        answer = requests.get(f"{served}{path}?criteria={codes}&criteria_mode=20", timeout=20)
        assert answer.status_code == 200, answer.text[:500]


@pytest.mark.parametrize("sign", ["a", "轴"])
def test_a_text_of_ten_thousand_characters_is_capped_and_explained(served: str, sign: str) -> None:
    text = {"q": sign * 10_000}
    page = requests.get(f"{served}/suppliers", text, timeout=20)
    assert page.status_code == 200
    assert "The text was too long; only its beginning was searched." in page.text
    found = requests.get(f"{served}/api/v1/suppliers", text, timeout=20).json()
    assert "text_cut" in [notice["code"] for notice in found["notices"]]


def test_an_address_beyond_the_limit_is_refused(served: str) -> None:
    assert requests.get(f"{served}/suppliers?q={'x' * 140_000}", timeout=10).status_code == 414


def test_an_address_without_end_is_not_read_to_its_end(served: str) -> None:
    port = int(served.rpartition(":")[2])
    sent = 0
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line, suppress(OSError):
        line.sendall(b"GET /suppliers?q=")
        while sent < 64 * 1024 * 1024:  # what the buffers of both sides hold is far less
            line.sendall(b"x" * 65_536)
            sent += 65_536
    assert sent < 64 * 1024 * 1024


def test_every_worker_adds_to_the_metrics(served: str) -> None:
    for _ in range(20):
        requests.get(f"{served}/about", timeout=10)
    text = requests.get(f"{served}/metrics", timeout=10).text
    [line] = [line for line in text.splitlines() if line.startswith("portal_requests_total") and '"/about"' in line]
    assert float(line.rpartition(" ")[2]) >= 20
    assert "portal_outbox_rows" in text


def test_ready(served: str) -> None:
    assert requests.get(f"{served}/readyz", timeout=10).json()["ready"] is True
