"""What a supplier's sheet is on paper: what a buyer files, on a few pages of A4, in both languages."""

from __future__ import annotations

import re

import pytest
import requests
from playwright.sync_api import Page

from tests.browser.conftest import Portal

PAPER = {"width": 680, "height": 960}
"""A4 between margins of 15 mm, in CSS pixels."""

MAX_PAGES = 4
SHOWN = (".fictional", "h1", ".verdict .levels .until", ".bars meter", "#certificates", ".as-of", ".group > summary")
HIDDEN = (".masthead", ".sheet-tools", ".similar", ".matrix tbody tr")


def seen(page: Page, selector: str) -> bool:
    """Whether the first element of the selector is shown."""
    shown: bool = page.locator(selector).first.evaluate("element => element.checkVisibility()")
    return shown


@pytest.fixture
def firm(portal: Portal) -> str:
    """The id of a firm with certificates and an assessment."""
    wanted = {"has": "certificate", "sector": "machinery", "sort": "criteria", "per_page": "1"}
    answer = requests.get(f"{portal.url}/api/v1/suppliers", params=wanted, timeout=10).json()
    found: str = answer["items"][0]["id"]
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_sheet_prints_what_a_buyer_files(page: Page, firm: str, lang: str) -> None:
    page.set_viewport_size(PAPER)  # type: ignore[arg-type]
    page.goto(f"/suppliers/{firm}?lang={lang}")
    assert not seen(page, "[aria-labelledby=certificates] tbody tr")
    page.emulate_media(media="print")
    assert [selector for selector in SHOWN if not seen(page, selector)] == []
    assert [selector for selector in HIDDEN if seen(page, selector)] == []
    assert seen(page, "[aria-labelledby=certificates] tbody tr"), "certificates are printed, though folded on screen"
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    pages = re.findall(rb"/Type /Page\b(?!s)", page.pdf(format="A4"))
    assert 1 <= len(pages) <= MAX_PAGES


def test_a_group_of_criteria_that_was_opened_is_printed_whole(page: Page, firm: str) -> None:
    page.goto(f"/suppliers/{firm}?lang=en")
    page.locator("[aria-labelledby=criteria] .fold > summary").click()
    page.locator(".group > summary").first.click()
    page.emulate_media(media="print")
    assert seen(page, ".group:nth-of-type(1) .matrix tbody tr")
    assert not seen(page, ".group:nth-of-type(2) .matrix tbody tr")
