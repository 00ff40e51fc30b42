"""A buyer who is signed in, in a browser on the running portal."""

from __future__ import annotations

import secrets
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from config.settings import Settings
from portal.models import Organisation, OrganisationKind, OrganisationState, Role, User
from portal.models.database import begin_write, engine_options
from tests.browser.conftest import Portal
from tests.portal.apps import CHEAP_PASSWORDS

PASSWORD = "correct horse battery"


def new_buyer(portal: Portal, lang: str) -> str:
    """A buyer of an organisation of its own; the name to sign in by."""
    url = Settings.from_environment({"DATA_DIR": str(Path(portal.environment["DATA_DIR"]))}).database_url
    engine = create_engine(url, **engine_options(url))
    with Session(engine) as session, session.begin():
        begin_write(session)
        of = Organisation(kind=OrganisationKind.BUYER, name="示例采购集团", state=OrganisationState.APPROVED)
        session.add(of)
        session.flush()
        user = User(
            organisation_id=of.id,
            sign_in=f"{secrets.token_hex(8)}@example.com",
            name="Wang Fang",
            role=Role.BUYER,
            language=lang,
            password_hash=CHEAP_PASSWORDS.hash(PASSWORD),
        )
        session.add(user)
        session.flush()
        sign_in = user.sign_in
    engine.dispose()
    return sign_in


def signed_in(browser: Browser, portal: Portal, *, lang: str = "en", width: int = 1280) -> BrowserContext:
    """A browser of a new buyer's, past the sign-in page."""
    context = browser.new_context(
        base_url=portal.url, viewport={"width": width, "height": 900}, extra_http_headers={"Accept-Language": lang}
    )
    page = context.new_page()
    page.goto(f"/sign-in?lang={lang}")
    page.locator("input[name=sign_in]").fill(new_buyer(portal, lang))
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.close()
    return context
