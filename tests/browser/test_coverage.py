"""Staff read coverage: goal, done, gap, where; from a number to its firms; on a phone, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, expect

from portal.models import Role
from tests.browser.conftest import Portal

pytestmark = pytest.mark.xdist_group("coverage")  # a module goes to one worker, which has a portal of its own
WORDS = {
    "en": ("Targets", "Sector", "Certification level", "Show", "Assurance", "Newly gained this year"),
    "zh": ("目标任务", "行业领域", "认证等级", "显示", "保证级", "本年新增"),
}


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture(params=[1280, 390])
def staff(
    request: pytest.FixtureRequest,
    browser: Browser,
    portal: Portal,
    signed_in: dict[Role, StorageState],
    lang: str,
) -> Iterator[Page]:
    """A member of the ministry at a desk, and on a phone whose browser runs no scripts."""
    context: BrowserContext = browser.new_context(
        base_url=portal.url,
        viewport={"width": request.param, "height": 844},
        extra_http_headers={"Accept-Language": lang},
        storage_state=signed_in[Role.STAFF_ADMIN],
        java_script_enabled=request.param != 390,
    )
    yield context.new_page()
    context.close()


def test_from_goal_to_firms(staff: Page, lang: str) -> None:
    targets, sector, level, show, assurance, new = WORDS[lang]
    staff.goto("/ministry/coverage")
    expect(staff.get_by_role("heading", name=targets, exact=True)).to_be_in_viewport()
    expect(staff.get_by_text("10,000").first).to_be_in_viewport()
    staff.locator("#c-rows").select_option(label=sector)
    staff.locator("#c-columns").select_option(label=level)
    staff.get_by_role("button", name=show, exact=True).click()
    table = staff.locator("table.heat")
    column = table.locator("thead th").all_inner_texts().index(assurance)
    cell = table.locator("tbody tr").first.locator("td").nth(column - 1).get_by_role("link")
    number = cell.inner_text()
    cell.click()
    expect(staff).to_have_url(re.compile(r"/suppliers\?sector=machinery&level=quality_capability:assurance$"))
    expect(staff.get_by_role("heading", level=1)).to_contain_text(number)
    staff.go_back()
    staff.get_by_role("link", name=new).click()
    expect(staff.locator("#table .tag-gained")).to_be_visible()


def test_the_first_column_stays_while_the_table_scrolls(staff: Page) -> None:
    staff.goto("/ministry/coverage?rows=province&columns=scheme")
    heading = staff.locator("table.heat tbody th").first
    place = heading.bounding_box()
    staff.locator(".heat-scroll").hover()
    staff.mouse.wheel(300, 0)
    moved = heading.bounding_box()
    assert place is not None
    assert moved is not None
    assert moved["x"] == place["x"]
