"""Staff in a real browser: a firm found, its certificate suspended and restored, the log read, filtered and checked."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect

from portal.models import Role
from portal.register.clock import today_china
from tests.browser.accessibility import violations
from tests.browser.conftest import ROOT, Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways

pytestmark = pytest.mark.xdist_group("ministry")  # a module goes to one worker, which has a portal of its own

WORDS = {
    "en": {
        "care": "Care of this firm",
        "change": "Change the state",
        "suspend": "Suspend",
        "save": "Save the state",
        "done": "The state of the certificate was changed.",
        "required": "Choose one.",
        "undo": "Undo",
        "undone": "Undone.",
        "suspended": "State: valid → suspended",
        "log": "Operation log",
        "whole": "Is the log whole?",
        "check": "Check now",
        "found": "The log is whole.",
    },
    "zh": {
        "care": "维护该企业",
        "change": "变更状态",
        "suspend": "暂停",
        "save": "保存状态",
        "done": "证书状态已变更。",
        "required": "请选择一项。",
        "undo": "撤销",
        "undone": "已撤销操作。",
        "suspended": "状态: 有效 → 暂停",
        "log": "操作日志",
        "whole": "日志是否完整？",
        "check": "立即检查",
        "found": "日志完整。",
    },
}


@pytest.fixture(scope="module")
def worker(portal: Portal) -> Iterator[None]:
    """The portal's worker: it seals the log, and checks it."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    running = subprocess.Popen(command, cwd=ROOT, env=os.environ | portal.environment)
    yield
    running.send_signal(signal.SIGTERM)
    running.wait(60)


def firm(portal: Portal, place: int) -> str:
    """The id of a firm that holds a certificate which is valid."""
    found = requests.get(f"{portal.url}/api/v1/suppliers?has=certificate&per_page=9&sort=name", timeout=10).json()
    return str(found["items"][place]["id"])


def visit(page: Page, lang: str, key: str, look: Callable[[Page], None]) -> None:
    """From the firm's public page to its care, and to the log, with a look at each page."""
    words = WORDS[lang]
    page.goto(f"/suppliers/{key}")
    page.get_by_role("link", name=words["care"]).click()
    look(page)
    page.get_by_role("link", name=words["change"]).first.click()
    look(page)
    page.get_by_role("button", name=words["save"]).click()
    expect(page.get_by_role("alert")).to_contain_text(words["required"])
    look(page)
    page.get_by_label(words["suspend"]).check()
    page.locator("#on").fill(today_china().isoformat())
    page.locator("#reason").fill("监督审核未通过")
    page.get_by_role("button", name=words["save"]).click()
    expect(page.get_by_text(words["done"])).to_be_visible()
    expect(page.locator(".log-table tbody tr").first).to_contain_text(words["suspended"])
    look(page)
    page.get_by_role("button", name=words["undo"]).click()
    expect(page.get_by_text(words["undone"])).to_be_visible()
    page.goto("/ministry/log")
    page.locator("#about").fill(key.partition("/")[2])
    page.locator("#action").select_option("certificate.state")
    page.locator(".filter-form button[type=submit]").click()
    expect(page).to_have_url(re.compile("about="))
    expect(page.locator(".log-table tbody tr").first).to_contain_text("监督审核未通过")
    look(page)


def check(page: Page, lang: str, look: Callable[[Page], None]) -> None:
    words = WORDS[lang]
    page.goto("/ministry/log")
    page.get_by_role("link", name=words["whole"]).click()
    look(page)
    page.get_by_role("button", name=words["check"]).click()
    expect(page.get_by_text(words["found"]).first).to_be_visible(timeout=30_000)
    look(page)


def queues(page: Page, _lang: str, look: Callable[[Page], None]) -> None:
    for path in ("/ministry", "/ministry/expiring", "/ministry/expiring?days=30", "/ministry/assessments"):
        page.goto(path)
        look(page)
    page.goto("/organisation")
    page.locator("a[href$='/territory']").first.click()
    look(page)


@pytest.mark.parametrize(("lang", "viewport"), [("zh", WIDE), ("en", PHONE)], ids=["zh-wide", "en-phone"])
def test_every_page_is_accessible_and_fits(
    browser: Browser,
    portal: Portal,
    worker: None,
    signed_in: dict[Role, StorageState],
    lang: str,
    viewport: ViewportSize,
) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        assert not sideways(page), page.url
        found.extend(violations(page))

    context = browser.new_context(
        base_url=portal.url,
        viewport=viewport,
        storage_state=signed_in[Role.STAFF_ADMIN],
        extra_http_headers={"Accept-Language": lang},
    )
    page = context.new_page()
    visit(page, lang, firm(portal, 0 if lang == "zh" else 1), look)
    check(page, lang, look)
    queues(page, lang, look)
    context.close()
    assert not found, "\n".join(found)


def test_all_of_it_works_without_a_script(
    browser: Browser, portal: Portal, worker: None, signed_in: dict[Role, StorageState]
) -> None:
    context = browser.new_context(
        base_url=portal.url,
        viewport=WIDE,
        storage_state=signed_in[Role.STAFF_ADMIN],
        java_script_enabled=False,
        extra_http_headers={"Accept-Language": "en"},
    )
    page = context.new_page()
    visit(page, "en", firm(portal, 2), lambda _page: None)
    check(page, "en", lambda _page: None)
    context.close()
