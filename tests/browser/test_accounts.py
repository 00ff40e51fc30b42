"""From sign-up to a sign-in in two steps, on a phone, in both languages, without a script; axe looks at every page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState, expect

from portal.identity import totp
from portal.models import Role, now
from tests.browser.conftest import Portal
from tests.factories import credit_code

pytestmark = pytest.mark.xdist_group("accounts")  # a module goes to one worker, which has a portal of its own

WORDS = {
    "en": {
        "sign in": "Sign in",
        "sign up": "Sign up",
        "number": "Registration number",
        "organisation": "Name of the organisation",
        "person": "Your name",
        "address": "E-mail address or phone number",
        "password": "Password",
        "new": "New password",
        "again": "The same again",
        "save": "Save",
        "code": "One-time code",
        "turn on": "Turn it on",
        "sign out": "Sign out",
        "sent": "Look into your mailbox",
        "waits": "has not been approved yet",
        "approve": "Approve",
        "recovery": "Recovery codes",
    },
    "zh": {
        "sign in": "登录",
        "sign up": "注册",
        "number": "登记号码",
        "organisation": "单位名称",
        "person": "您的姓名",
        "address": "邮箱或手机号码",
        "password": "密码",
        "new": "新密码",
        "again": "再次输入",
        "save": "保存",
        "code": "验证码",
        "turn on": "开启",
        "sign out": "退出登录",
        "sent": "请查收邮件",
        "waits": "尚未通过审核",
        "approve": "通过",
        "recovery": "恢复码",
    },
}
PASSWORD = "correct horse battery"
_numbers = count(1)


def looks_right(page: Page) -> None:
    """Axe is content, nothing scrolls sideways."""
    violations = Axe().run(page).response["violations"]
    assert not violations, [(found["id"], node["html"][:160]) for found in violations for node in found["nodes"][:3]]
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@dataclass(frozen=True)
class Journey:
    """Someone's phone, in a language."""

    page: Page
    words: dict[str, str]
    name: str

    def fill(self, **texts: str) -> None:
        for label, text in texts.items():
            self.page.get_by_label(self.words[label], exact=True).fill(text)

    def press(self, button: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=self.words[button], exact=True).click()

    def headed(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.words[heading])
        looks_right(self.page)

    def sign_up(self) -> None:
        self.page.goto("/sign-up")
        self.fill(organisation="乙集团", number="123", person="李强", address=self.name)
        self.press("sign up")
        expect(self.page.get_by_label(self.words["number"], exact=True)).to_have_attribute("aria-invalid", "true")
        looks_right(self.page)
        self.fill(number=credit_code(900 + next(_numbers)))
        self.press("sign up")
        self.headed("sent")

    def choose_password(self, mail: str) -> None:
        link = re.search(r"http\S+/link\?secret=\S+", mail)
        assert link
        self.page.goto(link.group())
        self.fill(new=PASSWORD, again=PASSWORD)
        looks_right(self.page)
        self.press("save")

    def sign_in(self) -> None:
        self.fill(address=self.name, password=PASSWORD)
        self.press("sign in")

    def set_up_an_authenticator(self) -> str:
        """A recovery code."""
        self.page.goto("/account/authenticator")
        expect(self.page.get_by_role("main")).not_to_contain_text(self.words["waits"])
        expect(self.page.locator("img.qr")).to_have_js_property("complete", True)
        secret = self.page.locator(".key").inner_text().replace(" ", "")
        looks_right(self.page)
        self.fill(code=totp.code_at(secret, now()))
        self.press("turn on")
        self.headed("recovery")
        return self.page.locator(".codes code").first.inner_text()


def approve(page: Page, name: str, button: str) -> None:
    """Staff let the organisation of `name` begin."""
    page.goto("/staff/organisations")
    looks_right(page)
    page.get_by_role("row").filter(has_text=name).get_by_role("button", name=button).click()
    expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_from_sign_up_to_two_steps(
    browser: Browser, portal: Portal, signed_in: dict[Role, StorageState], lang: str
) -> None:
    headers = {"Accept-Language": lang}
    phone = browser.new_context(base_url=portal.url, extra_http_headers=headers, viewport={"width": 390, "height": 844})
    journey = Journey(phone.new_page(), WORDS[lang], f"journey{next(_numbers)}-{lang}@example.com")
    journey.sign_up()
    journey.choose_password(portal.mail(journey.name))
    journey.sign_in()
    expect(journey.page.get_by_role("main")).to_contain_text(WORDS[lang]["waits"])

    staff = browser.new_context(
        base_url=portal.url, extra_http_headers=headers, storage_state=signed_in[Role.STAFF_ADMIN]
    )
    approve(staff.new_page(), journey.name, WORDS[lang]["approve"])
    staff.close()

    recovery = journey.set_up_an_authenticator()
    journey.page.locator(".user-menu summary").click()
    journey.page.locator(".user-menu").get_by_role("button", name=WORDS[lang]["sign out"]).click()
    journey.page.goto("/account")
    journey.sign_in()
    looks_right(journey.page)
    journey.fill(code=recovery)
    journey.press("sign in")
    expect(journey.page).to_have_url(re.compile("/account$"))
    phone.close()


def test_without_a_script(browser: Browser, portal: Portal, signed_in: dict[Role, StorageState]) -> None:
    context = browser.new_context(
        base_url=portal.url,
        locale="en-GB",
        java_script_enabled=False,
        storage_state=signed_in[Role.BUYER_ADMIN],
        extra_http_headers={"Accept-Language": "en"},
    )
    page = context.new_page()
    page.goto("/")
    page.locator(".user-menu summary").click()
    page.get_by_role("link", name="Your organisation").click()
    name = f"colleague{next(_numbers)}@example.com"
    page.get_by_label("E-mail address or phone number").fill(name)
    page.get_by_label("Role", exact=True).select_option("buyer")
    page.get_by_role("main").get_by_role("button", name="Invite", exact=True).click()
    expect(page.locator(".invitation-list")).to_contain_text(name)
    page.get_by_role("button", name=f"Withdraw {name}").click()
    expect(page.get_by_role("main")).not_to_contain_text(f"{name} Buyer")
    context.close()
