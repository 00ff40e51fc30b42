"""A purchaser's whole way in a real browser: from sign-up to the alert that a supplier has changed (issue 2)."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect
from sqlalchemy import select

from portal.models import Role, Supplier
from portal.register.catalogue import load_catalogue
from portal.register.facts import SupplierFacts, SupplierRecord
from portal.register.writer import Writer
from tests.browser.accounts import writing
from tests.browser.conftest import ROOT, Portal
from tests.browser.test_accounts import WORDS, Journey, approve
from tests.browser.test_shortlists import PHONE, WIDE, sideways

pytestmark = pytest.mark.xdist_group("whole_journey")  # a module goes to one worker, which has a portal of its own
MUSTS = "/suppliers?has=certificate&sector=machinery&criteria=X01-04"


def keep_conditions(page: Page) -> str:
    """Search, and save the search as sourcing conditions; their page."""
    page.goto("/")
    page.locator("main input[name=q]").fill("轴承")
    page.locator("main .search-box button[type=submit], main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/suppliers\?"))
    page.goto(MUSTS)
    page.locator(".keep-line a").first.click()
    page.locator("#name").fill("精密轴承")
    page.locator("button[value=save]").first.click()
    page.wait_for_url(re.compile(r"/conditions/\d+$"))
    return page.url


def shortlist(page: Page, conditions: str) -> tuple[str, str]:
    """Put the first two that meet them on a list, reject the second; the list's page, and the first one's key."""
    page.goto(f"/suppliers?conditions={conditions.rpartition('/')[2]}")
    page.locator(".card-hit button[form=shortlist-form]").first.click()
    page.locator("#new-name").fill("轴承 2026")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".tag-kept")).to_have_count(1)
    page.locator(".card-hit button[form=shortlist-form]").nth(1).click()
    expect(page.locator(".tag-kept")).to_have_count(2)
    key = str(page.locator(".card-hit h2 a").first.get_attribute("href")).removeprefix("/suppliers/")
    page.goto("/shortlists")
    page.locator(".kept-lists a").first.click()
    page.wait_for_url(re.compile(r"/shortlists/\d+$"))
    page.locator(".entry .pick input").last.check()
    page.locator("#bulk-status").select_option("not_recommended")
    page.locator("#bulk-reason").fill("产能不足")
    page.locator("button[name=do][value=status]").click()
    expect(page.get_by_text("产能不足")).to_be_visible()
    return page.url, key


def compare(page: Page) -> None:
    """The first two of a result, side by side."""
    page.goto(MUSTS)
    for number in (0, 1):
        page.locator(".pick input").nth(number).check()
    page.locator("#compare-form button").first.click()
    expect(page.locator(".compare-table").first.locator("thead th")).to_have_count(2)


def record(page: Page, listed: str, folder: Path) -> None:
    """Make the record of the list, and look into its file."""
    page.goto(listed)
    page.locator(".shortlist-head a[href$='/record']").click()
    page.locator("#title").fill("轴承寻源")
    page.locator("#conditions").select_option(index=1)
    page.locator("button[name=do][value=preview]").click()
    page.locator(".record-preview button[value=fix]").click()
    page.wait_for_url(re.compile(r"/records/\d+$"))
    with page.expect_download() as download:
        page.locator("a[href$='/file']").first.click()
    download.value.save_as(folder / "record.zip")
    with zipfile.ZipFile(folder / "record.zip") as archive:
        told = archive.read("record.html").decode()
    assert "产能不足" in told
    assert "X01-04" in told


def change(portal: Portal, key: str, name: str) -> None:
    """What the authority would do."""
    scheme, _slash, number = key.partition("/")
    with writing(portal) as session:
        assert session.scalar(select(Supplier.id).where(Supplier.scheme == scheme, Supplier.number == number))
        facts = SupplierFacts(scheme=scheme, number=number, name_zh=name)
        catalogue = load_catalogue(ROOT / "config/catalogue")
        Writer(session, catalogue, actor="authority").write([SupplierRecord(supplier=facts)])
    portal.flask("index", "drain")
    portal.flask("alerts", "run", "--all")


@pytest.mark.parametrize(("lang", "viewport"), [("zh", PHONE), ("en", WIDE)], ids=["zh-phone", "en-wide"])
def test_from_sign_up_to_an_alert(
    browser: Browser,
    portal: Portal,
    signed_in: dict[Role, StorageState],
    tmp_path: Path,
    lang: str,
    viewport: ViewportSize,
) -> None:
    headers = {"Accept-Language": lang}
    context = browser.new_context(base_url=portal.url, extra_http_headers=headers, viewport=viewport)
    page = context.new_page()
    journey = Journey(page, WORDS[lang], f"whole-{lang}@example.com")
    journey.sign_up()
    journey.choose_password(portal.mail(journey.name))
    staff = browser.new_context(
        base_url=portal.url, extra_http_headers=headers, storage_state=signed_in[Role.STAFF_ADMIN]
    )
    approve(staff.new_page(), journey.name, WORDS[lang]["approve"])
    staff.close()
    journey.sign_in()
    page.wait_for_url("**/workspace")
    conditions = keep_conditions(page)
    listed, key = shortlist(page, conditions)
    compare(page)
    record(page, listed, tmp_path)
    for watched in (conditions, listed):
        page.goto(watched)
        page.locator("a[href$='/alerts/new']").first.click()
        page.locator("main form button[type=submit]").last.click()
        page.wait_for_url(re.compile(r"/alerts/\d+$"))
    change(portal, key, f"改名后的轴承厂 {lang}")
    page.goto("/alerts")
    expect(page.locator(".kept-lists > li")).to_have_count(2)
    page.locator(".kept-lists a").first.click()
    page.locator("#digests + .panel a").first.click()
    expect(page.locator(".feed-head a").first).to_contain_text(f"改名后的轴承厂 {lang}")
    assert f"改名后的轴承厂 {lang}" in portal.mail(journey.name)
    page.goto("/workspace")
    expect(page.locator("[aria-labelledby=recent]")).to_contain_text("轴承")
    assert not sideways(page)
    context.close()
