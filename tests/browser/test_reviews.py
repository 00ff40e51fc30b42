"""A correction's way: reported by the firm, returned by staff, answered with a file, approved, and seen by everyone.

The firm is on a phone, in Chinese and without a script; staff sit at a desk.
"""

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


def sign_in(page: Page) -> None:
    """As the demonstration firm's editor."""
    page.goto("/sign-in")
    page.locator("#sign_in").fill(demo.sign_in_name(Role.SUPPLIER_EDITOR))
    page.locator("#password").fill(demo.PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/firm")
    page.context.clear_cookies(name="lang")  # the account's language; the test has one of its own


def report(page: Page, path: str, address: str, look: Look) -> None:
    """From the firm's public page to the form, which first says what is missing."""
    page.goto(path)
    page.locator("a[href$='field=address']").click()
    look(page)
    button(page, "提交")
    expect(page.get_by_role("alert")).to_contain_text("此项必填。")
    page.locator("#right").fill(address)
    page.locator("#why").fill("已搬迁，执照已变更")
    page.locator("#link").fill("https://example.org/licence")
    button(page, "提交")
    expect(page.locator("#messages")).to_contain_text("谢谢")


def give_back(page: Page, look: Look) -> str:
    """Staff find the case in the queue by keyboard, take it and return it; the case's path."""
    page.goto("/ministry/reviews?kind=correction")
    look(page)
    first = page.locator("[data-row]").first
    first.focus()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ministry/reviews/*")
    look(page)
    path = page.url
    button(page, "Take: I look after it")
    button(page, "Return with the comment")
    expect(page.get_by_role("alert")).to_contain_text("Say why, in a comment.")
    page.locator("#comment").fill("请附营业执照")
    button(page, "Return with the comment")
    return path


def answer(page: Page, file: Path, look: Look) -> None:
    page.goto("/firm/corrections")
    look(page)
    page.locator(".kept-lists a").first.click()
    expect(page.get_by_role("main")).to_contain_text("请附营业执照")
    look(page)
    page.locator("#files").set_input_files(file)
    button(page, "重新提交")
    expect(page.get_by_role("main")).to_contain_text("执照.pdf")


def approve(page: Page, path: str, look: Look) -> None:
    page.goto(path)
    with page.expect_download() as download:
        page.get_by_role("link", name="执照.pdf").click()
    assert download.value.suggested_filename == "执照.pdf"
    button(page, "Approve")
    expect(page.locator("#messages")).to_contain_text("was approved")
    page.goto(path)
    look(page)


def test_from_the_report_to_the_public_page(
    browser: Browser, portal: Portal, signed_in: dict[Role, StorageState], tmp_path: Path
) -> None:
    path, address, found = firm_page(portal), "宁波市江北区新路1号", list[str]()
    paper = tmp_path / "执照.pdf"
    paper.write_bytes(pdf())

    def look(page: Page) -> None:
        assert not sideways(page), page.url
        found.extend(violations(page))

    with (
        tab(browser, portal, "zh", viewport=PHONE, java_script_enabled=False) as firm,
        tab(browser, portal, "en", viewport=WIDE, storage_state=signed_in[Role.STAFF_ADMIN]) as staff,
    ):
        sign_in(firm)
        state = firm.context.storage_state()
        with tab(browser, portal, "zh", viewport=PHONE, storage_state=state) as eye:  # axe is a script

            def seen(page: Page) -> None:
                eye.goto(page.url)
                look(eye)

            report(firm, path, address, seen)
            case = give_back(staff, look)
            answer(firm, paper, seen)
            approve(staff, case, look)
        firm.goto(path)
        expect(firm.get_by_role("main")).to_contain_text(address)
    assert not found, "\n".join(found)
