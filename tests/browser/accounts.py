"""People of the running portal: put into its database, signed in by the portal's own form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from playwright.sync_api import Browser, Page
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from portal.identity.passwords import Passwords
from portal.models import Organisation, OrganisationState, Role, User
from portal.models.database import begin_write, engine_options
from tests.browser.conftest import Portal

PASSWORD = "correct horse battery"
_numbers = count(1)


@contextmanager
def writing(portal: Portal) -> Iterator[Session]:
    """A transaction on the portal's database, beside the running portal."""
    url = f"sqlite:///{portal.environment['DATA_DIR']}/portal.db"
    engine = create_engine(url, **engine_options(url))
    with Session(engine) as session, session.begin():
        begin_write(session)
        yield session
    engine.dispose()


def new_buyer(portal: Portal, language: str = "en") -> str:
    """A buyer of an organisation of their own; the sign-in name."""
    name = f"buyer{next(_numbers)}@example.com"
    with writing(portal) as session:
        organisation = Organisation(kind="buyer", name="示范采购集团", state=OrganisationState.APPROVED)
        session.add(organisation)
        session.flush()
        session.add(
            User(
                organisation_id=organisation.id,
                sign_in=name,
                name="王芳",
                role=Role.BUYER_ADMIN,
                language=language,
                password_hash=Passwords().hash(PASSWORD),
            )
        )
    return name


def sign_in(page: Page, name: str, to: str = "**/workspace") -> None:
    """By the form, which leads `to` the person's workspace."""
    page.goto("/sign-in")
    page.locator("#sign_in").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(to)


@contextmanager
def buyer_page(browser: Browser, portal: Portal, lang: str = "en", **options: Any) -> Iterator[Page]:
    """A tab of a new buyer."""
    context = browser.new_context(base_url=portal.url, extra_http_headers={"Accept-Language": lang}, **options)
    page = context.new_page()
    sign_in(page, new_buyer(portal, lang))
    yield page
    context.close()


def new_owner(portal: Portal, language: str) -> str:
    """The administrator of an SME that speaks for no firm yet; the sign-in name."""
    name = f"owner{next(_numbers)}@example.com"
    with writing(portal) as session:
        organisation = Organisation(kind="supplier", name="甬江精密（申请）", state=OrganisationState.APPROVED)
        session.add(organisation)
        session.flush()
        session.add(
            User(
                organisation_id=organisation.id,
                sign_in=name,
                name="陈敏",
                role=Role.SUPPLIER_ADMIN,
                language=language,
                password_hash=Passwords().hash(PASSWORD),
            )
        )
    return name
