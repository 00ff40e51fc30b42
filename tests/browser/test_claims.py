"""An SME claims its firm in a real browser: by papers on a phone without JavaScript, by a letter at a desk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, StorageState, expect

from portal.identity.passwords import Passwords
from portal.models import Organisation, OrganisationState, Role, User
from tests.browser.accessibility import violations
from tests.browser.accounts import PASSWORD, writing
from tests.browser.conftest import Portal
from tests.browser.test_shortlists import PHONE, WIDE, sideways
from tests.portal.company.papers import image, pdf

pytestmark = pytest.mark.xdist_group("claims")
_numbers = count(1)

Look = Callable[..., None]


def firm(portal: Portal, place: int) -> dict[str, Any]:
    """A firm of the sample that nobody speaks for."""
    found = requests.get(f"{portal.url}/api/v1/suppliers?per_page=60&sort=name&lang=zh", timeout=10).json()
    item: dict[str, Any] = found["items"][place]
    return item


@contextmanager
def someone(browser: Browser, portal: Portal, lang: str, **options: Any) -> Iterator[Page]:
    """A tab of a new SME's administrator, in their workspace."""
    name = f"owner{next(_numbers)}@example.com"
    with writing(portal) as session:
        organisation = Organisation(kind="supplier", name="甬江精密（申请）", state=OrganisationState.APPROVED)
        session.add(organisation)
        session.flush()
        person = {"sign_in": name, "name": "陈敏", "language": lang, "password_hash": Passwords().hash(PASSWORD)}
        session.add(User(organisation_id=organisation.id, role=Role.SUPPLIER_ADMIN, **person))
    context = browser.new_context(base_url=portal.url, extra_http_headers={"Accept-Language": lang}, **options)
    page = context.new_page()
    page.goto("/sign-in")
    page.locator("#sign_in").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/firm")
    yield page
    context.close()


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Whether a page is not wider than the screen and has no fault that axe finds, which needs scripts: by an `eye`.

    With the variable SHOTS, a folder, a picture of each page is put there.
    """

    def looked(page: Page, name: str, eye: Page | None = None) -> None:
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)
        assert not sideways(page), page.url
        if eye is not None:
            eye.goto(page.url)
        assert violations(eye or page) == []

    return looked


def test_papers_on_a_phone_without_javascript(
    browser: Browser,
    portal: Portal,
    signed_in: dict[Role, StorageState],
    tmp_path: Path,
    look: Look,
) -> None:
    wanted = firm(portal, 41)
    papers = [tmp_path / "授权书.pdf", tmp_path / "执照.jpg"]
    papers[0].write_bytes(pdf(1))
    papers[1].write_bytes(image())
    with someone(browser, portal, "zh", viewport=PHONE, java_script_enabled=False) as page:
        state = page.context.storage_state()
        seeing = browser.new_context(base_url=portal.url, storage_state=state, locale="zh-CN", viewport=PHONE)
        eye = seeing.new_page()
        look(page, "home-none-zh", eye)
        page.get_by_role("link", name="认领企业").click()
        page.get_by_label("统一社会信用代码或企业名称").fill(wanted["name"]["zh"])
        page.get_by_role("button", name="查找").last.click()
        look(page, "find-zh", eye)
        page.get_by_role("link", name="这是我的企业").first.click()
        hand_in(page, papers, lambda *seen: look(*seen, eye))
        desk = browser.new_context(
            base_url=portal.url, storage_state=signed_in[Role.STAFF_ADMIN], locale="zh-CN", viewport=WIDE
        )
        approve(desk.new_page(), page.url.rpartition("/")[2], papers[0], look)
        desk.close()

        page.reload()
        expect(page.get_by_text("已通过").first).to_be_visible()
        look(page, "approved-zh", eye)
        page.get_by_role("link", name="进入我的企业").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(wanted["name"]["zh"])
        page.goto("/firm/speaking")
        look(page, "speaking-zh", eye)
        seeing.close()


def hand_in(page: Page, papers: list[Path], look: Look) -> None:
    """From the firm's page to the claim's."""
    look(page, "ways-zh")
    page.get_by_role("link", name="授权书", exact=True).click()
    expect(page.get_by_role("heading", name="企业信息维护授权书")).to_be_visible()
    look(page, "letter-zh")
    page.go_back()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("请至少选择一个文件。").first).to_be_visible()
    page.get_by_label("文件").set_input_files(papers)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("待审核")).to_be_visible()
    look(page, "case-zh")


def approve(staff: Page, number: str, paper: Path, look: Look) -> None:
    """As staff do, with a look at what was handed in."""
    staff.goto(f"/ministry/reviews/{number}")
    look(staff, "review-zh")
    with staff.expect_download() as found:
        staff.get_by_role("link", name=paper.name).click()
    assert found.value.path().read_bytes() == paper.read_bytes()
    staff.locator("button[accesskey=a]").click()
    staff.wait_for_load_state()


def test_a_letter_at_a_desk_and_a_second_claimant(browser: Browser, portal: Portal, tmp_path: Path, look: Look) -> None:
    output = tmp_path / "letters.html"
    portal.flask("claims", "letters", "--output", str(output), "--language", "en", "--most", "3")
    codes = re.findall(r'class="code">([0-9A-Z-]+)<', output.read_text(encoding="utf-8"))
    with (
        someone(browser, portal, "en", viewport=WIDE) as holder,
        someone(browser, portal, "en", viewport=WIDE) as other,
    ):
        holder.goto(f"/firm/claim?code={codes[0]}")
        look(holder, "find-en")
        holder.get_by_role("button", name="Claim with this code").click()
        expect(holder.get_by_role("status").first).to_contain_text("speaks for")
        look(holder, "home-en")
        name = holder.get_by_role("heading", level=1).inner_text()

        dispute(other, name, tmp_path / "licence.png", look)
        answer(holder, look)
        other.get_by_role("button", name="Withdraw the claim").click()
        expect(other.get_by_text("The claim was withdrawn.")).to_be_visible()
        look(other, "withdrawn-en")


def dispute(other: Page, name: str, paper: Path, look: Look) -> None:
    """Someone claims a firm that is spoken for, by papers."""
    other.goto("/firm/claim")
    other.get_by_label("Unified social credit code or name of the firm").fill(name)
    other.get_by_role("button", name="Find").last.click()
    other.get_by_role("link", name="This is my firm").first.click()
    look(other, "ways-taken-en")
    paper.write_bytes(image("PNG"))
    other.get_by_label("Files").set_input_files(paper)
    other.get_by_role("button", name="Hand in").click()
    expect(other.get_by_text("both sides are heard").first).to_be_visible()
    look(other, "case-dispute-en")


def answer(holder: Page, look: Look) -> None:
    """Who speaks for it says what staff should know."""
    holder.goto("/firm")
    holder.get_by_role("link", name="Someone else claims your firm").click()
    look(holder, "dispute-en")
    holder.get_by_label("Your answer").fill("We have been its owners since 2009.")
    holder.get_by_role("button", name="Send to staff").click()
    expect(holder.get_by_role("status").first).to_contain_text("before they decide")
    holder.goto("/firm/speaking")
    look(holder, "speaking-en")
