"""The same pages from PostgreSQL: what the statements say must not depend on the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.indexing.rebuild import Rebuild
from portal.models import Base
from portal.services import services
from tests.portal.apps import running, settings_of
from tests.portal.lookup.register import BEARING, SECOND, UNCERTIFIED, WITHDRAWN, number, write_register


@pytest.fixture
def visitor(postgres_schema_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    with running(settings_of(tmp_path, DATABASE_URL=postgres_schema_url)) as app:
        with app.app_context():
            Base.metadata.create_all(db.engine)
            sessions = sessionmaker(db.engine)
            with sessions() as session:
                write_register(session, services().catalogue)
            engine = services().open_writing_engine()
            Rebuild(sessions, engine, services().catalogue).run()
            engine.close()
        yield app.test_client()


def test_pages_from_postgres(visitor: FlaskClient) -> None:
    page = visitor.get("/api/v1/suppliers?q=bearing&criteria=X01-05&sort=rank").json
    assert page is not None
    assert [item["id"] for item in page["items"]] == [BEARING, SECOND]
    assert page["items"][0]["criteria"]["met"] == 3
    assert UNCERTIFIED in visitor.get(f"/suppliers?q={number(3)}&has=certificate").text
    assert "宁波市经信局" in visitor.get(f"/suppliers?q={number(77)}").text
    assert visitor.get(f"/suppliers/{BEARING}").status_code == 200
    assert visitor.get(f"/suppliers/{WITHDRAWN}").status_code == 410
    assert visitor.get(f"/compare?id={BEARING}&id={SECOND}").status_code == 200
    assert visitor.get("/editions/machinery-2025").status_code == 200
    assert visitor.get("/about").status_code == 200
    assert visitor.get("/suggest?q=haitian").json
