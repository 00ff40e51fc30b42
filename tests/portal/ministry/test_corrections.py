"""Corrections: a firm reports an error with proof, answers what is returned, takes it back; it changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.company.corrections import MOST_OPEN, REPORTABLE
from portal.models import CaseState, Organisation, Proof, ReviewCase, Role, Supplier
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.company.papers import pdf
from tests.portal.ministry.test_care import Firm, entries, new_firm
from tests.portal.ministry.test_reviews import case_of, decide

__all__ = ["new_firm"]

_addresses = count(1)
LINK = "https://example.org/licence"


@pytest.fixture
def firm_people(
    ministry_app: Flask, people: People, new_firm: Callable[..., Firm]
) -> Callable[..., tuple[Visitor, Firm]]:
    """`firm_people(role, **firm)`: a browser of someone of a firm of its own."""

    def make(role: Role = Role.SUPPLIER_EDITOR, of: Organisation | None = None, **stated: Any) -> tuple[Visitor, Firm]:
        firm = new_firm(**stated)
        user = people.user(role, of or people.organisation("supplier", supplier_id=firm[0]))
        number = next(_addresses)
        browser = Visitor(ministry_app, f"198.19.{number // 250}.{number % 250}")
        assert browser.sign_in(user.sign_in).status_code == 302
        browser.user = user
        return browser, firm

    return make


def report(browser: Visitor, field: str = "address", *files: tuple[bytes, str], **fields: str) -> Any:
    """Hand a report in, with the form's own token."""
    path = f"/firm/corrections/new?field={field}"
    return send(browser, path, *files, **{"right": "宁波市新路1号", "why": "搬迁", "link": LINK} | fields)


def send(browser: Visitor, path: str, *files: tuple[bytes, str], **fields: str) -> Any:
    page = browser.get(path).text
    found = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page) for name in ("csrf_token", "version")}
    data: dict[str, Any] = {name: match[1] for name, match in found.items() if match} | fields
    data["files"] = [(BytesIO(content), name) for content, name in files]
    return browser.client.post(
        path, data=data, content_type="multipart/form-data", environ_base={"REMOTE_ADDR": browser.address}
    )


def own_cases(people: People, browser: Visitor) -> list[ReviewCase]:
    mine = select(ReviewCase).where(ReviewCase.organisation_id == browser.user.organisation_id)
    with people.session() as session:
        return list(session.scalars(mine.order_by(ReviewCase.id)))


def proofs(people: People, case: ReviewCase) -> int:
    with people.session() as session:
        return session.scalar(select(func.count(Proof.id)).where(Proof.case_id == case.id)) or 0


def test_a_report_with_a_file_waits_for_staff_and_changes_nothing(
    people: People, firm_people: Callable[..., tuple[Visitor, Firm]]
) -> None:
    browser, firm = firm_people()
    assert report(browser, "address", (pdf(), "执照.pdf"), link="").status_code == 302
    (case,) = own_cases(people, browser)
    assert (case.state, case.supplier_id, proofs(people, case)) == (CaseState.OPEN, firm[0], 1)
    assert case.payload == {"field": "address", "right": "宁波市新路1号", "why": "搬迁", "link": ""}
    with people.session() as session:
        assert session.get_one(Supplier, firm[0]).address == ""
    assert "Registered address" in browser.get("/firm/corrections").text
    shown = browser.get(f"/firm/corrections/{case.id}").text
    assert "宁波市新路1号" in shown
    assert "执照.pdf" in shown


def test_every_fact_has_its_form_and_the_page_of_the_firm_leads_to_them(
    firm_people: Callable[..., tuple[Visitor, Firm]],
) -> None:
    browser, firm = firm_people()
    listed = browser.get("/firm/corrections").text
    for field in REPORTABLE:
        assert f"/firm/corrections/new?field={field}" in listed
        assert 'name="right"' in browser.get(f"/firm/corrections/new?field={field}").text
    assert browser.get("/firm/corrections/new?field=nonsense").location == "/firm/corrections"
    page = browser.get(firm[2].removeprefix("/ministry")).text
    linked = set(re.findall(r"/firm/corrections/new\?field=(\w+)", page))
    assert {"name_zh", "status", "sector", "region", "certificates"} <= linked <= set(REPORTABLE)


def test_nobody_else_sees_the_links(firm_people: Callable[..., tuple[Visitor, Firm]], ministry_app: Flask) -> None:
    browser, _firm = firm_people()
    _other, another = firm_people()
    path = another[2].removeprefix("/ministry")
    assert "/firm/corrections" not in re.sub(r"(?s)<header.*?</header>", "", browser.get(path).text, count=1)
    assert "/firm/corrections" not in Visitor(ministry_app, "198.19.99.1").get(path).text


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("address", {"right": " "}, "This field is required."),
        ("address", {"right": "x" * 401}, "At most 400 characters."),
        ("address", {"why": ""}, "This field is required."),
        ("address", {"why": "x" * 2_001}, "At most 2000 characters."),
        ("address", {"link": "javascript:alert(1)"}, "Enter an address that begins with https://."),
        ("address", {"link": ""}, "Staff need to see it"),
        ("sector", {"right": "nonsense"}, "Choose one."),
        ("region", {"right": "乌有省乌有市"}, "No place, or several"),
        ("region", {"right": "朝阳区"}, "No place, or several"),
        ("established_on", {"right": "2001-02-30"}, "Enter a day such as"),
        ("established_on", {"right": "2999-01-01"}, "This day is still to come."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_the_rest_is_kept(
    people: People, firm_people: Callable[..., tuple[Visitor, Firm]], field: str, wrong: dict[str, str], said: str
) -> None:
    browser, _firm = firm_people()
    given = {"right": "330206" if field == "region" else "好", "why": "理由在此"} | wrong
    sent = report(browser, field, **given)
    assert sent.status_code == 422
    assert said in sent.text
    if "why" not in wrong:
        assert "理由在此" in sent.text
    assert own_cases(people, browser) == []


@pytest.mark.parametrize(("content", "name"), [(b"MZ\x90", "执照.pdf"), (b"", "空.png"), (pdf(password="x"), "密.pdf")])
def test_a_file_that_is_not_taken_keeps_the_form(
    people: People, firm_people: Callable[..., tuple[Visitor, Firm]], content: bytes, name: str
) -> None:
    browser, _firm = firm_people()
    sent = report(browser, "address", (content, name))
    assert sent.status_code == 422
    assert name in sent.text
    assert "宁波市新路1号" in sent.text
    assert own_cases(people, browser) == []


def test_html_is_shown_as_text(people: People, firm_people: Callable[..., tuple[Visitor, Firm]]) -> None:
    browser, _firm = firm_people()
    report(browser, right="<script>alert(1)</script>", why="<b>x</b>\u202e 😀")
    (case,) = own_cases(people, browser)
    page = browser.get(f"/firm/corrections/{case.id}").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_place_is_named_or_coded(people: People, firm_people: Callable[..., tuple[Visitor, Firm]]) -> None:
    browser, _firm = firm_people()
    assert report(browser, "region", right="浙江省杭州市西湖区").status_code == 302
    assert own_cases(people, browser)[0].payload["right"] == "330106"


def test_one_fact_is_reported_once_at_a_time(people: People, firm_people: Callable[..., tuple[Visitor, Firm]]) -> None:
    browser, _firm = firm_people()
    report(browser)
    (case,) = own_cases(people, browser)
    again = browser.get("/firm/corrections/new?field=address")
    assert again.location == f"/firm/corrections/{case.id}"
    assert len(own_cases(people, browser)) == 1


def test_too_many_wait(people: People, firm_people: Callable[..., tuple[Visitor, Firm]]) -> None:
    browser, firm = firm_people()
    stated = {"kind": "correction", "supplier_id": firm[0], "organisation_id": browser.user.organisation_id}
    payload = {"field": "other", "right": "x", "why": "y", "link": ""}
    more = {"user_id": browser.user.id, "stage": "ministry", "payload": payload}
    people.add(*(ReviewCase(**stated, **more) for _ in range(MOST_OPEN)))
    sent = report(browser)
    assert sent.status_code == 422
    assert "requests wait already" in sent.text


def test_a_returned_report_is_answered_with_more_proof(
    people: People, staff: Callable[..., Visitor], firm_people: Callable[..., tuple[Visitor, Firm]]
) -> None:
    browser, firm = firm_people()
    report(browser)
    (case,) = own_cases(people, browser)
    editor = staff(Role.STAFF_EDITOR, name="秘密员")
    decide(editor, case.id, "return", "请附执照照片")
    path = f"/firm/corrections/{case.id}"
    page = browser.get(path).text
    assert "请附执照照片" in page
    assert "秘密员" not in page, "the firm deals with the authority"
    answer = send(browser, path, (pdf(), "执照.pdf"), right="宁波市新路2号", why="见附件", link="")
    assert answer.location == path
    found = case_of(people, case.id)
    assert (found.state, found.payload["right"], proofs(people, found)) == (CaseState.OPEN, "宁波市新路2号", 1)
    decide(editor, case.id, "approve")
    with people.session() as session:
        assert session.get_one(Supplier, firm[0]).address == "宁波市新路2号"
    assert "approved" in browser.get(path).text


def test_an_answer_to_what_was_decided_meanwhile_is_not_written(
    people: People, staff: Callable[..., Visitor], firm_people: Callable[..., tuple[Visitor, Firm]]
) -> None:
    browser, _firm = firm_people()
    report(browser)
    (case,) = own_cases(people, browser)
    editor = staff()
    decide(editor, case.id, "return", "请附执照")
    path = f"/firm/corrections/{case.id}"
    colleague_answers = send(browser, path, right="一", why="二", link=LINK)
    assert colleague_answers.status_code == 302
    late = send(browser, path, right="三", why="四", link=LINK, version="2")
    assert late.status_code == 409
    assert case_of(people, case.id).payload["right"] == "一"


def test_a_report_is_taken_back(
    people: People, staff: Callable[..., Visitor], firm_people: Callable[..., tuple[Visitor, Firm]]
) -> None:
    browser, _firm = firm_people()
    report(browser)
    (case,) = own_cases(people, browser)
    path, before = f"/firm/corrections/{case.id}", entries(people)
    stale = browser.submit(f"{path}/withdraw", path, version="7")
    assert stale.status_code == 302
    assert case_of(people, case.id).state == CaseState.OPEN
    browser.submit(f"{path}/withdraw", path, version="1")
    assert case_of(people, case.id).state == CaseState.WITHDRAWN
    assert entries(people) == before, "the log is of what staff do"
    assert decide(staff(), case.id, "approve", version=2).status_code == 422


def test_another_firm_s_report_is_not_there(people: People, firm_people: Callable[..., tuple[Visitor, Firm]]) -> None:
    browser, _firm = firm_people()
    stranger, _other = firm_people(Role.SUPPLIER_ADMIN)
    report(browser)
    (case,) = own_cases(people, browser)
    path = f"/firm/corrections/{case.id}"
    assert stranger.get(path).status_code == 404
    assert stranger.submit(path, "/account", right="x", why="y").status_code == 404
    assert stranger.submit(f"{path}/withdraw", "/account", version="1").status_code == 404
    assert case_of(people, case.id).version == 1


def test_without_a_firm_the_first_page_says_what_to_do(people: People, ministry_app: Flask) -> None:
    user = people.user(Role.SUPPLIER_ADMIN, people.organisation("supplier"))
    browser = Visitor(ministry_app, "198.19.98.1")
    browser.sign_in(user.sign_in)
    for path in ("/firm/corrections", "/firm/corrections/new?field=address"):
        assert browser.get(path).location == "/firm"
