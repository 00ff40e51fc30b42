"""People who speak for firms, and what the ministry writes of these: for the conftests of the SME's workspace."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import sessionmaker

from portal.extensions import db
from portal.models import Organisation, Role, Supplier
from portal.models.database import begin_write
from portal.register.writer import Writer
from portal.services import services
from tests.factories import credit_code, provenance_facts
from tests.portal.accounts.conftest import People, Visitor

_addresses = count(1)


def speaking(app: Flask, people: People) -> Callable[..., Visitor]:
    """`make(number)`: who speaks for that firm (None: for none), signed in; nobody else does any more."""

    def make(number: int | None, role: Role = Role.SUPPLIER_ADMIN) -> Visitor:
        with people.session() as session, session.begin():
            begin_write(session)
            firm = session.scalars(select(Supplier.id).where(Supplier.number == credit_code(number or 0))).one_or_none()
            session.execute(update(Organisation).where(Organisation.supplier_id == firm).values(supplier_id=None))
        user = people.user(role, people.organisation("supplier", supplier_id=firm))
        place = next(_addresses)
        browser = Visitor(app, f"198.19.{place // 250}.{place % 250}")
        assert browser.sign_in(user.sign_in).status_code == 302
        browser.user = user
        return browser

    return make


def officially(app: Flask) -> Callable[[Callable[[Writer], object]], None]:
    """`write(lambda writer: …)`: what the ministry writes."""

    def write(act: Callable[[Writer], object]) -> None:
        with app.app_context(), sessionmaker(db.engine)() as session, session.begin():
            begin_write(session)
            act(Writer(session, services().catalogue, actor="tester", provenance=provenance_facts()))

    return write
