"""An SME claims its firm by a letter at a desk, and another claims it too; by papers: test_firm_journey.py."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import violations
from tests.browser.accounts import new_owner, sign_in
from tests.browser.conftest import Portal
from tests.browser.test_shortlists import WIDE, sideways
from tests.portal.company.papers import image

pytestmark = pytest.mark.xdist_group("claims")

Look = Callable[..., None]


@contextmanager
def someone(browser: Browser, portal: Portal, lang: str, **options: Any) -> Iterator[Page]:
    """A tab of a new SME's administrator, in their workspace."""
    context = browser.new_context(base_url=portal.url, extra_http_headers={"Accept-Language": lang}, **options)
    page = context.new_page()
    sign_in(page, new_owner(portal, lang), "**/firm")
    yield page
    context.close()


@pytest.fixture
def look() -> Look:
    """Whether a page is not wider than the screen and has no fault that axe finds.

    With the variable SHOTS, a folder, a picture of each page is put there.
    """

    def looked(page: Page, name: str) -> None:
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)
        assert not sideways(page), page.url
        assert violations(page) == []

    return looked


def test_a_letter_at_a_desk_and_a_second_claimant(browser: Browser, portal: Portal, tmp_path: Path, look: Look) -> None:
    output = tmp_path / "letters.html"
    portal.flask("claims", "letters", "--output", str(output), "--language", "en", "--most", "3")
    codes = re.findall(r'class="code">([0-9A-Z-]+)<', output.read_text(encoding="utf-8"))
    with (
        someone(browser, portal, "en", viewport=WIDE) as holder,
        someone(browser, portal, "en", viewport=WIDE) as other,
    ):
        holder.goto(f"/firm/claim?code={codes[0]}")
        holder.get_by_role("button", name="Claim with this code").click()
        expect(holder.get_by_role("status").first).to_contain_text("speaks for")
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
