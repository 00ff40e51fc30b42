"""A sourcing record in a real browser: from the shortlist into the award file, and verified by someone else."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.accessibility import violations
from tests.browser.accounts import buyer_page
from tests.browser.conftest import Portal
from tests.browser.test_print import PAPER
from tests.browser.test_shortlists import PHONE, RESULT, WIDE, sideways

pytestmark = pytest.mark.xdist_group("records")  # a module goes to one worker, which has a portal of its own
REASON = "产能不足，交期过长"
SEARCH = "/suppliers?has=certificate&sector=machinery&level_min=quality_capability:inspection&criteria=X01-05"


def shortlisted(page: Page) -> str:
    """A list of two firms, one rejected; its path. The same in both languages."""
    page.goto("/shortlists")
    page.locator("#name").fill("轴承 2026")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/shortlists/\d+$"))
    path = page.url
    page.goto(RESULT)
    for number in range(2):
        page.locator(".card-hit button[form=shortlist-form]").nth(number).click()
        expect(page.locator(".tag-kept")).to_have_count(number + 1)
    page.goto(path)
    page.locator(".entry .pick input").first.check()
    page.locator("#bulk-status").select_option("not_recommended")
    page.locator("#bulk-reason").fill(REASON)
    page.locator("button[name=do][value=status]").click()
    expect(page.get_by_text(REASON)).to_be_visible()
    return path


def fixed(page: Page, path: str) -> None:
    """Make the record of a list, by its pages."""
    page.goto(path)
    page.locator(".shortlist-head a[href$='/record']").click()
    page.locator("#title").fill("深沟球轴承寻源")
    page.locator("#address").fill(SEARCH)
    page.locator("button[name=do][value=preview]").click()
    expect(page.locator(".record-preview .record")).to_be_visible()
    page.locator(".record-preview button[value=fix]").click()
    page.wait_for_url(re.compile(r"/records/\d+$"))


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_the_shortlist_to_the_award_file_and_verified(
    browser: Browser, portal: Portal, tmp_path: Path, script: bool
) -> None:
    with buyer_page(browser, portal, viewport=WIDE, java_script_enabled=script) as page:
        fixed(page, shortlisted(page))
        code = page.locator(".record .record-code").first.inner_text()
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile("^Download")).click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        assert REASON in archive.read("record.html").decode()
    anyone = browser.new_context(base_url=portal.url, locale="en-GB", java_script_enabled=script)
    other = anyone.new_page()
    other.goto("/about")
    other.get_by_role("link", name="Verify a sourcing record").click()
    other.locator("#file").set_input_files(file)
    other.get_by_role("button", name="Verify the file").click()
    expect(other.get_by_text("the file is, byte for byte, record.zip of this record")).to_be_visible()
    other.goto("/verify")
    other.locator("#code").fill(code.lower().replace("-", " "))
    other.get_by_role("button", name="Verify the code").click()
    expect(other).to_have_url(re.compile(f"/verify/{code}$"))
    expect(other.get_by_text("This code is genuine")).to_be_visible()
    assert anyone.cookies() == []
    anyone.close()


@pytest.mark.parametrize(("lang", "viewport"), [("zh", WIDE), ("en", PHONE)], ids=["zh-wide", "en-phone"])
def test_every_page_is_accessible_and_fits(browser: Browser, portal: Portal, lang: str, viewport: ViewportSize) -> None:
    found: list[str] = []

    def look(page: Page) -> None:
        assert not sideways(page), page.url
        found.extend(violations(page))

    with buyer_page(browser, portal, lang, viewport=viewport) as page:
        page.goto("/records")
        look(page)
        path = shortlisted(page)
        page.goto(f"{path}/record")
        look(page)
        page.locator("#title").fill("")
        page.evaluate("document.querySelector('#record-form').noValidate = true")
        page.locator("button[name=do][value=preview]").click()
        look(page)
        page.locator("#address").fill(SEARCH)
        page.locator("#title").fill("轴承")
        page.locator("button[name=do][value=preview]").click()
        look(page)
        page.locator(".record-preview button[value=fix]").click()
        look(page)
        code = page.locator(".record .record-code").first.inner_text()
        for address in ("/records", f"/verify/{code}", f"/verify/{code[:-1]}"):
            page.goto(address)
            look(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_file_stands_alone_and_prints_on_a4(browser: Browser, portal: Portal, tmp_path: Path, lang: str) -> None:
    with buyer_page(browser, portal, lang, viewport=WIDE) as page:
        fixed(page, shortlisted(page))
        with page.expect_download() as download:
            page.locator("a[href$='/file']").click()
        download.value.save_as(tmp_path / "record.zip")
        with zipfile.ZipFile(tmp_path / "record.zip") as archive:
            archive.extract("record.html", tmp_path)
    context = browser.new_context(viewport={"width": PAPER["width"], "height": PAPER["height"]})
    paper = context.new_page()
    asked: list[str] = []
    paper.on("request", lambda request: asked.append(request.url.partition(":")[0]))
    paper.goto((tmp_path / "record.html").as_uri())
    paper.emulate_media(media="print")
    assert set(asked) <= {"file", "data"}
    assert paper.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    for selector in (".record-qr img", ".record-code", ".record-firm", ".record-signatures"):
        expect(paper.locator(selector).first).to_be_visible()
    assert paper.evaluate("document.querySelector('.record-qr img').naturalWidth") > 0
    assert violations(paper) == []
    assert 1 <= len(re.findall(rb"/Type /Page\b(?!s)", paper.pdf(prefer_css_page_size=True))) <= 5
    context.close()
