"""Versions of the catalogue: kept when they are first in use, read by staff, and compared field by field."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import msgspec
import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from portal.care import catalogues
from portal.care.catalogues import content_of, differences, present
from portal.extensions import db
from portal.models import AuditEntry, CatalogueVersion, Role
from portal.models.database import begin_write
from portal.register.catalogue import Catalogue
from portal.services import services
from tests.portal.accounts.conftest import Visitor


@pytest.fixture
def older(catalogue: Catalogue) -> Catalogue:
    """As it was before: another criterion, another threshold, no CCC, a level of another name."""
    codes = list(catalogue.criteria)
    criteria = dict(catalogue.criteria)
    gone = replace(criteria[codes[0]], code="OLD-01", name_zh="旧指标", name_en="Old criterion")
    criteria[codes[1]] = replace(criteria[codes[1]], reference="GB/T 0001", at_least=3.0)
    del criteria[codes[2]]
    schemes = {code: scheme for code, scheme in catalogue.schemes.items() if code != "ccc"}
    quality = schemes["quality_capability"]
    levels = (replace(quality.levels[0], name_zh="入门级"), *quality.levels[1:])
    schemes["quality_capability"] = replace(quality, levels=levels)
    return replace(
        catalogue,
        version="2024.1",
        as_of=date(2024, 12, 31),
        criteria={"OLD-01": gone, **criteria},
        schemes=schemes,
        synonyms=catalogue.synonyms[1:],
    )


def test_differences_name_each_field(catalogue: Catalogue, older: Catalogue) -> None:
    found = {one.table: one for one in differences(content_of(older), content_of(catalogue))}
    codes = list(catalogue.criteria)
    assert set(found) == {"about", "criteria", "schemes", "levels", "synonyms"} - (
        set() if "ccc" in catalogue.schemes else {"schemes"}
    )
    criteria = found["criteria"]
    assert [code for code, _record in criteria.added] == [codes[2]]
    assert [code for code, _record in criteria.removed] == ["OLD-01"]
    (changed,) = criteria.changed
    after = catalogue.criteria[codes[1]]
    assert changed.code == codes[1]
    assert changed.fields == (("at_least", 3.0, after.at_least), ("reference", "GB/T 0001", after.reference))
    (level,) = found["levels"].changed
    first = catalogue.schemes["quality_capability"].levels[0]
    assert (level.code, level.fields) == (
        f"quality_capability:{first.code}",
        (("name_zh", "入门级", first.name_zh),),
    )
    assert [one.code for one in found["about"].changed] == ["version", "as_of"]
    assert (len(found["synonyms"].added), found["synonyms"].removed) == (1, ())
    assert differences(content_of(older), content_of(older)) == []


def test_every_part_of_the_catalogue_is_kept(catalogue: Catalogue) -> None:
    content = content_of(catalogue)
    assert set(content) == set(catalogues.TABLES)
    for name in ("criteria", "industries", "regions", "units", "targets", "methods", "schemes", "tiers"):
        assert list(content[name]) == list(getattr(catalogue, name)), name
    assert len(content["synonyms"]) == len(catalogue.synonyms)
    assert present(catalogue).fingerprint == present(replace(catalogue, fingerprint="other")).fingerprint
    moved = replace(catalogue, targets={})
    assert present(catalogue).fingerprint != present(moved).fingerprint, "also what is not indexed"


def test_a_version_is_kept_once(session: Session, catalogue: Catalogue, older: Catalogue) -> None:
    sessions = sessionmaker(session.get_bind())
    assert catalogues.keep(sessions, older)
    assert not catalogues.keep(sessions, older)
    assert catalogues.keep(sessions, catalogue)
    with sessions() as reading:
        rows = {row.version: row for row in reading.scalars(select(CatalogueVersion))}
        assert set(rows) == {"2024.1", catalogue.version}
        kept = msgspec.json.decode(zlib.decompress(rows["2024.1"].content))
        assert kept["criteria"]["OLD-01"]["name_zh"] == "旧指标"
        entries = reading.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [entry.changes["version"] for entry in entries] == [[None, "2024.1"], ["2024.1", catalogue.version]]
        found = catalogues.known(reading, present(older))
        assert [one.version for one in found] == ["2024.1", catalogue.version], "the one in use is first"


@pytest.fixture
def kept(ministry_app: Flask, older: Catalogue) -> Iterator[str]:
    """The older one was in use; its fingerprint."""
    with ministry_app.app_context():
        sessions = sessionmaker(db.engine)
    catalogues.keep(sessions, older)
    yield present(older).fingerprint
    with sessions() as session, session.begin():
        begin_write(session)
        session.execute(delete(CatalogueVersion))


def test_staff_read_and_compare_them(
    ministry_app: Flask, staff: Callable[..., Visitor], kept: str, catalogue: Catalogue
) -> None:
    viewer = staff(Role.STAFF_VIEWER)
    with ministry_app.app_context():
        used = present(services().catalogue).fingerprint
    page = viewer.get("/ministry/catalogue").text
    assert "2024.1" in page
    assert f'<option value="{kept}" selected>' in page
    one = viewer.get(f"/ministry/catalogue/{kept}?table=criteria").text
    assert "Old criterion" in one
    assert "OLD-01" not in viewer.get(f"/ministry/catalogue/{used}?table=criteria").text
    found = viewer.get(f"/ministry/catalogue/{kept}?table=criteria&find=old+CRITERION").text
    assert "1 record" in found
    assert "Nothing here holds" in viewer.get(f"/ministry/catalogue/{kept}?table=criteria&find=zzzz").text
    last = viewer.get(f"/ministry/catalogue/{used}?table=regions&page=9999")
    assert last.status_code == 200
    compared = viewer.get(f"/ministry/catalogue/compare?before={kept}&after={used}").text
    for text in ("OLD-01", "GB/T 0001", "入门级", "2024.1"):
        assert text in compared, text
    same = viewer.get(f"/ministry/catalogue/compare?before={kept}&after={kept}").text
    assert "say the same" in same
    for path in (
        "/ministry/catalogue/none",
        "/ministry/catalogue/compare",
        f"/ministry/catalogue/compare?before={kept}",
    ):
        assert viewer.get(path).status_code == 404, path


def test_a_version_that_is_not_kept_yet_is_shown(staff: Callable[..., Visitor], ministry_app: Flask) -> None:
    with ministry_app.app_context(), sessionmaker(db.engine)() as session:
        assert session.scalar(select(func.count()).select_from(CatalogueVersion)) == 0
    page = staff(Role.STAFF_VIEWER).get("/ministry/catalogue").text
    assert "the worker keeps it soon" in page
    assert "There is one version so far" in page
