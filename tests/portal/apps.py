"""Fixtures of the web application: one on the same firms for a whole run, others with a part broken.

`portal_settings` fills a data folder (migrations, firms by the writer, index by its command) once a worker.
The application only reads, so tests share it. Broken engines are real ones: nobody listens at their port, or there is
no index in their folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from config.settings import Settings
from portal.app import create_app
from portal.extensions import db
from portal.identity.passwords import Passwords
from portal.models import Supplier
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from portal.services import services
from tests.factories import (
    LEVELS,
    assessment_facts,
    certificate_facts,
    edition_facts,
    provenance_facts,
    ranking_facts,
    recognition_facts,
    supplier_facts,
)

CHEAP_PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Argon2 with costs that protect nothing and take no time."""

FIRMS = 60
EDITIONS = {"electronics-2025": False, "machinery-2025": True}
"""Code → whether it is official."""


def settings_of(data_dir: Path, **variables: str) -> Settings:
    """Settings with this data folder, speaking English, without a limit on requests."""
    return Settings.from_environment(
        {
            "DATA_DIR": str(data_dir),
            "DEFAULT_LANGUAGE": "en",
            "RATE_LIMIT": "1000000/minute",
            "LOG_LEVEL": "WARNING",
            "SEARCH_TIMEOUT": "1",
        }
        | variables
    )


@contextmanager
def running(settings: Settings) -> Iterator[Flask]:
    """An application, its connections and engine closed at the end."""
    app = create_app(settings, passwords=CHEAP_PASSWORDS)
    app.testing = True
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def flask(app: Flask, *words: str) -> None:
    """Run a flask command on the application's data; it must succeed."""
    done = app.test_cli_runner().invoke(args=list(words))
    assert done.exit_code == 0, (words, done.output, done.exception)


def seeded() -> list[SupplierRecord]:
    """Firms of two sectors at every level, some without certificate, some assessed."""
    return [
        SupplierRecord(
            supplier=supplier_facts(
                number,
                sector="electronics" if number % 3 == 0 else "machinery",
                industries=("3982",) if number % 3 == 0 else ("3451",),
                products_zh=("电阻器",) if number % 3 == 0 else ("深沟球轴承",),
                products_en=("resistors",) if number % 3 == 0 else ("deep groove ball bearings",),
                status="unknown" if number % 7 == 0 else "active",
            ),
            certificates=(certificate_facts(f"Q-{number}", level=LEVELS[number % 5]),) if number % 4 else (),
            assessments=(assessment_facts(),) if number % 2 else (),
            recognitions=(recognition_facts(),) if number % 5 == 0 else (),
        )
        for number in range(1, FIRMS + 1)
    ]


def fill() -> None:
    """Write the firms, an official edition of one sector and a computed one of the other; needs an app context."""
    with db.session.begin():
        writer = Writer(db.session(), services().catalogue, actor="tester", provenance=provenance_facts())
        writer.write(seeded())
        for code, official in EDITIONS.items():
            ranked = (n for n in range(1, FIRMS + 1) if (n % 3 == 0) == (code == "electronics-2025"))
            places = [ranking_facts(number, place) for place, number in enumerate(ranked, start=1)]
            writer.publish_edition(edition_facts(code, sector=code.partition("-")[0], official=official), places)


@pytest.fixture(scope="session")
def portal_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a data folder with firms, editions and an index."""
    settings = settings_of(tmp_path_factory.mktemp("portal"))
    with running(settings) as app:
        flask(app, "db", "upgrade")
        with app.app_context():
            fill()
        flask(app, "index", "rebuild")
    return settings


@pytest.fixture(scope="session")
def portal_app(portal_settings: Settings) -> Iterator[Flask]:
    """The application on those firms."""
    with running(portal_settings) as app:
        yield app


@pytest.fixture
def client(portal_app: Flask) -> FlaskClient:
    """A visitor without cookies."""
    return portal_app.test_client()


@pytest.fixture
def app_with(portal_settings: Settings) -> Iterator[Callable[..., Flask]]:
    """`app_with(SEARCH_URL=…)`: an application on the same firms with other settings."""
    with ExitStack() as opened:

        def make(**variables: str) -> Flask:
            return opened.enter_context(running(settings_of(portal_settings.data_dir, **variables)))

        yield make


@pytest.fixture
def down(app_with: Callable[..., Flask]) -> FlaskClient:
    """A visitor while nobody listens where the search engine should be."""
    return app_with(SEARCH_URL="http://127.0.0.1:9/suppliers").test_client()


@pytest.fixture(scope="session")
def firm(portal_app: Flask) -> str:
    """The id of a firm that is there."""
    with portal_app.app_context():
        found = db.session.scalars(
            select(Supplier).where(Supplier.withdrawn_at.is_(None)).order_by(Supplier.id)
        ).first()
        assert found is not None
        return found.key
