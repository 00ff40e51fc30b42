"""A portal with firms and people who speak for them, once a worker: a copy of the one that other tests only read.

Every test speaks for a firm of its own: `speaks_for(number)` is a browser of the firm `supplier_facts(number)`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from config.settings import Settings
from portal.register.writer import Writer
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of
from tests.portal.speaking import officially, speaking


@pytest.fixture(scope="session")
def firms_app(portal_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("firms") / "data"
    shutil.copytree(portal_settings.data_dir, folder)
    with running(settings_of(folder)) as app:
        yield app


@pytest.fixture
def people(firms_app: Flask) -> People:
    return People(firms_app)


@pytest.fixture
def speaks_for(firms_app: Flask, people: People) -> Callable[..., Visitor]:
    return speaking(firms_app, people)


@pytest.fixture
def official(firms_app: Flask) -> Callable[[Callable[[Writer], object]], None]:
    return officially(firms_app)
