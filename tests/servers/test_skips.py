"""Under CI a skipped test is a failure, unless a file of ../shared/data is what it lacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.account import ROOT

TESTS = """
import pytest

def test_skipped():
    pytest.skip("not today")

def test_without_its_file(shared_data):
    shared_data("no-such-file.csv")

@pytest.mark.xfail(reason="known")
def test_known_to_fail():
    assert False
"""


@pytest.mark.parametrize(
    ("ci", "status", "last"),
    [("true", 1, "1 failed, 1 skipped, 1 xfailed"), ("", 0, "2 skipped, 1 xfailed")],
)
def test_skips(tmp_path: Path, ci: str, status: int, last: str) -> None:
    file = tmp_path / "test_some.py"
    file.write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, file], cwd=ROOT, env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert last in done.stdout
    assert "SKIPPED [1]" in done.stdout
    assert "../shared/data/no-such-file.csv is not there" in done.stdout
    assert ("skipped, which CI does not allow" in done.stdout) == bool(ci)
