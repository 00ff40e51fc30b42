"""Sourcing conditions in a real browser: search → save → edit by adding musts → near misses → requirement sheet."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.buyers import signed_in
from tests.browser.conftest import Portal
from tests.browser.test_accessibility import faults
from tests.browser.test_journey import total

pytestmark = pytest.mark.xdist_group("conditions")  # a module goes to one worker, which has a portal of its own
SEARCH = "/suppliers?sector=machinery&criteria=X01-20,X01-21"
WORDS = {
    "en": {"keep": "Save as sourcing conditions", "edit": "Edit", "near": "near miss", "sheet": "Requirement sheet"},
    "zh": {"keep": "保存为寻源条件", "edit": "编辑", "near": "接近满足", "sheet": "要求清单"},
}


def keep(page: Page, lang: str) -> int:
    """Save the search that is shown; how many suppliers it found."""
    found = total(page)
    page.get_by_role("link", name=WORDS[lang]["keep"]).click()
    page.locator("#name").fill("精密轴承 2026")
    page.locator("button[value=save]").first.click()
    page.wait_for_url(re.compile(r"/conditions/\d+$"))
    return found


def add_musts(page: Page, lang: str) -> None:
    """Edit: one must from the catalogue, found by typing, and two by pasting."""
    page.locator(".sheet-tools").get_by_role("link", name=WORDS[lang]["edit"]).click()
    page.locator("#find").fill("X02-05")
    choice = page.locator("select[name=c-X02-05]")
    expect(choice).to_be_visible()
    expect(page.locator("select[name=c-X01-04]")).to_be_hidden()
    choice.select_option("must")
    page.locator("#find").fill("")
    page.locator("#codes").fill("X01-15，X01-16:必备\nX99-01")
    page.locator("button[value=paste]").click()
    expect(page.locator("[role=status]")).to_contain_text("X99-01")
    expect(page.locator("#codes")).to_have_value("X99-01")
    expect(page.locator(".choose-list .chosen")).to_have_count(5)
    page.locator("button[value=save]").first.click()
    page.wait_for_url(re.compile(r"/conditions/\d+$"))


def look_for_near_misses(page: Page, lang: str) -> None:
    """From the conditions' page to the search, and to who is one or two musts short there."""
    page.locator(".figures a").first.click()
    page.wait_for_url(re.compile(r"/suppliers\?conditions=\d+$"))
    page.locator(".keep-line a", has_text=WORDS[lang]["near"]).click()
    page.wait_for_url(re.compile("criteria_mode=3-4"))
    assert total(page) > 0
    expect(page.locator(".card-hit .missing").first).to_be_visible()


def print_sheet(page: Page, lang: str) -> None:
    """The requirement sheet, as it comes out of a printer."""
    page.locator(".sheet-tools").get_by_role("link", name=WORDS[lang]["sheet"]).click()
    expect(page.locator(".fill-table tbody tr")).to_have_count(5)
    page.emulate_media(media="print")
    expect(page.locator(".masthead")).to_be_hidden()
    page.emulate_media(media="screen")


@pytest.mark.parametrize(("lang", "width"), [("en", 390), ("zh", 1280)])
def test_the_journey(browser: Browser, portal: Portal, lang: str, width: int) -> None:
    context = signed_in(browser, portal, lang=lang, width=width)
    page = context.new_page()
    page.goto("/conditions")
    expect(page.locator(".teach")).to_be_visible()
    page.goto(SEARCH)
    found = keep(page, lang)
    own = page.url.removeprefix(portal.url)
    expect(page.locator(".figures dd").first).to_have_text(f"{found:,}")
    add_musts(page, lang)
    expect(page.locator(".cost-table tbody tr")).to_have_count(5)
    expect(page.locator(".version-list > li")).to_have_count(2)
    look_for_near_misses(page, lang)
    page.goto(own)
    print_sheet(page, lang)
    on_them = f"/suppliers?conditions={own.rpartition('/')[2]}"
    addresses = ["/conditions", f"{own}?from=1&to=2", f"{own}/edit", f"{own}/print", f"{own}/versions/1", on_them]
    wrong = [fault for address in addresses for fault in faults(page, address)]
    context.close()
    assert not wrong, "\n".join(wrong)


def test_everything_works_without_a_script(browser: Browser, portal: Portal) -> None:
    signed = signed_in(browser, portal)
    context = browser.new_context(base_url=portal.url, java_script_enabled=False, storage_state=signed.storage_state())
    page = context.new_page()
    page.goto("/conditions/new?sector=machinery")
    page.locator("#name").fill("A")
    page.locator("#find").fill("X01-20")
    page.locator("button[value=find]").click()
    page.locator("select[name=c-X01-20]").select_option("5")
    page.locator("button[value=save]").first.click()
    expect(page.locator(".criteria-list")).to_contain_text("×5")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A")
    context.close()
    signed.close()
