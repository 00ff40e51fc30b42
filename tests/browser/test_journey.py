"""A buyer's way through the portal in a real browser, with and without a script, wide and on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Portal

pytestmark = pytest.mark.xdist_group("journey")  # a module goes to one worker, which has a portal of its own


def total(page: Page) -> int:
    """The number in the result's heading."""
    found = re.search(r"[\d,]+", page.locator("#total").inner_text())
    assert found
    return int(found.group().replace(",", ""))


def test_from_home_to_a_supplier(page: Page) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role("combobox").fill("轴承")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"/suppliers\?"))
    assert total(page) > 0
    first = page.locator(".card-hit h2 a").first
    name = first.locator(".name-first").inner_text()
    first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    expect(page.get_by_role("heading", name="Can I buy from them?")).to_be_visible()


def test_a_facet_narrows_the_result_and_back_undoes_it(page: Page) -> None:
    page.goto("/suppliers?has=certificate")
    before = total(page)
    value = page.locator("[data-facet=sector] .facet-value").first
    count = int(value.locator(".num").inner_text().replace(",", ""))
    value.click()
    expect(page.locator("[data-facet=sector] .facet-value.selected")).to_have_count(1)
    assert total(page) == count < before
    assert "sector=" in page.url
    page.go_back()
    expect(page.locator("[data-facet=sector] .facet-value.selected")).to_have_count(0)
    assert total(page) == before


def test_a_chip_removes_its_filter(page: Page) -> None:
    page.goto("/suppliers?has=certificate&sector=electronics")
    page.locator(".chip", has_text="Electronics").click()
    expect(page.locator(".chip", has_text="Electronics")).to_have_count(0)
    assert "sector=" not in page.url


def test_suggestions_are_chosen_by_keyboard(page: Page) -> None:
    page.goto("/")
    box = page.get_by_role("main").get_by_role("combobox")
    with page.expect_response(lambda answer: "q=bear" in answer.url):
        box.press_sequentially("bear", delay=20)
    expect(page.get_by_role("main").get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    expect(page.get_by_role("main").get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    page.wait_for_url(re.compile("/suppliers"))


def test_sorting_submits_itself(page: Page) -> None:
    page.goto("/suppliers?has=certificate")
    page.get_by_label("Sort by").select_option("rank")
    page.wait_for_url(re.compile("sort=rank"))
    expect(page.locator(".rank").first).to_contain_text("computed by the portal")


def test_two_suppliers_are_compared(page: Page) -> None:
    page.goto("/suppliers?has=certificate")
    for number in (0, 1):
        page.locator(".pick input").nth(number).check()
    page.locator("#compare-form button").click()
    expect(page).to_have_url(re.compile(r"/compare\?id=.+&id=.+"))
    expect(page.locator(".compare-table").first.locator("thead th")).to_have_count(2)


def test_the_language_is_switched_and_remembered(page: Page) -> None:
    page.goto("/suppliers?sector=steel")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert "sector=steel" in page.url
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_everything_works_without_a_script(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(base_url=portal.url, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("main").get_by_role("searchbox").fill("bearing")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    before = total(page)
    assert before > 0
    page.locator("[data-facet=sector] .facet-value").first.click()
    assert total(page) <= before
    page.get_by_label("Sort by").select_option("name")
    page.get_by_role("button", name="Sort").click()
    assert "sort=name" in page.url
    context.close()


PAGES = (
    "/",
    "/suppliers?has=certificate",
    "/suppliers?q=轴承&panel=criteria&sector=machinery",
    "/suppliers?view=table&sort=rank",
    "/suppliers?q=不存在的东西",
    "/criteria",
    "/about",
    "/api",
    "/sign-in",
    "/sign-up",
    "/reset",
    "/code",
    "/link?secret=none",
    "/verify",
    "/verify/00000-00000-00000-00000-0000Z",
    "/suppliers/CN-USCC/nothing",
)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, portal: Portal, address: str, lang: str) -> None:
    context = browser.new_context(
        base_url=portal.url, viewport={"width": 390, "height": 844}, extra_http_headers={"Accept-Language": lang}
    )
    page = context.new_page()
    page.goto(address)
    widths: Any = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1]
    context.close()


def test_on_a_phone_opened_filters_stay_open_while_one_chooses(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(base_url=portal.url, viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    page.goto("/suppliers?has=certificate")
    value = page.locator("[data-facet=sector] .facet-value").first
    expect(value).to_be_hidden()
    page.locator(".facets-fold > summary").click()
    value.click()
    expect(page.locator("[data-facet=sector] .facet-value.selected")).to_be_visible()
    context.close()
