"""axe finds no violation on any page, in both languages, wide and on a phone; buyers' pages have tests of their own."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Browser

from tests.browser.accessibility import violations
from tests.browser.conftest import Portal
from tests.browser.test_journey import PAGES

pytestmark = pytest.mark.xdist_group("portal")  # one portal serves them all
WIDTHS = (1280, 390)


def addresses(portal: Portal) -> list[str]:
    """Every page, with a supplier, a comparison, an edition of the sample."""
    found = requests.get(f"{portal.url}/api/v1/suppliers?has=certificate&has=assessment&per_page=2", timeout=10).json()
    first, second = (item["id"] for item in found["items"])
    edition = requests.get(f"{portal.url}/api/v1/editions", timeout=10).json()["items"][0]["code"]
    return [*PAGES, f"/suppliers/{first}", f"/compare?id={first}&id={second}", f"/editions/{edition}"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_axe_finds_nothing(browser: Browser, portal: Portal, lang: str, width: int) -> None:
    context = browser.new_context(
        base_url=portal.url, viewport={"width": width, "height": 900}, extra_http_headers={"Accept-Language": lang}
    )
    page = context.new_page()
    found: list[str] = []
    for address in addresses(portal):
        page.goto(address)
        found += violations(page)
    context.close()
    assert not found, "\n".join(found)
