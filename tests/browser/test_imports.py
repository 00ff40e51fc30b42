"""A list on its way into the register and out of it in a real browser, a real worker at work; without a script too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect

from portal.models import Role
from tests.browser.accessibility import violations
from tests.browser.conftest import ROOT, Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways
from tests.factories import credit_code
from tests.portal.importing import csv_text

pytestmark = pytest.mark.xdist_group("imports")  # a module goes to one worker, which has a portal of its own
WORDS = {
    "en": {"go": "Go on", "check": "Check every row", "now": "Import now", "undo": "Undo the import"},
    "zh": {"go": "继续", "check": "逐行核对", "now": "立即导入", "undo": "撤回导入"},
}
_numbers = count(70_000)


@pytest.fixture(scope="module")
def worker(portal: Portal) -> Iterator[None]:
    """The portal's worker."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    running = subprocess.Popen(command, cwd=ROOT, env=os.environ | portal.environment)
    yield
    running.send_signal(signal.SIGTERM)
    running.wait(60)


def certificates(rows: int) -> bytes:
    """A list under headings of its own; one row is refused."""
    lines = [
        [credit_code(number), f"浏览器样例{number}有限公司", "保证级", "2025年3月1日", "2028-02-29", "x" * 80]
        for number in (next(_numbers) for _ in range(rows))
    ]
    lines.append(["不是信用代码", "坏行有限公司", "没有这个等级", "2025-13-01", "", ""])
    return csv_text(lines, ("代码", "单位", "级别", "发证", "到期", "备注")).encode("gb18030")


def visit(page: Page, lang: str, look: Callable[[Page], None]) -> None:
    """From the file to the register and back, with a look at every page."""
    to_the_check(page, WORDS[lang], look)
    to_the_register_and_back(page, WORDS[lang], look)


def to_the_check(page: Page, words: dict[str, str], look: Callable[[Page], None]) -> None:
    """Handed in, read wrongly, read rightly."""
    page.goto("/ministry/imports")
    look(page)
    page.locator("#file").set_input_files({"name": "证书清单.csv", "mimeType": "text/csv", "buffer": certificates(60)})
    page.get_by_role("button", name=words["go"]).click()
    expect(page.locator(".mapping-table")).to_be_visible()
    look(page)
    page.locator("#issuing_body").fill("某省市场监督管理局")
    page.locator("#issued_on").fill("2026-01-02")
    page.locator("select[name=field_0]").select_option("")
    page.get_by_role("button", name=words["check"]).click()
    expect(page.locator("#problems")).to_be_visible()
    look(page)
    page.locator("select[name=field_0]").select_option("supplier.number")
    page.get_by_role("button", name=words["check"]).click()


def to_the_register_and_back(page: Page, words: dict[str, str], look: Callable[[Page], None]) -> None:
    """Confirmed and undone."""
    now = page.get_by_role("button", name=words["now"])
    expect(now).to_be_visible(timeout=30_000)
    look(page)
    page.locator(".own-filters a").first.click()
    expect(page.locator("#rows")).to_be_visible()
    look(page)
    now.click()
    undo = page.get_by_role("link", name=words["undo"])
    expect(undo).to_be_visible(timeout=30_000)
    look(page)
    undo.click()
    look(page)
    page.get_by_role("button", name=words["undo"]).click()
    expect(page.locator(".import-undone")).to_be_visible(timeout=30_000)
    look(page)
    page.goto("/ministry/imports")
    look(page)


@pytest.mark.parametrize(
    ("lang", "viewport", "script"),
    [("zh", WIDE, True), ("en", PHONE, True), ("en", WIDE, False)],
    ids=["zh-wide", "en-phone", "no-script"],
)
def test_every_page_is_accessible_and_fits(
    browser: Browser,
    portal: Portal,
    worker: None,
    signed_in: dict[Role, StorageState],
    lang: str,
    viewport: ViewportSize,
    script: bool,
) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        if script:
            assert not sideways(page), page.url
            found.extend(violations(page))

    context = browser.new_context(
        base_url=portal.url,
        viewport=viewport,
        extra_http_headers={"Accept-Language": lang},
        storage_state=signed_in[Role.STAFF_ADMIN],
        java_script_enabled=script,
    )
    visit(context.new_page(), lang, look)
    context.close()
    assert not found, "\n".join(found)
