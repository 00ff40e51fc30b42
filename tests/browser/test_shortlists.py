"""A buyer's way with shortlists in a real browser: with and without a script, in both languages, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.accessibility import violations
from tests.browser.accounts import buyer_page
from tests.browser.conftest import Portal

pytestmark = pytest.mark.xdist_group("shortlists")  # a module goes to one worker, which has a portal of its own
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
RESULT = "/suppliers?has=certificate&sort=rank"
WORDS = {
    "en": {"keep": "Shortlist", "put": "Put on the list", "several": "Put on a list", "status": "Set the status"},
    "zh": {"keep": "加入名单", "put": "加入名单", "several": "加入名单…", "status": "设置状态"},
}


def sideways(page: Page) -> bool:
    page.wait_for_load_state()
    widths: list[int] = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return widths[0] > widths[1]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_a_result_to_a_list_and_back(browser: Browser, portal: Portal, script: bool) -> None:
    with buyer_page(browser, portal, viewport=WIDE, java_script_enabled=script) as page:
        page.goto(RESULT)
        page.locator(".card-hit").first.get_by_role("button", name="Shortlist").click()
        page.locator("#new-name").fill("Bearings 2026")
        page.get_by_role("button", name="Put on the list").click()
        expect(page).to_have_url(re.compile(re.escape(RESULT) + "$"))
        expect(page.get_by_role("status")).to_have_text("1 firm was put on “Bearings 2026”.")
        second = page.locator(".card-hit").nth(1)
        second.get_by_role("button", name="Shortlist").click()
        expect(second.locator(".tag-kept")).to_have_text("on “Bearings 2026”")
        expect(page).to_have_url(re.compile(re.escape(RESULT) + "$"))
        for number in (2, 3):
            page.locator(".pick input").nth(number).check()
        page.get_by_role("button", name="Put on a list").click()
        page.get_by_role("button", name="Put on the list").click()
        expect(page.get_by_role("status")).to_have_text("2 firms were put on “Bearings 2026”.")
        page.get_by_role("link", name="on “Bearings 2026”").first.click()
        expect(page.locator(".entry")).to_have_count(4)
        page.locator(".entry .pick input").first.check()
        page.get_by_role("button", name="Remove").click()
        expect(page.locator(".entry")).to_have_count(3)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".entry")).to_have_count(4)


def test_a_press_keeps_the_place(browser: Browser, portal: Portal) -> None:
    with buyer_page(browser, portal, viewport=WIDE) as page:
        page.goto("/shortlists")
        page.locator("#name").fill("Bearings")
        page.get_by_role("button", name="Make the list").click()
        page.goto(RESULT)
        last = page.locator(".card-hit").last
        last.scroll_into_view_if_needed()
        before = page.evaluate("scrollY")
        assert before > 0
        last.get_by_role("button", name="Shortlist").click()
        expect(last.locator(".tag-kept")).to_have_text("on “Bearings”")
        expect(page.get_by_role("status")).to_be_in_viewport()
        assert page.evaluate("scrollY") > before / 2
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".tag-kept")).to_have_count(0)


def visit(page: Page, lang: str, look: Callable[[Page], None]) -> None:
    """Every page of shortlists, empty and full, with a look at each."""
    words = WORDS[lang]
    for address in ("/shortlists", RESULT):
        page.goto(address)
        look(page)
    page.locator(".card-hit").first.get_by_role("button", name=words["keep"]).click()
    page.locator("#new-name").fill("轴承 2026")
    look(page)
    page.get_by_role("button", name=words["put"]).click()
    expect(page.get_by_role("status")).to_be_visible()
    look(page)
    page.locator(".pick input").nth(1).check()
    page.get_by_role("button", name=words["several"], exact=True).click()
    page.get_by_role("button", name=words["put"], exact=True).click()
    expect(page.locator(".tag-kept")).to_have_count(2)
    page.goto(str(page.locator(".card-hit h2 a").first.get_attribute("href")))
    look(page)
    page.goto("/shortlists")
    look(page)
    page.goto(str(page.locator(".kept-lists a").get_attribute("href")))
    judge(page, words["status"], look)
    page.goto(str(page.locator(".shortlist-head a[href$='/edit']").get_attribute("href")))
    look(page)


def judge(page: Page, button: str, look: Callable[[Page], None]) -> None:
    """Reject a firm, without a reason and with one, and write a note."""
    page.locator(".entry .pick input").first.check()
    page.locator("#bulk-status").select_option("not_recommended")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page)
    page.locator("#bulk-reason").fill("产能不足")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_text("产能不足")).to_be_visible()
    page.locator(".entry summary").first.click()
    page.locator(".note-form textarea").first.fill("已致电，等待报价")
    page.locator(".note-form button").first.click()
    expect(page.get_by_text("已致电，等待报价")).to_be_visible()
    look(page)


@pytest.mark.parametrize(("lang", "viewport"), [("zh", WIDE), ("en", PHONE)], ids=["zh-wide", "en-phone"])
def test_every_page_is_accessible_and_fits(browser: Browser, portal: Portal, lang: str, viewport: ViewportSize) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        assert not sideways(page), page.url
        found.extend(violations(page))

    with buyer_page(browser, portal, lang, viewport=viewport) as page:
        visit(page, lang, look)
    assert not found, "\n".join(found)
