"""From conditions to an alert to what changed, in a real browser: both languages, wide and on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from portal.models import Conditions, ConditionsVersion, Supplier, User
from portal.register.catalogue import load_catalogue
from portal.register.facts import SupplierFacts, SupplierRecord
from portal.register.writer import Writer
from portal.workspace.conditions import stored_query
from search.contract import SearchQuery
from tests.browser.accessibility import violations
from tests.browser.accounts import new_buyer, sign_in, writing
from tests.browser.conftest import FIRMS, ROOT, Portal

pytestmark = pytest.mark.xdist_group("alerts")  # a module goes to one worker, which has a portal of its own

WORDS = {
    "en": {"alert": "Alert me", "make": "Make the alert", "empty": "Nothing has changed yet", "name": "Chinese name"},
    "zh": {"alert": "变化提醒", "make": "建立提醒", "empty": "尚无变化", "name": "中文名称"},
}


def keep_conditions(portal: Portal, name: str) -> int:
    """Conditions that every firm meets."""
    with writing(portal) as session:
        who = session.scalars(select(User).where(User.sign_in == name)).one()
        row = Conditions(organisation_id=who.organisation_id, owner_id=who.id)
        session.add(row)
        session.flush()
        asked = {"name": "所有供应商", "address": "", "query": stored_query(SearchQuery())}
        session.add(ConditionsVersion(conditions_id=row.id, number=1, author_id=who.id, **asked))
        return row.id


def rename_a_firm(portal: Portal, to: str) -> None:
    with writing(portal) as session:
        firm = session.scalars(select(Supplier).order_by(Supplier.id).offset(FIRMS - 1).limit(1)).one()
        facts = SupplierFacts(scheme=firm.scheme, number=firm.number, name_zh=to)
        Writer(session, load_catalogue(ROOT / "config/catalogue"), actor="tester").write(
            [SupplierRecord(supplier=facts)]
        )


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*violations(page), *[f"{page.url}: scrolls sideways"] * sideways]


@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 1280)])
def test_from_conditions_to_what_changed(browser: Browser, portal: Portal, lang: str, width: int) -> None:
    words, name = WORDS[lang], new_buyer(portal, lang)
    portal.flask("index", "drain")  # what others have changed is no news of this alert
    kept = keep_conditions(portal, name)
    context = browser.new_context(
        base_url=portal.url, viewport={"width": width, "height": 900}, extra_http_headers={"Accept-Language": lang}
    )
    page = context.new_page()
    sign_in(page, name)
    found: list[str] = []
    page.goto(f"/conditions/{kept}")
    page.locator("main").get_by_role("link", name=words["alert"]).click()
    found += faults(page)
    page.get_by_role("button", name=words["make"]).click()
    page.wait_for_url(re.compile(r"/alerts/\d+$"))
    expect(page.locator("main")).to_contain_text(words["empty"])
    found += faults(page)
    changed = f"改名后的厂 {lang} {width}"
    rename_a_firm(portal, changed)
    portal.flask("index", "drain")
    portal.flask("alerts", "run", "--all")
    page.reload()
    page.locator("#digests + .panel a").first.click()
    expect(page.locator("main")).to_contain_text(words["name"])
    expect(page.locator(".feed-head a").first).to_contain_text(changed)
    found += faults(page)
    assert changed in portal.mail(name)
    page.goto("/alerts")
    expect(page.locator(".kept-lists > li")).to_have_count(1)
    found += faults(page)
    context.close()
    assert not found, "\n".join(found)


def test_a_webhook_inside_is_refused_at_the_field(browser: Browser, portal: Portal) -> None:
    name = new_buyer(portal, "en")
    kept = keep_conditions(portal, name)
    context = browser.new_context(base_url=portal.url, extra_http_headers={"Accept-Language": "en"})
    page = context.new_page()
    sign_in(page, name)
    page.goto(f"/conditions/{kept}/alerts/new")
    page.get_by_label("Where to").select_option("webhook")
    page.get_by_label("Address of the webhook").fill("https://127.0.0.1/hook")
    page.get_by_role("button", name="Make the alert").click()
    field = page.get_by_label("Address of the webhook")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("https://127.0.0.1/hook")
    expect(page.get_by_role("alert")).to_contain_text("private or local network")
    assert not (found := violations(page)), "\n".join(found)
    context.close()
