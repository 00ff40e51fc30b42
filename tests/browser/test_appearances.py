"""A buyer searches and opens a firm; the firm sees how often, and what it missed by; the ministry what is asked for."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect
from sqlalchemy import delete, select
from sqlalchemy.orm import sessionmaker

from config.settings import Settings
from portal.extensions import db
from portal.identity import demo
from portal.models import Appearance, AskedQuery, Organisation, Role, SearchCount, Supplier
from portal.register.clock import today_china
from portal.services import services
from portal.usage import notes
from portal.usage.adding import Adder
from portal.usage.pseudonyms import quarter
from search.contract import LevelChoice, SearchQuery
from tests.browser.accessibility import violations
from tests.browser.conftest import Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways
from tests.portal.apps import running

pytestmark = pytest.mark.xdist_group("coverage")  # a module goes to one worker, which has a portal of its own
WORDS = {
    "en": {
        "sign_in": "Sign in",
        "appearances": "Appearances",
        "near": "Near misses",
        "missed": "at least 35 searches missed you by one condition",
        "demand": "Demand and supply",
        "show": "Show",
    },
    "zh": {
        "sign_in": "登录",
        "appearances": "被看到的情况",
        "near": "仅差一项",
        "missed": "至少有 35 次搜索因仅差一项条件而未找到贵企业",
        "demand": "需求与供给",
        "show": "显示",
    },
}


@pytest.fixture(scope="module")
def app(portal: Portal) -> Iterator[Flask]:
    """The portal's data, for what the worker would do."""
    with running(Settings.from_environment(portal.environment)) as app:
        yield app


@pytest.fixture
def firm(app: Flask) -> str:
    """The key of the demonstration supplier's firm: it has appeared before, and several asked for what it lacks."""
    today = today_china()
    yesterday, monday = today - timedelta(days=1), notes.monday(today)
    with app.app_context():
        for model in (SearchCount, AskedQuery, Appearance):
            db.session.execute(delete(model))
        own = select(Organisation.supplier_id).where(Organisation.demo.is_(True), Organisation.kind == "supplier")
        found = db.session.get_one(Supplier, db.session.scalar(own))
        for back, shown in enumerate((64, 41, 3, 52, 37, 45, 28, 30), 1):
            counted = {"shown": shown, "opened": shown // 4, "shortlisted": shown // 11, "exported": 0}
            db.session.add(Appearance(supplier_id=found.id, week=monday - timedelta(weeks=back), **counted))
        lacked = {"steel", "textiles"} - {found.sector}
        asked = [
            SearchQuery(sectors=(min(lacked),)),
            SearchQuery(sectors=("machinery",), criteria=("X01-05", "X03-01"), regions=("330100",)),
            SearchQuery(levels_min=(LevelChoice("quality_capability", "excellence"),), sectors=("electronics",)),
            SearchQuery(processes=("casting", "forging"), regions=("440000",)),
        ]
        for number, query in enumerate(asked, 1):
            db.session.add(AskedQuery(id=number, hash=str(number), query=notes.conditions(query) or {}, whole=True))
            db.session.flush()
            for who, searches in enumerate((20, 10, 7)):
                pseudonym = f"{quarter(yesterday)}:{who}"
                db.session.add(SearchCount(day=yesterday, query_id=number, organisation=pseudonym, searches=searches))
        db.session.commit()
        return found.key


def add_up(app: Flask) -> None:
    """What the worker does with what was noted."""
    with app.app_context():
        settings = services().settings
        Adder(sessionmaker(db.engine), settings.usage_dir, settings.search_log_days, threading.Event()).step()


@dataclass(frozen=True)
class Journey:
    """Browsers of a language, a size, with scripts or without; `faults`: what axe found in them."""

    browser: Browser
    portal: Portal
    lang: str
    viewport: ViewportSize
    script: bool
    faults: list[str] = field(default_factory=list)

    def opened(self, state: StorageState | None = None) -> Page:
        context = self.browser.new_context(
            base_url=self.portal.url,
            viewport=self.viewport,
            extra_http_headers={"Accept-Language": self.lang},
            storage_state=state,
            java_script_enabled=self.script,
        )
        return context.new_page()

    def look(self, page: Page) -> None:
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if self.script:
            assert not sideways(page), page.url
            self.faults.extend(violations(page))


@pytest.mark.parametrize(
    ("lang", "viewport", "script"), [("zh", PHONE, False), ("en", WIDE, True)], ids=["zh-phone-no-script", "en-wide"]
)
def test_from_a_search_to_what_it_tells(
    browser: Browser,
    portal: Portal,
    signed_in: dict[Role, StorageState],
    app: Flask,
    firm: str,
    lang: str,
    viewport: ViewportSize,
    script: bool,
) -> None:
    journey = Journey(browser, portal, lang, viewport, script)
    buyer = journey.opened(signed_in[Role.BUYER_ADMIN])
    for _ in range(5):
        buyer.goto(f"/suppliers/{firm}")
    buyer.context.close()
    add_up(app)
    what_the_firm_is_told(journey, WORDS[lang])
    what_the_ministry_is_told(journey, WORDS[lang], signed_in[Role.STAFF_ADMIN])
    assert not journey.faults, "\n".join(journey.faults)


def what_the_firm_is_told(journey: Journey, words: dict[str, str]) -> None:
    page = journey.opened()
    page.goto("/sign-in")
    page.locator("#sign_in").fill(demo.sign_in_name(Role.SUPPLIER_ADMIN))
    page.locator("#password").fill(demo.PASSWORD)
    main = page.get_by_role("main")
    main.get_by_role("button", name=words["sign_in"]).click()
    page.context.clear_cookies(name="lang")  # of the account
    page.goto("/firm")
    main.get_by_role("link", name=words["appearances"]).first.click()
    assert page.locator("tbody tr").first.locator("td").all_inner_texts() == ["<5", "5+", "<5", "<5"]
    assert page.locator("tbody tr").nth(1).locator("td").first.inner_text() == "64"
    assert page.locator("svg.spark").count() == 4
    journey.look(page)
    page.go_back()
    main.get_by_role("link", name=words["near"]).click()
    expect(page.get_by_text(words["missed"])).to_be_visible()
    journey.look(page)
    page.locator("tbody th a").first.click()
    expect(page).to_have_url(re.compile(r"/suppliers\?sector="))
    page.context.close()


def what_the_ministry_is_told(journey: Journey, words: dict[str, str], state: StorageState) -> None:
    page = journey.opened(state)
    page.goto("/ministry/coverage")
    page.get_by_role("main").get_by_role("link", name=words["demand"], exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(5)
    journey.look(page)
    page.locator("#by").select_option("region")
    page.get_by_role("button", name=words["show"]).click()
    supply = page.locator("tbody tr").last.locator("td a")
    number = supply.inner_text()
    supply.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    page.goto("/about")
    journey.look(page)
    page.context.close()
