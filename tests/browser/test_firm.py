"""An SME on a phone, in Chinese and without JavaScript: why it does not appear, its standing, badge and reminders.

And a publisher at a desk who states a target: counted, saved, closed, taken back.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from portal.identity import demo
from portal.models import Role
from tests.browser.accessibility import violations
from tests.browser.conftest import Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways

pytestmark = pytest.mark.xdist_group("firm")  # a module goes to one worker, which has a portal of its own


def looked_at(page: Page, *, scripts: bool = True) -> None:
    """Nothing sticks out, and axe finds nothing; it needs scripts, so without them only the first is looked at."""
    if scripts:
        assert not sideways(page)
        assert not violations(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_an_sme_on_a_phone_without_scripts(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(
        base_url=portal.url,
        viewport=PHONE,
        java_script_enabled=False,
        extra_http_headers={"Accept-Language": "zh"},
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("#sign_in").fill(demo.sign_in_name(Role.SUPPLIER_ADMIN))
    page.locator("#password").fill(demo.PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/firm?lang=zh")
    page.locator("main").get_by_role("link", name="为什么搜不到我？").first.click()
    expect(page.get_by_role("heading", name="本行业常见搜索")).to_be_visible()
    _why(page, portal)
    _standing_badge_and_reminders(page)
    state = context.storage_state()
    context.close()
    _with_axe(browser, portal, state)


def _why(page: Page, portal: Portal) -> None:
    page.get_by_label("或粘贴一个搜索的网址").fill("https://portal.example/suppliers?region=310000&level=none")
    page.get_by_role("button", name="查看原因").last.click()
    expect(page.locator("#w-address-errors")).to_be_visible()
    page.get_by_label("或粘贴一个搜索的网址").fill(
        f"{portal.url}/suppliers?region=540000&level_min=quality_capability:excellence"
    )
    page.get_by_role("button", name="查看原因").last.click()
    expect(page).to_have_url(re.compile("/firm/why\\?level_min=quality_capability:excellence&region=540000"))
    expect(page.get_by_role("heading", name="此搜索找不到贵企业")).to_be_visible()
    expect(page.get_by_text("贵企业只差这 2 个条件。")).to_be_visible()
    page.get_by_text("怎样达到").first.click()
    expect(page.locator(".verdict .advice").first).to_be_visible()
    page.get_by_role("link", name="去掉这些条件的搜索").click()
    expect(page).to_have_url(re.compile("/suppliers"))


def _standing_badge_and_reminders(page: Page) -> None:
    page.goto("/firm/standing")
    looked_at(page, scripts=False)
    page.goto("/firm/badge")
    shown = page.locator("img.badge-shown").first
    expect(shown).to_be_visible()
    picture = page.request.get(str(shown.get_attribute("src")))
    assert picture.headers["content-type"].startswith("image/svg+xml")
    page.goto("/firm/reminders")
    page.get_by_role("button", name="关闭提醒").click()
    expect(page.get_by_role("heading", name="未开启提醒")).to_be_visible()
    page.get_by_role("button", name="开启提醒").click()
    expect(page.get_by_role("button", name="关闭提醒")).to_be_visible()


def _with_axe(browser: Browser, portal: Portal, state: StorageState) -> None:
    """The same pages with scripts, which axe needs, in both languages and widths by turns."""
    for number, path in enumerate(("why?region=540000&criteria=X01-05", "standing", "badge", "reminders")):
        viewport, lang = (PHONE, "zh") if number % 2 else (WIDE, "en")
        context = browser.new_context(base_url=portal.url, viewport=viewport, storage_state=state)
        page = context.new_page()
        page.goto(f"/firm/{path}{'&' if '?' in path else '?'}lang={lang}")
        looked_at(page)
        context.close()


def test_a_publisher_states_a_target(browser: Browser, portal: Portal, signed_in: dict[Role, StorageState]) -> None:
    context = browser.new_context(
        base_url=portal.url, viewport=WIDE, locale="en-GB", storage_state=signed_in[Role.STAFF_ADMIN]
    )
    page = context.new_page()
    page.goto("/ministry/targets")
    looked_at(page)
    page.get_by_role("link", name="State a target").click()
    page.get_by_role("button", name="Count what it finds").click()
    expect(page.locator("#goal-errors")).to_be_visible()
    looked_at(page)
    for name, value in {
        "Chinese name": "浏览器目标",
        "English name": "Target of the browser",
        "Document it rests on": "示范〔2026〕9号",
        "Address of the search that counts": f"{portal.url}/suppliers?sector=machinery&has=certificate",
        "Goal: number of firms": "500",
        "Counted from (base day)": "2020-01-01",
        "Due day": "2099-12-31",
    }.items():
        page.get_by_label(name).fill(value)
    page.get_by_role("button", name="Count what it finds").click()
    expect(page.get_by_text(re.compile("The search finds [0-9,]+ firms today"))).to_be_visible()
    looked_at(page)
    page.get_by_role("button", name="Save the target").click()
    row = page.get_by_role("row").filter(has_text="Target of the browser")
    expect(row).to_contain_text("under way")
    row.get_by_role("button", name="Close").click()
    expect(row).to_contain_text("closed on")
    row.get_by_role("button", name="Take the last change back").click()
    expect(row).to_contain_text("under way")
    page.goto("/ministry/coverage")
    expect(page.get_by_text("Target of the browser").first).to_be_visible()
    page.goto("/ministry/targets")
    row.get_by_role("button", name="Close").click()
    row.get_by_role("button", name="Take the last change back").click()
    context.close()
