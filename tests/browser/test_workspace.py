"""Where a buyer begins, in a real browser: empty and full, both languages, a phone, by keyboard, without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import (
    Certificate,
    Conditions,
    ConditionsVersion,
    Job,
    OwnList,
    Shortlist,
    ShortlistEntry,
    Supplier,
    User,
    now,
)
from portal.workspace.conditions import stored_query
from search.contract import SearchQuery
from tests.browser.accessibility import violations
from tests.browser.accounts import new_buyer, sign_in, writing
from tests.browser.conftest import Portal

pytestmark = pytest.mark.xdist_group("workspace")  # a module goes to one worker, which has a portal of its own
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
BEFORE = {"status": "suspended", "levels": {"quality_capability": "excellence"}}
"""What firms were when they were put on the list: all of them have changed since."""


def fill(portal: Portal, sign_in_name: str) -> None:
    """Give the buyer two lists with changes, conditions, own lists at every stage, and certificates that end soon."""
    with writing(portal) as session:
        who = session.scalars(select(User).where(User.sign_in == sign_in_name)).one()
        certified = select(Certificate.supplier_id).where(Certificate.state == "valid")
        firms = list(session.scalars(select(Supplier.id).where(Supplier.id.in_(certified)).limit(26)))
        for name, held, shared in (("轴承供应商 2026", firms[:24], True), ("备选", firms[20:], False)):
            add_list(session, who, Shortlist(name=name, shared=shared), held)
        add_conditions(session, who)
        job = Job(kind="kept", organisation_id=who.organisation_id, user_id=who.id, state="running", done=3, total=8)
        session.add(job)
        session.flush()
        for name, at, check in (("供应商台账", now(), None), ("华东工厂", None, job.id), ("新清单", None, None)):
            session.add(
                OwnList(organisation_id=who.organisation_id, owner_id=who.id, name=name, checked_at=at, job_id=check)
            )


def add_list(session: Session, who: User, made: Shortlist, firms: list[int]) -> None:
    made.organisation_id, made.owner_id = who.organisation_id, who.id
    session.add(made)
    session.flush()
    for firm in firms:
        session.add(ShortlistEntry(shortlist_id=made.id, supplier_id=firm, added_by_id=who.id, facts=BEFORE))


def add_conditions(session: Session, who: User) -> None:
    for number, name in enumerate(("精密轴承，保证级以上，华东地区", "铸件"), start=1):
        made = Conditions(organisation_id=who.organisation_id, owner_id=who.id, shared=number == 1)
        session.add(made)
        session.flush()
        session.add(
            ConditionsVersion(
                conditions_id=made.id,
                number=1,
                name=name,
                address="sector=machinery" if number == 1 else "q=铸件",
                query=stored_query(SearchQuery()),
                author_id=who.id,
            )
        )


def sideways(page: Page) -> bool:
    widths: list[int] = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return widths[0] > widths[1]


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_is_accessible_and_fits_empty_and_full(
    browser: Browser, portal: Portal, lang: str, viewport: ViewportSize
) -> None:
    name = new_buyer(portal, lang)
    context = browser.new_context(base_url=portal.url, viewport=viewport, extra_http_headers={"Accept-Language": lang})
    page = context.new_page()
    sign_in(page, name)
    expect(page.locator("main .panel")).to_have_count(6)
    found = violations(page)
    fill(portal, name)
    page.goto("/workspace")
    expect(page.locator("[aria-labelledby=news] .feed > li")).to_have_count(20)
    assert not sideways(page)
    found += violations(page)
    page.locator(".work-menu > summary").click()
    expect(page.locator(".user-menu > .menu-body")).to_be_hidden()
    assert not sideways(page)
    found += violations(page)
    context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_navigation_is_one_row_on_a_phone(browser: Browser, portal: Portal, lang: str) -> None:
    context = browser.new_context(base_url=portal.url, viewport=PHONE, extra_http_headers={"Accept-Language": lang})
    page = context.new_page()
    sign_in(page, new_buyer(portal, lang))
    box = page.locator(".masthead-nav").bounding_box()
    context.close()
    assert box is not None
    assert box["height"] < 45


def test_the_menu_by_keyboard_and_without_a_script(browser: Browser, portal: Portal) -> None:
    context = browser.new_context(
        base_url=portal.url, viewport=PHONE, java_script_enabled=False, extra_http_headers={"Accept-Language": "en"}
    )
    page = context.new_page()
    sign_in(page, new_buyer(portal))
    page.locator(".work-menu > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".work-menu a")).to_have_count(8)
    for _step in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Sourcing conditions")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/conditions")
    page.locator(".user-menu > summary").click()
    expect(page.get_by_role("link", name="About the data")).to_be_visible()
    context.close()
