"""A ranking list in a real browser: computed, under notice, objected to, published by a second person, taken back."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import sessionmaker

from portal.models import Edition, Role, User
from portal.models.database import engine_options
from portal.register.catalogue import load_catalogue
from portal.register.clock import today_china
from portal.workspace.handlers import HANDLERS
from portal.workspace.jobs import Runner
from tests.browser.accessibility import violations
from tests.browser.accounts import writing
from tests.browser.conftest import ROOT, Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways

pytestmark = pytest.mark.xdist_group("editions")
WORDS = {
    "en": {"now": "Not yet in force", "gone": "taken back", "until": "under public notice until"},
    "zh": {"now": "尚未生效", "gone": "已撤回", "until": "已开始公示"},
}
PICTURES = os.environ.get("PICTURES")


def work(portal: Portal) -> None:
    """Do every job that waits, as the worker does."""
    url = f"sqlite:///{portal.environment['DATA_DIR']}/portal.db"
    engine = create_engine(url, **engine_options(url))
    runner = Runner(sessionmaker(engine), load_catalogue(ROOT / "config/catalogue"), HANDLERS, threading.Event())
    while runner.run_one():
        pass
    engine.dispose()


def end_notice(portal: Portal, code: str) -> None:
    with writing(portal) as session:
        row = session.scalars(select(Edition).where(Edition.code == code)).one()
        row.notice_until = today_china() - timedelta(days=1)


def hand_over(portal: Portal, code: str) -> None:
    """As if a colleague had made the draft and opened its notice."""
    with writing(portal) as session:
        row = session.scalars(select(Edition).where(Edition.code == code)).one()
        row.made_by = row.noticed_by = session.scalars(select(User.id).where(User.id != row.made_by)).first()


class Journey:
    """Staff, whose second tab plays a colleague, and a buyer; with a look at every page."""

    def __init__(self, portal: Portal, contexts: list[BrowserContext], look: Callable[[Page], None]) -> None:
        self.portal, self.look = portal, look
        self.first, self.second, self.buyer = (context.new_page() for context in contexts)

    def press(self, page: Page, action: str) -> None:
        page.locator(f"form[action$='{action}'] button").click()
        self.look(page)

    def drafted(self, period: str) -> str:
        """A draft that the worker has computed; its address."""
        page = self.first
        page.goto("/ministry/editions")
        self.look(page)
        page.locator("#period").fill("no such period!")
        page.locator("form[action='/ministry/editions'] button").click()
        expect(page.locator("#period-errors")).to_be_visible()
        self.look(page)
        page.locator("#period").fill(period)
        page.locator("form[action='/ministry/editions'] button").click()
        expect(page.locator("progress")).to_be_visible()
        self.look(page)
        address = page.url
        work(self.portal)
        page.goto(address)
        expect(page.locator("#preview")).to_be_visible()
        self.look(page)
        return address

    def noticed(self, address: str, words: dict[str, str]) -> str:
        """Under notice, objected to, answered; its code."""
        self.press(self.first, "/notice")
        expect(self.first.locator("main, .flash").filter(has_text=words["until"]).first).to_be_visible()
        code = self.first.locator("h1 + p .code").inner_text()
        page = self.buyer
        page.goto(f"/editions/{code}")
        expect(page.locator(".notice-proposed")).to_contain_text(words["now"])
        self.look(page)
        page.locator("#text").fill("第二名的证书已经过期，请核实。")
        self.press(page, "/objection")
        expect(page.locator("article .said")).to_be_visible()
        self.second.goto(address)
        self.look(self.second)
        self.second.locator("input[value=not_upheld]").check()
        self.second.locator("article textarea").fill("已核实：证书已于上月换发。")
        self.second.locator("article button").click()
        expect(self.second.locator("article textarea")).to_have_count(0)
        self.look(self.second)
        return code

    def published_and_back(self, address: str, code: str, words: dict[str, str]) -> None:
        end_notice(self.portal, code)
        self.second.goto(address)
        expect(self.second.locator("form[action$='/publish']")).to_have_count(0)  # who made it cannot publish it
        self.look(self.second)
        hand_over(self.portal, code)
        self.second.reload()
        self.press(self.second, "/publish")
        expect(self.second.locator(".edition-published")).to_be_visible()
        work(self.portal)
        self.buyer.goto(f"/editions/{code}")
        expect(self.buyer.locator("#top")).to_be_visible()
        self.second.goto(f"{address}/take-back")
        self.look(self.second)
        self.second.locator("#reason").fill("采用的评价结果有误")
        self.second.locator("main .btn-danger").click()
        expect(self.second.locator(".edition-taken_back")).to_be_visible()
        work(self.portal)
        self.buyer.goto(f"/editions/{code}")
        expect(self.buyer.locator("main")).to_contain_text(words["gone"])
        self.look(self.buyer)
        self.first.goto("/ministry/editions")
        self.look(self.first)


@pytest.mark.parametrize(
    ("lang", "viewport", "script"), [("zh", PHONE, False), ("en", WIDE, True)], ids=["zh-phone-no-script", "en-wide"]
)
def test_a_list_s_whole_way(
    browser: Browser,
    portal: Portal,
    signed_in: dict[Role, StorageState],
    lang: str,
    viewport: ViewportSize,
    script: bool,
) -> None:
    found: list[str] = []
    seen: list[str] = []

    def look(page: Page) -> None:
        seen.append(page.url)
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{lang}-{len(seen):02}.png", full_page=True)
        if script:
            assert not sideways(page), page.url
            found.extend(violations(page))

    contexts = [
        browser.new_context(
            base_url=portal.url,
            viewport=viewport,
            extra_http_headers={"Accept-Language": lang},
            storage_state=signed_in[role],
            java_script_enabled=script,
        )
        for role in (Role.STAFF_ADMIN, Role.STAFF_ADMIN, Role.BUYER_ADMIN)
    ]
    journey = Journey(portal, contexts, look)
    address = journey.drafted(f"2026-{lang}")
    code = journey.noticed(address, WORDS[lang])
    journey.published_and_back(address, code, WORDS[lang])
    for context in contexts:
        context.close()
    assert not found, "\n".join(found)
