"""The profile in the browser: writing, handing in, the page that buyers see, and what nobody else sees or changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.company.kinds import KINDS
from portal.identity.letters import Letters
from portal.identity.log import Act, user_actor
from portal.models import (
    Achievement,
    Assessment,
    CaseState,
    Certificate,
    ContactAgreement,
    Edition,
    Profile,
    Provenance,
    Ranking,
    Recognition,
    ReviewCase,
    Role,
    Supplier,
    User,
    now,
    table_of,
)
from portal.models.database import begin_write
from portal.profiles.content import decoded
from portal.reviews.cases import Decision, Desk, decide
from portal.reviews.stages import Stages
from portal.services import services
from tests.factories import credit_code, supplier_key
from tests.portal.accounts.conftest import People, Visitor

FORM = "/firm/profile"
_firms = count(20)

Speaks = Callable[..., Visitor]


@pytest.fixture
def number() -> int:
    """A firm that no other test here speaks for."""
    return next(_firms)


def fields(page: str) -> dict[str, str]:
    """What the form holds, hidden fields and radio buttons included."""
    form = page.partition('class="profile-form"')[2].partition("</form>")[0]
    found = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
    found = {name: value for name, value in found.items() if not name.endswith(("-audience", "-remove"))}
    found |= dict(re.findall(r'name="([a-z]+-audience)" value="(\w+)" checked', form))
    found |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return {name: unescape(value) for name, value in found.items()}


def post(browser: Visitor, do: str = "save", **changed: str) -> Any:
    """Send the form as it is there, with something changed; `_0_` stands for `-0-`."""
    named = {re.sub(r"_(\d+)_", r"-\1-", name).replace("_audience", "-audience"): v for name, v in changed.items()}
    return browser.post(FORM, **fields(browser.get(FORM).text) | named | {"do": do})


def profile(people: People, number: int) -> Profile:
    with people.session() as session:
        firm = session.scalars(select(Supplier.id).where(Supplier.number == credit_code(number))).one()
        return session.get_one(Profile, firm)


def sheet(number: int) -> str:
    return f"/suppliers/{supplier_key(number)}"


def test_from_the_form_to_the_page(people: People, speaks_for: Speaks, firms_app: Flask, number: int) -> None:
    editor, visitor = speaks_for(number), Visitor(firms_app, "203.0.113.1")
    assert "Nothing is published yet" in editor.get(FORM).text
    answer = post(editor, "submit", website_0_url="https://own.example.com", products_0_zh="静音轴承<b>")
    assert answer.status_code == 302, answer.text
    said = editor.get(FORM).text
    assert "Published at once: Website" in said
    assert "in review" in said
    page = visitor.get(sheet(number)).text
    assert "https://own.example.com" in page
    assert "静音轴承" not in page
    preview = editor.get("/firm/profile/preview").text
    assert preview.count("静音轴承&lt;b&gt;") >= 2  # on the page, and on the card
    assert "<b>" not in preview.partition("静音轴承")[2][:20]


def test_something_wrong_is_told_at_the_field_and_nothing_is_lost(
    people: People, speaks_for: Speaks, number: int
) -> None:
    editor = speaks_for(number)
    long = "长" * 100_000
    answer = post(editor, website_0_url="javascript:alert(1)", products_0_zh="静音轴承", description_0_zh=long)
    assert answer.status_code == 422
    assert 'id="website-0-url-error">Write a whole web address' in answer.text
    assert 'id="description-0-zh-error">At most 3000 characters.' in answer.text
    again = fields(answer.text)
    assert again["website-0-url"] == "javascript:alert(1)"
    assert again["products-0-zh"] == "静音轴承"
    assert again["description-0-zh"] == long
    with people.session() as session:
        firm = session.scalars(select(Supplier.id).where(Supplier.number == credit_code(number))).one()
        assert session.get(Profile, firm) is None


def test_another_entry_needs_no_script(speaks_for: Speaks, number: int) -> None:
    editor = speaks_for(number)
    answer = post(editor, "add-products", products_0_zh="甲")
    assert answer.location == "/firm/profile?open=products#products"
    page = editor.get(answer.location).text
    assert 'name="products-1-zh"' in page
    assert re.search(r'id="products" open', page)
    post(editor, "save", **{"products-0-remove": "1"})
    assert 'name="products-1-zh"' not in editor.get(FORM).text


def test_a_draft_keeps_itself(people: People, speaks_for: Speaks, number: int) -> None:
    editor = speaks_for(number)
    answer = post(editor, products_0_zh="甲", autosave="1")
    assert answer.json["said"] == "Draft saved."
    assert decoded(profile(people, number).draft or {}).products[0].zh == "甲"
    wrong = post(editor, website_0_url="nonsense", autosave="1")
    assert (wrong.status_code, "corrected" in wrong.json["said"]) == (422, True)


def test_two_editors_see_both_versions(people: People, speaks_for: Speaks, number: int) -> None:
    first = speaks_for(number)
    second = colleague(people, first)
    seen = fields(second.get(FORM).text)
    post(first, products_0_zh="甲", website_0_url="https://a.example.com")
    assert second.post(FORM, **seen | {"products-0-zh": "乙", "autosave": "1"}).status_code == 409
    answer = second.post(FORM, **seen | {"products-0-zh": "乙", "description-0-en": "Ours", "do": "save"})
    assert answer.status_code == 409
    assert "Two versions" in answer.text
    assert "甲" in answer.text
    form = answer.text.partition('action="/firm/profile"')[2].partition("</form>")[0]
    carried = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }
    done = second.post(FORM, **carried | {"choose-products": "theirs", "do": "save"})
    assert done.status_code == 302
    kept = decoded(profile(people, number).draft or {})
    assert (kept.products[0].zh, kept.description.en, kept.website.url) == ("甲", "Ours", "https://a.example.com")


def colleague(people: People, browser: Visitor) -> Visitor:
    other = people.user(Role.SUPPLIER_EDITOR, people.again_organisation(browser.user))
    made = Visitor(people.app, f"203.0.113.{next(_firms)}")
    assert made.sign_in(other.sign_in).status_code == 302
    return made


def test_a_discarded_draft_can_be_had_again(people: People, speaks_for: Speaks, number: int) -> None:
    editor = speaks_for(number)
    post(editor, products_0_zh="甲")
    saved = str(profile(people, number).saved)
    answer = editor.submit("/firm/profile/discard", FORM, saved=saved)
    assert "/firm/profile/undiscard" in editor.get(answer.location).text
    assert profile(people, number).draft is None
    editor.submit("/firm/profile/undiscard", FORM)
    assert decoded(profile(people, number).draft or {}).products[0].zh == "甲"


def test_staff_decide_beside_what_is_up_and_history_tells(
    people: People, speaks_for: Speaks, firms_app: Flask, number: int
) -> None:
    editor = speaks_for(number)
    publish(editor, people, products_0_zh="静音轴承")
    publish(editor, people, products_0_zh="更静音的轴承")
    page = editor.get("/firm/profile/history").text
    assert "Version 2" in page
    shown = editor.get("/firm/profile/history/2").text
    assert "静音轴承" in shown
    assert "更静音的轴承" in shown
    answer = editor.submit("/firm/profile/history/1/restore", "/firm/profile/history/1")
    assert "Version 1 is your draft now" in editor.get(answer.location).text
    assert "更静音的轴承" in Visitor(firms_app, "203.0.113.9").get(sheet(number)).text
    assert editor.get("/firm/profile/history/99").status_code == 404


def publish(browser: Visitor, people: People, **changed: str) -> None:
    """Hand in, and have staff approve it."""
    answer = post(browser, "submit", **changed)
    assert answer.status_code == 302, answer.text
    staff = people.user(Role.STAFF_EDITOR)
    with people.app.app_context(), people.session() as session, session.begin():
        begin_write(session)
        case = session.scalars(
            select(ReviewCase).where(ReviewCase.state == CaseState.OPEN, ReviewCase.user_id == browser.user.id)
        ).one()
        act = Act(session, Letters("https://portal.example"), user_actor(staff.id, ""), now())
        desk = Desk(act, session.get_one(User, staff.id), KINDS, Stages({}), services().catalogue)
        decide(desk, case.id, case.version, Decision.APPROVE)


SECRET = {
    "references_0_zh": "机密客户集团",
    "references_audience": "buyers",
    "contacts_0_person": "机密联系人",
    "contacts_0_phone": "13900005678",
}


def test_what_is_for_buyers_is_shown_to_buyers_only(
    people: People, speaks_for: Speaks, firms_app: Flask, number: int
) -> None:
    editor = speaks_for(number)
    publish(editor, people, products_0_zh="静音轴承", **SECRET)
    buyer, visitor = signed_in(people, Role.BUYER), Visitor(firms_app, "203.0.113.7")
    assert "机密客户集团" in buyer.get(sheet(number)).text
    assert "139******78" in buyer.get(sheet(number)).text
    key = supplier_key(number)
    for who, path in (
        (visitor, sheet(number)),
        (visitor, f"/api/v1{sheet(number)}"),
        (buyer, f"/api/v1{sheet(number)}"),
        (visitor, f"/compare?id={key}&id={supplier_key(1)}"),
        (visitor, f"/suppliers?q={credit_code(number)}"),
        (editor, sheet(number)),
    ):
        page = who.get(path).text
        assert "静音轴承" in page, path
        assert "机密" not in page, path
        assert "139" not in page.replace(credit_code(number), ""), path
    assert "机密客户集团" in editor.get("/firm/profile/preview?as=buyers").text
    assert "机密客户集团" not in editor.get("/firm/profile/preview").text


def signed_in(people: People, role: Role) -> Visitor:
    made = Visitor(people.app, f"203.0.113.{next(_firms)}")
    assert made.sign_in(people.user(role).sign_in).status_code == 302
    return made


def test_a_phone_is_masked_until_its_owner_agrees(
    people: People, speaks_for: Speaks, firms_app: Flask, number: int
) -> None:
    editor, visitor = speaks_for(number), Visitor(firms_app, "203.0.113.8")
    phone = f"+86138{number:08d}"
    publish(editor, people, contacts_0_person="李雷", contacts_0_phone=phone, contacts_audience="public")
    assert phone not in visitor.get(sheet(number)).text
    editor.submit("/firm/profile/contacts", key=phone, do="own")
    assert phone not in visitor.get(sheet(number)).text  # it is not the number of that account
    editor.submit("/firm/profile/contacts", key=phone, do="ask")
    found = re.search(r"(/firm/agreement\?secret=[\w-]+)", people.messages(phone)[-1].body)
    assert found
    assert "I agree" in visitor.get(found[1]).text
    assert phone not in visitor.get(sheet(number)).text  # opening it changes nothing
    assert visitor.get(found[1].replace("/firm/agreement", "/link")).status_code == 410  # and opens no account
    visitor.submit(found[1])
    assert phone in visitor.get(sheet(number)).text
    assert visitor.get(found[1]).status_code == 410  # works once
    editor.submit("/firm/profile/contacts", key=phone, do="hide")
    assert phone not in visitor.get(sheet(number)).text
    assert editor.submit("/firm/profile/contacts", key="+8613000000000", do="ask").status_code == 404


def test_one_s_own_account_agrees_in_person(people: People, speaks_for: Speaks, number: int) -> None:
    editor = speaks_for(number)
    phone = f"+86137{number:08d}"
    with people.session() as session, session.begin():
        begin_write(session)
        session.get_one(User, editor.user.id).sign_in = phone
    post(editor, contacts_0_person="韩梅", contacts_0_phone=phone.removeprefix("+86"))
    assert "This is me" in editor.get("/firm/profile/contacts").text
    editor.submit("/firm/profile/contacts", key=phone, do="own")
    with people.session() as session:
        assert phone in session.scalars(select(ContactAgreement.phone)).all()


ROUTES = (
    *(("/firm/profile", "do"), ("/firm/profile/withdraw", "do"), ("/firm/profile/discard", "saved")),
    *(("/firm/profile/undiscard", "do"), ("/firm/profile/history/1/restore", "do"), ("/firm/profile/contacts", "key")),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    route=st.sampled_from(ROUTES),
    do=st.sampled_from(["save", "submit", "add-products", "own", "hide", "1", ""]),
    sent=st.dictionaries(
        st.sampled_from(
            [
                *("supplier_id", "id", "scheme", "number", "name_zh", "sector", "status", "legal_representative"),
                *("products-0-zh", "website-0-url", "choose-products", "base", "self_declared", "profile_hidden_at"),
            ]
        ),
        st.sampled_from(["1", "2", "active", "machinery", "https://x.example.com", "甲", "CN-USCC"]),
    ),
)
def test_no_request_changes_an_official_fact_or_another_firm(
    people: People, speaks_for: Speaks, route: tuple[str, str], do: str, sent: dict[str, str]
) -> None:
    browser = known(people, speaks_for)
    before = everything_else(people, browser)
    path, name = route
    answer = browser.post(path, csrf_token=token(browser), **sent | {name: do})
    assert answer.status_code in {302, 404, 409, 422}, answer.text
    assert everything_else(people, browser) == before


_known: dict[int, Visitor] = {}


def known(people: People, speaks_for: Speaks) -> Visitor:
    """One editor for all examples: signing in costs more than what is tested."""
    if id(people.app) not in _known:
        _known[id(people.app)] = speaks_for(19)
    return _known[id(people.app)]


def token(browser: Visitor) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.get(FORM).text)
    assert found
    return found[1]


def everything_else(people: People, browser: Visitor) -> list[str]:
    """Every table of the register, and every profile but the own one; what follows from publishing aside."""
    own = people.again_organisation(browser.user).supplier_id
    facts = (Certificate, Assessment, Recognition, Achievement, Edition, Ranking, Provenance)
    with people.session() as session:
        rows = [row for model in facts for row in session.execute(select(*table_of(model).c)).all()]
        moving = {"index_version", "updated_at"}
        columns = [column for column in table_of(Supplier).c if column.name not in moving]
        rows += session.execute(select(*columns)).all()
        rows += session.execute(select(*table_of(Profile).c).where(Profile.supplier_id != own)).all()
        return sorted(map(repr, rows))


def test_without_a_firm_there_is_no_profile(speaks_for: Speaks) -> None:
    nobody = speaks_for(None)
    for path in ("/firm/profile", "/firm/profile/preview", "/firm/profile/history", "/firm/profile/contacts"):
        assert nobody.get(path).location == "/firm", path


def test_the_first_page_has_one_number_and_one_thing_to_do(people: People, speaks_for: Speaks, number: int) -> None:
    editor = speaks_for(number)
    home = editor.get("/firm").text
    assert "of what buyers look for" in home
    before = percent(home)
    assert "Add what buyers filter by most" in home
    publish(editor, people, processes_0_code="forging", description_0_zh="专做轴承")
    after = editor.get("/firm").text
    assert percent(after) > before
    post(editor, products_0_zh="新品")
    assert "not handed in yet" in editor.get("/firm").text


def percent(page: str) -> int:
    found = re.search(r'sector-count">(\d+) %', page)
    assert found
    return int(found[1])
