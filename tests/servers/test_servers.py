"""The servers are real, shared between workers, and end with the run that asked for them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from elasticsearch import Elasticsearch
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.servers import cache
from tests.servers.account import ROOT
from tests.servers.elastic import VERSION
from tests.servers.postgres import fresh_database
from tests.servers.shared import FOLDER, server


def test_elasticsearch_keeps_and_finds(elasticsearch_url: str, worker_id: str) -> None:
    index = f"servers-{worker_id}"
    with Elasticsearch(elasticsearch_url) as client:
        nodes = client.nodes.info()["nodes"].values()
        assert [node["version"] for node in nodes] == [VERSION]
        client.indices.create(index=index, settings={"number_of_replicas": 0})
        try:
            client.index(index=index, id="1", document={"name": "轴承"}, refresh=True)
            hits = client.search(index=index, query={"match": {"name": "轴承"}})["hits"]["hits"]
            assert [hit["_id"] for hit in hits] == ["1"]
        finally:
            client.indices.delete(index=index)


def test_postgres_keeps_and_finds(postgres_url: str) -> None:
    engine = sqlalchemy.create_engine(postgres_url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        assert int(connection.scalar(sqlalchemy.text("SHOW server_version_num"))) >= 180000
        assert connection.scalar(sqlalchemy.text("SELECT :name"), {"name": "轴承"}) == "轴承"
        assert connection.scalar(sqlalchemy.text("SHOW server_encoding")) == "UTF8"


def test_a_database_can_start_as_a_copy(postgres_url: str, worker_id: str) -> None:
    with fresh_database(server("postgres"), f"template_{worker_id}") as template:
        with psycopg.connect(template.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE copied AS SELECT 7 AS number")
        with (
            fresh_database(server("postgres"), f"copy_{worker_id}", template=f"template_{worker_id}") as copy,
            psycopg.connect(copy.replace("+psycopg", "")) as connection,
        ):
            assert connection.execute("SELECT number FROM copied").fetchone() == (7,)


def test_everyone_is_given_the_same_server(postgres_url: str) -> None:
    assert server("postgres").split("host=")[1] == postgres_url.split("host=")[1]


def test_chromium_shows_a_page_and_reaches_nothing_outside(browser: Browser) -> None:
    with browser.new_context() as context, context.new_page() as page:
        page.set_content("<h1>轴承</h1>")
        assert page.get_by_role("heading").inner_text() == "轴承"
        with pytest.raises(PlaywrightError, match="ERR_NAME_NOT_RESOLVED"):
            page.goto("http://example.org/")


def test_what_cannot_be_made_leaves_nothing_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("the line went dead")

    with pytest.raises(OSError, match="the line went dead"):
        cache.kept("program", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["program.lock"]
    assert cache.kept("program", lambda folder: (folder / "whole").touch()) == tmp_path / "program"
    assert cache.kept("program", fail) == tmp_path / "program"


OWNER = """
import os, sys, time
from tests.servers.shared import owned_servers, server
with owned_servers():
    print(os.environ["XUNYUAN_TEST_SERVERS"], server("postgres"), flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_servers_end_however_their_run_ends(end: signal.Signals) -> None:
    environ = {name: value for name, value in os.environ.items() if name != FOLDER}
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        folder, url = owner.stdout.readline().split()
        address = url.replace("+psycopg", "")
        psycopg.connect(address).close()
        owner.send_signal(end)
    deadline = time.monotonic() + 20
    data = Path(url.split("host=")[1])
    while data.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not data.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
    assert Path(folder).exists() == (end == signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)  # a few empty files, which only a killed run leaves
