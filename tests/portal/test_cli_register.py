"""The commands that fill the register: thin, with messages and exit codes one can act on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.portal.apps import flask, running, settings_of
from tests.portal.importing import csv_file, firm_row
from tests.servers.account import ROOT


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with running(settings_of(tmp_path / "data")) as app:
        flask(app, "db", "upgrade")
        yield app


def run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=list(map(str, words)))


def test_catalogue_check(app: Flask, tmp_path: Path) -> None:
    good = run(app, "catalogue", "check")
    assert good.exit_code == 0
    assert "300 criteria" in good.output
    broken = tmp_path / "catalogue"
    shutil.copytree(ROOT / "config/catalogue", broken)
    tiers = broken / "tiers.csv"
    tiers.write_text(tiers.read_text(encoding="utf-8").replace(",1,3,", ",9,0,"), encoding="utf-8")
    bad = run(app, "catalogue", "check", broken)
    assert bad.exit_code == 1
    assert "tiers.csv:2" in bad.output


def test_sample_and_rankings(app: Flask) -> None:
    first = run(app, "sample", "load", "--size", "60", "--if-empty")
    assert first.exit_code == 0, first.output
    assert "created 60" in first.output
    assert "nothing is loaded" in run(app, "sample", "load", "--size", "60", "--if-empty").output
    done = run(app, "rankings", "publish", "--sector", "machinery", "--period", "now")
    assert done.exit_code == 0, done.output
    assert "machinery-now-computed" in done.output
    for words, says in (
        (("--sector", "fish", "--period", "1"), "unknown sector"),
        (("--sector", "machinery", "--period", "1", "--method", "dice"), "unknown method"),
        (("--sector", "machinery", "--period", "now"), "published already"),
        (("--sector", "machinery", "--period", "old", "--as-of", "1999-01-01"), "enough criteria"),
    ):
        refused = run(app, "rankings", "publish", *words)
        assert refused.exit_code != 0
        assert says in refused.output


def test_import(app: Flask, tmp_path: Path) -> None:
    good = csv_file(tmp_path / "good.csv", [firm_row(1), firm_row(1), firm_row(2)])
    dry = run(app, "import", good, "--source", "suppliers", "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "dry run" in dry.output
    done = run(app, "import", good, "--source", "suppliers", "--provenance", "issuing_body=工信局")
    assert "created    2" in done.output
    assert "merged     1" in done.output
    bad = csv_file(tmp_path / "bad.csv", [firm_row(number, sector="鱼") for number in range(3, 60)])
    out = tmp_path / "out.csv"
    refused = run(app, "import", bad, "--source", "suppliers", "--rejected", out)
    assert refused.exit_code == 2
    assert "line 2: 行业领域 '鱼': unknown sector" in refused.output
    assert "37 more rows" in refused.output
    assert out.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("none.csv", "--source", "suppliers"), "cannot be read"),
        (("none.csv", "--source", "nothing"), "no source 'nothing'; there are: assessments"),
        (("none.csv", "--source", "suppliers", "--provenance", "x"), "FIELD=VALUE"),
        (("none.csv", "--source", "suppliers", "--provenance", "issued_on=tomorrow"), "provenance"),
        (("none.csv",), "--source"),
    ],
)
def test_imports_that_cannot_begin(app: Flask, words: tuple[str, ...], says: str) -> None:
    refused = run(app, "import", *words)
    assert refused.exit_code in {1, 2}
    assert says in refused.output
