"""README is true: its commands exist, its links lead somewhere, its files are there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
COMMANDS = sorted(set(re.findall(r"(?:^ {4}|`)(flask [a-z]+[^`\n#]*)", README, re.MULTILINE)))
TARGETS = sorted(set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", README, re.MULTILINE)))
LINKS = sorted(set(re.findall(r"\]\(([^)#]+)\)", README)))


@pytest.fixture(scope="module")
def app() -> Flask:
    """The application, for its commands."""
    return create_app()


@pytest.mark.parametrize("command", COMMANDS)
def test_flask_command_exists_with_its_options(app: Flask, command: str) -> None:
    words = command.split()[1:]
    options = [word.split("=")[0] for word in words if word.startswith("--")]
    names = [word for word in words if word.isalpha() and word.islower()]
    at = app.cli.commands[names[0]]
    for name in names[1:]:
        if name not in getattr(at, "commands", {}):
            break
        at = at.commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in at.params for option in parameter.opts}
    assert set(options) <= known


@pytest.mark.parametrize("target", TARGETS)
def test_make_target_exists(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("link", LINKS)
def test_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_gunicorn_command_names_what_is_there() -> None:
    assert "--config config/gunicorn.conf.py wsgi:app" in README
    assert (ROOT / "config/gunicorn.conf.py").exists()
    assert (ROOT / "wsgi.py").exists()


def test_something_was_found_to_check() -> None:
    assert len(COMMANDS) >= 6
    assert {"run", "test", "check", "bench", "elastic"} <= set(TARGETS)
    assert LINKS
