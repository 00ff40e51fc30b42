"""Inquiries on pages: sent by a buyer, answered by the firm, stopped by staff; and what keeps them apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.models import (
    AuditEntry,
    Base,
    Message,
    Organisation,
    Role,
    Supplier,
    User,
)
from portal.models.database import begin_write
from portal.register.clock import today_china
from tests.factories import supplier_key
from tests.portal.accounts.conftest import People, Visitor
from tests.portal.inquiring import claimed, soon

SignedIn = Callable[[User], Visitor]
FIRM = 11
NEW = f"/workspace/inquiries/new?id={supplier_key(FIRM)}"


def ask(browser: Visitor, page: str = NEW, **stated: str) -> str:
    """Send a contact request; the path of its page."""
    values = {"product": "深沟球轴承", "quantity": "2000 套", "message": "能否供货？", "answer_by": soon()}
    answer = browser.submit(page, **values | stated)
    assert answer.status_code == 302, answer.text
    assert answer.location
    return answer.location


@pytest.fixture
def qian(people: People, signed_in: SignedIn) -> Visitor:
    """Speaks for the firm."""
    return signed_in(claimed(people, FIRM))


def at_firm(path: str) -> str:
    return path.replace("/workspace/", "/firm/")


def version_of(browser: Visitor, path: str) -> str:
    found = re.search(r'name="version"[^>]* value="(\d+)"', browser.get(path).text)
    assert found
    return found[1]


def answer(browser: Visitor, path: str, **fields: str) -> str:
    """Answer as the firm; what the page then says."""
    page = at_firm(path)
    sent = browser.submit(page, page, version=version_of(browser, page), **fields)
    return browser.get(page).text if sent.status_code == 302 else sent.text


def test_from_the_buyer_to_the_firm_and_back(wang: Visitor, li: Visitor, qian: Visitor) -> None:
    form = wang.get(NEW).text
    assert "王芳" in form, "whose name is shown is said before it is sent"
    assert "no bid" in form
    path = ask(wang)
    assert "1 inquiry of a buyer is new" in qian.get("/firm").text
    listed = qian.get("/firm/inquiries").text
    assert "深沟球轴承" in listed
    assert "采购集团" in listed
    shown = qian.get(at_firm(path)).text
    assert "能否供货？" in shown
    assert "王芳" in shown
    assert "inquiry of a buyer is new" not in qian.get("/firm").text, "it is read"
    assert "Your question was sent." in answer(qian, path, do="asked", text="哪个等级？")
    assert "1 inquiry has news" in li.get("/workspace").text, "it is the organisation's"
    assert "哪个等级？" in li.get(path).text
    assert "has news" not in wang.get("/workspace").text
    assert wang.submit(path, path, version=version_of(wang, path), text="P5").status_code == 302
    assert "P5" in qian.get(at_firm(path)).text
    assert "you are interested" in answer(qian, path, do="interested")
    assert "interested" in wang.get("/workspace/inquiries").text


def test_a_shortlist_shows_what_the_firm_said(wang: Visitor, li: Visitor, zhao: Visitor, qian: Visitor) -> None:
    wang.submit("/shortlists/add", "/shortlists", id=supplier_key(FIRM), list="new", name="轴承", shared="1")
    (number,) = re.findall(r'href="/shortlists/(\d+)"', wang.get("/shortlists").text)[:1]
    page = wang.get(f"/shortlists/{number}").text
    link = re.search(r'href="(/workspace/inquiries/new\?id=[^"]+)"', page)
    assert link
    path = ask(wang, link[1].replace("&amp;", "&"))
    assert "waits for the firm" in li.get(f"/shortlists/{number}").text
    answer(qian, path, do="declined")
    assert "not interested" in wang.get(f"/shortlists/{number}").text
    zhao.submit("/shortlists/add", "/shortlists", id=supplier_key(FIRM), list="new", name="轴承", shared="1")
    (other,) = re.findall(r'href="/shortlists/(\d+)"', zhao.get("/shortlists").text)[:1]
    assert "not interested" not in zhao.get(f"/shortlists/{other}").text


def test_a_firm_that_nobody_speaks_for_shows_what_contact_is_public(wang: Visitor, people: People) -> None:
    claimed(people, 12)
    with people.session() as session, session.begin():
        begin_write(session)
        number = supplier_key(12).partition("/")[2]
        firm = session.scalars(select(Supplier).where(Supplier.number == number)).one()
        firm.phone = "0574-8888"
        session.execute(update(Organisation).where(Organisation.supplier_id == firm.id).values(supplier_id=None))
    page = wang.get(f"/workspace/inquiries/new?id={supplier_key(12)}").text
    assert "cannot receive a contact request" in page
    assert "0574-8888" in page
    assert 'name="product"' not in page


def test_a_firm_that_is_none(wang: Visitor) -> None:
    assert wang.get("/workspace/inquiries/new?id=CN-USCC/1").status_code == 404
    assert wang.get("/workspace/inquiries/new").status_code == 404


LONG = "长" * 100_000


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"product": ""}, "This field is required."),
        ({"product": LONG}, "At most 200 characters."),
        ({"quantity": LONG}, "At most 100 characters."),
        ({"message": ""}, "This field is required."),
        ({"message": "\u202e\u200f\u0007"}, "This field is required."),
        ({"message": LONG}, "At most 2000 characters."),
        ({"answer_by": "soon"}, "Enter a day such as"),
        ({"answer_by": ""}, "This field is required."),
        ({"answer_by": (today_china() - timedelta(days=1)).isoformat()}, "This day has passed."),
        ({"answer_by": "9999-12-31"}, "This day is too far away."),
        ({"needed_by": "2020-01-01"}, "This day has passed."),
        ({"needed_by": "9999-12-31"}, "This day is too far away."),
    ],
    ids=lambda value: next(iter(value.items()))[0] if isinstance(value, dict) else "",
)
def test_what_is_refused_stands_at_its_field_and_the_rest_is_kept(
    wang: Visitor, qian: Visitor, fields: dict[str, str], message: str
) -> None:
    given = {"product": "法兰", "quantity": "五百件", "message": "请回复", "answer_by": soon(), **fields}
    refused = wang.submit(NEW, **given)
    assert refused.status_code == 422
    (name,) = fields
    at_field = re.search(rf'id="{name}-errors"><li>([^<]+)', refused.text)
    assert at_field
    assert message in at_field[1]
    for other in {"product", "quantity", "message", "answer_by"} - {name}:
        assert given[other] in refused.text
    assert "法兰" not in qian.get("/firm/inquiries").text


def test_markup_emoji_and_marks_of_direction_are_text(wang: Visitor, qian: Visitor) -> None:
    path = ask(wang, product="<script>alert(1)</script> 🔩", message="\u202eevil\u202c <b>x</b>\n第二行 🙂")
    for page in (wang.get(path).text, qian.get(at_firm(path)).text, qian.get("/firm/inquiries").text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 🔩" in page
        assert "\u202e" not in page
    assert "&lt;b&gt;x&lt;/b&gt;\n第二行 🙂" in qian.get(at_firm(path)).text


def test_an_answer_that_is_too_long_or_none_comes_back(wang: Visitor, qian: Visitor) -> None:
    path = ask(wang)
    page = at_firm(path)
    for fields in ({"do": "asked", "text": LONG}, {"do": "", "text": "你好"}, {"do": "sent", "text": "你好"}):
        refused = qian.submit(page, page, version="1", **fields)
        assert refused.status_code == 422
        assert fields["text"][:2] in refused.text
    empty = qian.submit(page, page, version="1", do="asked", text="")
    assert (empty.status_code, "Write what you want to say." in empty.text) == (409, True)


def test_the_second_of_two_is_told_and_keeps_what_was_written(wang: Visitor, qian: Visitor) -> None:
    path = ask(wang)
    seen = version_of(qian, at_firm(path))
    assert wang.submit(f"{path}/withdraw", path, version=version_of(wang, path)).status_code == 302
    late = qian.submit(at_firm(path), at_firm(path), version=seen, do="interested", text="我们可以")
    assert late.status_code == 409
    assert "Something was done here meanwhile" in late.text
    assert "withdrawn by the buyer" in late.text
    assert "withdrawn" in wang.get(path).text


def test_the_second_press_leads_to_what_was_sent(wang: Visitor, qian: Visitor) -> None:
    assert ask(wang) == ask(wang)
    assert "has asked this firm about this product already" in wang.get("/workspace/inquiries").text


def test_a_firm_blocks_and_allows_again(wang: Visitor, qian: Visitor) -> None:
    path = ask(wang)
    qian.submit(f"{at_firm(path)}/block", at_firm(path))
    assert "not interested" in wang.get(path).text
    refused = wang.submit(NEW, product="法兰", message="？", answer_by=soon())
    assert (refused.status_code, "takes no contact requests" in refused.text) == (422, True)
    page = qian.get("/firm/inquiries").text
    removal = re.search(r'action="(/firm/inquiries/blocks/\d+/remove)"', page)
    assert removal
    qian.submit(removal[1], "/firm/inquiries")
    ask(wang, product="法兰")


@pytest.fixture
def staff(people: People, signed_in: SignedIn, buyers_app: Flask) -> Callable[..., Visitor]:
    def make(**stated: Any) -> Visitor:
        user = people.user(Role.STAFF_EDITOR, **stated)
        browser = signed_in(user)
        browser.submit("/sign-in/code", code=people.code(user))
        return browser

    return make


def reported(qian: Visitor, path: str, reason: str) -> None:
    assert qian.submit(f"{at_firm(path)}/report", at_firm(path), reason=reason).status_code == 302


def log(people: People) -> list[tuple[str, str, dict[str, object]]]:
    with people.session() as session:
        return [(row.action, row.subject, row.changes) for row in session.scalars(select(AuditEntry))]


def report_id(page: str, reason: str) -> str:
    found = re.search(rf'id="report-(\d+)"(?:(?!</article>).)*{reason}', page, re.DOTALL)
    assert found, page
    numbers: list[str] = re.findall(r'id="report-(\d+)" ', page[: found.end()])
    return numbers[-1]


def test_staff_stop_a_buyer_with_one_entry_that_names_no_firm(
    wang: Visitor, organisation: Organisation, qian: Visitor, people: People, staff: Callable[..., Visitor]
) -> None:
    path = ask(wang)
    reported(qian, path, "与产品无关")
    assert "have not decided yet" in qian.get(at_firm(path)).text
    desk = staff()
    page = desk.get("/ministry/inquiry-reports").text
    assert "能否供货？" in page
    number = report_id(page, "与产品无关")
    decision = f"/ministry/inquiry-reports/{number}/stop"
    empty = desk.submit(decision, "/ministry/inquiry-reports", days="30", comment="")
    assert (empty.status_code, "This field is required." in empty.text) == (422, True)
    odd = desk.submit(decision, "/ministry/inquiry-reports", days="99999", comment="群发")
    assert (odd.status_code, "群发" in odd.text) == (422, True)
    before = log(people)
    desk.submit(decision, "/ministry/inquiry-reports", days="30", comment="群发广告")
    (entry,) = [one for one in log(people) if one not in before]
    assert entry[:2] == ("inquiries stopped", f"organisation/{organisation.id}")
    assert set(entry[2]) == {"until"}
    desk.submit(decision, "/ministry/inquiry-reports", days="30", comment="再次")
    refused = wang.submit(NEW, product="法兰", message="？", answer_by=soon())
    assert (refused.status_code, "Staff have stopped" in refused.text) == (422, True)
    assert "Staff have stopped" in wang.get("/workspace/inquiries").text
    assert "have stopped this buyer" in qian.get(at_firm(path)).text
    desk.submit(f"/ministry/inquiry-reports/{number}/lift", "/ministry/inquiry-reports")
    ask(wang, product="法兰")


def test_a_dismissed_report_is_explained_to_the_firm(
    wang: Visitor, qian: Visitor, people: People, staff: Callable[..., Visitor]
) -> None:
    path = ask(wang)
    reported(qian, path, "太频繁了")
    desk = staff()
    number = report_id(desk.get("/ministry/inquiry-reports").text, "太频繁了")
    desk.submit(f"/ministry/inquiry-reports/{number}/dismiss", "/ministry/inquiry-reports", comment="正常询盘")
    assert "正常询盘" in qian.get(at_firm(path)).text


def test_staff_see_reports_of_their_own_territory(
    wang: Visitor, qian: Visitor, people: People, staff: Callable[..., Visitor]
) -> None:
    reported(qian, ask(wang), "只给本地看")
    number = report_id(staff().get("/ministry/inquiry-reports").text, "只给本地看")
    elsewhere = staff(regions=["440000"])
    assert "只给本地看" not in elsewhere.get("/ministry/inquiry-reports").text
    path = f"/ministry/inquiry-reports/{number}/dismiss"
    assert elsewhere.submit(path, "/ministry/inquiry-reports", comment="x").status_code == 403
    assert "只给本地看" in staff(regions=["330000"]).get("/ministry/inquiry-reports").text


def test_without_a_claim_there_is_no_inbox(people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.user(Role.SUPPLIER_ADMIN))
    assert browser.get("/firm/inquiries").location == "/firm"


def test_new_people_of_a_firm_do_not_read_what_went_to_those_before(
    wang: Visitor, qian: Visitor, people: People, signed_in: SignedIn
) -> None:
    path = ask(wang, product="旧事")
    heir = signed_in(claimed(people, FIRM))
    assert heir.get(at_firm(path)).status_code == 404
    assert qian.get(at_firm(path)).status_code == 302, "who gave the firm up is led to claim one"
    assert "旧事" not in heir.get("/firm/inquiries").text
    shown = wang.get(path).text
    assert "cannot be answered" in shown
    assert "Ask again" in shown


TABLES = ("inquiry", "inquiry_message", "inquiry_block", "inquiry_report")


def everything(people: People) -> list[object]:
    with people.session() as session:
        tables = [Base.metadata.tables[name] for name in TABLES]
        return [tuple(row) for table in tables for row in session.execute(select(table).order_by(table.c.id))]


@pytest.fixture
def another_s(wang: Visitor, people: People, signed_in: SignedIn) -> str:
    """An inquiry at another firm, blocked and reported, answered; the path of its page."""
    owner = signed_in(claimed(people, 13))
    path = ask(wang, f"/workspace/inquiries/new?id={supplier_key(13)}", product="机密询盘", message="机密询盘")
    reported(owner, path, "机密举报")
    answer(owner, path, do="asked", text="机密问题")
    return path


ACTS = st.tuples(
    st.sampled_from(["", "/report", "/block", "/withdraw"]),
    st.fixed_dictionaries(
        {
            "do": st.sampled_from(["interested", "declined", "asked", "replied", "withdrawn", ""]),
            "text": st.text(max_size=20),
            "version": st.integers(0, 4).map(str),
            "reason": st.text(max_size=20),
            "id": st.integers(1, 50).map(str),
            "organisation_id": st.integers(1, 50).map(str),
            "firm_id": st.integers(1, 50).map(str),
        }
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(act=ACTS, side=st.sampled_from(["/firm", "/workspace"]))
def test_no_request_of_a_firm_or_buyer_reaches_another_s_inquiry(
    another_s: str, qian: Visitor, zhao: Visitor, people: People, act: tuple[str, dict[str, str]], side: str
) -> None:
    path, fields = act
    before = everything(people)
    for browser, home in ((qian, "/firm/inquiries"), (zhao, "/shortlists")):
        page = another_s.replace("/workspace", side)
        for shown in (browser.get(page), browser.submit(f"{page}{path}", "/account", **fields), browser.get(home)):
            assert "机密" not in shown.text
    assert everything(people) == before


def test_unblocking_another_firm_s_block_is_not_possible(
    wang: Visitor, qian: Visitor, people: People, signed_in: SignedIn
) -> None:
    path = ask(wang)
    qian.submit(f"{at_firm(path)}/block", at_firm(path))
    removal = re.search(r'action="(/firm/inquiries/blocks/\d+/remove)"', qian.get("/firm/inquiries").text)
    assert removal
    other = signed_in(claimed(people, 14))
    before = everything(people)
    assert other.submit(removal[1], "/account").status_code == 404
    assert everything(people) == before


def test_neither_log_nor_letters_say_what_was_asked(wang: Visitor, qian: Visitor, people: People) -> None:
    path = ask(wang, product="独一无二的产品")
    answer(qian, path, do="asked", text="独一无二的问题")
    with people.session() as session:
        for model in (AuditEntry, Message):
            rows = session.execute(select(Base.metadata.tables[model.__tablename__])).all()
            assert "独一无二" not in str(rows)
