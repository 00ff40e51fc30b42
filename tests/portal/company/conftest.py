"""People of firms and of staff at their desks, in the transaction of a test's database."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.company.kinds import KINDS
from portal.identity.letters import Letters
from portal.identity.log import Act, user_actor
from portal.models import Organisation, OrganisationState, Role, Supplier, User
from portal.register.catalogue import Catalogue
from portal.reviews.cases import Desk
from portal.reviews.stages import Stages
from tests.factories import credit_code
from tests.portal.reviews.conftest import AT, ONE_STAGE

_numbers = count(1)


def firm_in(session: Session, **stated: Any) -> Supplier:
    """A firm of the register."""
    number = next(_numbers)
    values = {"scheme": "CN-USCC", "number": credit_code(9000 + number), "name_zh": f"第{number}轴承厂"}
    made = Supplier(**values | {"sector": "machinery", "region": "330100", "phone": "138 0013 8000"} | stated)
    session.add(made)
    session.flush()
    return made


def member_in(session: Session, role: Role = Role.SUPPLIER_ADMIN, of: Organisation | None = None) -> User:
    """Someone, in an organisation of their own by default."""
    number = next(_numbers)
    kind = "ministry" if role.startswith("staff") else "supplier"
    state = OrganisationState.APPROVED
    organisation = of or Organisation(
        kind=kind, name=f"第{number}单位", scheme="CN-USCC", number=str(number), state=state
    )
    user = User(role=role, organisation=organisation, name="王芳", language="en", sign_in=f"member{number}@example.com")
    session.add_all([organisation, user])
    session.flush()
    return user


def desk_in(session: Session, user: User, catalogue: Catalogue, stages: Stages = ONE_STAGE) -> Desk:
    """The user's desk."""
    act = Act(session, Letters("https://portal.example"), user_actor(user.id, "192.0.2.1"), AT)
    return Desk(act, session.get_one(User, user.id), KINDS, stages, catalogue)


@dataclass(frozen=True)
class Town:
    """What a test makes, in its transaction."""

    session: Session
    catalogue: Catalogue

    def firm(self, **stated: Any) -> Supplier:
        return firm_in(self.session, **stated)

    def member(self, role: Role = Role.SUPPLIER_ADMIN, of: Organisation | None = None) -> User:
        return member_in(self.session, role, of)

    def desk(self, user: User | None = None) -> Desk:
        return desk_in(self.session, user or self.member(), self.catalogue)

    def staff(self) -> Desk:
        return self.desk(self.member(Role.STAFF_EDITOR))


@pytest.fixture
def town(session: Session, catalogue: Catalogue) -> Town:
    return Town(session, catalogue)
