"""Own suppliers in a real browser, the worker's part done by a real worker; with and without a script."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.accessibility import violations
from tests.browser.accounts import buyer_page
from tests.browser.conftest import ROOT, Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways

pytestmark = pytest.mark.xdist_group("own_lists")  # a module goes to one worker, which has a portal of its own
FIND = {"en": "Find them in the register", "zh": "在名录中核对"}


@pytest.fixture(scope="module")
def worker(portal: Portal) -> Iterator[None]:
    """The portal's worker."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    running = subprocess.Popen(command, cwd=ROOT, env=os.environ | portal.environment)
    yield
    running.send_signal(signal.SIGTERM)
    running.wait(60)


def rows(portal: Portal) -> str:
    """A list as one pastes it from a spreadsheet: by number, by name, by another form of a name, unknown."""
    items = requests.get(f"{portal.url}/api/v1/suppliers?has=certificate&per_page=3&sort=name", timeout=10).json()[
        "items"
    ]
    first, second, third = items
    lines = (
        ("代码", "企业名称"),
        (first["id"].partition("/")[2], ""),
        ("", second["name"]["zh"]),
        ("", third["name"]["zh"].removesuffix("有限公司") + "集团"),
        ("", "没有这家公司"),
    )
    return "\n".join("\t".join(line) for line in lines)


def visit(page: Page, lang: str, pasted: str, look: Callable[[Page], None]) -> None:
    """Every page of own suppliers, with a look at each."""
    page.goto("/own-suppliers")
    look(page)
    page.locator("#text").fill(pasted)
    page.locator("main form button[type=submit]").click()
    expect(page.locator(".column-form")).to_be_visible()
    look(page)
    page.get_by_role("button", name=FIND[lang]).click()
    expect(page.locator(".summary")).to_be_visible(timeout=30_000)
    look(page)
    of_list = page.url
    page.goto("/conditions/new?has=certificate&criteria=X01-04&nice=X01-05:3,X03-01")
    page.locator("#name").fill("精密轴承")
    page.locator("button[value=save]").first.click()
    page.goto(of_list)
    page.locator("#against").select_option(label="精密轴承")
    page.locator(".own-against button").click()
    expect(page.locator(".own-fit")).to_have_count(3)
    look(page)
    page.goto("/suppliers?mine=only&has=certificate")
    expect(page.locator(".tag-mine").first).to_be_visible()
    look(page)
    page.goto("/own-suppliers")
    look(page)


@pytest.mark.parametrize(("lang", "viewport"), [("zh", WIDE), ("en", PHONE)], ids=["zh-wide", "en-phone"])
def test_every_page_is_accessible_and_fits(
    browser: Browser, portal: Portal, worker: None, lang: str, viewport: ViewportSize
) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        assert not sideways(page), page.url
        found.extend(violations(page))

    with buyer_page(browser, portal, lang, viewport=viewport) as page:
        visit(page, lang, rows(portal), look)
    assert not found, "\n".join(found)


def test_all_of_it_works_without_a_script(browser: Browser, portal: Portal, worker: None) -> None:
    with buyer_page(browser, portal, viewport=WIDE, java_script_enabled=False) as page:
        visit(page, "en", rows(portal), lambda _page: None)
