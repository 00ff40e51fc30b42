"""Care of firms and certificates in the browser: each act with its reason, one entry of the log, no one overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.models import AuditEntry, Certificate, OutboxRow, Role, Supplier
from portal.register.clock import today_china
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from portal.services import services
from tests.factories import assessment_facts, certificate_facts, credit_code, supplier_facts, supplier_key
from tests.portal.accounts.conftest import People, Visitor

_numbers = count(800)
TODAY = today_china().isoformat()

Firm = tuple[int, int, str]
"""A firm's id, its certificate's id, and the path of its page."""


@pytest.fixture
def new_firm(ministry_app: Flask, people: People) -> Callable[..., Firm]:
    """`new_firm(**facts)`: a firm of the test's own with one certificate."""

    def make(certificate: dict[str, Any] | None = None, assessed: date | None = None, **stated: Any) -> Firm:
        number = next(_numbers)
        record = SupplierRecord(
            supplier=supplier_facts(number, **stated),
            certificates=(certificate_facts(f"C-{number}", **certificate or {}),),
            assessments=(assessment_facts(assessed),) if assessed else (),
        )
        with ministry_app.app_context(), people.session() as session, session.begin():
            Writer(session, services().catalogue, actor="import").write([record])
            row = session.scalars(select(Supplier).where(Supplier.number == credit_code(number))).one()
            held = session.scalars(select(Certificate.id).where(Certificate.supplier_id == row.id)).one()
            return row.id, held, f"/ministry/suppliers/{supplier_key(number)}"

    return make


@pytest.fixture
def editor(staff: Callable[..., Visitor]) -> Visitor:
    return staff(Role.STAFF_EDITOR)


def entries(people: People) -> int:
    with people.session() as session:
        return session.scalar(select(func.count(AuditEntry.id))) or 0


def due(people: People) -> int:
    with people.session() as session:
        return session.scalar(select(func.count(OutboxRow.id))) or 0


def read(people: People, model: type[Any], identifier: int) -> Any:
    with people.session() as session:
        return session.get_one(model, identifier)


def seen(browser: Visitor, path: str) -> str:
    found = re.search(r'name="seen"[^>]* value="(\d+)"', browser.get(path).text)
    assert found
    return found[1]


def send(browser: Visitor, path: str, **fields: str) -> Any:
    """Fill a form in as it stands, and send it."""
    return browser.submit(path, **{"seen": seen(browser, path), "reason": "核查", "on": TODAY} | fields)


def undo(browser: Visitor, page: str) -> Any:
    """Press the button that the page shows once."""
    found = re.search(r'action="(/ministry/suppliers/\d+/undo/\d+)"', page)
    assert found
    return browser.submit(found[1], "/account")


ACTS: dict[str, dict[str, str]] = {
    "rename": {"name_zh": "新名轴承有限公司", "name_en": "New Name Bearing"},
    "status": {"status": "revoked"},
    "risk": {"kind": "judgment_defaulter", "answer": "yes", "source": "执行信息公开网"},
    "withdraw": {},
    "certificate": {"state": "suspended"},
}


def form_of(firm: Firm, act: str) -> str:
    identifier, held, _page = firm
    return f"/ministry/certificates/{held}" if act == "certificate" else f"/ministry/suppliers/{identifier}/{act}"


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_one_entry_and_one_outbox_row_and_is_taken_back(
    people: People, editor: Visitor, new_firm: Callable[..., Firm], act: str
) -> None:
    firm = new_firm()
    before = read(people, Supplier, firm[0])
    path = form_of(firm, act)
    send_before = seen(editor, path)
    logged, waiting = entries(people), due(people)
    answer = editor.submit(path, reason="核查", on=TODAY, seen=send_before, **ACTS[act])
    assert (answer.status_code, answer.location) == (302, firm[2]), answer.text
    assert (entries(people), due(people)) == (logged + 1, waiting + 1)
    with people.session() as session:
        newest = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert newest.actor == f"user/{editor.user.id}"
        assert newest.origin == editor.address
    page = editor.get(firm[2]).text
    assert "核查" in page
    assert undo(editor, page).location == firm[2]
    assert "Undone." in editor.get(firm[2]).text
    assert entries(people) == logged + 2
    after = read(people, Supplier, firm[0])
    assert (after.name_zh, after.status, after.risks, after.withdrawn_at, after.former_names) == (
        before.name_zh,
        before.status,
        before.risks,
        None,
        [],
    )
    assert read(people, Certificate, firm[1]).state == "valid"


def test_a_certificate_is_suspended_restored_revoked_restored_and_given_up(
    people: People, editor: Visitor, new_firm: Callable[..., Firm]
) -> None:
    firm = new_firm()
    path = form_of(firm, "certificate")
    for state in ("suspended", "valid", "revoked", "valid", "given_up"):
        assert send(editor, path, state=state, reason=f"决定：{state}").status_code == 302
        held = read(people, Certificate, firm[1])
        assert (held.state, held.state_on, held.state_reason) == (state, today_china(), f"决定：{state}")
    refused = send(editor, path, state="suspended")
    assert refused.status_code == 422, "what was given up is restored first"


def test_the_document_an_act_rests_on_becomes_its_source(
    people: People, editor: Visitor, new_firm: Callable[..., Firm]
) -> None:
    firm = new_firm()
    named = {"issuing_body": "浙江省示范局", "document_number": "浙示〔2026〕9号", "link": "https://example.org/9"}
    assert send(editor, form_of(firm, "certificate"), state="revoked", **named).status_code == 302
    assert "浙示〔2026〕9号" in editor.get(firm[2]).text
    wrong = send(editor, form_of(firm, "certificate"), state="valid", document_number="9")
    assert "Say who issued the document." in wrong.text
    wrong = send(editor, form_of(firm, "certificate"), state="valid", issuing_body="A", link="javascript:alert(1)")
    assert wrong.status_code == 422


def test_withdrawn_firms_answer_with_the_reason_and_come_back(
    people: People, editor: Visitor, new_firm: Callable[..., Firm]
) -> None:
    firm = new_firm()
    public = firm[2].removeprefix("/ministry")
    send(editor, form_of(firm, "withdraw"), reason="已停产")
    gone = editor.get(public)
    assert gone.status_code == 410
    assert "已停产" in gone.text
    assert f'href="{firm[2]}"' in gone.text
    page = editor.get(firm[2]).text
    assert "Withdrawn on" in page
    assert "/withdraw" not in page
    assert editor.get(form_of(firm, "rename")).location == firm[2], "only listed firms are renamed"
    assert send(editor, form_of(firm, "restore"), reason="恢复生产").status_code == 302
    assert editor.get(public).status_code == 200


def test_the_second_of_two_is_told_what_changed_and_overwrites_nothing(
    people: People, staff: Callable[..., Visitor], new_firm: Callable[..., Firm]
) -> None:
    firm, first, second = new_firm(), staff(name="第一人"), staff(name="第二人")
    path = form_of(firm, "certificate")
    opened = seen(second, path)
    assert send(first, path, state="suspended", reason="先到").status_code == 302
    logged = entries(people)
    late = second.submit(path, state="revoked", reason="后到", on=TODAY, seen=opened)
    assert late.status_code == 409
    assert "Someone else changed this firm" in late.text
    assert "第一人" in late.text
    assert "先到" in late.text
    assert 'value="后到"' in late.text, "what was typed is still there"
    assert entries(people) == logged
    assert read(people, Certificate, firm[1]).state == "suspended"
    fresh = re.search(r'name="seen"[^>]* value="(\d+)"', late.text)
    assert fresh
    assert second.submit(path, state="revoked", reason="后到", on=TODAY, seen=fresh[1]).status_code == 302
    assert read(people, Certificate, firm[1]).state == "revoked"


def test_an_act_that_something_followed_is_not_taken_back(
    people: People, staff: Callable[..., Visitor], new_firm: Callable[..., Firm]
) -> None:
    firm, first, second = new_firm(), staff(), staff()
    send(first, form_of(firm, "status"), status="revoked")
    page = first.get(firm[2]).text
    send(second, form_of(firm, "rename"), name_zh="又名", name_en="")
    logged = entries(people)
    undo(first, page)
    assert "cannot be undone any more" in first.get(firm[2]).text
    assert entries(people) == logged
    assert read(people, Supplier, firm[0]).status == "revoked"


def test_what_is_so_already_is_no_change(people: People, editor: Visitor, new_firm: Callable[..., Firm]) -> None:
    firm = new_firm()
    row = read(people, Supplier, firm[0])
    logged = entries(people)
    send(editor, form_of(firm, "rename"), name_zh=row.name_zh, name_en=row.name_en)
    assert "it was so already" in editor.get(firm[2]).text
    assert entries(people) == logged


TOMORROW = (today_china() + timedelta(days=1)).isoformat()


@pytest.mark.parametrize(
    ("act", "fields", "message"),
    [
        ("certificate", {"state": "suspended", "reason": ""}, "This field is required."),
        ("certificate", {"state": "suspended", "on": TOMORROW}, "still to come"),
        ("certificate", {"state": "suspended", "on": "3/4/2026"}, "Enter a day such as"),
        ("certificate", {"state": "burnt"}, "Choose one."),
        ("certificate", {}, "Choose one."),
        ("rename", {"name_zh": "", "name_en": ""}, "A firm needs a name"),
        ("rename", {"name_zh": "新" * 201}, "At most 200 characters."),
        ("risk", {"kind": "judgment_defaulter", "answer": "yes", "source": ""}, "Say where it was looked up."),
        ("risk", {"kind": "judgment_defaulter", "answer": "no", "source": "a", "on": ""}, "on which day"),
        ("withdraw", {"reason": "长" * 401}, "At most 400 characters."),
    ],
)
def test_bad_input_is_named_at_its_field_and_nothing_is_written(
    people: People, editor: Visitor, new_firm: Callable[..., Firm], act: str, fields: dict[str, str], message: str
) -> None:
    firm = new_firm()
    logged = entries(people)
    answer = send(editor, form_of(firm, act), **fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert entries(people) == logged


def test_a_form_without_what_it_was_read_at_is_stale(editor: Visitor, new_firm: Callable[..., Firm]) -> None:
    path = form_of(new_firm(), "withdraw")
    assert editor.submit(path, reason="x").status_code == 409
    assert editor.submit(path, reason="x", seen="nonsense").status_code == 409


def test_a_viewer_reads_and_changes_nothing(staff: Callable[..., Visitor], new_firm: Callable[..., Firm]) -> None:
    firm, viewer = new_firm(), staff(Role.STAFF_VIEWER)
    page = viewer.get(firm[2])
    assert page.status_code == 200
    assert "/withdraw" not in page.text
    assert "What was done" not in page.text
    for act in ACTS:
        assert viewer.get(form_of(firm, act)).status_code == 403


def names(page: str) -> list[str]:
    """The numbers of the firms in a queue."""
    return re.findall(r'<th scope="row"><a href="/ministry/suppliers/CN-USCC/(\w+)"', page)


def test_certificates_that_end_soon_the_first_to_end_first(editor: Visitor, new_firm: Callable[..., Firm]) -> None:
    def ending(days: int, **stated: Any) -> str:
        held = {"expires_on": today_china() + timedelta(days=days)}
        return new_firm(certificate=held, region="650102", sector="textiles", **stated)[2].rpartition("/")[2]

    far, near, later = ending(80), ending(10), ending(100)
    path = "/ministry/expiring?region=650000&sector=textiles"
    assert names(editor.get(path).text) == [near, far]
    assert names(editor.get(f"{path}&days=30").text) == [near]
    assert later not in editor.get(path).text
    assert names(editor.get("/ministry/expiring?region=650000&sector=steel").text) == []
    assert near in editor.get("/ministry/expiring?region=nowhere&days=7&page=99").text


def test_stale_assessments_the_oldest_first(editor: Visitor, new_firm: Callable[..., Firm]) -> None:
    def assessed(days: int) -> str:
        on = today_china() - timedelta(days=days)
        return new_firm(assessed=on, region="540102", sector="textiles")[2].rpartition("/")[2]

    old, older, fresh = assessed(800), assessed(1500), assessed(700)
    page = editor.get("/ministry/assessments?region=540000").text
    assert names(page) == [older, old]
    assert fresh not in page


def test_the_pages_of_a_queue(editor: Visitor, new_firm: Callable[..., Firm], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.ministry.due.PER_PAGE", 2)
    made = [
        new_firm(certificate={"expires_on": today_china() + timedelta(days=n)}, region="630102")[2].rpartition("/")[2]
        for n in range(1, 6)
    ]
    path = "/ministry/expiring?region=630000"
    assert [names(editor.get(f"{path}&page={page}").text) for page in (1, 2, 3, 9)] == [
        made[:2],
        made[2:4],
        made[4:],
        made[4:],
    ]
