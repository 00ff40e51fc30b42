"""A correction's way: reported by the firm, returned by staff, answered with a file, approved, and seen by everyone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from portal.identity import demo
from portal.models import Organisation, OrganisationKind, Role, Supplier
from tests.browser.accessibility import violations
from tests.browser.accounts import writing
from tests.browser.conftest import Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways
from tests.portal.company.papers import pdf

pytestmark = pytest.mark.xdist_group("ministry")

WORDS = {
    "en": {
        "corrections": "Corrections",
        "report": "Report an error: Address",
        "hand in": "Hand in",
        "required": "This field is required.",
        "thanks": "Thank you.",
        "take": "Take: I look after it",
        "return": "Return with the comment",
        "why": "Say why, in a comment.",
        "again": "Hand in again",
        "approve": "Approve",
        "approved": "was approved",
    },
    "zh": {
        "corrections": "信息更正",
        "report": "报告错误: 地址",
        "hand in": "提交",
        "required": "此项为必填项。",
        "thanks": "谢谢",
        "take": "认领：由我办理",
        "return": "附意见退回",
        "why": "请在意见中说明理由。",
        "again": "重新提交",
        "approve": "通过",
        "approved": "已通过",
    },
}

Look = Callable[[Page], None]


@contextmanager
def tab(browser: Browser, portal: Portal, lang: str, **options: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=portal.url, extra_http_headers={"Accept-Language": lang}, **options)
    yield context.new_page()
    context.close()


def firm_page(portal: Portal) -> str:
    """The public page of the demonstration firm, which has an address."""
    with writing(portal) as session:
        mine = Supplier.id == Organisation.supplier_id
        found = session.query(Supplier).join(Organisation, mine)
        firm = found.filter(Organisation.demo, Organisation.kind == OrganisationKind.SUPPLIER).one()
        return f"/suppliers/{firm.scheme}/{firm.number}"


def button(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def report(page: Page, words: dict[str, str], path: str, address: str, look: Look) -> None:
    """From the firm's public page to the form, which first says what is missing."""
    page.goto("/sign-in")
    page.locator("#sign_in").fill(demo.sign_in_name(Role.SUPPLIER_EDITOR))
    page.locator("#password").fill(demo.PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/firm")
    page.context.clear_cookies(name="lang")  # the account's language; the test has one of its own
    page.goto(path)
    look(page)
    page.get_by_role("link", name=words["report"]).click()
    look(page)
    button(page, words["hand in"])
    expect(page.get_by_role("alert")).to_contain_text(words["required"])
    look(page)
    page.locator("#right").fill(address)
    page.locator("#why").fill("已搬迁，执照已变更")
    page.locator("#link").fill("https://example.org/licence")
    button(page, words["hand in"])
    expect(page.locator("#messages")).to_contain_text(words["thanks"])
    look(page)


def give_back(page: Page, words: dict[str, str], look: Look, *, keys: bool) -> str:
    """Staff find the case in the queue, take it and return it; the case's path."""
    page.goto("/ministry/reviews?kind=correction")
    look(page)
    first = page.locator("[data-row]").first
    if keys:  # down and up again by keyboard
        first.focus()
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(first).to_be_focused()
        page.keyboard.press("Enter")
    else:
        first.click()
    page.wait_for_url("**/ministry/reviews/*")
    look(page)
    path = page.url
    button(page, words["take"])
    button(page, words["return"])
    expect(page.get_by_role("alert")).to_contain_text(words["why"])
    look(page)
    page.locator("#comment").fill("请附营业执照")
    button(page, words["return"])
    return path


def answer(page: Page, words: dict[str, str], file: Path, look: Look) -> None:
    page.goto("/firm/corrections")
    look(page)
    page.locator(".kept-lists a").first.click()
    expect(page.get_by_role("main")).to_contain_text("请附营业执照")
    look(page)
    page.locator("#files").set_input_files(file)
    button(page, words["again"])
    expect(page.get_by_role("main")).to_contain_text("执照.pdf")
    look(page)


def approve(page: Page, words: dict[str, str], path: str, look: Look) -> None:
    page.goto(path)
    with page.expect_download() as download:
        page.get_by_role("link", name="执照.pdf").click()
    assert download.value.suggested_filename == "执照.pdf"
    button(page, words["approve"])
    expect(page.locator("#messages")).to_contain_text(words["approved"])
    page.goto(path)
    look(page)


@pytest.mark.parametrize(
    ("lang", "options"),
    [("zh", {"viewport": PHONE, "java_script_enabled": False}), ("en", {"viewport": WIDE})],
    ids=["zh-phone-no-script", "en-wide"],
)
def test_from_the_report_to_the_public_page(
    browser: Browser,
    portal: Portal,
    signed_in: dict[Role, StorageState],
    tmp_path: Path,
    lang: str,
    options: dict[str, Any],
) -> None:
    words, path, found = WORDS[lang], firm_page(portal), list[str]()
    address = {"zh": "宁波市江北区新路1号", "en": "宁波市江北区新路2号"}[lang]
    paper = tmp_path / "执照.pdf"
    paper.write_bytes(pdf())

    def look(page: Page) -> None:
        assert not sideways(page), page.url
        if "java_script_enabled" not in options:  # axe is a script
            found.extend(violations(page))

    with (
        tab(browser, portal, lang, **options) as firm,
        tab(browser, portal, lang, storage_state=signed_in[Role.STAFF_ADMIN], **options) as staff,
    ):
        report(firm, words, path, address, look)
        case = give_back(staff, words, look, keys=lang == "en")
        answer(firm, words, paper, look)
        approve(staff, words, case, look)
        firm.goto(path)
        expect(firm.get_by_role("main")).to_contain_text(address)
    assert not found, "\n".join(found)
