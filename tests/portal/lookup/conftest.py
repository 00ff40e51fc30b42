"""The hand-made register of `register.py` in SQLite and a real tantivy index, once a worker; the tests only read it.

`at` is a presenter's context in English, `zh` in Chinese, both inside a request of that language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker
from werkzeug.datastructures import MultiDict

from portal.extensions import db
from portal.indexing.rebuild import Rebuild
from portal.models import Base
from portal.register.catalogue import Catalogue
from portal.services import services
from portal.web.parameters import Search, parse
from portal.web.presenters.context import Context, context
from search.contract import SearchEngine
from tests.portal.apps import running, settings_of
from tests.portal.lookup.register import write_register


@pytest.fixture(scope="session")
def lookup_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on the register, in English where a visitor does not ask for a language."""
    with running(settings_of(tmp_path_factory.mktemp("lookup"))) as app:
        with app.app_context():
            Base.metadata.create_all(db.engine)
            sessions = sessionmaker(db.engine)
            with sessions() as session:
                write_register(session, services().catalogue)
            engine = services().open_writing_engine()
            Rebuild(sessions, engine, services().catalogue).run()
            engine.close()
        yield app


@contextmanager
def speaking(app: Flask, lang: str) -> Iterator[Context]:
    with app.test_request_context(f"/suppliers?lang={lang}"):
        yield context()


@pytest.fixture
def at(lookup_app: Flask) -> Iterator[Context]:
    with speaking(lookup_app, "en") as made:
        yield made


@pytest.fixture
def zh(lookup_app: Flask) -> Iterator[Context]:
    with speaking(lookup_app, "zh") as made:
        yield made


@pytest.fixture
def engine(at: Context) -> SearchEngine:
    return services().engine()


@pytest.fixture
def catalogue(lookup_app: Flask) -> Catalogue:
    with lookup_app.app_context():
        return services().catalogue


@pytest.fixture
def search(at: Context) -> Callable[..., Search]:
    """`search(q="轴承", has="certificate")`: parsed as from an address."""

    def make(**parameters: str) -> Search:
        return parse(MultiDict(parameters), at.catalogue, at.editions)

    return make
