"""axe finds no violation on any page, in both languages, wide and on a phone; buyers' pages have tests of their own."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Browser, Page, StorageState

from portal.models import Role
from tests.browser.accessibility import violations
from tests.browser.conftest import Portal
from tests.browser.test_journey import PAGES

SEEN = [("zh", 390), ("en", 1280)]
"""Each language and each width once: all four took two minutes of the suite."""


def addresses(portal: Portal) -> list[str]:
    """Every page, with a supplier, a comparison, an edition of the sample."""
    found = requests.get(f"{portal.url}/api/v1/suppliers?has=certificate&has=assessment&per_page=2", timeout=10).json()
    first, second = (item["id"] for item in found["items"])
    edition = requests.get(f"{portal.url}/api/v1/editions", timeout=10).json()["items"][0]["code"]
    return [*PAGES, f"/suppliers/{first}", f"/compare?id={first}&id={second}", f"/editions/{edition}"]


SIGNED_IN = {
    Role.BUYER_ADMIN: (
        "/",
        "/workspace",
        "/workspace/expiring",
        "/account",
        "/account/authenticator",
        "/organisation",
        "/alerts",
        "/exports",
        "/exports/new?q=bearing",
        "/records",
    ),
    Role.STAFF_ADMIN: (
        "/account",
        "/staff/organisations?state=approved",
        "/staff/organisations",
        "/ministry",
        "/ministry/imports",
        "/ministry/log",
        "/ministry/log/verify",
        "/ministry/coverage",
        "/ministry/coverage?rows=city&columns=group&sector=machinery&certified_from=2024-01-01",
        "/ministry/coverage/trend",
        "/ministry/coverage/report",
        "/ministry/coverage/criteria?by=region",
        "/ministry/coverage?rows=unit&columns=level&measure=percent&level_min=quality_capability:inspection",
    ),
}
"""Pages of who is signed in."""


def faults(page: Page, address: str) -> list[str]:
    """What axe finds on a page with everything unfolded, and whether it scrolls sideways."""
    page.goto(address)
    found = violations(page)
    sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*found, *[f"{address}: scrolls sideways"] * sideways]


@pytest.mark.parametrize(("lang", "width"), SEEN)
def test_axe_finds_nothing(browser: Browser, portal: Portal, lang: str, width: int) -> None:
    context = browser.new_context(
        base_url=portal.url, viewport={"width": width, "height": 900}, extra_http_headers={"Accept-Language": lang}
    )
    page = context.new_page()
    found = [fault for address in addresses(portal) for fault in faults(page, address)]
    context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("lang", "width"), SEEN)
@pytest.mark.parametrize("role", SIGNED_IN)
def test_axe_finds_nothing_when_signed_in(
    browser: Browser, portal: Portal, signed_in: dict[Role, StorageState], role: Role, lang: str, width: int
) -> None:
    context = browser.new_context(
        base_url=portal.url,
        viewport={"width": width, "height": 900},
        extra_http_headers={"Accept-Language": lang},
        storage_state=signed_in[role],
    )
    page = context.new_page()
    found = [fault for address in SIGNED_IN[role] for fault in faults(page, address)]
    context.close()
    assert not found, "\n".join(found)
