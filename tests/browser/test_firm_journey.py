"""An SME's whole way on a phone without a script: from the claim of its firm to the buyer who reads its answer.

Each person has a second tab, with scripts and the same cookies: the eye of axe, which needs them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.support import NullTranslations, Translations
from playwright.sync_api import Browser, Locator, Page, StorageState, expect
from sqlalchemy import select

from portal.models import Organisation, Role, Supplier
from portal.register.clock import today_china
from tests.browser.accessibility import violations
from tests.browser.accounts import new_buyer, new_owner, sign_in, writing
from tests.browser.conftest import FIRMS, ROOT, Portal
from tests.browser.test_shortlists import PHONE, sideways
from tests.portal.company.papers import image, pdf

pytestmark = pytest.mark.xdist_group("firm_journey")  # a module goes to one worker, which has a portal of its own
PRODUCT = {"zh": "超静音磁悬浮轴承", "en": "Zephyrspin spindle"}
Person = tuple[Page, Page]
"""A tab without scripts, and its eye."""


@dataclass(frozen=True)
class Journey:
    """Phones of a language; `say`: a text of the portal in it; `faults`: what axe found."""

    browser: Browser
    portal: Portal
    lang: str
    say: NullTranslations
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def person(self, name: str = "", to: str = "", state: StorageState | None = None) -> Iterator[Person]:
        """Who signs in by `name`, or is signed in by `state`."""
        options: dict[str, Any] = {"base_url": self.portal.url, "extra_http_headers": {"Accept-Language": self.lang}}
        blind = self.browser.new_context(viewport=PHONE, java_script_enabled=False, storage_state=state, **options)
        page = blind.new_page()
        if name:
            sign_in(page, name, to)
        seeing = self.browser.new_context(viewport=PHONE, storage_state=blind.storage_state(), **options)
        yield page, seeing.new_page()
        seeing.close()
        blind.close()

    def look(self, person: Person, name: str) -> None:
        """Whether the page fits the phone, and what axe finds. A picture goes to the folder SHOTS, if that is set."""
        page, eye = person
        assert not sideways(page), page.url
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/journey-{name}-{self.lang}.png", full_page=True)
        eye.goto(page.url)
        self.faults.extend(violations(eye))

    def button(self, page: Page, text: str) -> Locator:
        """The last one of that name: the first may be the head's."""
        return page.get_by_role("main").get_by_role("button", name=self.say.gettext(text), exact=True).last

    def link(self, page: Page, text: str) -> Locator:
        return page.get_by_role("main").get_by_role("link", name=self.say.gettext(text), exact=True).first

    def reads(self, page: Page, text: str) -> None:
        expect(page.get_by_role("main")).to_contain_text(self.say.gettext(text))


def unclaimed(portal: Portal) -> Supplier:
    """A firm nobody speaks for."""
    with writing(portal) as session:
        taken = select(Organisation.supplier_id).where(Organisation.supplier_id.is_not(None))
        listed = (Supplier.id <= FIRMS, Supplier.withdrawn_at.is_(None))  # and in the index, whatever others add
        free = select(Supplier).where(Supplier.id.not_in(taken), *listed)
        firm = session.scalars(free.order_by(Supplier.id.desc())).first()
        assert firm is not None
        session.expunge(firm)
        return firm


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_from_the_claim_to_the_answer(
    browser: Browser, portal: Portal, signed_in: dict[Role, StorageState], tmp_path: Path, lang: str
) -> None:
    journey = Journey(browser, portal, lang, Translations.load(ROOT / "portal" / "translations", [lang]))
    firm, product = unclaimed(portal), PRODUCT[lang]
    papers = [tmp_path / "授权书.pdf", tmp_path / "执照.jpg"]
    papers[0].write_bytes(pdf(1))
    papers[1].write_bytes(image())
    with (
        journey.person(new_owner(portal, lang), "**/firm") as owner,
        journey.person(state=signed_in[Role.STAFF_ADMIN]) as staff,
    ):
        find(journey, owner, firm.number if lang == "en" else firm.name_zh)
        claim(journey, owner, papers)
        decide(journey, staff, owner[0].url.rpartition("/")[2], papers[0])
        write(journey, owner, product)
        approve(journey, staff, firm, product)
        portal.flask("index", "drain")
        with journey.person(new_buyer(portal, lang), "**/workspace") as buyer:
            ask(journey, buyer, firm, product)
            answer(journey, owner, product)
            read(journey, buyer, product)
    assert not journey.faults, "\n".join(journey.faults)


def find(journey: Journey, owner: Person, words: str) -> None:
    """From a workspace without a firm to the ways of claiming one."""
    page = owner[0]
    journey.look(owner, "none")
    journey.link(page, "Claim your firm").click()
    page.locator("#q").fill(words)
    journey.button(page, "Find").click()
    journey.look(owner, "find")
    page.locator("main .kept-lists a.btn").first.click()


def claim(journey: Journey, owner: Person, papers: list[Path]) -> None:
    """By papers, after a look at the letter and a press too early."""
    page = owner[0]
    journey.look(owner, "ways")
    ways = page.url
    journey.link(page, "letter of authorisation").click()
    journey.look(owner, "letter")
    page.goto(ways)
    journey.button(page, "Hand in").click()
    journey.reads(page, "Choose at least one file.")
    page.locator("#files").set_input_files(papers)
    journey.button(page, "Hand in").click()
    page.wait_for_url("**/firm/claims/*")


def decide(journey: Journey, staff: Person, number: str, paper: Path) -> None:
    """Staff look at what was handed in, and approve."""
    page = staff[0]
    page.goto(f"/ministry/reviews/{number}")
    journey.look(staff, "review-claim")
    with page.expect_download() as found:
        page.get_by_role("link", name=paper.name).click()
    assert found.value.path().read_bytes() == paper.read_bytes()
    journey.button(page, "Approve").click()
    page.wait_for_load_state()


def write(journey: Journey, owner: Person, product: str) -> None:
    """The profile: a product, a website that is none and then one; looked at as buyers do, and handed in."""
    page = owner[0]
    page.reload()
    journey.look(owner, "approved")
    journey.link(page, "Go on to your firm").click()
    journey.look(owner, "home")
    page.goto("/firm/profile?open=products")
    page.locator("#products .profile-new input").first.fill(product)
    page.locator("#products button[value=add-products]").click()
    page.wait_for_url("**/firm/profile?open=products#products")
    page.locator("#website summary").click()
    page.locator("#website-0-url").fill("javascript:alert(1)")
    journey.button(page, "Save draft").click()
    journey.reads(page, "Nothing was saved yet. Please correct:")
    expect(page.locator("#website-0-url-error")).to_be_visible()
    page.locator("#website-0-url").fill("https://www.example.com")
    page.locator("button[value=preview]").click()
    expect(page.locator(".preview-bar .card-hit")).to_contain_text(product)
    expect(page.locator(".sheet")).to_contain_text(product)
    journey.look(owner, "preview")
    journey.link(page, "Back to the form").click()
    journey.button(page, "Hand in").click()
    journey.reads(page, "in review")
    journey.look(owner, "profile")


def approve(journey: Journey, staff: Person, firm: Supplier, product: str) -> None:
    """Staff find the firm's case in the queue, and approve what it says."""
    page = staff[0]
    page.goto(f"/ministry/reviews?firm={firm.id}")
    page.locator("main [data-row]").first.click()
    expect(page.get_by_role("main")).to_contain_text(product)
    journey.look(staff, "review-profile")
    journey.button(page, "Approve").click()
    page.wait_for_load_state()


def ask(journey: Journey, buyer: Person, firm: Supplier, product: str) -> None:
    """A buyer finds the firm by its own words, and asks from the result."""
    page = buyer[0]
    page.goto(f"/suppliers?q={product}")
    card = page.locator(".card-hit").first
    expect(card.locator("h2 a")).to_have_attribute("href", f"/suppliers/{firm.key}")
    card.locator("h2 a").click()
    expect(page.locator(".makes")).to_contain_text(product)
    journey.look(buyer, "sheet")
    page.locator('main a[href*="/workspace/inquiries/new"]').first.click()
    journey.look(buyer, "ask")
    page.locator("#product").fill(product)
    page.locator("#answer_by").fill((today_china() + timedelta(days=10)).isoformat())
    page.locator("#message").fill("P5")
    journey.button(page, "Send").click()
    journey.reads(page, "waits for the firm")


def answer(journey: Journey, owner: Person, product: str) -> None:
    """The firm's first page leads to the inquiry; the firm is interested."""
    page = owner[0]
    page.goto("/firm")
    new = journey.say.ungettext("%(num)s inquiry of a buyer is new", "%(num)s inquiries of buyers are new", 1)
    page.get_by_role("main").get_by_role("link", name=new % {"num": 1}).click()
    journey.look(owner, "inquiries")
    page.get_by_role("main").get_by_role("link", name=product).click()
    journey.look(owner, "inquiry")
    journey.button(page, "We are interested").click()
    journey.reads(page, "The buyer is told that you are interested.")


def read(journey: Journey, buyer: Person, product: str) -> None:
    """The buyer's workspace leads to the answer."""
    page = buyer[0]
    page.goto("/workspace")
    new = journey.say.ungettext("%(num)s inquiry has news", "%(num)s inquiries have news", 1)
    page.get_by_role("main").get_by_role("link", name=new % {"num": 1}).click()
    journey.look(buyer, "answers")
    page.get_by_role("main").get_by_role("link", name=product).click()
    expect(page.locator(".facts .inquiry-interested")).to_be_visible()
    journey.look(buyer, "answer")
