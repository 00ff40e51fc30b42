"""Desks: someone who works at cases, in a transaction of the test's database; with a kind of case that does nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.identity.letters import Letters
from portal.identity.log import Act, user_actor
from portal.models import CaseKind, CaseStage, CaseState, Organisation, OrganisationState, ReviewCase, Role, User
from portal.register.catalogue import Catalogue
from portal.reviews.cases import Desk
from portal.reviews.kinds import Difference, Kind, Refused
from portal.reviews.stages import Stages

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ALL_STAGES = Stages({kind: tuple(CaseStage) for kind in CaseKind})
ONE_STAGE = Stages({})
_numbers = count(1)


@dataclass
class Recorder:
    """A kind that notes what it was asked to do; `refuses`: its approval cannot be done."""

    approved: list[int] = field(default_factory=list)
    settled: list[tuple[int, CaseState]] = field(default_factory=list)
    refuses: bool = False

    def kind(self) -> Kind:
        return Kind(
            label=lambda _: _("Correction"),
            approve=self._approve,
            settled=lambda _act, case, state: self.settled.append((case.id, state)),
            differences=lambda _case, _glass: (Difference("a", "b", "c"),),
            path=lambda case: f"/cases/{case.id}",
        )

    def _approve(self, _act: Act, case: ReviewCase, _comment: str, _catalogue: Catalogue) -> Mapping[str, Any]:
        if self.refuses:
            raise Refused(lambda _: _("Not now."))
        self.approved.append(case.id)
        return {"effect": [None, "done"]}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def desk_of(catalogue: Catalogue, recorder: Recorder) -> Callable[..., Desk]:
    """`desk_of(session, user, stages)`."""

    def make(session: Session, user: User | int, stages: Stages = ONE_STAGE) -> Desk:
        own = session.get_one(User, user if isinstance(user, int) else user.id)
        act = Act(session, Letters("https://portal.example"), user_actor(own.id, "192.0.2.1"), AT)
        return Desk(act, own, dict.fromkeys(CaseKind, recorder.kind()), stages, catalogue)

    return make


def person(session: Session, role: Role, of: Organisation | None = None, **stated: Any) -> User:
    """A user, in an organisation of their own by default."""
    kind = "ministry" if role.startswith("staff") else "supplier"
    organisation = of or Organisation(kind=kind, name="某单位", state=OrganisationState.APPROVED)
    values = {"name": "王芳", "language": "zh", "sign_in": f"person{next(_numbers)}@example.com"}
    user = User(role=role, organisation=organisation, **values | stated)
    session.add_all([organisation, user])
    session.flush()
    return user
