"""Fixture strategy.

Servers are real and shared: one Elasticsearch and one PostgreSQL for a whole run, started by the first test that asks
for `elasticsearch_url` or `postgres_url`, in whichever pytest-xdist worker that is, and stopped when the run ends, also
by `kill -9` (tests/servers/shared.py). What a test may change is its own: each worker has a database of its own on the
PostgreSQL server; on Elasticsearch a test names its indexes by `worker_id` and removes them. Chromium is launched once
a worker; a test opens its own context. Application, database and data fixtures stand in tests/portal/conftest.py.

Nothing is mocked that can run here. Sockets other than loopback and Unix ones are closed (pyproject.toml), also to
Chromium. Tests run in random order; warnings are errors. Under CI a skipped test is a failure, but for those that need
a file of the `shared_data` fixture which is not there: those are named as skipped.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright

from tests.servers.account import ROOT
from tests.servers.postgres import fresh_database
from tests.servers.shared import owned_servers, server

CI = os.environ.get("CI", "").lower() in {"1", "true"}
CHROMIUM_FLAGS = (
    "--no-sandbox",  # it refuses root otherwise
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
MARKS = {"browser": "browser", "elasticsearch_url": "elasticsearch", "postgres_url": "postgres"}
"""Fixture → the marker that the tests using it get, for `pytest -m "not browser"` and the like."""

pytest_plugins = ("tests.portal.apps",)

_servers = ExitStack()

hypothesis_settings.register_profile(
    "few", deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
_few = hypothesis_settings.get_profile("few")
hypothesis_settings.register_profile("repeatable", _few, derandomize=True, database=None)
hypothesis_settings.register_profile("many", _few, max_examples=1000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("repeatable" if CI else "few"))


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run owns the servers; pytest-xdist's workers have a `workerinput`."""
    if not hasattr(config, "workerinput"):
        _servers.enter_context(owned_servers())


def pytest_unconfigure() -> None:
    _servers.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if mark := MARKS.get(fixture):
                item.add_marker(mark)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a test that is skipped has failed."""
    report = yield
    excused = hasattr(report, "wasxfail") or "shared_data" in getattr(item, "fixturenames", ())
    if CI and report.skipped and not excused:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that is skipped as a whole."""
    report = yield
    if CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The address of a real Elasticsearch, `http://127.0.0.1:PORT`, which the other workers use too."""
    return server("elastic")


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database of this worker on a real PostgreSQL."""
    with fresh_database(server("postgres"), f"test_{worker_id}") as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Debian's Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium", path="/usr/bin")
    if found is None:
        pytest.skip("Chromium is not installed: apt install chromium fonts-noto-cjk")
    return Path(found)


@pytest.fixture(scope="session")
def launched(chromium: Path) -> Iterator[Callable[[], Browser]]:
    """`launched()` is the running browser: the same one to all tests, or a new one where it has died."""
    running: list[Browser] = []
    with sync_playwright() as playwright:

        def browser() -> Browser:
            if not running or not running[-1].is_connected():
                running.append(playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS))
            return running[-1]

        yield browser
        for one in running:
            one.close()


@pytest.fixture
def browser(launched: Callable[[], Browser]) -> Browser:
    """A browser that reaches this machine only; open a context of your own and close it.

    Where Chromium itself dies, that test is run once more (pyproject.toml); nothing else is ever repeated.
    """
    return launched()


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """`shared_data(name)` is a real file in ../shared/data; where it is missing the test is named as skipped."""

    def find(name: str) -> Path:
        file = ROOT.parent / "shared/data" / name
        if not file.is_file():
            pytest.skip(f"../shared/data/{name} is not there")
        return file

    return find
