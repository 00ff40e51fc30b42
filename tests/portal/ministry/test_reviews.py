"""The review queue in the browser: what waits, decided one by one or together; the second of two overwrites nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.company import kinds
from portal.company.files import attach
from portal.identity.log import Act, user_actor
from portal.models import (
    AuditEntry,
    CaseKind,
    CaseStage,
    CaseState,
    Organisation,
    ReviewCase,
    Role,
    Supplier,
    User,
    now,
)
from portal.models.database import begin_write
from portal.reviews import cases
from portal.reviews.cases import Desk
from portal.services import services
from portal.web import reviewing
from portal.web.proofs import store
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.company.papers import pdf
from tests.portal.ministry.test_care import Firm, entries, new_firm

__all__ = ["new_firm"]

NANJING = "320102"


@pytest.fixture
def ask(ministry_app: Flask, people: People, new_firm: Callable[..., Firm]) -> Callable[..., int]:
    """`ask(field, right, **firm)`: the id of a case about a firm of its own, handed in by its people."""

    def make(field: str = "address", right: str = "宁波市江北区新路1号", /, at: Any = None, **stated: Any) -> int:
        firm_id = new_firm(**stated)[0]
        organisation = people.organisation("supplier", supplier_id=firm_id)
        user = people.user(Role.SUPPLIER_ADMIN, organisation)
        with ministry_app.app_context(), people.session() as session, session.begin():
            begin_write(session)
            act = Act(session, services().letters, user_actor(user.id, ""), at or now())
            own = session.get_one(User, user.id)
            desk = Desk(act, own, kinds.KINDS, reviewing.stages(), services().catalogue)
            payload = {"field": field, "right": right, "why": "搬迁", "link": "https://example.org/licence"}
            return cases.submit(desk, CaseKind.CORRECTION, session.get_one(Supplier, firm_id), payload).id

    return make


@pytest.fixture
def editor(staff: Callable[..., Visitor]) -> Visitor:
    return staff(Role.STAFF_EDITOR)


def case_of(people: People, case_id: int) -> ReviewCase:
    with people.session() as session:
        return session.get_one(ReviewCase, case_id)


def firm_of(people: People, case_id: int) -> Supplier:
    with people.session() as session:
        return session.get_one(Supplier, session.get_one(ReviewCase, case_id).supplier_id)


def decide(browser: Visitor, case_id: int, decision: str, comment: str = "", version: int | None = None) -> Any:
    page = f"/ministry/reviews/{case_id}"
    found = re.search(r'name="version"[^>]* value="(\d+)"', browser.get(page).text)
    seen = version if version is not None else int(found[1]) if found else 0
    return browser.submit(f"{page}/{decision}", page, comment=comment, version=str(seen))


def newest(people: People) -> AuditEntry:
    with people.session() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


def test_the_queue_shows_age_firm_and_who_asks(editor: Visitor, ask: Callable[..., int], people: People) -> None:
    case_id = ask(at=now() - timedelta(days=12))
    page = editor.get("/ministry/reviews").text
    assert "12 days" in page
    firm, case = firm_of(people, case_id), case_of(people, case_id)
    assert firm.number in page
    with people.session() as session:
        assert session.get_one(Organisation, case.organisation_id).name in page
    assert re.search(r"\d+ cases? waits? for you", editor.get("/ministry").text)


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ("", True),
        ("?kind=correction", True),
        ("?kind=claim", False),
        ("?kind=nonsense", True),
        ("?stage=ministry", True),
        ("?stage=local", False),
        ("?owner=nobody", True),
        ("?owner=mine", False),
        ("?state=approved", False),
        ("?state=any", True),
        ("?region=330000", True),
        ("?region=320000", False),
        ("?sector=machinery", True),
        ("?sector=textiles", False),
    ],
)
def test_filters(editor: Visitor, ask: Callable[..., int], people: People, asked: str, there: bool) -> None:
    number = firm_of(people, ask(at=now() - timedelta(days=400))).number
    assert (number in editor.get(f"/ministry/reviews{asked}").text) == (
        (there and asked != "?page=999") or "page" in asked
    )


def test_an_approved_correction_is_written_with_one_entry(
    editor: Visitor, ask: Callable[..., int], people: People
) -> None:
    case_id, before = ask(), entries(people)
    page = editor.get(f"/ministry/reviews/{case_id}").text
    assert "宁波市江北区新路1号" in page
    assert decide(editor, case_id, "approve", "执照相符").status_code == 302
    assert entries(people) == before + 1
    firm, entry = firm_of(people, case_id), newest(people)
    assert firm.address == "宁波市江北区新路1号"
    assert (entry.action, entry.subject) == ("supplier.corrected", f"{firm.scheme}/{firm.number}")
    assert entry.changes["reason"] == f"case/{case_id}: 执照相符"
    assert case_of(people, case_id).state == CaseState.APPROVED
    assert "approved" in editor.get(f"/ministry/reviews/{case_id}").text


@pytest.mark.parametrize(
    ("field", "right", "column"),
    [
        ("name_zh", "宁波新名轴承有限公司", "name_zh"),
        ("name_en", "New Bearing Co., Ltd", "name_en"),
        ("sector", "textiles", "sector"),
        ("size", "small", "size"),
        ("status", "suspended", "status"),
        ("region", "330106", "region"),
        ("established_on", "2001-02-03", "established_on"),
        ("legal_representative", "李四", "legal_representative"),
    ],
)
def test_each_settable_fact_is_set(
    editor: Visitor, ask: Callable[..., int], people: People, field: str, right: str, column: str
) -> None:
    case_id = ask(field, right)
    assert decide(editor, case_id, "approve").status_code == 302
    firm = firm_of(people, case_id)
    assert str(getattr(firm, column)) == right
    assert firm.former_names == []


def test_a_fact_that_needs_care_by_hand_is_only_decided(
    editor: Visitor, ask: Callable[..., int], people: People
) -> None:
    case_id = ask("certificates", "证书 Q-1 有效期至 2030 年")
    assert decide(editor, case_id, "approve").status_code == 302
    entry = newest(people)
    assert (entry.action, entry.subject) == ("review.approved", f"case/{case_id}")
    shown = editor.get(f"/ministry/suppliers/{firm_of(people, case_id).scheme}/{firm_of(people, case_id).number}")
    assert shown.status_code == 200


def test_what_the_register_does_not_take_is_told_and_nothing_is_decided(
    editor: Visitor, ask: Callable[..., int], people: People
) -> None:
    case_id, before = ask("sector", "no such sector"), entries(people)
    sent = decide(editor, case_id, "approve", "好")
    assert sent.status_code == 422
    assert "unknown sector" in sent.text
    assert ">好</textarea>" in sent.text.replace("\r\n", "")
    assert (case_of(people, case_id).state, entries(people)) == (CaseState.OPEN, before)


@pytest.mark.parametrize("decision", ["return", "refuse"])
def test_without_a_comment_nothing_is_returned_or_refused(
    editor: Visitor, ask: Callable[..., int], people: People, decision: str
) -> None:
    case_id = ask()
    sent = decide(editor, case_id, decision)
    assert sent.status_code == 422
    assert "Say why" in sent.text
    assert case_of(people, case_id).version == 1
    assert decide(editor, case_id, decision, "x" * 2_001).status_code == 422
    assert decide(editor, case_id, decision, "请附执照").status_code == 302
    assert case_of(people, case_id).state == {"return": "returned", "refuse": "refused"}[decision]


def test_the_second_of_two_is_told_and_the_comment_is_kept(
    editor: Visitor, staff: Callable[..., Visitor], ask: Callable[..., int], people: People
) -> None:
    case_id, first = ask(), staff(Role.STAFF_EDITOR, name="赵快")
    assert decide(first, case_id, "refuse", "与执照不符").status_code == 302
    before = entries(people)
    sent = decide(editor, case_id, "approve", "我的意见", version=1)
    assert sent.status_code == 409
    for told in ("赵快", "refused", "与执照不符", "我的意见", "Nothing of yours was written"):
        assert told in sent.text, told
    assert (case_of(people, case_id).state, entries(people)) == (CaseState.REFUSED, before)


def test_a_stale_form_of_a_case_that_is_still_open_keeps_the_comment(
    editor: Visitor, staff: Callable[..., Visitor], ask: Callable[..., int], people: People
) -> None:
    case_id, first = ask(), staff(Role.STAFF_EDITOR, name="赵快")
    take(first, case_id)
    sent = decide(editor, case_id, "approve", "我的意见", version=1)
    assert sent.status_code == 409
    assert "Take over" in sent.text
    assert case_of(people, case_id).state == CaseState.OPEN


def take(browser: Visitor, case_id: int, deed: str = "take", version: str = "") -> Any:
    page = f"/ministry/reviews/{case_id}"
    found = re.search(r'name="version"[^>]* value="(\d+)"', browser.get(page).text)
    return browser.submit(f"{page}/{deed}", page, version=version or (found[1] if found else ""))


def test_taking_and_letting_go(
    editor: Visitor, staff: Callable[..., Visitor], ask: Callable[..., int], people: People
) -> None:
    case_id, other = ask(), staff(Role.STAFF_EDITOR)
    number = firm_of(people, case_id).number
    assert take(editor, case_id).status_code == 302
    assert number in editor.get("/ministry/reviews?owner=mine").text
    assert number not in other.get("/ministry/reviews?owner=nobody").text
    assert decide(other, case_id, "approve").status_code == 422
    assert take(other, case_id).status_code == 302
    assert take(editor, case_id, version="1").status_code == 409
    assert take(other, case_id, "release").status_code == 302
    assert case_of(people, case_id).owner_id is None


def test_the_log_tells_of_cases_in_words(
    staff: Callable[..., Visitor], ask: Callable[..., int], people: People
) -> None:
    publisher, case_id = staff(Role.STAFF_PUBLISHER, name="钱审"), ask("certificates", "证书已续")
    take(publisher, case_id)
    decide(publisher, case_id, "return", "请附证书")
    page = publisher.get(f"/ministry/log?about=case/{case_id}").text
    for told in (f"Case {case_id}", "case taken", "case returned", "钱审", "请附证书", firm_of(people, case_id).number):
        assert told in page, told


def test_after_a_decision_comes_the_next_case(editor: Visitor, ask: Callable[..., int]) -> None:
    first, second = (ask(at=now() - timedelta(days=days)) for days in (4001, 4000))
    sent = decide(editor, first, "refuse", "不符")
    assert sent.location == f"/ministry/reviews/{second}"


def test_the_firm_is_written_to(editor: Visitor, ask: Callable[..., int], people: People) -> None:
    case_id = ask()
    decide(editor, case_id, "return", "请附执照照片")
    with people.session() as session:
        asks = session.get_one(User, case_of(people, case_id).user_id)
    (letter,) = people.messages(asks.sign_in)
    assert "请附执照照片" in letter.body
    assert f"/firm/corrections/{case_id}" in letter.body


TERRITORIES: Mapping[str, tuple[Mapping[str, Any], int, Mapping[CaseStage, bool]]] = {
    "county": ({"regions": ["330206"]}, 200, {CaseStage.LOCAL: True}),
    "city": ({"regions": ["330200"]}, 200, {CaseStage.LOCAL: True}),
    "province": ({"regions": ["330000"]}, 200, {CaseStage.LOCAL: True, CaseStage.PROVINCE: True}),
    "another province": ({"regions": ["320000"]}, 403, {}),
    "another sector": ({"sectors": ["textiles"]}, 403, {}),
    "everything": ({}, 200, dict.fromkeys(CaseStage, True)),
}


@pytest.mark.parametrize("who", TERRITORIES)
@pytest.mark.parametrize("stage", CaseStage)
def test_who_decides_where(
    staff: Callable[..., Visitor], ask: Callable[..., int], people: People, who: str, stage: CaseStage
) -> None:
    limits, status, decides = TERRITORIES[who]
    case_id = ask()
    with people.session() as session, session.begin():
        begin_write(session)
        session.get_one(ReviewCase, case_id).stage = stage
    browser = staff(Role.STAFF_EDITOR, **limits)
    page = f"/ministry/reviews/{case_id}"
    assert browser.get(page).status_code == status
    assert (f'action="{page}/approve"' in browser.get(page).text) == decides.get(stage, False)
    for act in ("refuse", "take"):
        sent = browser.submit(f"{page}/{act}", "/account", comment="不符", version="1")
        allowed = decides.get(stage, False)
        if act == "refuse":
            assert (sent.status_code == 302) == allowed, (act, sent.status_code)
            assert (case_of(people, case_id).state == CaseState.REFUSED) == allowed
        elif not allowed:
            assert sent.status_code == 403


@pytest.mark.parametrize("role", [Role.STAFF_VIEWER])
def test_viewers_decide_nothing_and_see_no_papers(
    staff: Callable[..., Visitor], ask: Callable[..., int], role: Role
) -> None:
    browser, case_id = staff(role), ask()
    for path in ("/ministry/reviews", f"/ministry/reviews/{case_id}", f"/ministry/reviews/{case_id}/files/1"):
        assert browser.get(path).status_code == 403, path


def test_files_go_to_who_decides_as_downloads(
    ministry_app: Flask, editor: Visitor, staff: Callable[..., Visitor], ask: Callable[..., int], people: People
) -> None:
    case_id, other = ask(), ask()
    with ministry_app.app_context(), people.session() as session, session.begin():
        begin_write(session)
        kept = store().take(BytesIO(pdf()), "执照.pdf")
        user = session.get_one(User, session.get_one(ReviewCase, case_id).user_id)
        (proof,) = attach(session, user, case_id, [kept], now())
        proof_id = proof.id
    path = f"/ministry/reviews/{case_id}/files/{proof_id}"
    assert path in editor.get(f"/ministry/reviews/{case_id}").text
    with editor.get(path) as sent:
        assert sent.data == pdf()
        assert sent.headers["Content-Disposition"].startswith("attachment")
        assert sent.headers["Content-Security-Policy"] == "sandbox"
    assert editor.get(f"/ministry/reviews/{other}/files/{proof_id}").status_code == 404
    assert staff(Role.STAFF_EDITOR, regions=["320000"]).get(path).status_code == 403


@pytest.fixture
def bulk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Corrections are approved together, as profiles may be."""
    table = {**kinds.KINDS, CaseKind.CORRECTION: replace(kinds.KINDS[CaseKind.CORRECTION], bulk=True)}
    for name in ("portal.web.reviewing", "portal.ministry.reviews", "portal.ministry.review_rows"):
        monkeypatch.setattr(f"{name}.KINDS", table)


def approve(browser: Visitor, *ticked: str) -> Any:
    page = browser.get("/ministry/reviews").text
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "case": list(ticked)}
    address = {"REMOTE_ADDR": browser.address}
    return browser.client.post("/ministry/reviews/approve", data=fields, environ_base=address)


@pytest.mark.usefixtures("bulk")
def test_many_at_once_each_with_its_entry_and_the_others_told(
    editor: Visitor, staff: Callable[..., Visitor], ask: Callable[..., int], people: People
) -> None:
    good, also, stale, bad, taken = ask(), ask(), ask(), ask("sector", "none such"), ask()
    take(staff(Role.STAFF_EDITOR), taken)
    before = entries(people)
    sent = approve(editor, *(f"{case}.1" for case in (good, also, bad)), f"{stale}.7", f"{taken}.2", "x.y", "999999.1")
    assert sent.status_code == 302
    states = [case_of(people, case).state for case in (good, also, stale, bad, taken)]
    assert states == ["approved", "approved", "open", "open", "open"]
    assert entries(people) == before + 2
    page = editor.get("/ministry/reviews").text
    assert "2 cases were approved." in page
    assert f"No. {stale}: Someone was quicker" in page
    assert f"No. {bad}:" in page
    assert f'value="{bad}.1"' in page


def test_what_must_be_looked_at_is_not_approved_in_bulk(
    editor: Visitor, ask: Callable[..., int], people: People
) -> None:
    case_id = ask()
    assert f'value="{case_id}.1"' not in editor.get("/ministry/reviews").text
    approve_alone = editor.submit("/ministry/reviews/approve", "/account", case=f"{case_id}.1")
    assert approve_alone.status_code == 302
    assert case_of(people, case_id).state == CaseState.OPEN


def test_a_correction_written_twice_the_same_is_decided_and_told(
    editor: Visitor, ask: Callable[..., int], people: People
) -> None:
    case_id = ask("region", "330206")
    assert decide(editor, case_id, "approve").status_code == 302
    assert newest(people).action == "review.approved"
