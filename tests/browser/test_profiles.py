"""An SME's profile: on a phone in Chinese without a script until buyers find it; on a desktop, two editors at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect
from sqlalchemy import select

from portal.identity.passwords import Passwords
from portal.models import Organisation, OrganisationState, Role, Supplier, User
from tests.browser.accessibility import violations
from tests.browser.accounts import PASSWORD, writing
from tests.browser.conftest import Portal

pytestmark = pytest.mark.slow
_numbers = count(1)
Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, portal: Portal) -> Iterator[Open]:
    """`opened(lang, state, **options)`: a tab; `state`: the cookies of who is signed in."""
    contexts = []

    def open_page(lang: str, state: StorageState | None = None, **options: Any) -> Page:
        context = browser.new_context(
            base_url=portal.url, storage_state=state, extra_http_headers={"Accept-Language": lang}, **options
        )
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


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.locator("#sign_in").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/firm")


def test_on_a_phone_without_a_script_until_it_is_found(
    opened: Open, portal: Portal, signed_in: dict[Role, StorageState]
) -> None:
    sheet, names = editors(portal, 40, "zh")
    phone = opened("zh", viewport={"width": 390, "height": 844}, java_script_enabled=False)
    sign_in(phone, names[0])
    expect(phone.get_by_text("采购方关注内容的完整度")).to_be_visible()
    phone.goto("/firm/profile?open=products")
    phone.locator("#products .profile-new input").first.fill("超静音磁悬浮轴承")
    phone.get_by_role("button", name="保存并再加一条 产品").click()
    phone.wait_for_url("**/firm/profile?open=products#products")
    phone.locator("#website summary").click()
    phone.locator("#website-0-url").fill("javascript:alert(1)")
    phone.get_by_role("button", name="保存草稿").click()
    expect(phone.locator("#website-0-url-error")).to_contain_text("请填写完整网址")
    phone.locator("#website-0-url").fill("https://www.example.com")
    phone.get_by_role("button", name="以采购方视角预览").click()
    expect(phone.locator(".preview-bar .card-hit")).to_contain_text("超静音磁悬浮轴承")
    expect(phone.locator(".sheet")).to_contain_text("超静音磁悬浮轴承")
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    phone.get_by_role("link", name="返回填写").click()
    phone.get_by_role("button", name="提交").click()
    expect(phone.get_by_text("审核中")).to_be_visible()

    approve(opened("zh", signed_in[Role.STAFF_ADMIN]), "超静音磁悬浮轴承")
    portal.flask("index", "drain")
    phone.goto("/suppliers?q=超静音磁悬浮轴承")
    expect(phone.locator(".card-hit h2 a").first).to_have_attribute("href", sheet)
    phone.goto(sheet)
    expect(phone.locator(".makes")).to_contain_text("超静音磁悬浮轴承")


def approve(staff: Page, said: str) -> None:
    """The case that waits longest, which says that."""
    staff.goto("/ministry/reviews")
    staff.get_by_role("main").locator('a[href*="/ministry/reviews/"]').first.click()
    expect(staff.get_by_role("main")).to_contain_text(said)
    assert violations(staff) == []
    staff.locator('form[action$="/approve"] button').first.click()


def test_two_editors_on_a_desktop(opened: Open, portal: Portal) -> None:
    _sheet, names = editors(portal, 41, "en")
    first, second = (opened("en", viewport={"width": 1280, "height": 900}) for _ in range(2))
    for page, name in zip((first, second), names, strict=True):
        sign_in(page, name)
        assert violations(page) == []
        page.goto("/firm/profile?open=products")
        assert violations(page) == []
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
    assert violations(second) == []
    second.goto("/firm/profile")
    second.get_by_role("button", name="Hand in").click()
    expect(second.locator("#messages")).to_contain_text("Published at once: Telephone of the firm.")
    for path in ("history", "history/1", "contacts"):
        second.goto(f"/firm/profile/{path}")
        assert violations(second) == [], path
