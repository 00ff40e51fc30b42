"""Acts on an empty database of either kind, at a time that stands still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from portal.identity.letters import Letters
from portal.identity.log import ANYONE, Act
from portal.models import Organisation, OrganisationState, Role, User

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def act(session: Session) -> Act:
    return Act(session, Letters("https://portal.example"), ANYONE, AT)


@pytest.fixture
def make_user(session: Session) -> Callable[..., User]:
    """`make_user("a@example.com", Role.BUYER, organisation)`: in an organisation of its own by default."""

    def make(
        sign_in: str = "a@example.com",
        role: Role = Role.BUYER_ADMIN,
        of: Organisation | None = None,
        /,
        **stated: object,
    ) -> User:
        organisation = of or Organisation(kind="buyer", name="甲集团", state=OrganisationState.APPROVED)
        user = User(sign_in=sign_in, name="王芳", role=role, language="en", organisation=organisation, **stated)
        session.add_all([organisation, user])
        session.flush()
        return user

    return make
