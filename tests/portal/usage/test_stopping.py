"""A gunicorn that is asked to stop while buyers search: every page that was answered has been counted."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from config.settings import ROOT, Settings
from portal.usage import notes
from portal.usage.notes import Appeared, Searched
from portal.usage.spool import Spool, read
from tests.portal.accounts.conftest import PASSWORD, People
from tests.portal.apps import running, settings_of
from tests.portal.test_gunicorn import free_port, wait_for

BROWSERS, PAGES = 3, 400


@pytest.fixture
def settings(portal_settings: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(portal_settings.data_dir, tmp_path / "data")
    return settings_of(tmp_path / "data")


@pytest.fixture
def server(settings: Settings) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    variables = {
        "DATA_DIR": str(settings.data_dir),
        "PORT": str(port),
        "WEB_WORKERS": "2",
        "LOG_LEVEL": "WARNING",
        "RATE_LIMIT": "1000000/minute",
    }
    kept = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.conf.py", "wsgi:app"],
        cwd=ROOT,
        env=kept | variables,
    )
    try:
        yield wait_for(f"http://127.0.0.1:{port}", process), process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def signed_in(url: str, name: str) -> requests.Session:
    browser = requests.Session()
    form = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get(f"{url}/sign-in", timeout=20).text)
    assert form
    fields = {"csrf_token": form[1], "sign_in": name, "password": PASSWORD}
    assert browser.post(f"{url}/sign-in", fields, timeout=20, allow_redirects=False).status_code == 302
    return browser


def test_a_normal_stop_loses_nothing(settings: Settings, server: tuple[str, subprocess.Popen[bytes]]) -> None:
    with running(settings) as app:
        people = People(app)
        names = [people.user().sign_in for _ in range(BROWSERS)]
    url, process = server
    answered: list[str] = []
    enough = threading.Event()

    def search(name: str, who: int) -> None:
        browser = signed_in(url, name)
        for number in range(PAGES):
            day = f"200{1 + who}-{1 + number // 28:02}-{1 + number % 28:02}"
            try:
                page = browser.get(f"{url}/suppliers?certified_from={day}&per_page=1", timeout=20)
            except requests.RequestException:
                return  # it has stopped
            if page.status_code == 200:
                answered.append(day)
            if len(answered) >= 20:
                enough.set()

    threads = [threading.Thread(target=search, args=(name, who)) for who, name in enumerate(names)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert process.wait(30) == 0

    counted = [note for file in Spool(settings.usage_dir).take() for note in notes.read(read(file))]
    days = {note.query["certified_from"] for note in counted if isinstance(note, Searched)}
    assert days >= set(answered)
    assert sum(isinstance(note, Appeared) for note in counted) >= len(answered)
