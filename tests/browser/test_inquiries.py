"""An inquiry in a real browser, from a buyer's shortlist to the firm's phone and back; each page accessible on the way.

The firm answers in Chinese and without a script. Own data and leaving pass by too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect
from sqlalchemy import select

from portal.identity import demo
from portal.models import Role, Supplier
from portal.register.clock import today_china
from tests.browser.accessibility import violations
from tests.browser.accounts import buyer_page, writing
from tests.browser.conftest import Portal

pytestmark = pytest.mark.xdist_group("inquiries")  # a module goes to one worker, which has a portal of its own
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
Look = Callable[[Page], None]


@contextmanager
def firm_s_phone(browser: Browser, portal: Portal, *, script: bool) -> Iterator[Page]:
    """The demonstration SME on a phone, in Chinese."""
    context = browser.new_context(
        base_url=portal.url,
        viewport=PHONE,
        java_script_enabled=script,
        extra_http_headers={"Accept-Language": "zh"},
    )
    page = context.new_page()
    page.goto("/sign-in?lang=zh")
    page.locator("input[name=sign_in]").fill(demo.sign_in_name(Role.SUPPLIER_ADMIN))
    page.locator("input[name=password]").fill(demo.PASSWORD)
    page.locator("main button[type=submit]").click()
    page.goto("/firm?lang=zh")
    yield page
    context.close()


def firm_of_the_sme(portal: Portal) -> str:
    """The key of the firm that the demonstration SME speaks for."""
    with writing(portal) as session:
        firm = session.scalars(select(Supplier).order_by(Supplier.id).limit(1)).one()
        return firm.key


def send(page: Page, firm: str, look: Look) -> None:
    """From the firm's page to a shortlist, and from there to the firm."""
    page.goto(f"/suppliers/{firm}")
    page.get_by_role("main").get_by_role("button", name="Shortlist").click()
    page.locator("#new-name").fill("Bearings 2026")
    page.get_by_role("button", name="Put on the list").click()
    page.goto("/shortlists")
    page.locator(".kept-lists a").first.click()
    page.locator(".entry").get_by_role("link", name="Contact").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Please correct")
    look(page)
    page.locator("#product").fill("Deep groove ball bearing 6204")
    page.locator("#quantity").fill("about 2,000 a month")
    page.locator("#answer_by").fill((today_china() + timedelta(days=10)).isoformat())
    page.locator("#message").fill("For electric motors.\nWe need grade P5.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("Your contact request was sent.")


def answer(page: Page, label: str, text: str = "") -> None:
    """As the firm."""
    page.locator("#text").fill(text)
    page.get_by_role("button", name=label).click()
    expect(page.get_by_role("status")).to_be_visible()


def talk(buyer: Page, phone: Page, look: Look) -> None:
    """The firm asks back, the buyer replies, the firm is interested, the shortlist shows it."""
    phone.reload()
    phone.get_by_role("link", name="1 条采购方询盘待查看").click()
    phone.get_by_role("link", name="Deep groove ball bearing 6204").click()
    expect(phone.get_by_text("We need grade P5.")).to_be_visible()
    answer(phone, "提问", "需要油封吗？")
    buyer.goto("/workspace")
    buyer.get_by_role("link", name="1 inquiry has news").click()
    buyer.get_by_role("link", name="Deep groove ball bearing 6204").click()
    answer(buyer, "Send", "No seals.")
    phone.reload()
    answer(phone, "有意向")
    buyer.goto("/shortlists")
    buyer.locator(".kept-lists a").first.click()
    expect(buyer.locator(".entry .inquiry-interested")).to_have_text("interested")
    look(buyer)


def report(phone: Page) -> None:
    """The firm tells staff."""
    phone.locator("summary", has_text="这是骚扰吗？").click()
    phone.locator("#reason").fill("与产品无关")
    phone.get_by_role("button", name="向工作人员举报").click()
    expect(phone.get_by_role("status")).to_be_visible()


def decide(staff: Page, look: Look) -> None:
    """Staff stop the buyer."""
    staff.goto("/ministry/inquiry-reports")
    look(staff)
    staff.reload()  # axe opened the folds
    staff.locator("summary", has_text="Stop this buyer").click()
    staff.locator("textarea[id^=stop-]").fill("Advertising")
    staff.get_by_role("button", name="Stop its contact requests").click()
    expect(staff.get_by_role("status")).to_have_text("Decided.")


def test_asked_on_a_desktop_and_answered_on_a_phone(
    browser: Browser, portal: Portal, signed_in: dict[Role, StorageState]
) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        page.wait_for_load_state()
        wide = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide[0] <= wide[1], page.url
        found.extend(violations(page))

    with buyer_page(browser, portal, viewport=WIDE) as buyer, firm_s_phone(browser, portal, script=False) as phone:
        send(buyer, firm_of_the_sme(portal), look)
        talk(buyer, phone, look)
        report(phone)
    with firm_s_phone(browser, portal, script=True) as phone:  # axe is a script
        for path in ("/firm/data", "/account/delete"):
            phone.goto(path)
            look(phone)
    context = browser.new_context(base_url=portal.url, viewport=WIDE, storage_state=signed_in[Role.STAFF_ADMIN])
    decide(context.new_page(), look)
    context.close()
    assert not found, "\n".join(found)
