"""Ranking lists in the browser: two people, a public notice, objections; nothing leaks before it is in force."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.models import AuditEntry, Edition, EditionState, Job, JobState, Objection, Role, Supplier, WebImport
from portal.register.clock import today_china
from portal.register.writer import Writer
from portal.services import services
from portal.workspace.handlers import HANDLERS
from portal.workspace.jobs import Runner
from tests.factories import credit_code, edition_facts, ranking_facts, supplier_key
from tests.portal.accounts.conftest import People, Visitor

_numbers = count(1)
RANKED = (1, 2, 4, 5)

Draft = Callable[..., Edition]


@pytest.fixture
def draft(ministry_app: Flask, people: People) -> Draft:
    """`draft()`: one of the test's own, which nobody who is signed in has made."""

    def make(by: Visitor | None = None) -> Edition:
        number = next(_numbers)
        with ministry_app.app_context(), people.session() as session, session.begin():
            writer = Writer(session, services().catalogue, actor="import")
            facts = edition_facts(f"proposed-{number}", period=f"P{number}", title_zh="", title_en=f"Proposal {number}")
            places = [ranking_facts(firm, place) for place, firm in enumerate(RANKED, 1)]
            return writer.draft_edition(facts, places, made_by=by.user.id if by else None)

    return make


@pytest.fixture
def work(ministry_app: Flask) -> Callable[[], None]:
    """The worker does every job that waits."""

    def run() -> None:
        with ministry_app.app_context():
            runner = Runner(sessionmaker(db.engine), services().catalogue, HANDLERS, threading.Event())
            while runner.run_one():
                pass

    return run


@pytest.fixture
def over(people: People) -> Callable[[Edition], None]:
    """Lets the notice of an edition be over."""

    def end(edition: Edition) -> None:
        with people.session() as session, session.begin():
            session.get_one(Edition, edition.id).notice_until = today_china() - timedelta(days=1)

    return end


def path(edition: Edition) -> str:
    return f"/ministry/editions/{edition.id}"


def press(browser: Visitor, edition: Edition, act: str, **fields: str) -> str:
    """Take a step; the page one comes to."""
    answer = browser.submit(f"{path(edition)}/{act}", "/account", **fields)
    assert answer.status_code == 302, answer.text
    return browser.get(answer.location).text


def stored(people: People, edition: Edition) -> Edition:
    with people.session() as session:
        return session.get_one(Edition, edition.id)


def actions(people: People, edition: Edition) -> list[str]:
    with people.session() as session:
        wanted = select(AuditEntry.action).where(AuditEntry.subject == f"edition:{edition.code}")
        return list(session.scalars(wanted.order_by(AuditEntry.id)))


def seen(browser: Visitor, edition: Edition) -> list[str]:
    """Where whoever looks up meets the list as one in force."""
    places = {
        "/about": f'href="/editions/{edition.code}"',
        "/": f"/editions/{edition.code}",
        f"/suppliers/{supplier_key(1)}": edition.title_en,
        f"/api/v1/suppliers/{supplier_key(1)}": edition.code,
        "/api/v1/editions": edition.code,
        "/api/v1/openapi.json": edition.code,
        f"/compare?id={supplier_key(1)}&id={supplier_key(2)}": edition.title_en,
    }
    found = [where for where, sign in places.items() if sign in browser.get(where).text]
    if browser.get(f"/suppliers?edition={edition.code}").status_code == 200:
        found.append("edition=")
    if browser.get(f"/api/v1/editions/{edition.code}").status_code == 200:
        found.append("/api/v1/editions/…")
    return found


def test_a_list_goes_from_draft_to_publication_and_back(
    people: People,
    staff: Callable[..., Visitor],
    draft: Draft,
    work: Callable[[], None],
    over: Callable[[Edition], None],
) -> None:
    first, second = staff(Role.STAFF_PUBLISHER), staff(Role.STAFF_ADMIN)
    edition = draft(first)
    visitor = Visitor(people.app, "198.51.100.77")
    assert edition.title_en in first.get("/ministry/editions").text
    shown = first.get(path(edition)).text
    assert "Preview" in shown
    assert "Moved up most" in shown
    assert (visitor.get(f"/editions/{edition.code}").status_code, seen(visitor, edition)) == (404, [])

    assert "is under public notice until" in press(first, edition, "notice")
    page = visitor.get(f"/editions/{edition.code}")
    assert page.status_code == 200
    assert "Not yet in force" in page.text
    assert "Sign in to object" in page.text
    assert str(today_china() + timedelta(days=7)) in page.text
    assert seen(visitor, edition) == ["/about"], "linked there as under notice, and nowhere else"
    assert "under public notice" in visitor.get("/about").text
    assert "No firm of this number" in visitor.get(f"/editions/{edition.code}?q={credit_code(3)}").text
    assert visitor.get(f"/editions/{edition.code}?q={credit_code(2)}&page=9").text.count('scope="row"') == 1

    assert "still runs" in press(second, edition, "publish")
    over(edition)
    assert "a second person does" in press(first, edition, "publish")
    assert "objections is over" in visitor.get(f"/editions/{edition.code}").text
    assert stored(people, edition).state == EditionState.NOTICE
    assert "published and in force" in press(second, edition, "publish")
    assert "The worker is bringing its firms into the search" in second.get(path(edition)).text
    work()
    assert len(seen(visitor, edition)) >= 7
    assert "now “published”" in press(second, edition, "publish")


def test_a_list_is_taken_back_with_a_reason(
    people: People,
    staff: Callable[..., Visitor],
    draft: Draft,
    work: Callable[[], None],
    over: Callable[[Edition], None],
) -> None:
    first, second, edition = staff(Role.STAFF_PUBLISHER), staff(Role.STAFF_ADMIN), draft()
    visitor = Visitor(people.app, "198.51.100.82")
    press(first, edition, "notice")
    over(edition)
    press(second, edition, "publish")
    assert "Take the list back?" in second.get(f"{path(edition)}/take-back").text
    assert second.submit(f"{path(edition)}/take-back", reason="").status_code == 422
    assert "its address says why" in press(second, edition, "take-back", reason="数据有误")
    work()
    gone = visitor.get(f"/editions/{edition.code}")
    assert (gone.status_code, "数据有误" in gone.text, seen(visitor, edition)) == (410, True, [])
    machine = visitor.get(f"/api/v1/editions/{edition.code}")
    assert machine.json is not None
    assert (machine.status_code, machine.json["reason"]) == (410, "数据有误")
    assert machine.json["type"].endswith("#edition-taken-back")
    steps = ["drafted", "notice", "published", "taken_back"]
    assert actions(people, edition) == [f"edition.{step}" for step in steps]
    for shown in (first.get("/ministry/log").text, first.get("/ministry/editions").text):
        assert "taken back" in shown


def test_objections_in_the_browser(
    people: People, staff: Callable[..., Visitor], draft: Draft, over: Callable[[Edition], None]
) -> None:
    first, second, edition = staff(Role.STAFF_PUBLISHER), staff(Role.STAFF_PUBLISHER), draft()
    press(first, edition, "notice")
    public, form = f"/editions/{edition.code}", f"/editions/{edition.code}/objection"
    buyer, other = (Visitor(people.app, f"198.51.100.{n}") for n in (78, 79))
    for browser in (buyer, other):
        browser.sign_in(people.user(Role.BUYER).sign_in)
    assert "Between 10 and 2000" in buyer.submit(form, public, text="短").text
    wrong = buyer.submit(form, public, text="该企业的证书已经撤销。", number="9")
    assert wrong.status_code == 422
    assert "No firm of the register" in wrong.text
    assert "证书已经撤销" in wrong.text  # what was written is still there
    assert buyer.submit(form, public, text="该企业的证书已经撤销。", number=credit_code(2)).status_code == 302
    assert "not answered yet" in buyer.get(public).text
    for browser in (other, Visitor(people.app, "198.51.100.80")):
        assert "证书已经撤销" not in browser.get(public).text
    assert "证书已经撤销" not in first.get("/ministry/log").text

    with people.session() as session:
        found = session.scalars(select(Objection).where(Objection.edition_id == edition.id)).one()
    over(edition)
    assert "not answered yet" in press(second, edition, "publish")
    assert "1 objection to answer" in second.get("/ministry/editions").text
    name, sent = f"o{found.id}-", f"/ministry/objections/{found.id}"
    assert second.submit(sent, path(edition), **{f"{name}answer": "已核实"}).status_code == 422
    answered = {f"{name}verdict": "not_upheld", f"{name}answer": "已核实，证书有效。"}
    assert second.submit(sent, path(edition), **answered).status_code == 302
    assert "证书有效" in buyer.get(public).text
    first.submit(sent, "/account", **answered | {f"{name}verdict": "upheld"})
    assert "Someone else has answered" in first.get(path(edition)).text
    assert buyer.submit(form, "/account", text="还有一条意见，请核实。").status_code == 302
    assert "yours was not taken" in buyer.get(public).text
    assert "published and in force" in press(second, edition, "publish")


def test_an_upheld_objection_leads_to_a_corrected_draft(
    people: People, staff: Callable[..., Visitor], draft: Draft, over: Callable[[Edition], None]
) -> None:
    first, second, edition = staff(Role.STAFF_PUBLISHER), staff(Role.STAFF_PUBLISHER), draft()
    press(first, edition, "notice")
    first.submit(f"/editions/{edition.code}/objection", f"/editions/{edition.code}", text="名次与评价结果不符。")
    with people.session() as session:
        found = session.scalars(select(Objection).where(Objection.edition_id == edition.id)).one()
    fields = {f"o{found.id}-verdict": "upheld", f"o{found.id}-answer": "成立。"}
    second.submit(f"/ministry/objections/{found.id}", path(edition), **fields)
    over(edition)
    assert "make a corrected draft" in press(second, edition, "publish")
    press(second, edition, "take-back", reason="异议成立，名单重新公示")
    gone = Visitor(people.app, "198.51.100.81").get(f"/editions/{edition.code}")
    assert gone.status_code == 410
    assert "never came into force" in gone.text


def test_a_draft_is_computed_by_the_worker(
    people: People, staff: Callable[..., Visitor], work: Callable[[], None]
) -> None:
    browser = staff(Role.STAFF_PUBLISHER)
    listed = "/ministry/editions"
    asked = {"sector": "machinery", "period": "2031", "method": "weighted_groups", "as_of": today_china().isoformat()}
    for field, value in {"period": "a b", "as_of": "2999-01-01", "sector": "x", "method": ""}.items():
        assert browser.submit(listed, listed, **asked | {field: value}).status_code == 422
    made = browser.submit(listed, listed, **asked).location
    assert "It waits for the worker" in browser.get(made).text
    assert browser.get(f"{made}/progress").json == {"state": "waiting", "done": 0, "total": 0}
    again = browser.submit(listed, listed, **asked)
    assert (again.status_code, "is being computed already" in again.text) == (422, True)
    work()
    assert "nothing to rank" in browser.get(made).text  # the sample firms have two criteria assessed
    assert "was discarded" in browser.get(browser.submit(f"{made}/discard", made).location).text
    assert browser.get(made).status_code == 404
    assert browser.get("/ministry/editions/999999").status_code == 404
    assert "machinery-2031-computed" in browser.get("/ministry/log").text


def test_a_job_that_was_given_up_is_told(people: People, staff: Callable[..., Visitor]) -> None:
    browser = staff(Role.STAFF_PUBLISHER)
    asked = {"sector": "machinery", "period": "2032", "method": "weighted_groups", "as_of": today_china().isoformat()}
    made = browser.submit("/ministry/editions", "/ministry/editions", **asked).location
    with people.session() as session, session.begin():
        row = session.get_one(Edition, int(made.rpartition("/")[2]))
        session.get_one(Job, row.job_id).state = JobState.FAILED
    assert "did not get through" in browser.get(made).text
    browser.submit(f"{made}/discard", made)


def test_staff_of_a_territory_read_and_decide_nothing(
    people: People, staff: Callable[..., Visitor], draft: Draft
) -> None:
    limited, edition = staff(Role.STAFF_PUBLISHER, regions=["330000"]), draft()
    assert "only staff without a territory" in limited.get("/ministry/editions").text
    assert "Open the public notice" not in limited.get(path(edition)).text
    for act in ("notice", "publish", "discard", "take-back"):
        assert limited.submit(f"{path(edition)}/{act}", "/account", reason="x").status_code == 403
    assert limited.submit("/ministry/editions", "/account").status_code == 403
    assert limited.submit("/ministry/objections/1", "/account").status_code == 403
    assert stored(people, edition).state == EditionState.DRAFT


def test_publishing_during_an_import_says_so(
    people: People,
    staff: Callable[..., Visitor],
    draft: Draft,
    over: Callable[[Edition], None],
) -> None:
    first, second, edition = staff(Role.STAFF_PUBLISHER), staff(Role.STAFF_PUBLISHER), draft()
    press(first, edition, "notice")
    over(edition)
    who = {"organisation_id": first.user.organisation_id, "user_id": first.user.id}
    web = WebImport(**who, file_name="a", file_hash="b", size=1, look={}, state="running")
    people.add(web)
    shown = press(second, edition, "publish")
    with people.session() as session, session.begin():
        session.delete(session.get_one(WebImport, web.id))
    assert "An import is under way" in shown
    assert stored(people, edition).state == EditionState.PUBLISHED


def test_the_second_of_two_who_discard_is_told(people: People, staff: Callable[..., Visitor], draft: Draft) -> None:
    first, second, edition = staff(Role.STAFF_PUBLISHER), staff(Role.STAFF_PUBLISHER), draft()
    press(first, edition, "notice")
    assert "Someone else has taken a step meanwhile" in press(second, edition, "discard")
    assert re.search("now “public notice”", second.get(path(edition)).text) is None  # told once
    with people.session() as session:
        assert session.scalars(select(Supplier.id).where(Supplier.number == credit_code(1))).one()
