"""Two editors of an SME's profile at once, on a desktop; its way until buyers find it: test_firm_journey.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from portal.identity.passwords import Passwords
from portal.models import Organisation, OrganisationState, Role, Supplier, User
from tests.browser.accessibility import violations
from tests.browser.accounts import PASSWORD, sign_in, writing
from tests.browser.conftest import Portal

pytestmark = pytest.mark.slow
_numbers = count(1)
Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, portal: Portal) -> Iterator[Open]:
    """`opened(lang, **options)`: a tab."""
    contexts = []

    def open_page(lang: str, **options: Any) -> Page:
        context = browser.new_context(base_url=portal.url, extra_http_headers={"Accept-Language": lang}, **options)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def editors(portal: Portal, number: int, language: str) -> tuple[str, list[str]]:
    """The address of a firm that two new people speak for, and their sign-in names."""
    names = [f"firm{next(_numbers)}@example.com" for _ in range(2)]
    with writing(portal) as session:
        firm = session.scalars(select(Supplier).order_by(Supplier.id).offset(number).limit(1)).one()
        organisation = Organisation(kind="supplier", name="某厂", state=OrganisationState.APPROVED, supplier_id=firm.id)
        session.add(organisation)
        session.flush()
        for name, person in zip(names, ("李雷", "韩梅"), strict=True):
            hashed = Passwords().hash(PASSWORD)
            user = User(sign_in=name, name=person, role=Role.SUPPLIER_ADMIN, language=language, password_hash=hashed)
            user.organisation_id = organisation.id
            session.add(user)
        return f"/suppliers/{firm.key}", names


def test_two_editors_on_a_desktop(opened: Open, portal: Portal) -> None:
    _sheet, names = editors(portal, 41, "en")
    first, second = (opened("en", viewport={"width": 1280, "height": 900}) for _ in range(2))
    for page, name in zip((first, second), names, strict=True):
        sign_in(page, name, "**/firm")
        page.goto("/firm/profile?open=products")
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    first.locator("#products .profile-new input").first.fill("甲产品")
    expect(first.locator("[data-autosaved]")).to_have_text("Draft saved.")
    second.locator("#products .profile-new input").first.fill("乙产品")
    second.locator("#telephone-0-number").fill("0574 8765 4321")
    expect(second.locator("[data-autosaved]")).to_contain_text("A colleague changed the same")
    second.get_by_role("button", name="Save draft").click()
    expect(second.get_by_role("heading", name="Two versions: which holds?")).to_be_visible()
    assert violations(second) == []
    second.get_by_label("Theirs").check()
    second.get_by_role("button", name="Save what I chose").click()
    second.goto("/firm/profile/preview")
    expect(second.locator(".sheet")).to_contain_text("甲产品")
    expect(second.locator(".sheet")).not_to_contain_text("乙产品")
    second.goto("/firm/profile")
    second.get_by_role("button", name="Hand in").click()
    expect(second.locator("#messages")).to_contain_text("Published at once: Telephone of the firm.")
    for path in ("history", "history/1", "contacts"):
        second.goto(f"/firm/profile/{path}")
        assert violations(second) == [], path
