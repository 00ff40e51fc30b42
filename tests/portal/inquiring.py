"""Buyers and a firm's people at inquiries, in a session of a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.company.inquiries import Asked, Hand, Party, send
from portal.company.inquiry_letters import InquiryLetters
from portal.models import Inquiry, Organisation, OrganisationState, Role, Supplier, User
from portal.models.database import begin_write
from portal.register.clock import today_china
from tests.factories import credit_code, supplier_key
from tests.portal.accounts.conftest import People

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
TODAY = date(2026, 6, 1)
_numbers = count(1)


def asked(product: str = "深沟球轴承 6204", **stated: Any) -> Asked:
    """What a buyer asks."""
    values: dict[str, Any] = {"message": "能否每月供货？", "answer_by": date(2026, 6, 11), "quantity": "2000 套/月"}
    return Asked(product=product, **values | stated)


@dataclass
class Desk:
    """Makes people, and has them act a second after one another."""

    session: Session
    seconds: count[int] = field(default_factory=count)

    def now(self) -> datetime:
        return START + timedelta(seconds=next(self.seconds))

    def organisation(self, kind: str = "buyer", firm: Supplier | None = None, **stated: Any) -> Organisation:
        values = {"name": f"第{next(_numbers)}集团", "state": OrganisationState.APPROVED}
        made = Organisation(kind=kind, supplier_id=firm.id if firm else None, **values | stated)
        self.session.add(made)
        self.session.flush()
        return made

    def person(self, organisation: Organisation, role: Role = Role.BUYER, **stated: Any) -> Party:
        number = next(_numbers)
        values = {"sign_in": f"p{number}@example.com", "name": f"人{number}", "language": "en"}
        user = User(organisation_id=organisation.id, role=role, **values | stated)
        self.session.add(user)
        self.session.flush()
        return Party(user.id, organisation.id, admin=role.endswith("admin"))

    def hand(self, party: Party, at: datetime | None = None) -> Hand:
        return Hand(self.session, party, InquiryLetters("https://portal.example"), at or self.now())

    def sent(self, buyer: Party, firm: Supplier, at: datetime | None = None, **stated: Any) -> Inquiry:
        return send(self.hand(buyer, at), firm, asked(**stated))


def soon(days: int = 10) -> str:
    """A day to answer by."""
    return (today_china() + timedelta(days=days)).isoformat()


def claimed(people: People, number: int, *, language: str = "en", role: Role = Role.SUPPLIER_ADMIN) -> User:
    """Someone of an organisation that speaks for the sample's firm of that number from now on, as nobody else does."""
    scheme, _slash, code = supplier_key(number).partition("/")
    with people.session() as session, session.begin():
        begin_write(session)
        firm = session.scalars(select(Supplier).where(Supplier.scheme == scheme, Supplier.number == code)).one()
        before = update(Organisation).where(Organisation.supplier_id == firm.id)
        session.execute(before.values(supplier_id=None), execution_options={"synchronize_session": False})
        firm_id, name = firm.id, firm.name_zh
    return people.user(
        role, people.organisation("supplier", supplier_id=firm_id, name=name), name="钱进", language=language
    )


def a_firm(session: Session, number: int = 1) -> Supplier:
    """A firm of the register, by the least that it needs."""
    made = Supplier(
        scheme="CN-USCC",
        number=credit_code(number),
        name_zh=f"宁波第{number}轴承有限公司",
        name_en="",
        sector="machinery",
        status="active",
        listed_at=START,
        updated_at=START,
    )
    session.add(made)
    session.flush()
    return made
