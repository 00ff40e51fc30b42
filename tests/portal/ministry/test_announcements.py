"""Announcements: shown at the head of the pages to whom they are for, in both languages, as plain text, at no query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from portal.extensions import db
from portal.models import Announcement, AnnouncementVersion, AuditEntry, Role, now
from portal.register.clock import today_china
from portal.web.announcing import closed, closing, kept
from tests.portal.accounts.conftest import People, Visitor

TODAY = today_china()
FIELDS = {
    "title_zh": "系统维护",
    "text_zh": "周六停机。\n详见 https://example.org/notice?a=1&b=2",
    "title_en": "Maintenance",
    "text_en": "Down on Saturday.",
    "level": "normal",
    "first_on": TODAY.isoformat(),
}


@pytest.fixture
def publisher(staff: Callable[..., Visitor]) -> Visitor:
    return staff(Role.STAFF_PUBLISHER)


@pytest.fixture(autouse=True)
def nothing_else(ministry_app: Flask, people: People) -> Iterator[None]:
    """A test's announcements are its own."""
    yield
    with people.session() as session, session.begin():
        session.execute(update(Announcement).values(taken_back_at=now()))
    with ministry_app.app_context():
        kept().forget()


def publish(browser: Visitor, **fields: Any) -> int:
    answer = browser.submit("/ministry/announcements/new", **(FIELDS | fields))
    assert answer.status_code == 302, answer.text
    return newest(browser)


def newest(browser: Visitor) -> int:
    with browser.client.application.app_context():
        return db.session.scalars(select(Announcement.id).order_by(Announcement.id.desc())).first() or 0


def visitor(app: Flask) -> Visitor:
    return Visitor(app, "198.18.250.1")


def test_everyone_sees_it_in_both_languages_and_may_close_it(ministry_app: Flask, publisher: Visitor) -> None:
    identifier = publish(publisher)
    anyone = visitor(ministry_app)
    assert "Maintenance" in anyone.get("/suppliers?lang=en").text
    assert "系统维护" in anyone.get("/about?lang=zh").text
    page = anyone.get("/announcements?lang=zh").text
    assert "周六停机。<br>" in page
    assert 'href="https://example.org/notice?a=1&amp;b=2"' in page
    answer = anyone.post("/announcements/close", key=f"{identifier}.1", next="/about?lang=en")
    assert (answer.status_code, answer.location) == (303, "/about?lang=en")
    assert 'class="announcement ' not in anyone.get("/suppliers?lang=en").text
    assert "Maintenance" in anyone.get("/announcements").text, "it can still be read"
    path = f"/ministry/announcements/{identifier}"
    publisher.submit(path, **(FIELDS | {"version": "1", "title_en": "Maintenance moved"}))
    assert "Maintenance moved" in anyone.get("/suppliers?lang=en").text, "another version is shown again"
    assert visitor(ministry_app).post("/announcements/close", key="x", next="//evil.example").location == "/"


def test_it_is_text_and_nothing_else(ministry_app: Flask, publisher: Visitor) -> None:
    evil = '<script>alert(1)</script> javascript:alert(1) "><img src=x onerror=alert(1)> https://a.example/"onclick="x'
    publish(publisher, title_en=evil, text_en=evil, title_zh=evil, text_zh=evil)
    anyone = visitor(ministry_app)
    for path in ("/announcements?lang=en", "/about?lang=en"):
        page = anyone.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert '"onclick="' not in page
        assert 'href="javascript' not in page
    assert "<script>alert" not in publisher.get(f"/ministry/announcements/{newest(publisher)}").text


def test_a_missing_language_is_shown_in_the_other(ministry_app: Flask, publisher: Visitor) -> None:
    publish(publisher, title_en="", text_en="")
    page = visitor(ministry_app).get("/about?lang=en").text
    assert '<p lang="zh-CN">' in page
    assert "系统维护" in page


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"first_on": (TODAY + timedelta(days=1)).isoformat()}, False),
        ({"first_on": "2026-01-01", "last_on": (TODAY - timedelta(days=1)).isoformat()}, False),
        ({"first_on": "2026-01-01", "last_on": TODAY.isoformat()}, True),
    ],
)
def test_it_runs_from_its_first_day_to_the_end_of_its_last(
    ministry_app: Flask, publisher: Visitor, fields: dict[str, str], shown: bool
) -> None:
    publish(publisher, **fields)
    assert ("Maintenance" in visitor(ministry_app).get("/about?lang=en").text) is shown


def test_it_is_shown_to_whom_it_is_for(
    ministry_app: Flask, publisher: Visitor, people: People, staff: Callable[..., Visitor]
) -> None:
    publish(publisher, audience="ministry")
    assert "Maintenance" in staff(Role.STAFF_VIEWER).get("/about?lang=en").text
    buyer, anyone = visitor(ministry_app), visitor(ministry_app)
    buyer.sign_in(people.user(Role.BUYER).sign_in)
    for other in (buyer, anyone):
        assert "Maintenance" not in other.get("/about?lang=en").text
        assert "Maintenance" not in other.get("/announcements?lang=en").text


def test_urgent_ones_come_first(ministry_app: Flask, publisher: Visitor) -> None:
    publish(publisher, level="urgent", title_en="Fraud warning")
    publish(publisher)
    page = visitor(ministry_app).get("/about?lang=en").text
    assert page.index("Fraud warning") < page.index("Maintenance")
    assert "announcement-urgent" in page


def test_an_edit_is_a_new_version_and_the_second_of_two_is_told(
    people: People, publisher: Visitor, staff: Callable[..., Visitor]
) -> None:
    identifier = publish(publisher)
    path = f"/ministry/announcements/{identifier}"
    changed = FIELDS | {"text_en": "Down on Sunday."}
    assert publisher.submit(path, **(changed | {"version": "1"})).status_code == 302
    late = staff(Role.STAFF_ADMIN).submit(path, **(FIELDS | {"text_en": "Down on Monday.", "version": "1"}))
    assert late.status_code == 409
    assert "Down on Monday." in late.text
    assert "Down on Sunday." in late.text, "the newest version stands below"
    publisher.submit(path, **(changed | {"version": "2"}))
    assert "Nothing was changed" in publisher.get("/ministry/announcements").text
    with people.session() as session:
        of_it = AnnouncementVersion.announcement_id == identifier
        texts = session.scalars(select(AnnouncementVersion.text_en).where(of_it).order_by(AnnouncementVersion.number))
        assert texts.all() == ["Down on Saturday.", "Down on Sunday."]
        of_it = AuditEntry.subject == f"announcement/{identifier}"
        entry = session.scalars(select(AuditEntry).where(of_it).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert entry.action == "announcement.edited"
    assert entry.changes == {"text_en": ["Down on Saturday.", "Down on Sunday."]}


def test_taken_back_and_shown_again(ministry_app: Flask, publisher: Visitor) -> None:
    identifier = publish(publisher)
    path = f"/ministry/announcements/{identifier}"
    publisher.submit(f"{path}/take-back", path)
    assert "Maintenance" not in visitor(ministry_app).get("/announcements?lang=en").text
    assert publisher.submit(path, "/ministry/announcements/new", **(FIELDS | {"version": "1"})).status_code == 409
    publisher.submit(f"{path}/take-back", path)
    assert "Someone else has done this" in publisher.get("/ministry/announcements").text
    publisher.submit(f"{path}/put-back", path)
    assert "Maintenance" in visitor(ministry_app).get("/about?lang=en").text
    assert publisher.get("/ministry/announcements/99999999").status_code == 404
    assert publisher.submit("/ministry/announcements/99999999/take-back", path).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"title_zh": "", "title_en": ""},
        {"text_en": ""},
        {"first_on": ""},
        {"first_on": "soon"},
        {"last_on": "2020-01-01"},
        {"level": "loud"},
        {"audience": "everybody"},
        {"text_zh": "长" * 4001},
    ],
)
def test_what_the_form_refuses(people: People, publisher: Visitor, fields: dict[str, str]) -> None:
    before = newest(publisher)
    assert publisher.submit("/ministry/announcements/new", **(FIELDS | fields)).status_code == 422
    assert newest(publisher) == before


def test_pages_ask_the_database_nothing_for_them(ministry_app: Flask, publisher: Visitor) -> None:
    anyone, asked = visitor(ministry_app), []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    publish(publisher)
    anyone.get("/suppliers?lang=en")
    with ministry_app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        page = anyone.get("/suppliers?lang=en").text
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert "Maintenance" in page
    assert asked
    assert not [statement for statement in asked if "announcement" in statement]


def test_a_cookie_holds_so_many_and_nothing_but_keys() -> None:
    cookie = ""
    for number in range(40):
        cookie = closing(cookie, f"{number}.1")
    assert (len(closed(cookie)), closed(cookie)[-1]) == (30, "39.1")
    assert closing(cookie, "39.1") == cookie
    assert closed("1.1-<x>-2.1;-") == ["1.1"]
