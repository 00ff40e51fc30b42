"""Care of the register in a real browser: merge, take-down, people, announcements, versions of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import sessionmaker

from config.settings import Settings
from portal.care import catalogues
from portal.models import DuplicatePair, Role, Supplier
from portal.models.database import engine_options
from portal.register.catalogue import load_catalogue
from portal.register.facts import SupplierRecord
from portal.register.writer import Writer
from tests.browser.accessibility import violations
from tests.browser.accounts import new_buyer, writing
from tests.browser.conftest import Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways
from tests.factories import achievement_facts, certificate_facts, credit_code, supplier_facts, supplier_key

pytestmark = pytest.mark.xdist_group("ministry")

_numbers = count(5100)
Look = Callable[[Page], None]

WORDS = {
    "en": {
        "duplicates": "Duplicates",
        "keep": "Keep this one",
        "merge": "Merge",
        "merged": "The two entries are one now",
        "undo": "Undo",
        "undone": "Undone.",
        "apart": "Not a duplicate",
        "two": "These are two firms",
        "noted": "Noted: these are two firms.",
        "down": "Take the profile down",
        "false": "false or misleading statements",
        "hidden": "is not shown at the moment",
        "back": "Put it back",
        "shown": "The profile is shown again.",
        "find": "Find",
        "disable": "Disable the account",
        "required": "This field is required.",
        "disabled": "They can no longer sign in.",
        "new": "New announcement",
        "publish": "Publish the announcement",
        "published": "The announcement was published.",
        "title": "Maintenance on Saturday",
        "take_back": "Take it back",
        "close": "Do not show again",
        "compare": "Compare",
        "catalogue": "Catalogue: 2024.1",
    },
    "zh": {
        "duplicates": "疑似重复",
        "keep": "保留此条",
        "merge": "合并",
        "merged": "两个条目已合并",
        "undo": "撤销",
        "undone": "已撤销操作。",
        "apart": "不是重复",
        "two": "这是两家企业",
        "noted": "已记录：这是两家企业",
        "down": "紧急下架公开资料",
        "false": "虚假或误导性内容",
        "hidden": "目前不予显示",
        "back": "恢复显示",
        "shown": "公开资料已恢复显示。",
        "find": "查找",
        "disable": "停用账号",
        "required": "此项必填。",
        "disabled": "对方将无法登录",
        "new": "新建公告",
        "publish": "发布公告",
        "published": "公告已发布。",
        "title": "周六系统维护",
        "take_back": "撤回",
        "close": "不再显示",
        "compare": "对比",
        "catalogue": "目录：2024.1",
    },
}


def two_entries(portal: Portal) -> tuple[str, str]:
    """Two entries that may be one firm, the first with a profile of its own; their keys."""
    numbers = next(_numbers), next(_numbers)
    own = ("description_zh", "website")
    records = [
        SupplierRecord(
            supplier=supplier_facts(
                number,
                name_zh=f"余姚双录{numbers[0]}轴承{form}",
                description_zh=says,
                website="https://own.example" if says else "",
                self_declared=own if says else (),
            ),
            certificates=(certificate_facts(f"B-{number}"),),
            achievements=(achievement_facts(f"成果{number}", self_declared=bool(says)),),
        )
        for number, form, says in zip(numbers, ("有限公司", "股份有限公司"), ("自荐说明", ""), strict=True)
    ]
    catalogue = load_catalogue(Settings().catalogue_dir)
    with writing(portal) as session:
        Writer(session, catalogue, actor="import").write(records)
        ids = session.scalars(
            select(Supplier.id).where(Supplier.number.in_([credit_code(number) for number in numbers]))
        ).all()
        session.add(DuplicatePair(first_id=min(ids), second_id=max(ids), how="name", near=True))
    return supplier_key(numbers[0]), supplier_key(numbers[1])


def another_catalogue(portal: Portal) -> None:
    """A version that was in use before."""
    catalogue = load_catalogue(Settings().catalogue_dir)
    codes = list(catalogue.criteria)
    criteria = {code: one for code, one in catalogue.criteria.items() if code != codes[0]}
    criteria[codes[1]] = replace(criteria[codes[1]], reference="GB/T 0001")
    url = f"sqlite:///{portal.environment['DATA_DIR']}/portal.db"
    engine = create_engine(url, **engine_options(url))
    catalogues.keep(sessionmaker(engine), replace(catalogue, version="2024.1", criteria=criteria))
    engine.dispose()


def merging(page: Page, words: dict[str, str], keys: tuple[str, str], look: Look) -> None:
    page.goto("/ministry/duplicates")
    pair = page.locator(".pair-list > li").filter(has_text=keys[0].partition("/")[2])
    expect(pair).to_have_count(1)
    look(page)
    pair.get_by_role("link", name=words["keep"]).first.click()
    look(page)
    page.get_by_role("button", name=words["merge"], exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(words["required"])
    page.locator("#reason").fill("同一企业两次登记")
    page.get_by_role("button", name=words["merge"], exact=True).click()
    expect(page.get_by_text(words["merged"])).to_be_visible()
    look(page)
    kept = page.url
    page.get_by_role("button", name=words["undo"]).click()
    expect(page.get_by_text(words["undone"])).to_be_visible()
    page.goto(f"{kept.partition('?')[0]}")
    page.goto("/ministry/duplicates")
    pair = page.locator(".pair-list > li").filter(has_text=keys[0].partition("/")[2])
    pair.locator("summary").click()
    pair.locator("input[name=reason]").fill("母子公司")
    pair.get_by_role("button", name=words["two"]).click()
    expect(page.get_by_text(words["noted"])).to_be_visible()


def taking_down(page: Page, words: dict[str, str], key: str, look: Look) -> None:
    page.goto(f"/suppliers/{key}")
    expect(page.get_by_text("自荐说明")).to_be_visible()
    page.locator(".take-down summary").click()
    look(page)
    page.get_by_role("button", name=words["false"]).click()
    look(page)
    page.goto(f"/suppliers/{key}")
    expect(page.get_by_text(words["hidden"])).to_be_visible()
    expect(page.get_by_text("自荐说明")).to_have_count(0)
    look(page)
    page.goto(f"/ministry/suppliers/{key}")
    page.get_by_role("button", name=words["back"]).click()
    expect(page.get_by_text(words["shown"])).to_be_visible()


def people(page: Page, words: dict[str, str], name: str, look: Look) -> None:
    page.goto("/staff/organisations?state=approved")
    page.locator("#person-name").fill(name)
    page.get_by_role("button", name=words["find"], exact=True).click()
    look(page)
    page.locator("tbody td a").first.click()
    look(page)
    page.locator("tbody th a").first.click()
    page.get_by_role("button", name=words["disable"]).click()
    expect(page.get_by_role("alert")).to_contain_text(words["required"])
    look(page)
    page.locator("#disable-reason").fill("账号外借")
    page.get_by_role("button", name=words["disable"]).click()
    expect(page.locator("#messages")).not_to_be_empty()


def announcing(page: Page, words: dict[str, str], look: Look) -> None:
    page.goto("/ministry/announcements")
    page.get_by_role("link", name=words["new"]).click()
    look(page)
    page.locator("#title_zh").fill("周六系统维护")
    page.locator("#text_zh").fill("八点至十点。\n详见 https://example.org/notice")
    page.locator("#title_en").fill("Maintenance on Saturday")
    page.locator("#text_en").fill("From eight to ten.")
    page.locator("#level").select_option("urgent")
    page.get_by_role("button", name=words["publish"], exact=True).click()
    expect(page.get_by_text(words["published"])).to_be_visible()
    look(page)
    banner = page.locator(".announcement")
    expect(banner).to_contain_text(words["title"])
    banner.get_by_role("link").click()
    look(page)
    banner.get_by_role("button", name=words["close"]).click()
    expect(page.locator(".announcement")).to_have_count(0)
    page.goto("/ministry/announcements")
    page.get_by_role("link", name=words["title"]).first.click()
    look(page)
    page.get_by_role("button", name=words["take_back"], exact=True).click()
    expect(page.get_by_role("button", name=words["undo"])).to_be_visible()


def catalogue_versions(page: Page, words: dict[str, str], look: Look) -> None:
    page.goto("/ministry/catalogue")
    look(page)
    page.locator("#before option").filter(has_text="2024.1").first.evaluate("option => option.selected = true")
    page.get_by_role("main").get_by_role("button", name=words["compare"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words["catalogue"])
    expect(page.get_by_text("GB/T 0001")).to_be_visible()
    look(page)
    page.goto("/ministry/catalogue")
    page.locator("tbody th a").first.click()
    page.locator(".sections a").filter(has_text="300").first.click()
    look(page)


@pytest.mark.parametrize(
    ("lang", "viewport", "script"), [("zh", PHONE, False), ("en", WIDE, True)], ids=["zh-phone-no-script", "en-wide"]
)
def test_care_of_the_register(
    browser: Browser,
    portal: Portal,
    signed_in: dict[Role, StorageState],
    lang: str,
    viewport: ViewportSize,
    script: bool,
) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        assert not sideways(page), page.url
        if script:
            found.extend(violations(page))

    keys, buyer = two_entries(portal), new_buyer(portal)
    another_catalogue(portal)
    context = browser.new_context(
        base_url=portal.url,
        viewport=viewport,
        storage_state=signed_in[Role.STAFF_ADMIN],
        java_script_enabled=script,
        extra_http_headers={"Accept-Language": lang},
    )
    page, words = context.new_page(), WORDS[lang]
    merging(page, words, keys, look)
    taking_down(page, words, keys[0], look)
    people(page, words, buyer, look)
    announcing(page, words, look)
    catalogue_versions(page, words, look)
    context.close()
    assert not found, "\n".join(found)
