"""What pages note: conditions of signed-in buyers' searches and the firms they met; of nobody else anything."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from portal.extensions import db
from portal.models import Appearance, AskedQuery, Role, SearchCount, Supplier
from portal.register.clock import today_china
from portal.services import services
from portal.usage.notes import monday, query_of
from search.contract import SearchQuery
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.apps import running, settings_of

STEEL = "/suppliers?sector=machinery&process=casting"

BrowserOf = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def nothing_counted(usage_app: Flask) -> None:
    """Each test counts from nothing."""
    with usage_app.app_context():
        shutil.rmtree(services().settings.usage_dir, ignore_errors=True)
        for model in (SearchCount, AskedQuery, Appearance):
            db.session.execute(delete(model))
        db.session.commit()


def counted(app: Flask) -> list[tuple[SearchQuery, bool, int]]:
    """Conditions, whether they are all that was asked, and searches."""
    wanted = (
        select(AskedQuery, func.sum(SearchCount.searches))
        .join(SearchCount, SearchCount.query_id == AskedQuery.id)
        .group_by(AskedQuery.id)
        .order_by(AskedQuery.id)
    )
    with app.app_context():
        return [(query_of(asked.query), asked.whole, number) for asked, number in db.session.execute(wanted)]


def appeared(app: Flask) -> dict[str, tuple[int, int, int, int]]:
    wanted = select(Supplier, Appearance).join(Appearance, Appearance.supplier_id == Supplier.id)
    with app.app_context():
        found = {}
        for firm, one in db.session.execute(wanted):
            assert one.week == monday(today_china())
            found[firm.key] = (one.shown, one.opened, one.shortlisted, one.exported)
        return found


def test_a_search_is_counted_once_by_its_conditions(
    usage_app: Flask, browser_of: BrowserOf, add_up: Callable[..., int]
) -> None:
    browser = browser_of()
    browser.get("/suppliers?sector=machinery&has=certificate&q=" + "王芳")
    browser.get("/suppliers?sector=machinery&has=certificate&q=" + "王芳&panel=process")
    browser.get("/suppliers?sector=machinery&has=certificate&q=" + "王芳&sort=name")
    browser.get("/suppliers?sector=machinery")
    browser.get("/suppliers?sector=machinery&page=2")
    add_up()
    assert counted(usage_app) == [
        (SearchQuery(sectors=("machinery",), has=("certificate",)), False, 1),
        (SearchQuery(sectors=("machinery",)), True, 1),
    ]


def test_of_whoever_is_no_buyer_nothing_is_counted(
    usage_app: Flask, browser_of: BrowserOf, add_up: Callable[..., int], firm: str
) -> None:
    browsers = [Visitor(usage_app, "203.3.0.1"), browser_of(Role.SUPPLIER_ADMIN), browser_of(Role.STAFF_VIEWER)]
    for browser in browsers:
        assert browser.get("/suppliers?sector=machinery").status_code == 200
        assert browser.get(f"/suppliers/{firm}").status_code == 200
        assert browser.get("/api/v1/suppliers?sector=machinery").status_code == 200
    assert add_up() == 0
    assert counted(usage_app) == []
    assert appeared(usage_app) == {}


def test_firms_are_counted_as_shown_opened_and_shortlisted(
    usage_app: Flask, browser_of: BrowserOf, add_up: Callable[..., int]
) -> None:
    browser = browser_of()
    page = browser.get("/suppliers?sector=electronics&per_page=3").text
    keys = list(dict.fromkeys(re.findall(r'name="id" value="([^"]+)"', page)))
    assert len(keys) == 3
    browser.get("/suppliers?sector=electronics&per_page=3")  # the same page once more
    browser.get(f"/suppliers/{keys[0]}")
    for _ in range(2):  # the second time it stands on the list already
        browser.submit("/shortlists/add", "/shortlists/new", list="new", name="甲", id=keys[0])
        browser.submit("/shortlists/add", "/shortlists/new", id=keys[0])
    browser.get("/suppliers?sector=electronics&per_page=3&page=2")
    add_up()
    found = appeared(usage_app)
    assert found[keys[0]][:2] == (1, 1)
    assert found[keys[0]][2] >= 1
    assert [found[key] for key in keys[1:]] == [(1, 0, 0, 0)] * 2
    assert len(found) == 6
    with usage_app.app_context():
        assert db.session.scalar(select(func.sum(Appearance.shown))) == 6


def test_what_is_kept_names_no_person_and_no_organisation(
    usage_app: Flask, people: People, browser_of: BrowserOf, add_up: Callable[..., int]
) -> None:
    organisation = people.organisation(name="东方重工采购集团")
    users = [browser_of(Role.BUYER, organisation) for _ in range(2)]
    for user in users:
        user.get(STEEL)
    with usage_app.app_context():
        folder = services().settings.usage_dir
        text = b"".join(file.read_bytes() for file in folder.glob("*.notes")).decode()
    for browser in users:
        for said in (browser.user.sign_in, browser.user.name, browser.address, organisation.name, organisation.number):
            assert said not in text
    add_up()
    with usage_app.app_context():
        [row] = db.session.scalars(select(SearchCount))
        assert row.searches == 2
        assert re.fullmatch(r"\d{4}Q[1-4]:[0-9a-f]{18}", row.organisation)
    assert set(SearchCount.__table__.columns.keys()) == {"day", "query_id", "organisation", "searches"}
    assert set(Appearance.__table__.columns.keys()) == {
        "supplier_id",
        "week",
        "shown",
        "opened",
        "shortlisted",
        "exported",
    }


@pytest.fixture
def silent(usage_app: Flask) -> Iterator[Flask]:
    """The same portal without a search log."""
    with usage_app.app_context():
        settings = services().settings
    with running(settings_of(settings.data_dir, SEARCH_LOG="false")) as app:
        yield app


def test_the_setting_switches_it_off(
    silent: Flask, usage_app: Flask, people: People, add_up: Callable[..., int]
) -> None:
    browser = Visitor(silent, "203.3.0.2")
    browser.sign_in(people.user().sign_in)
    assert browser.get(STEEL).status_code == 200
    add_up()
    assert counted(usage_app) == []
    said = "The conditions that signed-in buyers search by are not kept."
    assert said in browser.get("/about").text
    assert said not in Visitor(usage_app, "203.3.0.3").get("/about").text


def test_a_disk_that_cannot_be_written_to_costs_nobody_a_page(
    usage_app: Flask, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch, firm: str
) -> None:
    browser = browser_of()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("portal.usage.spool._write", full)
    assert browser.get(STEEL).status_code == 200
    assert browser.get(f"/suppliers/{firm}").status_code == 200


def test_exported_firms_are_counted_once_the_file_is_there(
    usage_app: Flask, browser_of: BrowserOf, add_up: Callable[..., int], export: Callable[[], None]
) -> None:
    browser = browser_of()
    form = "/exports/new?sector=electronics&level=quality_capability:inspection"
    assert browser.submit(form, form="csv", column="number").status_code == 302
    add_up()
    assert not any(exported for *_, exported in appeared(usage_app).values())
    export()
    add_up()
    found = [exported for *_, exported in appeared(usage_app).values()]
    assert found
    assert set(found) == {1}
