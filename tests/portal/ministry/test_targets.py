"""Targets stated in the browser: counted before they are kept, changed in versions, closed, taken back."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

from portal.coverage.snapshots import TARGETS, newest, take
from portal.extensions import db
from portal.models import AuditEntry, CoverageTarget, Role
from portal.register.clock import today_china
from portal.services import services
from tests.portal.accounts.conftest import Visitor

NEW = "/ministry/targets/new"
LIST = "/ministry/targets"
_names = count(1)


@pytest.fixture
def publisher(staff: Callable[..., Visitor]) -> Visitor:
    return staff(Role.STAFF_PUBLISHER)


def fields(**stated: str) -> dict[str, str]:
    values = {
        "seen": "0",
        "name_zh": f"目标{next(_names)}号",
        "name_en": f"Target {next(_names)}",
        "document": "示范〔2026〕3号",
        "address": "https://portal.example/suppliers?sector=machinery&level=quality_capability&sort=rank",
        "goal": "1,200",
        "base": "2024-01-01",
        "due": "2099-12-31",
        "units": "330000 700\n北京 20",
    }
    return values | stated


def keep(browser: Visitor, path: str = NEW, **stated: str) -> dict[str, str]:
    """Count, then save; what was sent."""
    sent = fields(**stated)
    shown = browser.submit(path, **sent)
    assert shown.status_code == 422
    counted = re.search(r'name="counted"[^>]* value="([^"]+)"', shown.text)
    assert counted, shown.text
    saved = browser.submit(path, **sent, counted=html.unescape(counted[1]))
    assert (saved.status_code, saved.location) == (302, LIST), saved.text
    return sent


def row_of(app: Flask, name: str) -> CoverageTarget:
    with app.app_context(), sessionmaker(db.engine)() as session:
        return session.scalars(select(CoverageTarget).where(CoverageTarget.name_zh == name)).one()


def log_of(app: Flask, code: str) -> list[AuditEntry]:
    with app.app_context(), sessionmaker(db.engine)() as session:
        found = select(AuditEntry).where(AuditEntry.subject == f"target/{code}").order_by(AuditEntry.id)
        return list(session.scalars(found))


def test_a_target_is_counted_first_and_its_number_is_the_search_s_total(
    ministry_app: Flask, publisher: Visitor
) -> None:
    sent = fields()
    shown = publisher.submit(NEW, **sent)
    assert "The search finds 30 firms today" in shown.text
    assert "30 of them newly gained since the base day." in shown.text
    with pytest.raises(Exception, match="No row"):
        row_of(ministry_app, sent["name_zh"])
    sent = keep(publisher)
    row = row_of(ministry_app, sent["name_zh"])
    assert row.address == "sector=machinery&level=quality_capability"
    assert (row.goal, row.units) == (1200, {"330000": 700, "110000": 20})
    page = publisher.get("/ministry/coverage").text
    target = page[page.index(sent["name_en"]) :]
    done = re.search(r'data-label="Done"><a href="([^"]+)">([\d,]+)', target)
    assert done
    assert done[2] == "30"
    assert "certified_from=2024-01-01" in done[1]
    assert f"target={row.code}" in target


def test_a_change_is_a_version_in_the_log_and_can_be_taken_back(ministry_app: Flask, publisher: Visitor) -> None:
    sent = keep(publisher)
    code = row_of(ministry_app, sent["name_zh"]).code
    keep(publisher, f"{LIST}/{code}", **sent | {"seen": "1", "goal": "1500", "due": "2098-12-31"})
    changed = log_of(ministry_app, code)[-1]
    assert changed.action == "target.changed"
    assert changed.changes["goal"] == [1200, 1500]
    assert changed.changes["due_on"] == ["2099-12-31", "2098-12-31"]
    publisher.submit(f"{LIST}/{code}/undo", LIST, seen="2")
    row = row_of(ministry_app, sent["name_zh"])
    assert (row.goal, row.due_on.year, row.version) == (1200, 2099, 3)
    publisher.submit(f"{LIST}/{code}/undo", LIST, seen="3")
    assert row_of(ministry_app, sent["name_zh"]).goal == 1500


def test_a_new_one_taken_back_is_gone_and_can_be_brought_again(ministry_app: Flask, publisher: Visitor) -> None:
    sent = keep(publisher)
    code = row_of(ministry_app, sent["name_zh"]).code
    publisher.submit(f"{LIST}/{code}/undo", LIST, seen="1")
    assert sent["name_en"] not in publisher.get("/ministry/coverage").text
    assert "Bring it back" in publisher.get(LIST).text
    publisher.submit(f"{LIST}/{code}/undo", LIST, seen="2")
    assert sent["name_en"] in publisher.get("/ministry/coverage").text


def test_closed_it_counts_up_to_that_day(ministry_app: Flask, publisher: Visitor) -> None:
    sent = keep(publisher)
    code = row_of(ministry_app, sent["name_zh"]).code
    publisher.submit(f"{LIST}/{code}/close", LIST, seen="1")
    page = publisher.get("/ministry/coverage").text
    target = page[page.index(sent["name_en"]) :]
    assert "closed: goal against result" in target[:600]
    assert f"certified_to={today_china()}" in target[:3000]
    publisher.submit(f"{LIST}/{code}/reopen", LIST, seen="2")
    assert row_of(ministry_app, sent["name_zh"]).closed_on is None
    assert [entry.action for entry in log_of(ministry_app, code)][1:] == ["target.closed", "target.reopened"]


def test_whoever_was_overtaken_is_told_and_overwrites_nothing(ministry_app: Flask, publisher: Visitor) -> None:
    sent = keep(publisher)
    code = row_of(ministry_app, sent["name_zh"]).code
    publisher.submit(f"{LIST}/{code}/close", LIST, seen="1")
    late = sent | {"seen": "1", "goal": "9", "units": "", "counted": "sector=machinery&level=quality_capability"}
    assert publisher.submit(f"{LIST}/{code}", **late).status_code == 302
    assert "Someone else has changed this target" in publisher.get(LIST).text
    assert row_of(ministry_app, sent["name_zh"]).goal == 1200


def test_one_of_the_catalogue_can_be_changed_and_comes_back(ministry_app: Flask, publisher: Visitor) -> None:
    path = f"{LIST}/excellence249_excellence"
    page = publisher.get(path).text
    assert "level_min=quality_capability:excellence" in page
    sent = keep(publisher, path, name_en="Ten of the best, and two", goal="12", units="")
    assert "Ten of the best, and two" in publisher.get("/ministry/coverage").text
    assert "Firms newly at 卓越级" not in publisher.get("/ministry/coverage").text
    publisher.submit(f"{path}/undo", LIST, seen=str(row_of(ministry_app, sent["name_zh"]).version))
    assert "Firms newly at 卓越级" in publisher.get("/ministry/coverage").text


def test_a_snapshot_holds_it_too(ministry_app: Flask, publisher: Visitor) -> None:
    sent = keep(publisher)
    code = row_of(ministry_app, sent["name_zh"]).code
    with ministry_app.app_context():
        sessions = sessionmaker(db.engine)
        take(sessions, services().engine(), services().catalogue, today_china())
        with sessions() as session:
            found = newest(session, TARGETS)
            assert found is not None
            assert found.numbers[code]["done"] == 30
    assert sent["name_en"] in publisher.get("/ministry/coverage/trend").text


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"address": "hello"}, "This is no address of a search"),
        ({"address": "/suppliers?level=none"}, "none"),
        ({"address": "/suppliers?mine=only&q=a"}, "This cannot be counted for a target: mine."),
        ({"address": "/suppliers?conditions=3&q=a"}, "This cannot be counted for a target: conditions."),
        ({"address": "/suppliers?certified_from=2024-01-01"}, "the base day and the due day say it"),
        ({"goal": "0"}, "Enter a whole number above 0."),
        ({"goal": "many"}, "Enter a whole number above 0."),
        ({"base": "yesterday"}, "Enter a day such as"),
        ({"due": "2020-01-01"}, "must be later than the base day"),
        ({"units": "Atlantis 7"}, "each line has a unit of report"),
        ({"units": "330000 1\n330000 2"}, "each line has a unit of report"),
        ({"units": "330000 1300"}, "add up to 1,300, more than the whole"),
        ({"name_zh": ""}, "This field is required."),
        ({"name_zh": "长" * 201}, "At most 200 characters."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(publisher: Visitor, stated: dict[str, str], said: str) -> None:
    sent = fields(**stated)
    shown = publisher.submit(NEW, **sent)
    assert shown.status_code == 422
    (name,) = stated
    assert said in html.unescape(shown.text.partition(f'id="{name}-errors"')[2][:400])
    assert html.escape(sent["document"]) in shown.text


def test_only_for_who_publishes_for_the_whole_register(staff: Callable[..., Visitor]) -> None:
    limited = staff(Role.STAFF_PUBLISHER, regions=["330000"])
    for path in (LIST, NEW):
        assert limited.get(path).status_code == 403
    assert staff(Role.STAFF_EDITOR).get(LIST).status_code == 403


def test_unknown_ones(publisher: Visitor) -> None:
    assert publisher.get(f"{LIST}/nothing").status_code == 404
    assert publisher.submit(f"{LIST}/nothing/close", LIST, seen="1").status_code == 404
    assert publisher.submit(f"{LIST}/nothing/explode", LIST, seen="1").status_code == 404
