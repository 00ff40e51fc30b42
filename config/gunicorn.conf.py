"""gunicorn: as many processes and threads as the settings say.

Start it as `python -m gunicorn --config config/gunicorn.conf.py wsgi:app` from the project's folder.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # gunicorn runs this file before it adds the folder

from gunicorn.http import message

from config.settings import Settings, SettingsError

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

try:
    _settings = Settings.from_environment()
except SettingsError as error:
    sys.exit(str(error))
# The processes add up their metrics through files; the variable must be set before prometheus_client is imported.
_metrics = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(_settings.data_dir / "metrics")))

bind = f"{_settings.listen}:{_settings.port}"
worker_class = "gthread"  # a sync worker would be killed in a long download
workers = _settings.web_workers
threads = _settings.web_threads
timeout = 30  # seconds without a sign of life
graceful_timeout = 20  # seconds for requests under way when it is asked to stop
keepalive = 5  # seconds; longer than a browser waits between a page and its files
# Bytes: a text of 10,000 Chinese characters makes an address of 90,000, which the portal answers itself. gunicorn's own
# ceiling is 8,190, and its 0 (no limit) reads without end into memory, so the ceiling is raised instead.
limit_request_line = message.MAX_REQUEST_LINE = 128 * 1024
control_socket_disable = True  # it would lie below HOME, outside DATA_DIR
loglevel = _settings.log_level.lower()


def on_starting(_server: Arbiter) -> None:
    """Forget the metrics of the last run."""
    shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(parents=True)


def post_worker_init(_worker: Worker) -> None:
    """Leave what was loaded to itself: to look through its 340,000 objects for cycles would halt requests for 0.1 s.

    A page makes thousands of short-lived objects and hardly a cycle, so the collector may also wait for more of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """Drop the live gauges of a process that ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
