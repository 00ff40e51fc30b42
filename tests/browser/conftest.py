"""A portal as `make run` starts it: sample firms in SQLite, indexed by tantivy, served by gunicorn; once a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, StorageState

from portal.identity import demo, totp
from portal.models import Role, now

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
FIRMS = 400


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True)
class Portal:
    """A running portal: its address, and the environment for `flask` commands on its data."""

    url: str
    environment: dict[str, str]

    def mail(self, recipient: str) -> str:
        """Send what waits; the newest mail to `recipient`."""
        self.flask("notices", "send")
        folder = Path(self.environment["DATA_DIR"], "mail")
        files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        mails = (message_from_bytes(file.read_bytes(), policy=default) for file in files)
        body: str = next(mail for mail in mails if mail["To"] == recipient).get_content()
        return body

    def flask(self, *words: str) -> str:
        """Run a flask command on the portal's data; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout


def start_portal(data_dir: Path, *, firms: int = FIRMS, **settings: str) -> tuple[Portal, subprocess.Popen[bytes]]:
    """Fill `data_dir` with sample firms, index and serve them; the portal and its process, which the caller stops."""
    port = free_port()
    environment = (
        os.environ
        | {
            "DATA_DIR": str(data_dir),
            "PORT": str(port),
            "WEB_WORKERS": "1",
            "LOG_LEVEL": "warning",
            "DEFAULT_LANGUAGE": "en",
            "RATE_LIMIT": "100000/minute",
        }
        | settings
    )
    portal = Portal(f"http://127.0.0.1:{port}", environment)
    portal.flask("db", "upgrade")
    portal.flask("sample", "load", "--size", str(firms), "--seed", "7")
    portal.flask("index", "rebuild")
    portal.flask("accounts", "demo")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.conf.py", "wsgi:app"], cwd=ROOT, env=environment
    )
    wait_until_up(portal.url)
    return portal, server


def wait_until_up(url: str) -> None:
    """Return when the portal answers. Raises TimeoutError."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            if requests.get(f"{url}/healthz", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise TimeoutError(url)


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The running portal with FIRMS fictional firms."""
    running, server = start_portal(tmp_path_factory.mktemp("portal"))
    yield running
    server.send_signal(signal.SIGTERM)
    server.wait(30)


@pytest.fixture(scope="session")
def signed_in(launched: Callable[[], Browser], portal: Portal) -> dict[Role, StorageState]:
    """Role → the cookies of a browser in which its demonstration account is signed in; for `new_context`."""
    return {role: _sign_in(launched(), portal, role) for role in (Role.BUYER_ADMIN, Role.STAFF_ADMIN)}


def _sign_in(browser: Browser, portal: Portal, role: Role) -> StorageState:
    context = browser.new_context(base_url=portal.url, locale="en-GB")
    tab = context.new_page()
    tab.goto("/sign-in")
    tab.get_by_label("E-mail address or phone number").fill(demo.sign_in_name(role))
    tab.get_by_label("Password", exact=True).fill(demo.PASSWORD)
    tab.get_by_role("main").get_by_role("button", name="Sign in").click()
    if role is Role.STAFF_ADMIN:
        tab.get_by_label("One-time code").fill(totp.code_at(demo.TOTP_SECRET, now()))
        tab.get_by_role("main").get_by_role("button", name="Sign in").click()
    tab.wait_for_url(f"{portal.url}/{'ministry' if role is Role.STAFF_ADMIN else 'workspace'}")
    state = context.storage_state()
    state["cookies"] = [cookie for cookie in state["cookies"] if cookie.get("name") != "lang"]
    context.close()
    return state


@pytest.fixture
def page(browser: Browser, portal: Portal) -> Iterator[Page]:
    """A fresh desktop tab in English; an error on the page's console fails the test."""
    context = browser.new_context(base_url=portal.url, locale="en-GB", viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on(
        "console",
        lambda message: (
            faults.append(message.text) if message.type == "error" and "status of" not in message.text else None
        ),
    )
    yield tab
    context.close()
    assert not faults, faults
